// How private keys come to be: generated, read from and written to PKCS#8, derived from key material (RFC 9180 section 7.1.3).
// A loaded pair is checked for its two halves belonging together; the public half is written anew from its coordinates.
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <climits>

#include "core/crypto/hkdf.h"
#include "core/crypto/kem.h"
#include "core/crypto/keys.h"
#include "core/crypto/openssl.h"

namespace liaison::crypto {
namespace {

constexpr int pbkdf2_rounds = 100'000;  // HMAC-SHA256; about 0.1 s per key at start-up, and per guess of a thief
constexpr int salt_bytes = 16;

using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;
using SealedPkcs8 = std::unique_ptr<X509_SIG, FreeWith<X509_SIG_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, FreeWith<X509_ALGOR_free>>;

// 65-byte point from the coordinates: the encoded form in the key may be compressed.
Result<Bytes> p256_point(const EVP_PKEY* key) {
  Bytes point(65);
  point[0] = 4;
  const std::array<const char*, 2> names{OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y};
  for (std::size_t i = 0; i < names.size(); ++i) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, names[i], &raw) != 1) return openssl_failed("P-256 coordinates");
    const Number coordinate(raw);
    if (BN_bn2binpad(coordinate.get(), point.data() + 1 + 32 * i, 32) != 32) return openssl_failed("P-256 coordinates", Errc::bad_format);
  }
  return point;
}

Result<PublicKey> public_half(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) {
    // SubjectPublicKeyInfo of Ed25519 has one form only.
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    if (size <= 0) return openssl_failed("Ed25519 public key");
    const std::unique_ptr<unsigned char, decltype([](unsigned char* p) { OPENSSL_free(p); })> owner(der);
    return PublicKey::from_spki({der, static_cast<std::size_t>(size)});
  }
  std::array<char, 32> group{};
  std::size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1 ||
      std::string_view(group.data()) != "prime256v1") {
    return openssl_failed("key is neither P-256 nor Ed25519", Errc::bad_format);
  }
  LIAISON_TRY(const Bytes point, p256_point(key));
  return PublicKey::from_point(point);
}

struct PemOrDer {
  std::string name;  // empty: it was DER
  SecretBytes der;
};

Result<PemOrDer> unwrap(ByteView bytes) {
  if (!text(bytes).starts_with("-----BEGIN")) return PemOrDer{{}, SecretBytes(bytes)};
  if (bytes.size() > INT_MAX) return fail(Errc::bad_format, "key file too large");
  const Bio bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (!bio || PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) return openssl_failed("PEM", Errc::bad_format);
  PemOrDer out{name, SecretBytes(ByteView(data, static_cast<std::size_t>(size)))};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  if (out.name != "PRIVATE KEY" && out.name != "ENCRYPTED PRIVATE KEY") return fail(Errc::bad_format, "PEM is not a PKCS#8 key");
  return out;
}

Pkcs8 parse_plain(ByteView der) {
  const unsigned char* at = der.data();
  Pkcs8 out(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  if (at != der.data() + der.size()) out.reset();
  return out;
}

Result<Pkcs8> decrypt(ByteView der, ByteView passphrase) {
  const unsigned char* at = der.data();
  const SealedPkcs8 sealed(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!sealed || at != der.data() + der.size()) return openssl_failed("PKCS#8", Errc::bad_format);
  const X509_ALGOR* algorithm = nullptr;
  const ASN1_OBJECT* scheme = nullptr;
  X509_SIG_get0(sealed.get(), &algorithm, nullptr);
  X509_ALGOR_get0(&scheme, nullptr, nullptr, algorithm);
  if (OBJ_obj2nid(scheme) != NID_pbes2) return openssl_failed("key is not encrypted with PBES2", Errc::bad_format);
  if (passphrase.empty()) return openssl_failed("key is encrypted and there is no passphrase", Errc::key_missing);
  Pkcs8 out(PKCS8_decrypt(sealed.get(), text(passphrase).data(), static_cast<int>(passphrase.size())));
  if (!out) return openssl_failed("passphrase does not open the key", Errc::key_missing);
  return out;
}

const EC_GROUP* p256_group() {
  static const EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  liaison_assert(group != nullptr);
  return group;
}

Result<EvpKey> key_of(const BIGNUM* secret, ByteView point) {
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return openssl_failed("derive key");
  }
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
    return openssl_failed("derive key");
  }
  return EvpKey(key);
}

