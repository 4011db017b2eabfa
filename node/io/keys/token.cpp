// See token.h. Loads the module with dlopen and talks to it through its function list; the header of p11-kit only declares the standard's names.
#include "io/keys/token.h"

#include <dlfcn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/x509.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <mutex>

#include "core/crypto/openssl.h"
#include "core/merkle/sha256.h"

namespace liaison::keys {
using crypto::KeyRole;

namespace {

constexpr std::size_t pin_bytes_max = 256;
constexpr std::size_t raw_signature_bytes = 64;                    // r and s of P-256
constexpr auto between_tries = std::chrono::seconds(2);
constexpr std::array<std::uint8_t, 10> p256_params{0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};

using Signature = std::unique_ptr<ECDSA_SIG, crypto::FreeWith<ECDSA_SIG_free>>;
using EcKey = std::unique_ptr<EC_KEY, crypto::FreeWith<EC_KEY_free>>;

std::string code_text(CK_RV code) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out = "PKCS#11 error 0x";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(digits[(code >> shift) & 15]);
  return out;
}

Result<Bytes> to_der(ByteView raw) {
  const Signature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(raw.data(), 32, nullptr);
  BIGNUM* s = BN_bin2bn(raw.data() + 32, 32, nullptr);
  if (!signature || r == nullptr || s == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) return crypto::openssl_failed("signature of the token");
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return crypto::openssl_failed("signature of the token");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

// CKA_EC_POINT is an OCTET STRING around the uncompressed point; some modules give the point alone.
ByteView point_of(ByteView value) { return value.size() == 67 && value[0] == 0x04 && value[1] == 0x41 ? value.subspan(2) : value; }

}  // namespace

struct Token::State {
  struct Key {
    std::string label;
    std::optional<crypto::PublicKey> pub{};
    CK_OBJECT_HANDLE handle = 0;
  };
  TokenOptions options;
  SecretBytes pin;
  void* library = nullptr;
  CK_FUNCTION_LIST_PTR call = nullptr;
  bool initialised = false;
  std::mutex mutex;  // guards what follows
  std::map<KeyRole, Key> keys;
  CK_SESSION_HANDLE session = 0;
  bool connected = false, pin_refused = false;
  std::chrono::steady_clock::time_point not_before{};
  std::string why_away;

  std::string name() const { return "token '" + options.token + "'"; }
  Result<void> load();
  Result<CK_SLOT_ID> find_slot() const;
  Result<void> log_in(CK_SLOT_ID slot);
  Result<void> connect();
  void disconnect();
  Result<CK_OBJECT_HANDLE> find_object(CK_OBJECT_CLASS kind, const std::string& label) const;
  Result<Bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
  Result<void> take_key(KeyRole role, Key& key) const;
  CK_RV raw_sign(const Key& key, ByteView digest, Bytes& out) const;
  Result<Bytes> sign_digest(KeyRole role, ByteView digest);
  Result<void> reconnect();
  Error away(const std::string& why);
};

Result<void> Token::State::load() {
  library = ::dlopen(options.module.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fail(Errc::invalid_settings, "pkcs11.module: cannot load " + options.module.string() + ": " + ::dlerror());
  const auto entry = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  if (entry == nullptr || entry(&call) != CKR_OK) return fail(Errc::invalid_settings, "pkcs11.module: " + options.module.string() + " is not a PKCS#11 module");
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = call->C_Initialize(&arguments);
  if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED) return fail(Errc::key_missing, options.module.string() + " does not start: " + code_text(code));
  initialised = code == CKR_OK;
  return {};
}

Result<CK_SLOT_ID> Token::State::find_slot() const {
  std::array<CK_SLOT_ID, 64> slots{};
  CK_ULONG count = slots.size();
  if (const CK_RV code = call->C_GetSlotList(CK_TRUE, slots.data(), &count); code != CKR_OK) return fail(Errc::key_missing, name() + " cannot be looked for: " + code_text(code));
  std::array<unsigned char, 32> wanted{};
  wanted.fill(' ');
  std::copy_n(options.token.begin(), std::min(options.token.size(), wanted.size()), wanted.begin());
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_TOKEN_INFO info{};
    if (call->C_GetTokenInfo(slots[i], &info) == CKR_OK && std::equal(wanted.begin(), wanted.end(), std::begin(info.label))) return slots[i];
  }
  return fail(Errc::key_missing, name() + " is not there: plug it in, or correct pkcs11.token");
}

