// The hash tree against the published eight leaves and against the recursive definition of RFC 6962 written down a second time here;
// every proof for all small sizes, and every proof refused once anything in it changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <map>
#include <sstream>

#include "core/merkle/tree.h"

namespace liaison::merkle {
namespace {

constexpr std::uint64_t sizes_max = 40;

// MTH of RFC 6962 section 2.1, word for word.
Hash reference_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  const Bytes one{1};
  return sha256({one, reference_root(leaves.first(k)), reference_root(leaves.subspan(k))});
}

std::vector<Hash> some_leaves(std::uint64_t count) {
  std::vector<Hash> leaves;
  for (std::uint64_t i = 0; i < count; ++i) {
    Bytes entry;
    put_u64(entry, i * 0x9E3779B97F4A7C15u);
    leaves.push_back(leaf_hash(entry));
  }
  return leaves;
}

struct StoredTree {
  std::vector<Hash> nodes;
  Frontier frontier;
  void append(const Hash& leaf) { frontier.append(leaf, &nodes); }
  NodeReader reader() const {
    return [this](std::uint64_t index) -> Result<Hash> {
      if (index >= nodes.size()) return fail(Errc::not_found, std::to_string(index));
      return nodes[index];
    };
  }
};

StoredTree stored_tree(std::span<const Hash> leaves) {
  StoredTree tree;
  for (const Hash& leaf : leaves) tree.append(leaf);
  return tree;
}

void flip(Hash& hash, std::size_t bit) { hash[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8)); }

TEST(Tree, PublishedRootsOfTheEightLeaves) {
  std::ifstream file(std::string(LIAISON_VECTORS_DIR) + "/rfc6962_eight_leaves.txt");
  ASSERT_TRUE(file.is_open());
  std::map<std::size_t, std::string> roots;
  std::vector<Hash> leaves;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, value;
    std::size_t number = 0;
    words >> kind >> number >> value;
    if (kind == "leaf") leaves.push_back(leaf_hash(value == "-" ? Bytes() : from_hex(value).value()));
    if (kind == "root") roots[number] = value;
  }
  ASSERT_EQ(leaves.size(), 8u);
  ASSERT_EQ(roots.size(), 9u);
  Frontier frontier;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    EXPECT_EQ(to_base64(root(std::span(leaves).first(size))), roots[size]) << size;
    EXPECT_EQ(to_base64(frontier.root()), roots[size]) << size;
    if (size < leaves.size()) frontier.append(leaves[size]);
  }
}

TEST(Tree, RootEqualsTheRecursiveDefinition) {
  const auto leaves = some_leaves(200);
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    const auto first = std::span(leaves).first(size);
    EXPECT_EQ(root(first), reference_root(first)) << size;
  }
}

TEST(Tree, LeafAndNodeHashesAreSeparated) {
  const Hash left = sha256("l"), right = sha256("r");
  Bytes joined = to_bytes(left);
  put(joined, right);
  EXPECT_NE(node_hash(left, right), leaf_hash(joined));
  EXPECT_NE(node_hash(left, right), node_hash(right, left));
  EXPECT_NE(leaf_hash({}), empty_root());
}

TEST(Tree, StoredNodesLieWhereStoredIndexSays) {
  const auto leaves = some_leaves(sizes_max);
  StoredTree tree;
  for (std::uint64_t size = 0; size < leaves.size(); ++size) {
    EXPECT_EQ(tree.nodes.size(), stored_count(size));
    tree.append(leaves[size]);
  }
  std::vector<bool> seen(tree.nodes.size());
  for (unsigned level = 0; (std::uint64_t{1} << level) <= leaves.size(); ++level) {
    for (std::uint64_t n = 0; ((n + 1) << level) <= leaves.size(); ++n) {
      const auto index = stored_index(level, n);
      ASSERT_LT(index, tree.nodes.size());
      EXPECT_FALSE(seen[index]);
      seen[index] = true;
      EXPECT_EQ(tree.nodes[index], reference_root(std::span(leaves).subspan(n << level, std::size_t{1} << level)));
    }
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), static_cast<std::ptrdiff_t>(seen.size()));
}

TEST(Tree, RootAndFrontierOfEveryEarlierSize) {
  const auto leaves = some_leaves(sizes_max);
  const auto tree = stored_tree(leaves);
  Frontier grown;
  for (std::uint64_t size = 0; size <= leaves.size(); ++size) {
    EXPECT_EQ(root_at(size, tree.reader()).value(), grown.root());
    const auto read = frontier_at(size, tree.reader());
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, grown) << size;
    if (size < leaves.size()) grown.append(leaves[size]);
  }
}

