// Leaf paths (formats 2.1) as bytes: components, prefixes and the order they imply. A path that parses is a sequence of whole components,
// so "is a byte prefix of" and "is an ancestor of" are the same for two valid paths. Pure; errors are booleans.
#pragma once
#include <algorithm>

#include "core/base/bytes.h"

namespace liaison::record {

enum class Component : std::uint8_t { field = 0x01, element = 0x02, member = 0x03, derived = 0x04, audience = 0x0E, decoy = 0x0F };

// Bytes of a component with this first byte, the byte itself included; 0: no such component.
inline std::size_t component_bytes(std::uint8_t first) {
  switch (static_cast<Component>(first)) {
    case Component::field:
    case Component::audience:
    case Component::decoy: return 3;
    case Component::element: return 5;
    case Component::member:
    case Component::derived: return 2;
  }
  return 0;
}

// Well formed: 1 to 64 bytes, begins with a field and continues with fields, elements, members; a derived code only last; audience and decoy alone.
bool is_path(ByteView path);
// The same, but a prefix may not end in a derived code, audience or decoy.
bool is_prefix_path(ByteView path);

inline Component first_component(ByteView path) { return static_cast<Component>(path[0]); }
inline bool is_audience(ByteView path) { return path[0] == static_cast<std::uint8_t>(Component::audience); }
inline bool is_decoy(ByteView path) { return path[0] == static_cast<std::uint8_t>(Component::decoy); }
// Of a path that passed is_path: is its last component a derived code?
inline bool is_derived(ByteView path) {
  std::size_t at = 0;
  while (at + 2 < path.size()) at += component_bytes(path[at]);
  return at + 2 == path.size() && path[at] == static_cast<std::uint8_t>(Component::derived);
}
inline ByteView base_of(ByteView derived) { return derived.first(derived.size() - 2); }

inline bool starts_with(ByteView path, ByteView prefix) { return path.size() >= prefix.size() && equal(path.first(prefix.size()), prefix); }
inline int compare(ByteView a, ByteView b) {
  const int order = std::memcmp(a.data(), b.data(), std::min(a.size(), b.size()));
  return order != 0 ? order : (a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0);
}
// Bytewise order of hashes; an object, so that sorting inlines it. The first eight bytes nearly always decide.
struct HashLess {
  bool operator()(const Hash& a, const Hash& b) const {
    std::uint64_t x, y;
    std::memcpy(&x, a.data(), sizeof x);
    std::memcpy(&y, b.data(), sizeof y);
    if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y);  // little endian host
    return std::memcmp(a.data(), b.data(), a.size()) < 0;
  }
};
inline constexpr HashLess hash_less{};

}  // namespace liaison::record
