// Public keys, signatures and Diffie-Hellman. A SubjectPublicKeyInfo is accepted in its one DER form only (fixed prefix and key bytes),
// so equal keys have equal hashes and no ASN.1 parser meets bytes from the network. Keys may be used from several threads at once.
#include "core/crypto/keys.h"

#include <openssl/core_names.h>

#include <array>

#include "core/crypto/openssl.h"

namespace liaison::crypto {
namespace {

constexpr std::size_t point_bytes = 65;
constexpr std::size_t ed25519_bytes = 32;
// SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING (RFC 5480) and SEQUENCE { SEQUENCE { id-Ed25519 }, BIT STRING (RFC 8410)
constexpr std::array<std::uint8_t, 26> p256_prefix{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                                   0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
constexpr std::array<std::uint8_t, 12> ed25519_prefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

bool has_form(ByteView der, ByteView prefix, std::size_t key_bytes) {
  return der.size() == prefix.size() + key_bytes && equal(der.first(prefix.size()), prefix);
}

// A key of the curve without a point: a copy of it costs a quarter of a key made from parameters.
EVP_PKEY* p256_without_point() {
  static EVP_PKEY* const key = [] {
    char group[] = "prime256v1";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0), OSSL_PARAM_construct_end()};
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* made = nullptr;
    liaison_assert(context && EVP_PKEY_fromdata_init(context.get()) == 1 && EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEY_PARAMETERS, params) == 1);
    return made;
  }();
  return key;
}

// Refuses points that are not on the curve; P-256 has no other subgroup to hide in.
Result<EvpKey> make_p256(ByteView point) {
  if (point.size() != point_bytes || point[0] != 4) return fail(Errc::bad_format, "P-256 point of " + std::to_string(point.size()) + " bytes");
  EvpKey key(EVP_PKEY_dup(p256_without_point()));
  if (!key) return openssl_failed("P-256 key");
  if (EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) != 1) return openssl_failed("P-256 point", Errc::bad_format);
  return key;
}

Result<EvpKey> make_ed25519(ByteView bytes) {
  EvpKey key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes.data(), bytes.size()));
  if (!key) return openssl_failed("Ed25519 key", Errc::bad_format);
  return key;
}

Bytes joined(ByteView prefix, ByteView key) {
  Bytes out = to_bytes(prefix);
  put(out, key);
  return out;
}

Error not_verified(ByteView message) { return openssl_failed("signature over " + std::to_string(message.size()) + " bytes", Errc::bad_signature); }

}  // namespace

std::string_view name(KeyRole role) {
  switch (role) {
    case KeyRole::tls: return "tls";
    case KeyRole::seal: return "seal";
    case KeyRole::link: return "link";
    case KeyRole::box: return "box";
    case KeyRole::log: return "log";
    case KeyRole::witness: return "witness";
    case KeyRole::authority: return "authority";
    case KeyRole::policy: return "policy";
    case KeyRole::exporting: return "export";
  }
  liaison_assert(!"a key role without a name");
}

std::optional<KeyRole> parse_key_role(std::string_view chars) {
  for (auto role : {KeyRole::tls, KeyRole::seal, KeyRole::link, KeyRole::box, KeyRole::log, KeyRole::witness, KeyRole::authority, KeyRole::policy,
                    KeyRole::exporting}) {
    if (name(role) == chars) return role;
  }
  return std::nullopt;
}

KeyType key_type(KeyRole role) { return role == KeyRole::log || role == KeyRole::witness ? KeyType::ed25519 : KeyType::p256; }

Result<PublicKey> PublicKey::from_spki(ByteView der) {
  PublicKey out;
  if (has_form(der, p256_prefix, point_bytes)) {
    out.type_ = KeyType::p256;
    LIAISON_TRY(out.key_, make_p256(der.subspan(p256_prefix.size())));
  } else if (has_form(der, ed25519_prefix, ed25519_bytes)) {
    out.type_ = KeyType::ed25519;
    LIAISON_TRY(out.key_, make_ed25519(der.subspan(ed25519_prefix.size())));
  } else {
    return fail(Errc::bad_format, "public key of " + std::to_string(der.size()) + " bytes is neither P-256 nor Ed25519");
  }
  out.spki_ = to_bytes(der);
  out.hash_ = merkle::sha256(der);
  return out;
}

Result<PublicKey> PublicKey::from_point(ByteView point) { return from_spki(joined(p256_prefix, point)); }

PublicKey::PublicKey(const PublicKey& other) : key_(other.key_.get()), type_(other.type_), hash_(other.hash_), spki_(other.spki_) {
  if (key_) EVP_PKEY_up_ref(key_.get());
}

PublicKey& PublicKey::operator=(const PublicKey& other) {
  if (this != &other) *this = PublicKey(other);
  return *this;
}

Bytes PublicKey::point() const {
  const ByteView der(spki_);
  return to_bytes(type_ == KeyType::p256 ? der.subspan(p256_prefix.size()) : der.subspan(ed25519_prefix.size()));
}

Result<void> PublicKey::verify(ByteView message, ByteView signature) const {
  liaison_assert(key_ != nullptr);
  if (type_ == KeyType::ed25519) {
    const DigestContext context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1) return openssl_failed("verify");
    if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) != 1) return not_verified(message);
    return {};
  }
  const Hash digest = merkle::sha256(message);
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return openssl_failed("verify");
  if (EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) != 1) return not_verified(message);
  return {};
}

Result<Bytes> PrivateKey::sign(ByteView message) const {
  Bytes out(80);  // DER of two 256-bit numbers takes at most 72
  std::size_t size = out.size();
  if (public_.type() == KeyType::ed25519) {
    const DigestContext context(EVP_MD_CTX_new());
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, evp()) != 1 ||
        EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) {
      return openssl_failed("sign");
    }
  } else {
    const Hash digest = merkle::sha256(message);
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, evp(), nullptr));
    if (!context || EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1) {
      return openssl_failed("sign");
    }
  }
  out.resize(size);
  return out;
}

Result<SecretBytes> PrivateKey::diffie_hellman(const PublicKey& peer) const {
  if (public_.type() != KeyType::p256 || peer.type() != KeyType::p256) return fail(Errc::crypto_failed, "Diffie-Hellman needs P-256 keys");
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, evp(), nullptr));
  SecretBytes out(32);
  std::size_t size = 32;
  // The peer's point was checked when the key was made; checking it again would cost another scalar multiplication.
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 || EVP_PKEY_derive_set_peer_ex(context.get(), peer.evp(), 0) != 1 ||
      EVP_PKEY_derive(context.get(), out.writable().data(), &size) != 1 || size != 32) {
    return openssl_failed("Diffie-Hellman");
  }
  return out;
}

}  // namespace liaison::crypto