TEST(Tree, ReaderErrorsPassThrough) {
  const NodeReader broken = [](std::uint64_t) -> Result<Hash> { return fail(Errc::store_corrupt); };
  EXPECT_EQ(root_at(5, broken).error().code, Errc::store_corrupt);
  EXPECT_EQ(frontier_at(5, broken).error().code, Errc::store_corrupt);
  EXPECT_EQ(inclusion_proof(2, 5, broken).error().code, Errc::store_corrupt);
  EXPECT_EQ(consistency_proof(3, 5, broken).error().code, Errc::store_corrupt);
}

TEST(Tree, SizesThatNoLogReachesAreRefused) {
  const NodeReader any = [](std::uint64_t) -> Result<Hash> { return Hash{}; };
  const std::uint64_t huge = std::uint64_t{1} << 62;
  EXPECT_EQ(root_at(huge, any).error().code, Errc::invalid_argument);
  EXPECT_EQ(frontier_at(huge, any).error().code, Errc::invalid_argument);
  EXPECT_EQ(inclusion_proof(0, huge, any).error().code, Errc::invalid_argument);
  EXPECT_EQ(consistency_proof(1, huge, any).error().code, Errc::invalid_argument);
}

TEST(Inclusion, EveryLeafOfEverySizeVerifies) {
  const auto leaves = some_leaves(sizes_max);
  const auto tree = stored_tree(leaves);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const auto first = std::span(leaves).first(size);
    const Hash top = reference_root(first);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto path = inclusion_proof(index, size, tree.reader());
      ASSERT_TRUE(path);
      EXPECT_EQ(*path, inclusion_path(index, first));
      EXPECT_TRUE(verify_inclusion(leaves[index], {index, size}, *path, top)) << index << " of " << size;
    }
  }
}

TEST(Inclusion, AnyChangeIsRefused) {
  const auto leaves = some_leaves(23);
  for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
    const auto first = std::span(leaves).first(size);
    const Hash top = root(first);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto path = inclusion_path(index, first);
      const auto refused = [&](LeafPosition position, std::span<const Hash> changed, const Hash& leaf, const Hash& expected) {
        const auto verified = verify_inclusion(leaf, position, changed, expected);
        return !verified && verified.error().code == Errc::wrong_root;
      };
      for (std::size_t i = 0; i < path.size(); ++i) {
        auto changed = path;
        flip(changed[i], (index * 31 + i) % 256);
        EXPECT_TRUE(refused({index, size}, changed, leaves[index], top));
        EXPECT_TRUE(refused({index, size}, std::span(path).first(i), leaves[index], top)) << "truncated to " << i;
      }
      auto longer = path;
      longer.push_back(sha256("more"));
      EXPECT_TRUE(refused({index, size}, longer, leaves[index], top));
      EXPECT_TRUE(refused({size, size}, path, leaves[index], top));
      EXPECT_TRUE(refused({index, 0}, path, leaves[index], top));
      EXPECT_TRUE(refused({index, size}, path, leaves[(index + 1) % leaves.size()], top));
      for (std::uint64_t other = 0; other < size; ++other) {
        if (other != index) { EXPECT_TRUE(refused({other, size}, path, leaves[index], top)) << index << " as " << other; }
      }
      Hash wrong_top = top;
      flip(wrong_top, index % 256);
      EXPECT_TRUE(refused({index, size}, path, leaves[index], wrong_top));
    }
  }
}

TEST(Inclusion, ProofOfALeafThatIsNotThereIsNotMade) {
  const auto tree = stored_tree(some_leaves(5));
  EXPECT_EQ(inclusion_proof(5, 5, tree.reader()).error().code, Errc::invalid_argument);
  EXPECT_EQ(inclusion_proof(0, 0, tree.reader()).error().code, Errc::invalid_argument);
  EXPECT_EQ(inclusion_proof(0, 6, tree.reader()).error().code, Errc::not_found);
}