Result<void> Token::State::log_in(CK_SLOT_ID slot) {
  if (pin_refused) return fail(Errc::key_missing, name() + " refused the PIN in " + options.pin_file.string() + "; it is not tried again: correct the file and restart the node");
  CK_TOKEN_INFO info{};
  if (const CK_RV code = call->C_GetTokenInfo(slot, &info); code != CKR_OK) return fail(Errc::key_missing, name() + ": " + code_text(code));
  if ((info.flags & CKF_USER_PIN_LOCKED) != 0) return fail(Errc::key_missing, name() + " is locked after wrong PINs: its security officer must set a new PIN");
  if ((info.flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY)) != 0)
    return fail(Errc::key_missing, name() + " was given a wrong PIN before; nothing is tried so that it is not locked: log in once with the token's own tool (pkcs11-tool --login --test), then restart the node");
  const ByteView chars = pin.reveal();
  const CK_RV code = call->C_Login(session, CKU_USER, const_cast<CK_UTF8CHAR_PTR>(chars.data()), chars.size());
  if (code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN) return {};
  pin_refused = code == CKR_PIN_INCORRECT || code == CKR_PIN_LEN_RANGE || code == CKR_PIN_INVALID || code == CKR_PIN_LOCKED;
  return fail(Errc::key_missing, name() + (pin_refused ? " refused the PIN in " + options.pin_file.string() + "; it is not tried again: correct the file and restart the node" : ": cannot log in: " + code_text(code)));
}

Result<CK_OBJECT_HANDLE> Token::State::find_object(CK_OBJECT_CLASS kind, const std::string& label) const {
  std::string chars = label;
  std::array<CK_ATTRIBUTE, 2> wanted{CK_ATTRIBUTE{CKA_CLASS, &kind, sizeof kind}, CK_ATTRIBUTE{CKA_LABEL, chars.data(), chars.size()}};
  std::array<CK_OBJECT_HANDLE, 2> found{};
  CK_ULONG count = 0;
  CK_RV code = call->C_FindObjectsInit(session, wanted.data(), wanted.size());
  if (code == CKR_OK) {
    code = call->C_FindObjects(session, found.data(), found.size(), &count);
    call->C_FindObjectsFinal(session);
  }
  if (code != CKR_OK) return fail(Errc::key_missing, name() + ": " + code_text(code));
  const std::string what = std::string(kind == CKO_PRIVATE_KEY ? "private" : "public") + " key '" + label + "'";
  if (count == 0) return fail(Errc::key_missing, name() + " has no " + what + ": make the pair there (for example with pkcs11-tool --keypairgen --key-type EC:prime256v1), or correct pkcs11");
  if (count > 1) return fail(Errc::key_not_valid, name() + " has more than one " + what + ": labels must be distinct");
  return found[0];
}

Result<Bytes> Token::State::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  Bytes value(256);
  CK_ATTRIBUTE wanted{type, value.data(), value.size()};
  if (const CK_RV code = call->C_GetAttributeValue(session, object, &wanted, 1); code != CKR_OK) return fail(Errc::key_not_valid, name() + ": " + code_text(code));
  value.resize(std::min<std::size_t>(wanted.ulValueLen, value.size()));
  return value;
}

