// result.h: every code has a stable name and a disposition; a broken rule of our own stops the process and names itself.
#include "core/base/result.h"

#include <gtest/gtest.h>

#include <set>

using namespace liaison;

namespace {
Result<int> half(int value) {
  if (value % 2 != 0) return fail(Errc::invalid_argument, "odd");
  return value / 2;
}
Result<int> quarter(int value) {
  LIAISON_TRY(const int first, half(value));
  LIAISON_TRY(const int second, half(first));
  return second;
}
Result<void> check(int value) {
  LIAISON_CHECK(half(value));
  return {};
}
}  // namespace

TEST(Errc, every_code_has_a_name_of_its_own_and_groups_do_not_overlap) {
  std::set<std::string_view> names;
  std::size_t codes = 0;
  for (unsigned number = 0; number < 400; ++number) {
    const auto code = static_cast<Errc>(number);
    if (name(code) == "unnamed_error") continue;
    ++codes;
    names.insert(name(code));
    const auto expected = number >= 300 ? Disposition::stop_node : number >= 200 ? Disposition::close_link : number >= 100 ? Disposition::refuse_message : Disposition::retry_later;
    EXPECT_EQ(disposition(code), expected) << name(code);
  }
  EXPECT_EQ(names.size(), codes);
  EXPECT_GT(codes, 50U);
}

TEST(Errc, what_could_falsify_something_stops_the_node) {
  for (const auto code : {Errc::store_corrupt, Errc::rolled_back, Errc::key_unprotected, Errc::clock_wrong}) EXPECT_EQ(disposition(code), Disposition::stop_node) << name(code);
  for (const auto code : {Errc::ledger_fork, Errc::wrong_root, Errc::not_admitted}) EXPECT_EQ(disposition(code), Disposition::close_link) << name(code);
}

TEST(Result, try_hands_the_first_error_up) {
  EXPECT_EQ(*quarter(8), 2);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error().code, Errc::invalid_argument);
  EXPECT_EQ(quarter(6).error().message(), "invalid_argument: odd");
  EXPECT_TRUE(check(2));
  EXPECT_FALSE(check(1));
}

TEST(Result, the_value_of_an_error_throws_with_its_message) {
  EXPECT_THROW(static_cast<void>(half(1).value()), std::runtime_error);
}

TEST(AssertDeathTest, a_broken_rule_of_our_own_stops_the_process_and_names_it) {
  EXPECT_DEATH(liaison_assert(1 + 1 == 3), "broken rule: 1 \\+ 1 == 3");
}
