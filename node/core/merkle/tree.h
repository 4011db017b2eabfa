// The RFC 6962 / RFC 9162 hash tree: one small module for record fields, link ledgers and the audit log.
// leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right), empty tree = SHA-256(""). Pure; proofs from outside answer Errc::wrong_root.
#pragma once
#include <functional>
#include <utility>

#include "core/base/result.h"
#include "core/merkle/sha256.h"

namespace liaison::merkle {

Hash leaf_hash(ByteView entry);
Hash node_hash(const Hash& left, const Hash& right);
Hash empty_root();
Hash root(std::span<const Hash> leaves);  // in the order given

// Position of the node (level, n) in the append order of all node hashes of a growing tree (each leaf is followed by the inner
// nodes it completes), so that tree hashes can be stored as one append-only table. level 0 = leaves.
std::uint64_t stored_index(unsigned level, std::uint64_t n);
std::uint64_t stored_count(std::uint64_t size);  // number of stored hashes of a tree with `size` leaves

// The right edge of a tree: enough to append and to know the root.
class Frontier {
 public:
  Frontier() = default;
  std::uint64_t size() const { return size_; }
  Hash root() const;
  // Appends a leaf hash; `completed`, when given, receives the leaf hash and every inner node it completes, in stored order
  // (the first has index stored_count(size before)).
  void append(const Hash& leaf, std::vector<Hash>* completed = nullptr);
  Bytes encode() const;                              // u64 size || hashes of the full subtrees, largest first
  static Result<Frontier> decode(ByteView bytes);    // Errc::bad_format
  bool operator==(const Frontier&) const = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> stack_;  // roots of the full subtrees, largest first
};

// Reads one stored node hash by stored_index; proofs are made from these.
using NodeReader = std::function<Result<Hash>(std::uint64_t stored_index)>;
Result<Hash> root_at(std::uint64_t size, const NodeReader& nodes);
Result<Frontier> frontier_at(std::uint64_t size, const NodeReader& nodes);
Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeReader& nodes);
Result<std::vector<Hash>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size, const NodeReader& nodes);
// The same for a list in memory (batches of signed texts).
std::vector<Hash> inclusion_path(std::uint64_t index, std::span<const Hash> leaves);

struct LeafPosition { std::uint64_t index; std::uint64_t size; };
struct TreeHead { std::uint64_t size; Hash root; };
// The root that a path leads to, for proofs whose root is known only through what was signed.
Result<Hash> root_of_path(const Hash& leaf, LeafPosition position, std::span<const Hash> path);
Result<void> verify_inclusion(const Hash& leaf, LeafPosition position, std::span<const Hash> path, const Hash& root);
Result<void> verify_consistency(const TreeHead& older, const TreeHead& newer, std::span<const Hash> path);

}  // namespace liaison::merkle
