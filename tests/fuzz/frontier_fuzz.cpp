// Any bytes as a stored frontier: refused, or encoded again as they were and able to grow. The rest of a long input is tried as proofs.
#include "core/merkle/tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const ByteView bytes{data, size};
  if (auto frontier = merkle::Frontier::decode(bytes)) {
    liaison_assert(equal(frontier->encode(), bytes));
    const Hash before = frontier->root();
    std::vector<Hash> completed;
    frontier->append(merkle::leaf_hash(view("leaf")), &completed);
    liaison_assert(frontier->root() != before && !completed.empty());
  }
  ByteReader reader(bytes);
  const std::uint64_t first = reader.u64(), second = reader.u64();
  const Hash leaf = reader.hash(), root = reader.hash();
  std::vector<Hash> path;
  while (reader.left() >= sizeof(Hash)) path.push_back(reader.hash());
  static_cast<void>(merkle::verify_inclusion(leaf, {first, second}, path, root));
  static_cast<void>(merkle::verify_consistency({first, leaf}, {second, root}, path));
  return 0;
}
