// Sets of leaf hashes: the root over the sorted set and the hash over an ascending list (formats 2.2, 2.5). Pure.
#pragma once
#include <algorithm>

#include "core/merkle/tree.h"
#include "core/record/path.h"

namespace liaison::record {

inline bool strictly_ascending(std::span<const Hash> hashes) {
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    if (!hash_less(hashes[i - 1], hashes[i])) return false;
  }
  return true;
}

// SHA-256 over the hashes as they lie.
inline Hash list_hash(std::span<const Hash> hashes) {
  static_assert(sizeof(Hash) == 32);
  return merkle::sha256(ByteView(reinterpret_cast<const std::uint8_t*>(hashes.data()), hashes.size_bytes()));
}

// Sorts in place; equal leaf hashes are refused.
inline Result<Hash> sorted_root(std::vector<Hash>& leaves) {
  std::sort(leaves.begin(), leaves.end(), hash_less);
  if (!strictly_ascending(leaves)) return fail(Errc::commitment_mismatch, "equal leaf hashes");
  return merkle::root(leaves);
}

}  // namespace liaison::record