Result<void> Token::State::take_key(KeyRole role, Key& key) const {
  const auto of_role = [&](const Error& why) { return fail(why.code, "the " + std::string(crypto::name(role)) + " key: " + why.detail); };
  const auto handle = find_object(CKO_PRIVATE_KEY, key.label);
  if (!handle) return of_role(handle.error());
  const auto other_half = find_object(CKO_PUBLIC_KEY, key.label);
  if (!other_half) return of_role(other_half.error());
  const auto params = attribute(*other_half, CKA_EC_PARAMS);
  if (!params || !equal(*params, p256_params)) return of_role(fail(Errc::key_not_valid, "'" + key.label + "' in " + name() + " is not a P-256 key"));
  const auto point = attribute(*other_half, CKA_EC_POINT);
  if (!point) return of_role(point.error());
  auto pub = crypto::PublicKey::from_point(point_of(*point));
  if (!pub) return of_role(pub.error());
  if (key.pub && key.pub->hash() != pub->hash()) return of_role(fail(Errc::key_not_valid, "'" + key.label + "' in " + name() + " is another key than at the start of this node"));
  key.pub = std::move(*pub);
  key.handle = *handle;
  return {};
}

Result<void> Token::State::connect() {
  LIAISON_TRY(const auto slot, find_slot());
  if (const CK_RV code = call->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session); code != CKR_OK) return fail(Errc::key_missing, name() + ": cannot open a session: " + code_text(code));
  connected = true;
  auto done = log_in(slot);
  for (auto& [role, key] : keys)
    if (done) done = take_key(role, key);
  if (!done) disconnect();
  return done;
}

void Token::State::disconnect() {
  if (std::exchange(connected, false)) call->C_CloseSession(session);
}

Error Token::State::away(const std::string& why) {
  disconnect();
  not_before = std::chrono::steady_clock::now() + between_tries;
  if (why_away.empty() && options.on_change) options.on_change(name() + " is away: " + why + "; what needs its keys waits until it is back");
  why_away = why;
  return fail(Errc::busy, why);
}

// A module that lost its token may need to start afresh to see it again.
Result<void> Token::State::reconnect() {
  if (connected) return {};
  if (std::chrono::steady_clock::now() < not_before) return fail(Errc::busy, why_away);
  auto done = connect();
  if (!done && !pin_refused && initialised) {
    call->C_Finalize(nullptr);
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    if (call->C_Initialize(&arguments) == CKR_OK) done = connect();
  }
  if (!done) return away(done.error().detail);
  if (!std::exchange(why_away, {}).empty() && options.on_change) options.on_change(name() + " is back");
  return {};
}

CK_RV Token::State::raw_sign(const Key& key, ByteView digest, Bytes& out) const {
  CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
  if (const CK_RV code = call->C_SignInit(session, &mechanism, key.handle); code != CKR_OK) return code;
  out.resize(raw_signature_bytes);
  CK_ULONG size = out.size();
  const CK_RV code = call->C_Sign(session, const_cast<CK_BYTE_PTR>(digest.data()), digest.size(), out.data(), &size);
  return code == CKR_OK && size != raw_signature_bytes ? CKR_GENERAL_ERROR : code;
}

Result<Bytes> Token::State::sign_digest(KeyRole role, ByteView digest) {
  const std::scoped_lock lock(mutex);
  const auto key = keys.find(role);
  if (key == keys.end()) return fail(Errc::unknown_key, "role " + std::string(crypto::name(role)) + " has no key in " + name());
  LIAISON_CHECK(reconnect());
  Bytes raw;
  CK_RV code = raw_sign(key->second, digest, raw);
  if (code != CKR_OK) {  // the session may be stale though the token is there
    disconnect();
    not_before = {};
    LIAISON_CHECK(reconnect());
    code = raw_sign(key->second, digest, raw);
  }
  if (code != CKR_OK) return away("the " + std::string(crypto::name(role)) + " key '" + key->second.label + "' does not sign: " + code_text(code));
  return to_der(raw);
}

// --- the side of OpenSSL ---

