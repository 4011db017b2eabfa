// Ledgers that stopped, between two whole nodes: the stop outlives a restart, two administrators open a new epoch or send again, and everything accepted
// is delivered once (formats 4).
#include <gtest/gtest.h>

#include "tests/unit/exchange/pair.h"

namespace liaison::exchange::test {
namespace {
using support::Fault;

struct Repairs : testing::Test, Pair {
  static Bytes repair(Party& peer, const std::string& what, const Hash& heads) {
    flatbuffers::FlatBufferBuilder builder(256);
    const auto agency = builder.CreateString(peer.site.agency);
    const auto repair_name = builder.CreateString(what);
    const auto digest = builder.CreateVector(heads.data(), heads.size());
    const auto request = api::CreateRepairLedger(builder, agency, static_cast<std::uint8_t>(Lane::routine), repair_name, digest);
    builder.Finish(api::CreateCall(builder, api::Request::RepairLedger, request.Union()));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }
  static std::string said(const api::Answer& answer) {
    if (answer.reply_as_Refusal() != nullptr) return answer.reply_as_Refusal()->code()->str();
    return answer.reply_as_Done() != nullptr ? "done" : "something else";
  }
  std::string status_of(Party& at) {
    flatbuffers::FlatBufferBuilder builder(64);
    builder.Finish(api::CreateCall(builder, api::Request::AskStatus, api::CreateAskStatus(builder).Union()));
    const auto& answer = ask(at, "officer", {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
    for (const auto* peer : *answer.reply_as_Status()->peers())
      if (peer->agency()->str() == other(at).site.agency) return peer->state()->str() + ": " + peer->detail()->str();
    return "none";
  }

  // Both are put back to the same old copy and talk; then the receiver's newer copy comes back: two ledgers of gs, one head each.
  struct Fork { Uuid common, first_life, second_life, not_sent; };
  Fork fork() {
    Fork made;
    made.common = submit(gs, 1);
    settle();
    const auto gs_old = gs.site.disk.memory.snapshot(), ke_old = ke.site.disk.memory.snapshot();
    made.first_life = submit(gs, 2);
    submit(gs, 3);
    settle();
    const auto ke_new = ke.site.disk.memory.snapshot();
    put_back(gs, gs_old);
    put_back(ke, ke_old);
    made.second_life = submit(gs, 4);
    settle();
    EXPECT_EQ(times_in_inbox(ke, made.second_life), 1U);
    put_back(ke, ke_new);
    made.not_sent = submit(gs, 5);
    settle();
    return made;
  }
};
}  // namespace

TEST_F(Repairs, a_fork_stops_the_lane_for_good) {
  fork();
  const HeadRow stopped = head(gs, log(ke, Direction::outbound));
  EXPECT_EQ(stopped.stop, link::StopReason::fork);
  EXPECT_FALSE(stopped.other_head.empty());
  EXPECT_TRUE(has_alarm(gs, "ledger_fork"));
  EXPECT_TRUE(has_alarm(ke, "ledger_fork"));
  restart(gs);
  restart(ke);
  EXPECT_NE(status_of(gs).find("stopped: two ledgers of ours for ke.customs"), std::string::npos) << status_of(gs);
  EXPECT_NE(status_of(gs).find("liaison ledger reopen ke.customs --lane routine"), std::string::npos);
  const Uuid waits = submit(gs, 6);
  settle();
  EXPECT_EQ(times_in_inbox(ke, waits), 0U);
  EXPECT_EQ(head(gs, log(ke, Direction::outbound)).frontier, stopped.frontier);
}

TEST_F(Repairs, a_stop_that_cannot_be_stored_is_stored_later) {
  gs.site.disk.memory.choose_faults([](const WriteSet& set) {
    const bool stop = std::any_of(set.ops.begin(), set.ops.end(), [](const Op& op) { return op.table == Table::alarm; });
    return stop ? Fault::refuse : Fault::none;
  });
  fork();
  EXPECT_FALSE(has_alarm(gs, "ledger_fork"));
  EXPECT_FALSE(head(gs, log(ke, Direction::outbound)).stop.has_value());
  EXPECT_FALSE(node(gs).idle());
  gs.site.disk.memory.choose_faults({});
  node(gs).on_tick();
  drain(gs);
  EXPECT_TRUE(has_alarm(gs, "ledger_fork"));
  EXPECT_EQ(head(gs, log(ke, Direction::outbound)).stop, link::StopReason::fork);
  EXPECT_TRUE(node(gs).idle());
}

TEST_F(Repairs, a_new_epoch_after_a_fork_delivers_everything_once) {
  const Fork made = fork();
  const HeadRow stopped = head(gs, log(ke, Direction::outbound));
  const Hash heads = digest_of_heads(stopped);
  EXPECT_EQ(said(ask(gs, "officer", repair(ke, "reopen", heads))), "not_permitted");
  EXPECT_EQ(said(ask(gs, "admin-1", repair(ke, "resend", heads))), "invalid_argument");
  EXPECT_EQ(said(ask(gs, "admin-1", repair(ke, "reopen", Hash{1}))), "conflict");
  EXPECT_EQ(said(ask(gs, "admin-1", repair(ke, "reopen", heads))), "done");
  EXPECT_EQ(said(ask(gs, "admin-1", repair(ke, "reopen", heads))), "not_permitted") << "four eyes are two persons";
  EXPECT_EQ(said(ask(gs, "admin-2", repair(ke, "reopen", heads))), "peer_away");
  EXPECT_EQ(head(gs, log(ke, Direction::outbound, 1)).head.text, "");
  link();
  settle_hello();
  EXPECT_EQ(said(ask(gs, "admin-2", repair(ke, "reopen", heads), true)), "done");

  EXPECT_EQ(times_in_inbox(ke, made.common), 1U);
  EXPECT_EQ(times_in_inbox(ke, made.first_life), 1U) << "as before";
  EXPECT_EQ(times_in_inbox(ke, made.second_life), 1U) << "what only the lost copy had";
  EXPECT_EQ(times_in_inbox(ke, made.not_sent), 1U) << "what had waited";
  const HeadRow written = head(gs, log(ke, Direction::outbound, 1)), copy = head(ke, log(gs, Direction::inbound, 1));
  EXPECT_EQ(written.frontier, copy.frontier);
  EXPECT_EQ(load_receipted(gs.site.disk.memory, log(ke, Direction::outbound, 1)).value(), written.frontier.size());
  const auto first = link::decode_entry(load_entries(ke.site.disk.memory, log(gs, Direction::inbound, 1), 0, 1).value().front()).value();
  EXPECT_EQ(first.type, link::EntryType::epoch_open);
  EXPECT_EQ(first.core, heads);
  EXPECT_EQ(status_of(gs).find("stopped"), std::string::npos) << status_of(gs);
  EXPECT_EQ(status_of(ke).find("stopped"), std::string::npos) << status_of(ke);
  EXPECT_EQ(head(gs, log(ke, Direction::outbound)).stop, link::StopReason::fork) << "the old ledger stays as it is";

  restart(gs);
  restart(ke);
  const Uuid later = submit(gs, 7);
  settle();
  EXPECT_EQ(times_in_inbox(ke, later), 1U) << "the new epoch outlives a restart";
}

TEST_F(Repairs, an_epoch_over_other_heads_is_not_followed) {
  fork();
  const auto ke_now = ke.site.disk.memory.snapshot();
  const Hash heads = digest_of_heads(head(gs, log(ke, Direction::outbound)));
  ask(gs, "admin-1", repair(ke, "reopen", heads));
  link();
  settle_hello();
  node(gs).on_request(++token, "admin-2", repair(ke, "reopen", heads));
  while (!answers.contains({&gs, token})) step();
  auto forgotten = ke_now;  // the peer holds another head than the one that was named
  forgotten.tables[static_cast<std::size_t>(Table::ledger_head)].erase(key_of(log(gs, Direction::inbound)));
  put_back(ke, forgotten);
  settle();
  EXPECT_TRUE(has_alarm(ke, "epoch_conflict"));
  EXPECT_FALSE(head(ke, log(gs, Direction::inbound, 1)).opening.has_value());
}

TEST_F(Repairs, what_the_peer_lost_is_sent_again) {
  submit(gs, 1);
  settle();
  const auto old = ke.site.disk.memory.snapshot();
  const Uuid lost = submit(gs, 2);
  const Uuid lost_too = submit(gs, 3);
  settle();
  ASSERT_EQ(times_in_inbox(ke, lost), 1U);
  put_back(ke, old);
  const Uuid waits = submit(gs, 4);
  settle();
  ASSERT_EQ(head(gs, log(ke, Direction::outbound)).stop, link::StopReason::peer_lost_entries);
  ASSERT_EQ(head(ke, log(gs, Direction::inbound)).stop, link::StopReason::we_lost_entries);
  EXPECT_NE(status_of(ke).find("its administrators send them again"), std::string::npos) << status_of(ke);
  EXPECT_EQ(times_in_inbox(ke, lost), 0U);
  restart(gs);
  restart(ke);
  settle();
  EXPECT_EQ(times_in_inbox(ke, lost), 0U);

  const Hash heads = digest_of_heads(head(gs, log(ke, Direction::outbound)));
  EXPECT_EQ(said(ask(gs, "admin-2", repair(ke, "resend", heads))), "done");
  EXPECT_EQ(said(ask(gs, "admin-1", repair(ke, "resend", heads))), "done");
  settle();
  for (const Uuid& id : {lost, lost_too, waits}) EXPECT_EQ(times_in_inbox(ke, id), 1U);
  EXPECT_FALSE(head(gs, log(ke, Direction::outbound)).stop.has_value());
  EXPECT_FALSE(head(ke, log(gs, Direction::inbound)).stop.has_value());
  EXPECT_EQ(head(gs, log(ke, Direction::outbound)).frontier, head(ke, log(gs, Direction::inbound)).frontier);
  EXPECT_EQ(load_receipted(gs.site.disk.memory, log(ke, Direction::outbound)).value(), head(gs, log(ke, Direction::outbound)).frontier.size());
  EXPECT_FALSE(gs.site.disk.memory.scan(Table::quarantine, {key_of(log(ke, Direction::outbound)), after_prefix(key_of(log(ke, Direction::outbound)))}, 100)->empty())
      << "the receipts the peer does not keep to are kept";
}

// The refusal is stored and its evidence on its way when the sender goes back to a copy from before it had sent anything.
TEST_F(Repairs, evidence_that_comes_before_the_recovered_entry_is_linked_to_it) {
  const Uuid id = submit(gs, 1);
  const auto before = gs.site.disk.memory.snapshot();
  ke.site.keys.box_key_missing = true;
  link();
  while (head(ke, log(gs, Direction::inbound)).frontier.size() == 0) ASSERT_TRUE(step());
  put_back(gs, before);
  ke.site.keys.box_key_missing = false;
  EXPECT_TRUE(has_alarm(ke, "box_key_missing")) << "people are told what to do";
  settle();
  EXPECT_TRUE(has_alarm(gs, "rolled_back"));
  const RecordKey record{"int.gs", id, 1};
  const auto row = gs.site.disk.memory.get(Table::disclosure, key_of(record, "ke.customs")).value();
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(decode_disclosure_row(*row)->state, DisclosureState::refused);
  EXPECT_EQ(decode_disclosure_row(*row)->reason, "cannot_open");
}

TEST_F(Repairs, the_first_of_two_is_not_forgotten_with_the_process) {
  fork();
  const Hash heads = digest_of_heads(head(gs, log(ke, Direction::outbound)));
  EXPECT_EQ(said(ask(gs, "admin-1", repair(ke, "reopen", heads))), "done");
  restart(gs);
  EXPECT_EQ(said(ask(gs, "admin-1", repair(ke, "reopen", heads))), "not_permitted");
  link();
  settle_hello();
  EXPECT_EQ(said(ask(gs, "admin-2", repair(ke, "reopen", heads), true)), "done");
  EXPECT_NE(head(gs, log(ke, Direction::outbound, 1)).head.text, "");
  EXPECT_FALSE(gs.site.disk.memory.get(Table::meta, to_bytes("repair/" + ledger_name(log(ke, Direction::outbound)))).value()) << "used up";
}

TEST_F(Repairs, an_approval_of_someone_disabled_counts_no_more) {
  fork();
  const Hash heads = digest_of_heads(head(gs, log(ke, Direction::outbound)));
  EXPECT_EQ(said(ask(gs, "admin-1", repair(ke, "reopen", heads))), "done");
  flatbuffers::FlatBufferBuilder builder(64);
  builder.Finish(api::CreateCall(builder, api::Request::PersonDisable, api::CreatePersonDisableDirect(builder, "admin-1", "left-service").Union()));
  EXPECT_EQ(said(ask(gs, "admin-2", {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()})), "done");
  link();
  settle_hello();
  EXPECT_EQ(said(ask(gs, "admin-2", repair(ke, "reopen", heads))), "done");
  settle();
  EXPECT_EQ(head(gs, log(ke, Direction::outbound, 1)).head.text, "") << "admin-2 is the first again";
}

}  // namespace liaison::exchange::test
