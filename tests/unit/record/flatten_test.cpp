// Flattening (leaf.h; formats 2.1): every leaf type with its exact value, derived leaves, and what the walk must refuse.
#include "tests/unit/record/fixture.h"

namespace liaison::record {
namespace {

TEST(flatten, gives_every_leaf_type_its_coding) {
  const auto leaves = flatten(*every().schema, full_message(), some_time());
  ASSERT_TRUE(leaves) << leaves.error().message();
  auto values = by_name(*every().schema, *leaves);
  EXPECT_EQ(values["flag"], "01:01");
  EXPECT_EQ(values["i8"], "02:fffffffffffffff8");
  EXPECT_EQ(values["i16"], "02:fffffffffffffed4");
  EXPECT_EQ(values["i32"], "02:fffffffffffeee90");
  EXPECT_EQ(values["i64"], "02:fffffffed5fa0e00");
  EXPECT_EQ(values["u8"], "03:00000000000000c8");
  EXPECT_EQ(values["u16"], "03:000000000000ea60");
  EXPECT_EQ(values["u32"], "03:00000000ee6b2800");
  EXPECT_EQ(values["u64"], "03:8ac7230489e80000");
  EXPECT_EQ(values["f32"], "04:3fe0000000000000");
  EXPECT_EQ(values["f64"], "04:4002000000000000");
  EXPECT_EQ(values["colour"], "02:fffffffffffffffd");
  EXPECT_EQ(values["text"], "05:31323334353637383930");
  EXPECT_EQ(values["raw"], "06:0102ff");
  EXPECT_EQ(values["point"], "07:01fffffffffffffffb0000000000000003bff8000000000000");
  EXPECT_EQ(values["table_"], "09:");
  EXPECT_EQ(values["nodes"], "08:00000003");
  EXPECT_EQ(values["nodes[]"], "09:");
  EXPECT_EQ(values["nodes[].children"], "08:00000002");
  EXPECT_EQ(values["animal"], "0b:02");
  EXPECT_EQ(values["animal.Dog.friend.lives"], "03:0000000000000009");
  EXPECT_EQ(values["numbers"], "0c:000000030000000000000001fffffffffffffffe0000000000000003");
  EXPECT_EQ(values["reals"], "0c:000000020000000000000000bff8000000000000");
  EXPECT_EQ(values["flags"], "0c:0000000200000000000000020000000000000000");
  EXPECT_EQ(values["words"], "0c:000000030000000000000006d096d183d0ba0000000ad985d8b1d8add8a8d8a7");
  EXPECT_EQ(values["points"], "0c:00000001000000000000000001ffffffffffffffff3fd0000000000000");
  EXPECT_EQ(values["plain"], "02:0000000000000005");
}

TEST(flatten, adds_derived_leaves) {
  const auto leaves = flatten(*every().schema, full_message(), some_time());
  ASSERT_TRUE(leaves);
  auto values = by_name(*every().schema, *leaves);
  EXPECT_EQ(values["birth#year"], "02:00000000000007d0");
  EXPECT_EQ(values["birth#month"], "05:" + to_hex(view("2000-02")));
  EXPECT_EQ(values["birth#adult"], "05:" + to_hex(view("adult")));
  EXPECT_EQ(values["area#country"], "05:" + to_hex(view("KE")));
  EXPECT_EQ(values["text#last4"], "05:" + to_hex(view("7890")));
  EXPECT_EQ(values["text#presence"], "01:01");
  EXPECT_EQ(values["nodes[].label#initials"], "05:" + to_hex(view("A.M.L.S.")));
  EXPECT_FALSE(values.contains("nodes[].children[].label#initials"));  // one letter would be the whole value
  Bytes coarse;  // -4.043477 is rounded down to -4.1, not to -4.0
  put_u64(coarse, static_cast<std::uint64_t>(std::int64_t{-4'100'000}));
  put_u64(coarse, 39'600'000);
  EXPECT_EQ(values["place#coordinates"], "07:" + to_hex(coarse));
}

TEST(flatten, gives_leaves_in_path_order) {
  const auto leaves = flatten(*every().schema, full_message(), some_time());
  ASSERT_TRUE(leaves);
  for (std::size_t i = 1; i < leaves->size(); ++i) EXPECT_LT(compare((*leaves)[i - 1].path, (*leaves)[i].path), 0);
}

}  // namespace
}  // namespace liaison::record
