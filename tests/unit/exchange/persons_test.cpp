// Persons of a node (requests_admin.cpp): who adds and disables whom, the reason that the audit log keeps, and what a disabled person may still do: nothing.
#include <gtest/gtest.h>

#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
struct Persons : testing::Test {
  Desk desk{"ke.ncb"};
  std::string add(const std::string& who, const std::string& name, const std::string& role, const std::string& reason) {
    const auto& answer = desk.ask(who, Desk::call([&](auto& builder) {
      const std::vector<std::uint8_t> key(32, 200);
      return api::CreatePersonAddDirect(builder, name.c_str(), role.c_str(), &key, reason.c_str());
    }));
    return Desk::refusal(answer);
  }
  std::string disable(const std::string& who, const std::string& name, const std::string& reason) {
    return Desk::refusal(desk.ask(who, Desk::call([&](auto& builder) { return api::CreatePersonDisableDirect(builder, name.c_str(), reason.c_str()); })));
  }
  std::string status(const std::string& who) { return Desk::refusal(desk.ask(who, Desk::call([](auto& builder) { return api::CreateAskStatus(builder); }))); }
  audit::Entry newest() { return audit::decode(desk.store().last(Table::audit_entry, {}).value()->second).value(); }
};
}  // namespace

TEST_F(Persons, the_reason_stands_in_the_audit_log_and_no_name_does) {
  ASSERT_EQ(add("admin", "leaver", "officer", "ticket-1234"), "none");
  EXPECT_EQ(newest().reason, "person_added");
  EXPECT_EQ(newest().purpose, "ticket-1234");
  EXPECT_EQ(newest().person, desk.context()->commit_to_person("admin"));
  ASSERT_EQ(disable("admin", "leaver", "left-service"), "none");
  EXPECT_EQ(newest().reason, "person_disabled");
  EXPECT_EQ(newest().purpose, "left-service");
  const auto all = desk.store().scan(Table::audit_entry, {}, 1000).value();
  for (const auto& row : all) EXPECT_EQ(text(row.second).find("leaver"), std::string_view::npos);
}

TEST_F(Persons, a_reason_is_a_code_and_disabling_needs_one) {
  ASSERT_EQ(add("admin", "leaver", "officer", ""), "none");
  EXPECT_EQ(disable("admin", "leaver", ""), "invalid_argument");
  EXPECT_EQ(disable("admin", "leaver", "he quarrelled with the chief"), "invalid_argument");
  EXPECT_EQ(disable("admin", "leaver", std::string(65, 'a')), "invalid_argument");
  EXPECT_EQ(status("leaver"), "none");
}

TEST_F(Persons, who_left_may_nothing_from_that_moment_on) {
  ASSERT_EQ(add("admin", "leaver", "administrator", ""), "none");
  ASSERT_EQ(disable("admin", "leaver", "left-service"), "none");
  EXPECT_EQ(status("leaver"), "not_permitted");
  EXPECT_EQ(add("admin", "leaver", "officer", ""), "already_exists");
  EXPECT_EQ(disable("admin", "admin", "left-service"), "not_permitted");
  desk.restart();
  EXPECT_EQ(status("leaver"), "not_permitted");
}

TEST_F(Persons, a_refusal_names_what_was_asked) {
  EXPECT_EQ(add("security", "friend", "administrator", "ticket-1"), "not_permitted");
  EXPECT_EQ(newest().event, audit::Event::refused);
  EXPECT_EQ(newest().purpose, "PersonAdd");
  EXPECT_EQ(newest().person, desk.context()->commit_to_person("security"));
}

}  // namespace liaison::exchange::test
