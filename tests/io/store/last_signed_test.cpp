// The memory of what was signed: never backwards, durable, damaged files are named, rolled-back stores are found.
#include "io/store/last_signed.h"

#include <gtest/gtest.h>

#include "core/merkle/tree.h"
#include "tests/support/temporary_directory.h"

namespace liaison::store::test {
namespace {

Hash root_of(std::uint64_t size) { return merkle::sha256(std::to_string(size)); }

class LastSignedTest : public testing::Test {
 protected:
  std::filesystem::path file() { return directory / "last_signed"; }
  std::unique_ptr<LastSigned> open() { return *LastSigned::open(file()); }
  Result<void> advance(LastSigned& marks, std::string name, Mark mark) {
    const NamedMark named{std::move(name), mark};
    return marks.advance(std::span(&named, 1));
  }
  support::TemporaryDirectory directory;
};

TEST_F(LastSignedTest, remembers_over_restarts) {
  auto marks = open();
  EXPECT_FALSE(marks->find("audit/ke.customs/2026"));
  ASSERT_TRUE(advance(*marks, "audit/ke.customs/2026", {7, root_of(7)}));
  const NamedMark both[] = {{"audit/ke.customs/2026", {8, root_of(8)}}, {"ke.ncb/out/1/1/0", {3, root_of(3)}}};
  ASSERT_TRUE(marks->advance(both));
  marks = open();
  EXPECT_EQ(marks->find("audit/ke.customs/2026"), (Mark{8, root_of(8)}));
  EXPECT_EQ(marks->find("ke.ncb/out/1/1/0"), (Mark{3, root_of(3)}));
  EXPECT_EQ(std::filesystem::status(file()).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(LastSignedTest, never_signs_backwards_or_twice_differently) {
  auto marks = open();
  ASSERT_TRUE(advance(*marks, "a", {7, root_of(7)}));
  EXPECT_EQ(advance(*marks, "a", {6, root_of(6)}).error().code, Errc::rolled_back);
  EXPECT_EQ(advance(*marks, "a", {7, root_of(8)}).error().code, Errc::rolled_back);
  EXPECT_TRUE(advance(*marks, "a", {7, root_of(7)}));
  const NamedMark mixed[] = {{"b", {1, root_of(1)}}, {"a", {1, root_of(1)}}};
  EXPECT_FALSE(marks->advance(mixed));
  EXPECT_FALSE(marks->find("b"));
  EXPECT_EQ(open()->find("a"), (Mark{7, root_of(7)}));
}

TEST_F(LastSignedTest, finds_a_store_that_was_rolled_back_or_is_another) {
  auto marks = open();
  ASSERT_TRUE(advance(*marks, "a", {7, root_of(7)}));
  const auto same = [](std::uint64_t size) -> Result<Hash> { return root_of(size); };
  const auto other = [](std::uint64_t) -> Result<Hash> { return root_of(99); };
  EXPECT_TRUE(marks->check_not_rolled_back("a", 7, same));
  EXPECT_TRUE(marks->check_not_rolled_back("a", 9, same));
  EXPECT_TRUE(marks->check_not_rolled_back("unknown", 0, other));
  EXPECT_EQ(marks->check_not_rolled_back("a", 6, same).error().code, Errc::rolled_back);
  EXPECT_EQ(marks->check_not_rolled_back("a", 9, other).error().code, Errc::rolled_back);
}

TEST_F(LastSignedTest, every_cut_and_every_flipped_bit_is_damage) {
  auto marks = open();
  ASSERT_TRUE(advance(*marks, "a", {7, root_of(7)}));
  ASSERT_TRUE(advance(*marks, "b", {12, root_of(12)}));
  const Bytes good = *read_file(file(), 4096);
  const auto opens = [&](ByteView bytes) {
    EXPECT_TRUE(write_durably(file(), bytes));
    const auto opened = LastSigned::open(file());
    if (!opened) {
      EXPECT_EQ(opened.error().code, Errc::store_corrupt);
    }
    return opened.has_value();
  };
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(opens(ByteView(good).first(size))) << size;
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
    EXPECT_FALSE(opens(bad)) << i;
  }
  EXPECT_TRUE(opens(good));
}

}  // namespace
}  // namespace liaison::store::test
