// The node (node.h) and requests of people, one input at a time: answers when durable, the same answer to the same submission, clear refusals otherwise.
#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
using support::Fault;

struct NodeRequests : testing::Test {
  Desk desk{"int.gs"};
  Party& party = desk.party;
  Node& node() { return desk.node(); }
  const api::Answer& ask(const std::string& person, Bytes call) { return desk.ask(person, std::move(call)); }
  static Bytes submit(std::uint8_t number, bool urgent = false, Time expires = {}) {
    return sim::submit_call({make_uuid(start, std::array<std::uint8_t, 10>{number}), {"ke.customs"}, urgent, expires});
  }
  std::size_t outbox() { return desk.rows(Table::outbox); }
  static std::string refusal(const api::Answer& answer) { return Desk::refusal(answer); }
};
}  // namespace

TEST_F(NodeRequests, same_submission_same_answer) {
  const auto* accepted = ask("officer", submit(1)).reply_as_Accepted();
  ASSERT_NE(accepted, nullptr);
  const std::vector<std::uint8_t> record(accepted->record()->begin(), accepted->record()->end());
  const auto* again = ask("officer", submit(1)).reply_as_Accepted();
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(again->repeated());
  EXPECT_EQ(std::vector<std::uint8_t>(again->record()->begin(), again->record()->end()), record);
  EXPECT_EQ(outbox(), 1U);
  EXPECT_EQ(refusal(ask("officer", submit(1, true))), "already_exists");
}

TEST_F(NodeRequests, accepted_stays_accepted_after_its_expiry) {
  ASSERT_NE(ask("officer", submit(1, false, start + Seconds{5})).reply_as_Accepted(), nullptr);
  party.now += Seconds{60};
  EXPECT_NE(ask("officer", submit(1, false, start + Seconds{5})).reply_as_Accepted(), nullptr);
  EXPECT_EQ(refusal(ask("officer", submit(2, false, start + Seconds{5}))), "invalid_argument");
}

TEST_F(NodeRequests, full_disk_accepts_nothing_and_says_so) {
  party.site.disk.memory.script({Fault::refuse});
  const auto* refused = ask("officer", submit(1)).reply_as_Refusal();
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->code()->str(), "disk_full");
  EXPECT_TRUE(refused->retry());
  EXPECT_EQ(outbox(), 0U);
}

TEST_F(NodeRequests, unknown_outcome_is_answered_by_what_the_store_holds) {
  party.site.disk.memory.script({Fault::lose});
  EXPECT_EQ(refusal(ask("officer", submit(1))), "outcome_unknown");
  party.site.disk.memory.script({Fault::apply_and_unknown});
  EXPECT_NE(ask("officer", submit(1)).reply_as_Accepted(), nullptr);
  EXPECT_EQ(outbox(), 1U);
}

TEST_F(NodeRequests, unreadable_store_refuses_nothing_for_good) {
  ASSERT_NE(ask("officer", submit(1, false, start + Seconds{5})).reply_as_Accepted(), nullptr);
  party.now += Seconds{60};
  party.site.disk.away = true;
  EXPECT_EQ(refusal(ask("officer", submit(1, false, start + Seconds{5}))), "store_failed");
}

TEST_F(NodeRequests, who_may_not_is_refused_and_audited) {
  EXPECT_EQ(refusal(ask("stranger", submit(1))), "not_permitted");
  const auto before = party.site.guard.frontier().size();
  EXPECT_EQ(refusal(ask("desk-1", submit(1))), "not_permitted");
  EXPECT_EQ(party.site.guard.frontier().size(), before + 1);
  EXPECT_EQ(refusal(ask("officer", Bytes(20, 1))), "bad_format");
}

TEST_F(NodeRequests, restart_over_the_same_store_knows_what_was_accepted) {
  ASSERT_NE(ask("officer", submit(1)).reply_as_Accepted(), nullptr);
  desk.restart();
  const auto* again = ask("officer", submit(1)).reply_as_Accepted();
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(again->repeated());
  EXPECT_TRUE(node().idle());
}

}  // namespace liaison::exchange::test