TEST(Consistency, EveryPairOfSizesVerifies) {
  const auto leaves = some_leaves(sizes_max);
  const auto tree = stored_tree(leaves);
  for (std::uint64_t newer = 0; newer <= leaves.size(); ++newer) {
    for (std::uint64_t older = 0; older <= newer; ++older) {
      const auto path = consistency_proof(older, newer, tree.reader());
      ASSERT_TRUE(path);
      const TreeHead old_head{older, reference_root(std::span(leaves).first(older))};
      const TreeHead new_head{newer, reference_root(std::span(leaves).first(newer))};
      EXPECT_TRUE(verify_consistency(old_head, new_head, *path)) << older << " to " << newer;
    }
  }
}

TEST(Consistency, AnyChangeIsRefused) {
  const auto leaves = some_leaves(20);
  const auto tree = stored_tree(leaves);
  const auto refused = [](const TreeHead& older, const TreeHead& newer, std::span<const Hash> path) {
    const auto verified = verify_consistency(older, newer, path);
    return !verified && verified.error().code == Errc::wrong_root;
  };
  for (std::uint64_t newer = 0; newer <= leaves.size(); ++newer) {
    for (std::uint64_t older = 0; older <= newer; ++older) {
      const auto path = consistency_proof(older, newer, tree.reader()).value();
      const TreeHead old_head{older, root(std::span(leaves).first(older))};
      const TreeHead new_head{newer, root(std::span(leaves).first(newer))};
      for (std::size_t i = 0; i < path.size(); ++i) {
        auto changed = path;
        flip(changed[i], (newer * 37 + i) % 256);
        EXPECT_TRUE(refused(old_head, new_head, changed));
        EXPECT_TRUE(refused(old_head, new_head, std::span(path).first(i)));
      }
      auto longer = path;
      longer.push_back(sha256("more"));
      EXPECT_TRUE(refused(old_head, new_head, longer));
      TreeHead wrong_old = old_head, wrong_new = new_head;
      flip(wrong_old.root, older % 256);
      EXPECT_TRUE(refused(wrong_old, new_head, path));
      if (older > 0) {  // nothing can be inconsistent with the empty tree
        flip(wrong_new.root, newer % 256);
        EXPECT_TRUE(refused(old_head, wrong_new, path));
      }
      if (older < newer) { EXPECT_TRUE(refused(new_head, old_head, path)); }
    }
  }
}

TEST(Consistency, ForkedHistoryHasNoProof) {
  auto leaves = some_leaves(12);
  const Hash old_root = root(std::span(leaves).first(7));
  leaves[3] = sha256("another entry");
  const auto forked = stored_tree(leaves);
  const auto path = consistency_proof(7, 12, forked.reader()).value();
  EXPECT_FALSE(verify_consistency({7, old_root}, {12, root(leaves)}, path));
}

TEST(Frontier, EncodesAndDecodes) {
  const auto leaves = some_leaves(sizes_max);
  Frontier frontier;
  for (const Hash& leaf : leaves) {
    const Bytes encoded = frontier.encode();
    EXPECT_EQ(encoded.size(), 8 + 32 * static_cast<std::size_t>(std::popcount(frontier.size())));
    const auto decoded = Frontier::decode(encoded);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, frontier);
    auto resumed = *decoded;
    frontier.append(leaf);
    resumed.append(leaf);
    EXPECT_EQ(resumed.root(), frontier.root());
  }
}

TEST(Frontier, EveryTruncationAndExtensionIsRefused) {
  Frontier frontier;
  for (const Hash& leaf : some_leaves(23)) frontier.append(leaf);
  Bytes encoded = frontier.encode();
  for (std::size_t length = 0; length < encoded.size(); ++length) {
    const auto decoded = Frontier::decode(ByteView(encoded).first(length));
    ASSERT_FALSE(decoded) << length;
    EXPECT_EQ(decoded.error().code, Errc::bad_format);
  }
  encoded.push_back(0);
  EXPECT_FALSE(Frontier::decode(encoded));
}

TEST(Frontier, AFlippedBitGivesAnErrorOrAnotherRoot) {
  Frontier frontier;
  for (const Hash& leaf : some_leaves(23)) frontier.append(leaf);
  const Bytes encoded = frontier.encode();
  for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
    Bytes changed = encoded;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const auto decoded = Frontier::decode(changed);
    if (decoded) { EXPECT_NE(*decoded, frontier) << bit; }
  }
}

TEST(Frontier, SizesBeyondAnyLogAreRefused) {
  Bytes encoded;
  put_u64(encoded, std::uint64_t{1} << 62);
  put(encoded, sha256("subtree"));
  EXPECT_EQ(Frontier::decode(encoded).error().code, Errc::bad_format);
}

}  // namespace
}  // namespace liaison::merkle
