// Hashes of the RFC 6962 tree, the frontier and the proofs made from stored nodes. Pure: nodes come through a reader, whose errors pass through.
// A range [begin, end) below always starts at a multiple of its own size rounded up to a power of two, so it falls into stored full subtrees.
#include "core/merkle/tree.h"

#include <algorithm>
#include <bit>

namespace liaison::merkle {
namespace {

// More leaves than any log holds; keeps 2 * size within 64 bits.
constexpr std::uint64_t size_max = std::uint64_t{1} << 62;

struct Range {
  std::uint64_t begin;
  std::uint64_t end;
  std::uint64_t size() const { return end - begin; }
};

// Largest power of two below the size of a range of two or more leaves.
std::uint64_t split(const Range& range) { return range.begin + std::bit_floor(range.size() - 1); }

Hash fold(std::span<const Hash> subtrees) {
  Hash right = subtrees.back();
  for (std::size_t i = subtrees.size() - 1; i > 0; --i) right = node_hash(subtrees[i - 1], right);
  return right;
}

// Roots of the full subtrees of a range, largest first.
Result<std::vector<Hash>> full_subtrees(Range range, const NodeReader& nodes) {
  std::vector<Hash> out;
  while (range.size() > 0) {
    const auto level = static_cast<unsigned>(std::bit_width(range.size())) - 1;
    LIAISON_TRY(const Hash node, nodes(stored_index(level, range.begin >> level)));
    out.push_back(node);
    range.begin += std::uint64_t{1} << level;
  }
  return out;
}

Result<Hash> range_root(Range range, const NodeReader& nodes) {
  LIAISON_TRY(const std::vector<Hash> subtrees, full_subtrees(range, nodes));
  return fold(subtrees);
}

Error too_large(std::uint64_t size) { return fail(Errc::invalid_argument, "tree of " + std::to_string(size) + " leaves"); }

}  // namespace

Hash leaf_hash(ByteView entry) { return Sha256().add_u8(0).add(entry).finish(); }

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 65> input;
  input[0] = 1;
  std::copy(left.begin(), left.end(), input.begin() + 1);
  std::copy(right.begin(), right.end(), input.begin() + 33);
  return sha256(ByteView(input));
}

Hash empty_root() { return sha256(ByteView()); }

Hash root(std::span<const Hash> leaves) {
  if (leaves.empty()) return empty_root();
  // Pairing level by level, an odd last node moving up unchanged, gives the same tree as the recursive definition.
  std::vector<Hash> level(leaves.begin(), leaves.end());
  while (level.size() > 1) {
    const std::size_t pairs = level.size() / 2;
    for (std::size_t i = 0; i < pairs; ++i) level[i] = node_hash(level[2 * i], level[2 * i + 1]);
    const bool odd = level.size() % 2 != 0;
    if (odd) level[pairs] = level.back();
    level.resize(pairs + (odd ? 1 : 0));
  }
  return level.front();
}

std::uint64_t stored_count(std::uint64_t size) { return 2 * size - static_cast<std::uint64_t>(std::popcount(size)); }

std::uint64_t stored_index(unsigned level, std::uint64_t n) {
  const std::uint64_t last_leaf = ((n + 1) << level) - 1;
  return stored_count(last_leaf) + level;
}

Hash Frontier::root() const { return stack_.empty() ? empty_root() : fold(stack_); }

void Frontier::append(const Hash& leaf, std::vector<Hash>* completed) {
  liaison_assert(size_ < size_max - 1);
  Hash node = leaf;
  if (completed != nullptr) completed->push_back(node);
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    node = node_hash(stack_.back(), node);
    stack_.pop_back();
    if (completed != nullptr) completed->push_back(node);
  }
  stack_.push_back(node);
  ++size_;
}

Bytes Frontier::encode() const {
  Bytes out;
  out.reserve(8 + stack_.size() * sizeof(Hash));
  put_u64(out, size_);
  for (const Hash& node : stack_) put(out, node);
  return out;
}

Result<Frontier> Frontier::decode(ByteView bytes) {
  ByteReader reader(bytes);
  Frontier out;
  out.size_ = reader.u64();
  const auto subtrees = static_cast<std::size_t>(std::popcount(out.size_));
  if (!reader.ok() || out.size_ >= size_max || reader.left() != subtrees * sizeof(Hash)) {
    return fail(Errc::bad_format, "frontier of " + std::to_string(bytes.size()) + " bytes");
  }
  for (std::size_t i = 0; i < subtrees; ++i) out.stack_.push_back(reader.hash());
  return out;
}

Result<Hash> root_at(std::uint64_t size, const NodeReader& nodes) {
  if (size >= size_max) return too_large(size);
  if (size == 0) return empty_root();
  return range_root({0, size}, nodes);
}

Result<Frontier> frontier_at(std::uint64_t size, const NodeReader& nodes) {
  if (size >= size_max) return too_large(size);
  LIAISON_TRY(const std::vector<Hash> subtrees, full_subtrees({0, size}, nodes));
  Bytes encoded;
  put_u64(encoded, size);
  for (const Hash& node : subtrees) put(encoded, node);
  return Frontier::decode(encoded);
}

Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size, const NodeReader& nodes) {
  if (size >= size_max) return too_large(size);
  if (index >= size) return fail(Errc::invalid_argument, "leaf " + std::to_string(index) + " of " + std::to_string(size));
  std::vector<Hash> path;
  for (Range range{0, size}; range.size() > 1;) {
    const std::uint64_t middle = split(range);
    const bool left = index < middle;
    LIAISON_TRY(const Hash sibling, range_root(left ? Range{middle, range.end} : Range{range.begin, middle}, nodes));
    path.push_back(sibling);
    range = left ? Range{range.begin, middle} : Range{middle, range.end};
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Result<std::vector<Hash>> consistency_proof(std::uint64_t old_size, std::uint64_t new_size, const NodeReader& nodes) {
  if (new_size >= size_max) return too_large(new_size);
  if (old_size > new_size) return fail(Errc::invalid_argument, std::to_string(old_size) + " leaves to " + std::to_string(new_size));
  std::vector<Hash> path;
  if (old_size == 0) return path;
  Range range{0, new_size};
  while (range.end != old_size) {
    const std::uint64_t middle = split(range);
    const bool left = old_size <= middle;
    LIAISON_TRY(const Hash sibling, range_root(left ? Range{middle, range.end} : Range{range.begin, middle}, nodes));
    path.push_back(sibling);
    range = left ? Range{range.begin, middle} : Range{middle, range.end};
  }
  if (range.begin != 0) {  // otherwise the verifier knows this hash: it is the old root
    LIAISON_TRY(const Hash last, range_root(range, nodes));
    path.push_back(last);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<Hash> inclusion_path(std::uint64_t index, std::span<const Hash> leaves) {
  liaison_assert(index < leaves.size());
  std::vector<Hash> path;
  for (Range range{0, leaves.size()}; range.size() > 1;) {
    const std::uint64_t middle = split(range);
    const bool left = index < middle;
    const Range sibling = left ? Range{middle, range.end} : Range{range.begin, middle};
    path.push_back(root(leaves.subspan(sibling.begin, sibling.size())));
    range = left ? Range{range.begin, middle} : Range{middle, range.end};
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace liaison::merkle
