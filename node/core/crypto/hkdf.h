// HKDF-SHA256 (RFC 5869) over inputs in parts, and the labelled forms of HPKE (RFC 9180 section 4): nothing secret is joined in memory.
// Internal to this folder; the public functions stand in aead.h. Errors: crypto_failed.
#pragma once
#include <initializer_list>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace liaison::crypto {

using Parts = std::initializer_list<ByteView>;
Result<SecretBytes> hkdf_extract_parts(ByteView salt, Parts ikm);
Result<SecretBytes> hkdf_expand_parts(ByteView prk, Parts info, std::size_t length);

// suite is "KEM" or "HPKE" with its ids.
struct Labelled { ByteView suite; std::string_view label; };
Result<SecretBytes> labelled_extract(Labelled use, ByteView salt, ByteView ikm);
Result<SecretBytes> labelled_expand(Labelled use, ByteView prk, ByteView info, std::size_t length);

}  // namespace liaison::crypto
