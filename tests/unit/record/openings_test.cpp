// Commitments and packed openings (formats 2.2, 2.4): vectors made with Python's hashlib, and a parser that takes nothing else.
#include "core/base/limits.h"
#include "tests/unit/record/fixture.h"

namespace liaison::record {
namespace {

RecordId record_id() {
  RecordId out;
  for (std::size_t i = 0; i < 16; ++i) out.id.bytes[i] = static_cast<std::uint8_t>(0x40 + i);
  out.version = 3;
  return out;
}

Openings sample() {
  std::vector<Leaf> leaves{{*from_hex("010001"), LeafType::boolean, {1}},
                           {*from_hex("010000"), LeafType::string, to_bytes("Zoë")},
                           {audience_path(9), LeafType::string, to_bytes("agency:int.gs")},
                           {decoy_path(0xFFFF), LeafType::decoy, {}}};
  return *Openings::commit(record_id(), leaves, support::seeded_random(4));
}

TEST(openings, commitment_and_leaf_agree_with_other_tools) {
  Bytes salt(16);
  for (std::size_t i = 0; i < 16; ++i) salt[i] = static_cast<std::uint8_t>(i);
  const Hash c = commitment(salt, LeafType::string, view("Жук"));
  EXPECT_EQ(to_hex(c), "eb807a2360784f2fa5dd1213cfa77d5cef75202718c37544e672cd2e52c97a8a");
  EXPECT_EQ(to_hex(leaf_hash(record_id(), *from_hex("0100090200000000010001"), c)), "63311ae0e20f0ee44e15674dd497bc7e6d2165871bc2b168669d5675a8a9efc1");
}

TEST(openings, come_sorted_salted_and_hashed) {
  const Openings openings = sample();
  ASSERT_EQ(openings.size(), 4u);
  for (std::size_t i = 0; i < openings.size(); ++i) {
    const auto item = openings[i];
    EXPECT_EQ(item.leaf, leaf_hash(record_id(), item.path, commitment(item.salt, item.type, item.value)));
    EXPECT_EQ(openings.find(item.path), i);
    if (i > 0) {
      EXPECT_LT(compare(openings[i - 1].path, item.path), 0);
      EXPECT_FALSE(equal(openings[i - 1].salt, item.salt));
    }
  }
  EXPECT_FALSE(openings.find(*from_hex("010002")));
}

TEST(openings, parse_gives_back_what_was_packed) {
  const Openings openings = sample();
  const auto parsed = Openings::parse(record_id(), openings.packed());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, openings);
  RecordId other = record_id();
  other.version = 4;
  EXPECT_NE(Openings::parse(other, openings.packed())->leaf_hashes(), openings.leaf_hashes());
}

TEST(openings, subset_keeps_hashes) {
  const Openings openings = sample();
  const Openings part = openings.subset({true, false, true, false});
  ASSERT_EQ(part.size(), 2u);
  EXPECT_EQ(part[0].leaf, openings[0].leaf);
  EXPECT_EQ(part[1].leaf, openings[2].leaf);
  EXPECT_EQ(*Openings::parse(record_id(), part.packed()), part);
}

TEST(openings, truncation_at_every_length_is_refused_or_a_shorter_list) {
  const Openings openings = sample();
  std::size_t whole = 0;
  for (std::size_t size = 0; size < openings.packed().size(); ++size) {
    const Bytes cut(openings.packed().begin(), openings.packed().begin() + static_cast<std::ptrdiff_t>(size));
    const auto parsed = Openings::parse(record_id(), cut);
    whole += parsed ? 1 : 0;
    if (parsed) {
      EXPECT_LT(parsed->size(), openings.size());
    }
  }
  EXPECT_EQ(whole, 4u);  // nothing, one, two and three whole openings
}

TEST(openings, a_flipped_bit_is_refused_or_changes_a_leaf) {
  const Openings openings = sample();
  for (std::size_t bit = 0; bit < openings.packed().size() * 8; ++bit) {
    Bytes flipped = openings.packed();
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto parsed = Openings::parse(record_id(), flipped);
    if (parsed) {
      EXPECT_NE(parsed->leaf_hashes(), openings.leaf_hashes());
    }
  }
}

TEST(openings, order_repeats_and_wrong_values_are_refused) {
  const auto refused = [](std::vector<Leaf> leaves) {
    PackedLeaves packed;
    for (const Leaf& leaf : leaves) {
      const auto value = packed.add(leaf.path, leaf.type, leaf.value.size());
      std::copy(leaf.value.begin(), leaf.value.end(), value.begin());
    }
    return !Openings::parse(record_id(), packed.packed);
  };
  const Bytes a = *from_hex("010000"), b = *from_hex("010001");
  EXPECT_FALSE(refused({{a, LeafType::boolean, {1}}, {b, LeafType::boolean, {0}}}));
  EXPECT_TRUE(refused({{b, LeafType::boolean, {1}}, {a, LeafType::boolean, {0}}}));
  EXPECT_TRUE(refused({{a, LeafType::boolean, {1}}, {a, LeafType::boolean, {1}}}));
  EXPECT_TRUE(refused({{a, LeafType::boolean, {2}}}));
  EXPECT_TRUE(refused({{a, LeafType::real, *from_hex("7ff8000000000000")}}));
  EXPECT_TRUE(refused({{a, LeafType::real, *from_hex("8000000000000000")}}));
  EXPECT_TRUE(refused({{a, LeafType::string, {0xFF}}}));
  EXPECT_TRUE(refused({{a, LeafType::union_type, {0}}}));
  EXPECT_TRUE(refused({{a, LeafType::decoy, {}}}));
  EXPECT_TRUE(refused({{decoy_path(1), LeafType::string, {}}}));
  EXPECT_TRUE(refused({{a, static_cast<LeafType>(0x0D), {}}}));
  for (const char* path : {"", "0100", "020000000001", "0e000101", "0f00", "01000004", "010000040104", "0100000f0001", "05"}) {
    EXPECT_TRUE(refused({{*from_hex(path), LeafType::boolean, {1}}})) << path;
  }
}

TEST(openings, more_leaves_than_the_limit_are_refused) {
  std::vector<Leaf> leaves(limits::leaves_max + 1);
  for (std::size_t i = 0; i < leaves.size(); ++i) leaves[i] = {decoy_path(static_cast<std::uint16_t>(i)), LeafType::decoy, {}};
  const auto random = support::seeded_random(1);
  EXPECT_EQ(Openings::commit(record_id(), leaves, random).error().code, Errc::limit_exceeded);
  PackedLeaves packed;
  for (const Leaf& leaf : leaves) packed.add(leaf.path, leaf.type, 0);
  EXPECT_EQ(Openings::parse(record_id(), packed.packed).error().code, Errc::limit_exceeded);
}

}  // namespace
}  // namespace liaison::record
