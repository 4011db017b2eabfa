// AES-GCM with a key of either size over the kept contexts of this thread. Internal to this folder: HPKE and aead.h are made of it.
// Errors: cannot_open when the tag does not verify, crypto_failed otherwise.
#pragma once
#include "core/crypto/aead.h"

namespace liaison::crypto {

// key: 16 or 32 bytes; nonce: 12 bytes.
Result<Bytes> gcm_seal(AeadKey key, ByteView aad, ByteView plain);
Result<Bytes> gcm_open(AeadKey key, ByteView aad, ByteView cipher);

}  // namespace liaison::crypto