namespace {

struct Bound { const std::function<Result<Bytes>(ByteView)> sign; };

int bound_index() {
  static const int index = EC_KEY_get_ex_new_index(0, nullptr, nullptr, nullptr, [](void*, void* bound, CRYPTO_EX_DATA*, int, long, void*) { const std::unique_ptr<Bound> owner(static_cast<Bound*>(bound)); });
  return index;
}

int sign_in_token(int, const unsigned char* digest, int size, unsigned char* out, unsigned int* out_size, const BIGNUM*, const BIGNUM*, EC_KEY* key) {
  const auto* bound = static_cast<const Bound*>(EC_KEY_get_ex_data(key, bound_index()));
  if (bound == nullptr || size != 32) return 0;
  const auto signature = bound->sign(ByteView(digest, static_cast<std::size_t>(size)));
  if (!signature) return 0;
  std::copy(signature->begin(), signature->end(), out);  // the caller gave ECDSA_size() bytes, which any P-256 signature fits
  *out_size = static_cast<unsigned int>(signature->size());
  return 1;
}

const EC_KEY_METHOD* token_method() {
  static const EC_KEY_METHOD* const method = [] {
    EC_KEY_METHOD* made = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    liaison_assert(made != nullptr);
    EC_KEY_METHOD_set_sign(made, sign_in_token, nullptr, nullptr);
    return made;
  }();
  return method;
}

}  // namespace

Token::Token(std::unique_ptr<State> state) : state_(std::move(state)) {}

Token::~Token() {
  if (state_->call != nullptr) {
    state_->disconnect();
    if (state_->initialised) state_->call->C_Finalize(nullptr);
  }
  if (state_->library != nullptr) ::dlclose(state_->library);
}

Result<std::unique_ptr<Token>> Token::open(TokenOptions options) {
  auto state = std::make_unique<State>();
  for (const auto& [role, label] : options.labels) {
    if (role != KeyRole::seal && role != KeyRole::tls) return fail(Errc::invalid_settings, "pkcs11 holds the keys of seal and tls, not of " + std::string(crypto::name(role)));
    state->keys[role].label = label;
  }
  state->options = std::move(options);
  std::unique_ptr<Token> token(new Token(std::move(state)));
  State& of = *token->state_;
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); of.options.pin_file.empty() && credentials != nullptr)
    of.options.pin_file = std::filesystem::path(credentials) / "liaison-pin";
  if (of.options.pin_file.empty()) return fail(Errc::key_missing, of.name() + " needs a PIN: set pkcs11.pin_file, or give the credential liaison-pin");
  LIAISON_TRY(const SecretBytes pin, store::read_private_file(of.options.pin_file, pin_bytes_max));
  ByteView chars = pin.reveal();
  while (!chars.empty() && (chars.back() == '\n' || chars.back() == '\r')) chars = chars.first(chars.size() - 1);
  of.pin = SecretBytes(chars);
  LIAISON_CHECK(of.load());
  LIAISON_CHECK(of.connect());
  return token;
}

bool Token::holds(KeyRole role) const { return state_->options.labels.contains(role); }

Result<crypto::PublicKey> Token::public_key(KeyRole role) const {
  const std::scoped_lock lock(state_->mutex);
  if (!state_->why_away.empty()) return fail(Errc::busy, state_->why_away);
  return *state_->keys.at(role).pub;
}

Result<Bytes> Token::sign(KeyRole role, ByteView text) const {
  const Hash digest = merkle::sha256(text);
  LIAISON_TRY(Bytes signature, state_->sign_digest(role, digest));
  const std::scoped_lock lock(state_->mutex);
  LIAISON_CHECK(state_->keys.at(role).pub->verify(text, signature));
  return signature;
}

Result<crypto::EvpKey> Token::evp(KeyRole role) const {
  LIAISON_TRY(const auto pub, public_key(role));
  const Bytes spki = pub.spki();
  const unsigned char* at = spki.data();
  EcKey key(d2i_EC_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  auto bound = std::make_unique<Bound>(Bound{[state = state_.get(), role](ByteView digest) { return state->sign_digest(role, digest); }});
  if (!key || EC_KEY_set_method(key.get(), token_method()) != 1 || EC_KEY_set_ex_data(key.get(), bound_index(), bound.get()) != 1) return crypto::openssl_failed("key of the token");
  static_cast<void>(bound.release());  // now of the key
  crypto::EvpKey out(EVP_PKEY_new());
  if (!out || EVP_PKEY_set1_EC_KEY(out.get(), key.get()) != 1) return crypto::openssl_failed("key of the token");
  return out;
}

}  // namespace liaison::keys
