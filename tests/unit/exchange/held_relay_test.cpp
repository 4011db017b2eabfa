// What waits at a relay: referred or repeated on its way, decided by people there, and what the agency it came from hears of it.
#include "core/exchange/held.h"
#include "core/exchange/ledger_rows.h"
#include "tests/unit/exchange/chain_people.h"

namespace liaison::exchange::test {
namespace {
struct HeldRelay : ChainPeople {
  RecordKey key;
};
}  // namespace

TEST_F(HeldRelay, referred_at_the_bureau_waits_there_and_its_agency_hears_of_it) {
  use("ke.ncb", make_policy(item_rule("R100", "refer", "5.b")));
  key = chain.accept("ke.customs", sent("nothing"));
  chain.carry("ke.customs", "ke.ncb");
  EXPECT_TRUE(chain.outbox("ke.ncb", "int.gs").empty());
  ASSERT_EQ(held_rows("ke.ncb"), 1U);
  EXPECT_EQ(row("ke.ncb", 1).what, HeldWhat::relay);
  EXPECT_EQ(row("ke.ncb", 1).source, "ke.customs");
  chain.carry("ke.ncb", "ke.customs");
  EXPECT_EQ(chain.evidence("ke.customs", key), std::vector<std::string>{"held person:int.gs ke.ncb"});
}

TEST_F(HeldRelay, returned_is_said_with_a_code_and_without_the_rule) {
  use("ke.ncb", make_policy(item_rule("R100", "refer", "5.b")));
  key = chain.accept("ke.customs", sent("nothing"));
  chain.carry("ke.customs", "ke.ncb");
  const auto step = decide("ke.ncb", 1, HeldAction::give_back, "legal-basis").value();
  EXPECT_EQ(step.row.state, HeldState::returned);
  ASSERT_TRUE(step.evidence);
  EXPECT_EQ(step.evidence->event, "returned");
  EXPECT_EQ(step.evidence->reason, "legal-basis:int.gs");
  const auto reports = report_step(*chain.at("ke.ncb").context, step).value();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports.front().to, "ke.customs");
}

TEST_F(HeldRelay, released_goes_on_under_the_approved_decision) {
  use("ke.ncb", make_policy(item_rule("R100", "refer", "5.b")));
  key = chain.accept("ke.customs", sent("nothing"));
  chain.carry("ke.customs", "ke.ncb");
  auto step = decide("ke.ncb", 1, HeldAction::withhold).value();
  ASSERT_TRUE(step.outbox);
  EXPECT_TRUE(step.outbox->approved);
  commit("ke.ncb", std::move(step));
  chain.carry("ke.ncb", "int.gs");
  EXPECT_EQ(chain.inbox("int.gs"), 1U);
  const auto arrived = chain.held("int.gs", key);
  EXPECT_EQ(arrived.withheld.size(), 2U);  // the name and its initials
}

TEST_F(HeldRelay, a_name_the_bureau_holds_back_is_looked_for_in_the_rest) {
  use("ke.ncb", make_policy(item_rule("R100", "withhold", "5.b")));
  key = chain.accept("ke.customs", sent("Wanyonyi was seen before"));
  chain.carry("ke.customs", "ke.ncb");
  ASSERT_EQ(held_rows("ke.ncb"), 1U);
  EXPECT_EQ(row("ke.ncb", 1).what, HeldWhat::repeats);
  EXPECT_TRUE(decide("ke.ncb", 1, HeldAction::withhold).value().outbox);
}

TEST_F(HeldRelay, its_end_is_told_to_the_agency_it_came_from) {
  use("ke.ncb", make_policy(item_rule("R100", "refer", "5.b")));
  key = chain.accept("ke.customs", sent("nothing"));
  chain.carry("ke.customs", "ke.ncb");
  const auto step = expire_held(*chain.at("ke.ncb").context, 1, row("ke.ncb", 1));
  ASSERT_TRUE(step.evidence);
  EXPECT_EQ(step.evidence->event, "not_relayed");
  EXPECT_EQ(step.evidence->reason, "expired:int.gs");
}

}  // namespace liaison::exchange::test