// The pair of one scalar; nullopt when it is not between 1 and the order of the group.
Result<std::optional<EvpKey>> pair_of(ByteView scalar) {
  const Number secret(BN_secure_new());
  if (!secret || BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), secret.get()) == nullptr) return openssl_failed("derive key");
  if (BN_is_zero(secret.get()) || BN_cmp(secret.get(), EC_GROUP_get0_order(p256_group())) >= 0) return std::optional<EvpKey>{};
  BN_set_flags(secret.get(), BN_FLG_CONSTTIME);
  const Point point(EC_POINT_new(p256_group()));
  Bytes encoded(65);
  if (!point || EC_POINT_mul(p256_group(), point.get(), secret.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(p256_group(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(), nullptr) != encoded.size()) {
    return openssl_failed("derive key");
  }
  LIAISON_TRY(EvpKey key, key_of(secret.get(), encoded));
  return std::optional<EvpKey>(std::move(key));
}

}  // namespace

Result<PrivateKey> PrivateKey::from_evp(EvpKey key) {
  LIAISON_TRY(PublicKey pair, public_half(key.get()));
  pair.key_ = std::move(key);
  return PrivateKey(std::move(pair));
}

Result<PrivateKey> PrivateKey::generate(KeyType type) {
  EvpKey key(type == KeyType::p256 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256") : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return openssl_failed("generate key");
  return from_evp(std::move(key));
}

Result<PrivateKey> PrivateKey::from_pkcs8(ByteView der_or_pem, ByteView passphrase) {
  LIAISON_TRY(const PemOrDer input, unwrap(der_or_pem));
  const ByteView der = input.der.reveal();
  Pkcs8 info = input.name == "ENCRYPTED PRIVATE KEY" ? nullptr : parse_plain(der);
  if (!info && input.name == "PRIVATE KEY") return openssl_failed("PKCS#8", Errc::bad_format);
  if (!info) {
    LIAISON_TRY(info, decrypt(der, passphrase));
  }
  EvpKey key(EVP_PKCS82PKEY(info.get()));
  if (!key) return openssl_failed("PKCS#8 key", Errc::bad_format);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!check || EVP_PKEY_pairwise_check(check.get()) != 1) return openssl_failed("private and public key do not belong together", Errc::bad_format);
  return from_evp(std::move(key));
}

Result<Bytes> PrivateKey::to_pkcs8_pem(ByteView passphrase) const {
  const Pkcs8 info(EVP_PKEY2PKCS8(evp()));
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (!info || !bio) return openssl_failed("PKCS#8");
  if (passphrase.empty()) {
    if (PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio.get(), info.get()) != 1) return openssl_failed("PKCS#8");
  } else {
    Algorithm scheme(PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), pbkdf2_rounds, nullptr, salt_bytes, nullptr, NID_hmacWithSHA256));
    if (!scheme) return openssl_failed("PBES2");
    const SealedPkcs8 sealed(PKCS8_set0_pbe(text(passphrase).data(), static_cast<int>(passphrase.size()), info.get(), scheme.get()));
    if (!sealed) return openssl_failed("PBES2");
    static_cast<void>(scheme.release());  // belongs to `sealed` now
    if (PEM_write_bio_PKCS8(bio.get(), sealed.get()) != 1) return openssl_failed("PKCS#8");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return to_bytes(std::string_view(data, static_cast<std::size_t>(size)));
}

Result<PrivateKey> derive_key_pair(ByteView ikm) {
  if (ikm.size() < 32) return fail(Errc::crypto_failed, "key material of " + std::to_string(ikm.size()) + " bytes");
  LIAISON_TRY(const SecretBytes prk, labelled_extract({kem_suite, "dkp_prk"}, {}, ikm));
  for (unsigned counter = 0; counter < 256; ++counter) {
    const std::array<std::uint8_t, 1> attempt{static_cast<std::uint8_t>(counter)};
    LIAISON_TRY(const SecretBytes candidate, labelled_expand({kem_suite, "candidate"}, prk.reveal(), attempt, 32));
    LIAISON_TRY(std::optional<EvpKey> pair, pair_of(candidate.reveal()));
    if (pair) return PrivateKey::from_evp(std::move(*pair));
  }
  return fail(Errc::crypto_failed, "no key in 256 attempts");
}

}  // namespace liaison::crypto
