// The node (node.h) and requests of people, one input at a time: answers when durable, the same answer to the same submission, clear refusals otherwise.
#include <gtest/gtest.h>

#include "schemas/api_generated.h"
#include "tests/unit/exchange/party.h"

namespace liaison::exchange::test {
namespace {
using support::Fault;

struct NodeRequests : testing::Test {
  Party party{"int.gs"};
  std::map<RequestToken, Bytes> answers;
  NodeRequests() {
    EXPECT_TRUE(party.site.start());
    drain();
  }
  Node& node() { return *party.site.machine->node; }
  void act(Action& action) {
    if (auto* job = std::get_if<CommitSet>(&action)) {
      node().on_committed(job->job, party.site.disk.commit(std::span(&job->set, 1)).front());
    } else if (auto* task = std::get_if<RunTask>(&action)) {
      task->work()();
    } else if (auto* reply = std::get_if<SendReply>(&action)) {
      EXPECT_TRUE(answers.emplace(reply->token, std::move(reply->answer)).second) << "answered twice";
    }
  }
  void drain() {
    for (auto actions = node().take_actions(); !actions.empty(); actions = node().take_actions())
      for (auto& action : actions) act(action);
  }
  const api::Answer& ask(RequestToken token, const std::string& person, Bytes call) {
    node().on_request(token, person, std::move(call));
    drain();
    return *flatbuffers::GetRoot<api::Answer>(answers.at(token).data());
  }
  static Bytes submit(std::uint8_t number, bool urgent = false, Time expires = {}) {
    return sim::submit_call({make_uuid(start, std::array<std::uint8_t, 10>{number}), {"ke.customs"}, urgent, expires});
  }
  std::size_t outbox() const { return party.site.disk.memory.scan(Table::outbox, {}, 100)->size(); }
  static std::string refusal(const api::Answer& answer) { return answer.reply_as_Refusal() == nullptr ? "none" : answer.reply_as_Refusal()->code()->str(); }
};
}  // namespace

TEST_F(NodeRequests, same_submission_same_answer) {
  const auto* accepted = ask(1, "officer", submit(1)).reply_as_Accepted();
  ASSERT_NE(accepted, nullptr);
  const std::vector<std::uint8_t> record(accepted->record()->begin(), accepted->record()->end());
  const auto* again = ask(2, "officer", submit(1)).reply_as_Accepted();
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(again->repeated());
  EXPECT_EQ(std::vector<std::uint8_t>(again->record()->begin(), again->record()->end()), record);
  EXPECT_EQ(outbox(), 1U);
  EXPECT_EQ(refusal(ask(3, "officer", submit(1, true))), "already_exists");
}

TEST_F(NodeRequests, accepted_stays_accepted_after_its_expiry) {
  ASSERT_NE(ask(1, "officer", submit(1, false, start + Seconds{5})).reply_as_Accepted(), nullptr);
  party.now += Seconds{60};
  EXPECT_NE(ask(2, "officer", submit(1, false, start + Seconds{5})).reply_as_Accepted(), nullptr);
  EXPECT_EQ(refusal(ask(3, "officer", submit(2, false, start + Seconds{5}))), "invalid_argument");
}

TEST_F(NodeRequests, full_disk_accepts_nothing_and_says_so) {
  party.site.disk.memory.script({Fault::refuse});
  const auto* refused = ask(1, "officer", submit(1)).reply_as_Refusal();
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->code()->str(), "disk_full");
  EXPECT_TRUE(refused->retry());
  EXPECT_EQ(outbox(), 0U);
}

TEST_F(NodeRequests, unknown_outcome_is_answered_by_what_the_store_holds) {
  party.site.disk.memory.script({Fault::lose});
  EXPECT_EQ(refusal(ask(1, "officer", submit(1))), "outcome_unknown");
  party.site.disk.memory.script({Fault::apply_and_unknown});
  EXPECT_NE(ask(2, "officer", submit(1)).reply_as_Accepted(), nullptr);
  EXPECT_EQ(outbox(), 1U);
}

TEST_F(NodeRequests, unreadable_store_refuses_nothing_for_good) {
  ASSERT_NE(ask(1, "officer", submit(1, false, start + Seconds{5})).reply_as_Accepted(), nullptr);
  party.now += Seconds{60};
  party.site.disk.away = true;
  EXPECT_EQ(refusal(ask(2, "officer", submit(1, false, start + Seconds{5}))), "store_failed");
}

TEST_F(NodeRequests, who_may_not_is_refused_and_audited) {
  EXPECT_EQ(refusal(ask(1, "stranger", submit(1))), "not_permitted");
  const auto before = party.site.guard.frontier().size();
  EXPECT_EQ(refusal(ask(2, "desk-1", submit(1))), "not_permitted");
  EXPECT_EQ(party.site.guard.frontier().size(), before + 1);
  EXPECT_EQ(refusal(ask(3, "officer", Bytes(20, 1))), "bad_format");
}

TEST_F(NodeRequests, restart_over_the_same_store_knows_what_was_accepted) {
  ASSERT_NE(ask(1, "officer", submit(1)).reply_as_Accepted(), nullptr);
  party.site.machine.reset();
  party.site.disk.memory.reopen();
  ASSERT_TRUE(party.site.start());
  drain();
  const auto* again = ask(2, "officer", submit(1)).reply_as_Accepted();
  ASSERT_NE(again, nullptr);
  EXPECT_TRUE(again->repeated());
  EXPECT_TRUE(node().idle());
}

}  // namespace liaison::exchange::test
