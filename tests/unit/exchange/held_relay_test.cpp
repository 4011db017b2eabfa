// What waits at a relay: referred or repeated on its way, decided by people there, and what the agency it came from hears of it.
#include "core/exchange/held.h"
#include "core/exchange/ledger_rows.h"
#include "tests/unit/exchange/chain.h"
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
struct HeldRelay : testing::Test {
  Chain chain;
  RecordKey key;

  void use(const std::string& agency, std::shared_ptr<const policy::Policy> policy) {
    auto changed = std::make_shared<Context>(*chain.at(agency).context);
    changed->policy = std::move(policy);
    chain.at(agency).context = std::move(changed);
  }
  Submission sent(const std::string& words) {
    Submission made = over_bureaus({"int.gs"});
    made.message = message_with(words);
    return made;
  }
  HeldRow row(const std::string& agency, std::uint64_t seq) {
    return decode_held_row(*chain.at(agency).site.disk.memory.get(Table::held, key_of(seq)).value()).value();
  }
  std::size_t held_rows(const std::string& agency) { return chain.at(agency).site.disk.memory.scan(Table::held, {}, 100)->size(); }
  Result<HeldStep> decide(const std::string& agency, std::uint64_t seq, HeldAction action, const std::string& code = "") {
    Party& party = chain.at(agency);
    const PersonRow officer{"releasing-officer", Bytes(32, 50), false, start};
    const Approvers approvers{{party.context->commit_to_person("release-1"), Approver{"release-1", officer, true}}};
    const HeldRow before = row(agency, seq);
    HeldDecision decision{seq, action, {}, std::nullopt, "release-1", "seen", code, false};
    if (action == HeldAction::release || action == HeldAction::withhold) {
      LIAISON_TRY(const auto stored, load_record(*party.context, before.record));
      LIAISON_TRY(const auto proposal, make_proposal(*party.context, before, stored, action, {}));
      decision.digest = proposal.digest;
    }
    return take_held_step(*party.context, before, decision, approvers);
  }
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
  step.set.preconditions.clear();  // the chain's parties have no table of persons
  step.set.ops.push_back({OpKind::insert, Table::outbox, key_of_outbox("int.gs", Lane::routine, 900), encode(*step.outbox)});
  chain.commit(chain.at("ke.ncb"), step.set);
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
