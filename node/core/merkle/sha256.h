// SHA-256 (FIPS 180-4) for the many small inputs of records, ledgers and audit; the one file outside core/crypto that calls OpenSSL.
// Pure; cannot fail. Large inputs may use it too (SHA-NI where the processor has it).
#pragma once
#include <openssl/sha.h>

#include <initializer_list>

#include "core/base/bytes.h"

namespace liaison::merkle {

class Sha256 {
 public:
  Sha256();
  Sha256& add(ByteView bytes);
  Sha256& add(std::string_view chars) { return add(view(chars)); }
  Sha256& add_u8(std::uint8_t value);
  Sha256& add_u16(std::uint16_t value);
  Sha256& add_u32(std::uint32_t value);
  Hash finish();  // once

 private:
  SHA256_CTX context_;
};

Hash sha256(ByteView bytes);
Hash sha256(std::string_view chars);
Hash sha256(std::initializer_list<ByteView> parts);

}  // namespace liaison::merkle
