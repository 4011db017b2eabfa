// AES-256-GCM (NIST SP 800-38D) with explicit nonce: envelope payloads and values at rest. One context per thread is kept inside.
// Errors: cannot_open when the tag does not verify, crypto_failed when OpenSSL itself fails.
#pragma once
#include "core/base/result.h"
#include "core/base/secret.h"

namespace liaison::crypto {

inline constexpr std::size_t aead_key_bytes = 32;
inline constexpr std::size_t aead_nonce_bytes = 12;
inline constexpr std::size_t aead_tag_bytes = 16;

struct AeadKey { ByteView key; ByteView nonce; };                                    // 32 and 12 bytes, borrowed for the call
Result<Bytes> aead_seal(AeadKey key, ByteView aad, ByteView plain);                   // ciphertext || tag
Result<Bytes> aead_open(AeadKey key, ByteView aad, ByteView cipher);
// HKDF-SHA256 (RFC 5869)
Result<SecretBytes> hkdf_extract(ByteView salt, ByteView ikm);
Result<SecretBytes> hkdf_expand(ByteView prk, ByteView info, std::size_t length);

}  // namespace liaison::crypto
