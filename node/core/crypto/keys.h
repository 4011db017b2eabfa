// Public and private keys as values over OpenSSL EVP: ECDSA P-256 (sign, DHKEM) and Ed25519 (audit checkpoints, witnesses).
// Private keys never print or copy; io/keys loads them. Functions answer bad_signature, bad_format or crypto_failed.
#pragma once
#include <openssl/evp.h>

#include <memory>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/merkle/sha256.h"

namespace liaison::crypto {

enum class KeyType : std::uint8_t { p256, ed25519 };

// Key roles (formats 1); a key serves one role only. `export` is a keyword, hence exporting.
enum class KeyRole : std::uint8_t { tls, seal, link, box, log, witness, authority, policy, exporting };
std::string_view name(KeyRole role);  // "tls" ... "export"
std::optional<KeyRole> parse_key_role(std::string_view chars);
KeyType key_type(KeyRole role);       // ed25519 for log and witness, p256 otherwise

struct EvpKeyDeleter { void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); } };
using EvpKey = std::unique_ptr<EVP_PKEY, EvpKeyDeleter>;

class PublicKey {
 public:
  static Result<PublicKey> from_spki(ByteView der);       // SubjectPublicKeyInfo, P-256 (uncompressed) or Ed25519; anything else: bad_format
  static Result<PublicKey> from_point(ByteView point);    // 65-byte uncompressed P-256 point
  PublicKey(const PublicKey& other);
  PublicKey& operator=(const PublicKey& other);
  PublicKey(PublicKey&&) noexcept = default;
  PublicKey& operator=(PublicKey&&) noexcept = default;
  KeyType type() const { return type_; }
  const Hash& hash() const { return hash_; }              // SHA-256 of the SubjectPublicKeyInfo
  const Bytes& spki() const { return spki_; }
  Bytes point() const;                                    // 65-byte P-256 point, or 32-byte Ed25519 key
  // P-256: ECDSA with SHA-256, DER. Ed25519: 64 bytes. Errc::bad_signature when it does not verify.
  Result<void> verify(ByteView message, ByteView signature) const;
  EVP_PKEY* evp() const { return key_.get(); }

 private:
  PublicKey() = default;
  friend class PrivateKey;
  EvpKey key_;
  KeyType type_{};
  Hash hash_{};
  Bytes spki_;
};

class PrivateKey {
 public:
  static Result<PrivateKey> generate(KeyType type);                         // uses OpenSSL's generator; called by io and tools only
  static Result<PrivateKey> from_pkcs8(ByteView der_or_pem, ByteView passphrase);  // encrypted (PBES2) or plain; key_missing on a wrong passphrase
  static Result<PrivateKey> from_evp(EvpKey pair);                          // takes a P-256 or Ed25519 pair; anything else: bad_format
  Result<Bytes> to_pkcs8_pem(ByteView passphrase) const;                    // encrypted with AES-256-CBC, PBKDF2 when a passphrase is given
  Result<Bytes> sign(ByteView message) const;
  Result<SecretBytes> diffie_hellman(const PublicKey& peer) const;          // P-256 only: 32-byte x coordinate
  const PublicKey& public_key() const { return public_; }
  EVP_PKEY* evp() const { return public_.evp(); }

 private:
  explicit PrivateKey(PublicKey pair) : public_(std::move(pair)) {}
  PublicKey public_;  // holds the pair
};

// RFC 9180 section 7.1.3 DeriveKeyPair for DHKEM(P-256, HKDF-SHA256): `ikm` at least 32 bytes.
Result<PrivateKey> derive_key_pair(ByteView ikm);

}  // namespace liaison::crypto
