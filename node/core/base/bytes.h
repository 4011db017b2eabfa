// Byte containers and the text forms of bytes (hex, base64) used by every module.
// Never allocates more than its input asks for; decoders accept canonical text only.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace liaison {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Hash = std::array<std::uint8_t, 32>;  // SHA-256

inline ByteView view(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::string_view text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes to_bytes(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
inline Bytes to_bytes(std::string_view chars) { return to_bytes(view(chars)); }
inline bool equal(ByteView a, ByteView b) { return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0); }

std::string to_hex(ByteView bytes);
std::optional<Bytes> from_hex(std::string_view digits);

// Standard alphabet, padded. from_base64 refuses anything that to_base64 would not have written.
std::string to_base64(ByteView bytes);
std::optional<Bytes> from_base64(std::string_view chars);
std::optional<Hash> hash_from_base64(std::string_view chars);

// Big-endian integers, as in everything that is hashed or signed (formats, head).
inline void put_u8(Bytes& out, std::uint8_t value) { out.push_back(value); }
void put_u16(Bytes& out, std::uint16_t value);
void put_u32(Bytes& out, std::uint32_t value);
void put_u64(Bytes& out, std::uint64_t value);
inline void put(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }
inline void put(Bytes& out, std::string_view chars) { put(out, view(chars)); }

// Reads big-endian integers and slices off a view; after the first shortage ok() stays false and everything reads as zero or empty.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  ByteView take(std::size_t count);
  Hash hash();
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

 private:
  std::uint64_t number(std::size_t width);
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace liaison
