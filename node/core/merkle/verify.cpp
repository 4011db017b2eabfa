// Verification of inclusion and consistency proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2). Pure; every path length but the right one
// is refused, so a proof has exactly one form. Every failure is Errc::wrong_root.
#include <bit>
#include <optional>

#include "core/merkle/tree.h"

namespace liaison::merkle {
namespace {

Error wrong(const char* what, std::uint64_t size) { return fail(Errc::wrong_root, std::string(what) + " in a tree of " + std::to_string(size)); }

// Both roots that a consistency path leads to.
struct Roots {
  Hash older;
  Hash newer;
};

// Precondition: 0 < sizes.older < sizes.newer. nullopt when the path has the wrong length.
struct Sizes { std::uint64_t older; std::uint64_t newer; };
std::optional<Roots> walk_consistency(const Sizes& sizes, const Hash& older_root, std::span<const Hash> path) {
  // When the old size is a power of two its root is itself a node of the new tree and the proof leaves it out.
  const bool old_root_is_node = std::has_single_bit(sizes.older);
  if (!old_root_is_node && path.empty()) return std::nullopt;
  std::uint64_t node = sizes.older - 1;
  std::uint64_t last = sizes.newer - 1;
  for (; (node & 1) != 0; node >>= 1) last >>= 1;
  const Hash start = old_root_is_node ? older_root : path.front();
  Roots roots{start, start};
  for (const Hash& sibling : old_root_is_node ? path : path.subspan(1)) {
    if (last == 0) return std::nullopt;
    if ((node & 1) != 0 || node == last) {
      roots.older = node_hash(sibling, roots.older);
      roots.newer = node_hash(sibling, roots.newer);
      for (; (node & 1) == 0 && node != 0; node >>= 1) last >>= 1;
    } else {
      roots.newer = node_hash(roots.newer, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return std::nullopt;
  return roots;
}

}  // namespace

Result<Hash> root_of_path(const Hash& leaf, LeafPosition position, std::span<const Hash> path) {
  if (position.index >= position.size) return wrong("leaf index", position.size);
  std::uint64_t node = position.index;
  std::uint64_t last = position.size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : path) {
    if (last == 0) return wrong("path too long", position.size);
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      for (; (node & 1) == 0 && node != 0; node >>= 1) last >>= 1;
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return wrong("path too short", position.size);
  return hash;
}

Result<void> verify_inclusion(const Hash& leaf, LeafPosition position, std::span<const Hash> path, const Hash& root) {
  LIAISON_TRY(const Hash reached, root_of_path(leaf, position, path));
  if (reached != root) return wrong("inclusion", position.size);
  return {};
}

Result<void> verify_consistency(const TreeHead& older, const TreeHead& newer, std::span<const Hash> path) {
  if (older.size > newer.size) return wrong("older head is larger", newer.size);
  if (older.size == 0 || older.size == newer.size) {
    const bool same = older.size == newer.size ? older.root == newer.root : older.root == empty_root();
    if (!path.empty() || !same) return wrong("consistency", newer.size);
    if (older.size == 0 && newer.size == 0 && older.root != empty_root()) return wrong("empty root", 0);
    return {};
  }
  const auto roots = walk_consistency({older.size, newer.size}, older.root, path);
  if (!roots) return wrong("path length", newer.size);
  if (roots->older != older.root || roots->newer != newer.root) return wrong("consistency", newer.size);
  return {};
}

}  // namespace liaison::merkle
