// SHA-256 over OpenSSL's SHA256_* calls: for inputs of one or two blocks they cost a third of an EVP digest, and they cannot fail.
// Pure; holds no state between calls.
#include "core/merkle/sha256.h"

namespace liaison::merkle {

Sha256::Sha256() { SHA256_Init(&context_); }

Sha256& Sha256::add(ByteView bytes) {
  if (!bytes.empty()) SHA256_Update(&context_, bytes.data(), bytes.size());
  return *this;
}

Sha256& Sha256::add_u8(std::uint8_t value) { return add(ByteView(&value, 1)); }

Sha256& Sha256::add_u16(std::uint16_t value) {
  const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  return add(bytes);
}

Sha256& Sha256::add_u32(std::uint32_t value) {
  const std::array<std::uint8_t, 4> bytes{static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
                                          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  return add(bytes);
}

Hash Sha256::finish() {
  Hash out;
  SHA256_Final(out.data(), &context_);
  return out;
}

Hash sha256(ByteView bytes) { return Sha256().add(bytes).finish(); }

Hash sha256(std::string_view chars) { return sha256(view(chars)); }

Hash sha256(std::initializer_list<ByteView> parts) {
  Sha256 state;
  for (const ByteView part : parts) state.add(part);
  return state.finish();
}

}  // namespace liaison::merkle
