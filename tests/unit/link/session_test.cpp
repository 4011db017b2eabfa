// Two sessions back to back: hello, batches, acks, receipts, windows, both lanes, resumption. What only a dishonest peer sends is in session_hostile_test.cpp.
#include <gtest/gtest.h>

#include "tests/support/link_party.h"

namespace liaison::link {
namespace {

using support::LinkPair;
using support::LinkParty;

const LogId routine{0, Lane::routine, 0};
const LogId urgent{0, Lane::urgent, 0};

struct SessionTest : testing::Test {
  LinkParty ke{"ke.customs", "int.gs", 1};
  LinkParty gs{"int.gs", "ke.customs", 2};
};

TEST_F(SessionTest, FirstHelloStartsEveryLogAtZero) {
  LinkPair pair(ke, gs);
  EXPECT_FALSE(pair.at_a.ready());
  ASSERT_TRUE(pair.settle());
  EXPECT_TRUE(pair.at_a.ready());
  EXPECT_TRUE(pair.at_b.ready());
  ASSERT_EQ(ke.events<Ready>().size(), 1u);
  const Ready& ready = *ke.events<Ready>()[0];
  ASSERT_EQ(ready.starts.size(), 2u);
  EXPECT_EQ(ready.starts[0].resume_at, 0u);
  EXPECT_EQ(ready.receiving.size(), 2u);
  EXPECT_EQ(ready.peer_directory_version, 3u);
}

TEST_F(SessionTest, BatchIsCopiedAckedAndReceipted) {
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  ke.dispatch(routine, ke.fresh(5));
  ASSERT_TRUE(ke.send(pair.at_a, routine));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.kept[routine].frontier, ke.written[routine].frontier);
  EXPECT_EQ(gs.kept[routine].nodes, ke.written[routine].nodes);
  EXPECT_EQ(gs.kept[routine].elements[4].envelope, ke.written[routine].elements[4].envelope);
  ASSERT_EQ(ke.events<Acked>().size(), 1u);
  EXPECT_EQ(ke.events<Acked>()[0]->size, 5u);
  ASSERT_EQ(ke.events<ReceiptReceived>().size(), 1u);
  EXPECT_EQ(ke.events<ReceiptReceived>()[0]->size, 5u);
  EXPECT_EQ(pair.at_a.room(routine), limits::lane_window_bytes);
}

TEST_F(SessionTest, BothLanesBothWaysInAnyInterleaving) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    LinkParty a("ke.customs", "int.gs", 1), b("int.gs", "ke.customs", 2);
    a.window_bytes = b.window_bytes = 40'000;
    std::mt19937_64 random(seed);
    for (int connection = 0; connection < 4; ++connection) {
      LinkPair pair(a, b, seed * 10 + static_cast<std::uint64_t>(connection));
      pair.chunk_max = 1 + random() % 50'000;
      a.receipts_at_once = random() % 2 == 0;
      b.receipts_at_once = random() % 2 == 0;
      const std::uint64_t steps = 20 + random() % 60;
      for (std::uint64_t step = 0; step < steps; ++step) {
        pair.step();
        ASSERT_FALSE(pair.error) << pair.error->message() << " seed " << seed;
        if (!pair.at_a.ready() || !pair.at_b.ready()) continue;
        LinkParty& party = random() % 2 == 0 ? a : b;
        Session& session = &party == &a ? pair.at_a : pair.at_b;
        const LogId& log = random() % 3 == 0 ? urgent : routine;
        if (random() % 3 == 0) {
          auto elements = party.fresh(1 + random() % 20, 1 + random() % 3000);
          if (random() % 4 == 0) elements.back().envelope.reset();
          party.dispatch(log, std::move(elements));
        }
        const auto sent = party.send(session, log, 1 + random() % 20);
        ASSERT_TRUE(sent || sent.error().code == Errc::busy) << sent.error().message();
      }
      // The connection breaks here, with whatever is still in flight lost.
    }
    LinkPair last(a, b, seed);
    a.receipts_at_once = b.receipts_at_once = true;
    for (int round = 0; round < 2000 && !last.error; ++round) {
      last.step();
      if (!last.at_a.ready() || !last.at_b.ready()) continue;
      for (const LogId& log : {urgent, routine}) {
        (void)a.send(last.at_a, log, 8).has_value();
        (void)b.send(last.at_b, log, 8).has_value();
      }
    }
    ASSERT_FALSE(last.error) << last.error->message() << " seed " << seed;
    for (const LogId& log : {urgent, routine}) {
      EXPECT_EQ(b.kept[log].frontier, a.written[log].frontier) << seed;
      EXPECT_EQ(a.kept[log].frontier, b.written[log].frontier) << seed;
      EXPECT_EQ(a.written[log].receipted, a.written[log].frontier.size()) << seed;
      EXPECT_EQ(b.written[log].receipted, b.written[log].frontier.size()) << seed;
    }
    EXPECT_TRUE(a.events<LaneStopped>().empty());
  }
}

TEST_F(SessionTest, WindowIsNeverPassedAndRenewedOnCommit) {
  gs.window_bytes = 4'000;
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  ke.dispatch(routine, ke.fresh(20, 1'000));
  ASSERT_TRUE(ke.send(pair.at_a, routine, 2));
  EXPECT_EQ(ke.send(pair.at_a, routine, 3).error().code, Errc::busy);
  EXPECT_LT(pair.at_a.room(routine), 4'000u);
  EXPECT_EQ(pair.at_a.room(urgent), 4'000u);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.at_a.room(routine), 4'000u);
  EXPECT_TRUE(ke.send(pair.at_a, routine, 2));
}

TEST_F(SessionTest, OneEnvelopeAboveTheWindowGoesAlone) {
  gs.window_bytes = 4'000;
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  ke.dispatch(routine, ke.fresh(2, 100'000));
  EXPECT_EQ(ke.send(pair.at_a, routine, 2).error().code, Errc::busy);
  ASSERT_TRUE(ke.send(pair.at_a, routine, 1));
  EXPECT_EQ(pair.at_a.room(routine), 0u);
  ASSERT_TRUE(pair.settle());
  ASSERT_TRUE(ke.send(pair.at_a, routine, 1));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.kept[routine].frontier.size(), 2u);
}

TEST_F(SessionTest, UnacknowledgedEntriesAreSentAgainFromThePeersSize) {
  {
    LinkPair pair(ke, gs);
    ASSERT_TRUE(pair.settle());
    gs.receipts_at_once = false;
    ke.dispatch(routine, ke.fresh(3));
    ASSERT_TRUE(ke.send(pair.at_a, routine));
    ASSERT_TRUE(pair.settle());
    gs.send_receipt(pair.at_b, routine);  // written and lost with the connection
    ke.dispatch(routine, ke.fresh(4));
    ASSERT_TRUE(ke.send(pair.at_a, routine));
  }
  ASSERT_EQ(ke.written[routine].receipted, 0u);
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(ke.events<Ready>().back()->starts[1].resume_at, 3u);
  EXPECT_EQ(ke.written[routine].receipted, 3u) << "the lost receipt came again, with the head it names";
  ASSERT_TRUE(ke.send(pair.at_a, routine));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.kept[routine].frontier, ke.written[routine].frontier);
}

TEST_F(SessionTest, RolledBackWriterTakesItsEntriesBackAndGoesOn) {
  const LinkParty::Log old = [&] {
    LinkPair pair(ke, gs);
    EXPECT_TRUE(pair.settle());
    ke.dispatch(routine, ke.fresh(3));
    EXPECT_TRUE(ke.send(pair.at_a, routine));
    EXPECT_TRUE(pair.settle());
    return ke.written[routine];
  }();
  {
    LinkPair pair(ke, gs);
    ASSERT_TRUE(pair.settle());
    for (int i = 0; i < 20; ++i) {
      ke.dispatch(routine, ke.fresh(256, 1));
      ASSERT_TRUE(ke.send(pair.at_a, routine));
      ASSERT_TRUE(pair.settle());
    }
  }
  const merkle::Frontier full = ke.written[routine].frontier;
  ASSERT_GT(full.size(), limits::entries_answer_max) << "more than one answer";
  ke.written[routine] = old;
  ke.seen.clear();
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  ASSERT_EQ(ke.events<WeWereRolledBack>().size(), 1u);
  EXPECT_EQ(gs.events<PeerRolledBack>().size(), 1u);
  ASSERT_EQ(ke.events<EntriesReceived>().size(), 1u);
  EXPECT_EQ(ke.events<EntriesReceived>()[0]->first, 3u);
  EXPECT_EQ(ke.written[routine].frontier, full);
  EXPECT_EQ(ke.written[routine].receipted, full.size()) << "receipts came again after the entries";
  ke.dispatch(routine, ke.fresh(1));
  ASSERT_TRUE(ke.send(pair.at_a, routine));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.kept[routine].frontier.size(), full.size() + 1);
}

TEST_F(SessionTest, CopyThatLostReceiptedEntriesStopsTheLaneOnBothSides) {
  const LinkParty::Log old = gs.kept[routine];
  {
    LinkPair pair(ke, gs);
    ASSERT_TRUE(pair.settle());
    ke.dispatch(routine, ke.fresh(3));
    ASSERT_TRUE(ke.send(pair.at_a, routine));
    ASSERT_TRUE(pair.settle());
  }
  const SignedText proof = ke.written[routine].receipts.at(3).receipt;
  gs.kept[routine] = old;
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  ASSERT_EQ(ke.events<LaneStopped>().size(), 1u);
  EXPECT_EQ(ke.events<LaneStopped>()[0]->reason, StopReason::peer_lost_entries);
  EXPECT_EQ(ke.events<LaneStopped>()[0]->receipt, proof);
  ASSERT_EQ(gs.events<LaneStopped>().size(), 1u);
  EXPECT_EQ(gs.events<LaneStopped>()[0]->reason, StopReason::we_lost_entries);
  EXPECT_TRUE(pair.at_a.stopped(routine, Side::sending));
  EXPECT_TRUE(pair.at_b.stopped(routine, Side::receiving));
  EXPECT_FALSE(pair.at_a.stopped(urgent, Side::sending));
  ke.dispatch(routine, ke.fresh(1));
  ke.next[routine] = 3;
  EXPECT_EQ(ke.send(pair.at_a, routine).error().code, Errc::conflict);
  ke.dispatch(urgent, ke.fresh(1));
  ASSERT_TRUE(ke.send(pair.at_a, urgent));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.kept[urgent].frontier.size(), 1u) << "the other lane goes on";
}

struct ForkCase { std::size_t in_common, more_at_writer, more_at_copy; };
class Fork : public testing::TestWithParam<ForkCase> {};

TEST_P(Fork, StopsTheLaneWithBothHeads) {
  LinkParty ke("ke.customs", "int.gs", 1), gs("int.gs", "ke.customs", 2);
  gs.receipts_at_once = false;
  const auto exchange = [&](std::size_t count) {
    LinkPair pair(ke, gs);
    EXPECT_TRUE(pair.settle());
    ke.dispatch(routine, ke.fresh(count));
    EXPECT_TRUE(ke.send(pair.at_a, routine));
    EXPECT_TRUE(pair.settle());
  };
  exchange(GetParam().in_common);
  const LinkParty::Log before = ke.written[routine];
  exchange(GetParam().more_at_copy);
  const SignedText sent = ke.written[routine].head;
  ke.written[routine] = before;
  ke.dispatch(routine, ke.fresh(GetParam().more_at_writer));
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  ASSERT_EQ(ke.events<LaneStopped>().size(), 1u);
  EXPECT_EQ(ke.events<LaneStopped>()[0]->reason, StopReason::fork);
  EXPECT_EQ(ke.events<LaneStopped>()[0]->ours, ke.written[routine].head);
  EXPECT_EQ(ke.events<LaneStopped>()[0]->theirs.text, sent.text);
  EXPECT_TRUE(ke.events<EntriesReceived>().empty());
  EXPECT_TRUE(pair.at_a.stopped(routine, Side::sending));
  LinkPair again(ke, gs);
  ASSERT_TRUE(again.settle());
  EXPECT_TRUE(again.at_b.stopped(routine, Side::receiving)) << "the writer says so in its next Hello";
}
INSTANTIATE_TEST_SUITE_P(Sizes, Fork, testing::Values(ForkCase{2, 3, 3}, ForkCase{2, 5, 3}, ForkCase{2, 3, 5}, ForkCase{1, 1, 1}));

TEST_F(SessionTest, NewEpochBeginsWithTheHeadsThatDidNotAgree) {
  const LogId epoch{0, Lane::routine, 1};
  const Hash opening = epoch_core(Hash{1}, Hash{2});
  ke.written[epoch].opening = gs.kept[epoch].opening = opening;
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  auto elements = ke.fresh(1);
  elements.insert(elements.begin(), {encode(Entry{EntryType::epoch_open, 0, 0, {}, opening}), std::nullopt});
  ke.dispatch(epoch, elements);
  ASSERT_TRUE(ke.send(pair.at_a, epoch));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.kept[epoch].frontier.size(), 2u);
}

TEST_F(SessionTest, WriterThatSendsAgainEndsTheStopOfWhoLostEntries) {
  const LinkParty::Log old = gs.kept[routine];
  {
    LinkPair pair(ke, gs);
    ASSERT_TRUE(pair.settle());
    ke.dispatch(routine, ke.fresh(3));
    ASSERT_TRUE(ke.send(pair.at_a, routine));
    ASSERT_TRUE(pair.settle());
  }
  gs.kept[routine] = old;
  {
    LinkPair pair(ke, gs);
    ASSERT_TRUE(pair.settle());
  }
  ASSERT_EQ(gs.kept[routine].stopped, StopReason::we_lost_entries);
  LinkPair stopped(ke, gs);
  ASSERT_TRUE(stopped.settle());
  EXPECT_EQ(gs.events<LaneStopped>().size(), 1u) << "told once";
  EXPECT_TRUE(stopped.at_b.stopped(routine, Side::receiving));

  ke.written[routine].stopped.reset();
  ke.written[routine].receipts.clear();
  ke.written[routine].receipted = 0;
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.events<LaneResumed>().size(), 1u);
  ASSERT_TRUE(ke.send(pair.at_a, routine));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.kept[routine].frontier, ke.written[routine].frontier);
  EXPECT_EQ(ke.written[routine].receipted, 3u);
}

TEST_F(SessionTest, NewEpochIsOfferedToWhoHoldsBothHeads) {
  ke.dispatch(routine, ke.fresh(3));
  ke.written[routine].stopped = StopReason::fork;
  const LogId epoch{0, Lane::routine, 1};
  const auto offered = [&](const Hash& opening) {
    gs.seen.clear();
    ke.written[epoch].opening = opening;
    LinkPair pair(ke, gs);
    EXPECT_TRUE(pair.settle());
    const auto offers = gs.events<EpochOffered>();
    EXPECT_EQ(offers.size(), 1u);
    return offers.empty() ? EpochOffered{} : *offers[0];
  };
  EXPECT_FALSE(offered(epoch_core(Hash{1}, Hash{2})).agreed);
  const Hash right = epoch_core(crypto::text_hash(view(gs.kept[routine].head.text)), crypto::text_hash(view(ke.written[routine].head.text)));
  const EpochOffered offer = offered(right);
  EXPECT_TRUE(offer.agreed);
  EXPECT_EQ(offer.log, epoch);
  EXPECT_EQ(offer.opening, right);
  EXPECT_EQ(offer.head_before.text, ke.written[routine].head.text);
  gs.kept[epoch].opening = right;
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  ke.dispatch(epoch, {{encode(Entry{EntryType::epoch_open, 0, 0, {}, right}), std::nullopt}});
  ASSERT_TRUE(ke.send(pair.at_a, epoch));
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(gs.kept[epoch].frontier.size(), 1u);
}

TEST_F(SessionTest, EntriesOfAStoppedLogAreShownOnlyWhenAsked) {
  {
    LinkPair pair(ke, gs);
    ASSERT_TRUE(pair.settle());
    ke.dispatch(routine, ke.fresh(3));
    ASSERT_TRUE(ke.send(pair.at_a, routine));
    ASSERT_TRUE(pair.settle());
    EXPECT_EQ(pair.at_a.ask_entries(routine, 0, 1).error().code, Errc::conflict) << "in use";
  }
  ke.written[routine].stopped = StopReason::fork;
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.at_a.ask_entries(routine, 0, 0).error().code, Errc::invalid_argument);
  ASSERT_TRUE(pair.at_a.ask_entries(routine, 1, 2));
  EXPECT_EQ(pair.at_a.ask_entries(routine, 0, 1).error().code, Errc::conflict) << "one question at a time";
  ASSERT_TRUE(pair.settle());
  ASSERT_EQ(ke.events<EntriesShown>().size(), 1u);
  EXPECT_EQ(ke.events<EntriesShown>()[0]->first, 1u);
  EXPECT_EQ(ke.events<EntriesShown>()[0]->entries, (std::vector<EntryBytes>{ke.written[routine].elements[1].entry, ke.written[routine].elements[2].entry}));
  EXPECT_TRUE(ke.events<EntriesReceived>().empty());
}

TEST_F(SessionTest, UrgentBatchOvertakesQueuedRoutineBytes) {
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  ke.dispatch(routine, ke.fresh(1, 1'400'000));
  ke.dispatch(urgent, ke.fresh(1));
  ASSERT_TRUE(ke.send(pair.at_a, routine));
  const Bytes begun = pair.at_a.take_output(32'768);
  ASSERT_TRUE(ke.send(pair.at_a, urgent));
  for (const Bytes& bytes : {begun, pair.at_a.take_output(32'768)}) ASSERT_TRUE(pair.at_b.on_bytes(bytes, pair.now));
  gs.handle(pair.at_b);
  EXPECT_EQ(gs.kept[urgent].frontier.size(), 1u);
  EXPECT_EQ(gs.kept[routine].frontier.size(), 0u);
}

TEST_F(SessionTest, HelloMustComeInTime) {
  LinkPair pair(ke, gs);
  EXPECT_EQ(pair.at_a.next_deadline(), pair.now + limits::hello_deadline);
  EXPECT_TRUE(pair.at_a.on_tick(pair.now + limits::hello_deadline - Milliseconds(1)));
  EXPECT_EQ(pair.at_a.on_tick(pair.now + limits::hello_deadline).error().code, Errc::peer_away);
  EXPECT_FALSE(pair.at_a.on_bytes(pair.at_b.take_output(1000), pair.now)) << "closed stays closed";
}

TEST_F(SessionTest, IdlePeerIsPingedThenClosed) {
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.at_a.next_deadline(), pair.now + limits::idle_ping_after);
  ASSERT_TRUE(pair.at_a.on_tick(pair.now + limits::idle_ping_after));
  EXPECT_GT(pair.at_a.output_bytes(), 0u);
  pair.now += limits::idle_ping_after;
  ASSERT_TRUE(pair.settle());
  EXPECT_EQ(pair.at_a.next_deadline(), pair.now + limits::idle_ping_after) << "the pong was heard";
  ASSERT_TRUE(pair.at_a.on_tick(pair.now + limits::idle_ping_after));
  EXPECT_EQ(pair.at_a.next_deadline(), pair.now + limits::idle_close_after);
  EXPECT_EQ(pair.at_a.on_tick(pair.now + limits::idle_close_after).error().code, Errc::peer_away);
}

TEST_F(SessionTest, ByeIsHeard) {
  LinkPair pair(ke, gs);
  ASSERT_TRUE(pair.settle());
  pair.at_a.send_bye("stopping");
  ASSERT_TRUE(pair.settle());
  ASSERT_EQ(gs.events<PeerSaidBye>().size(), 1u);
  EXPECT_EQ(gs.events<PeerSaidBye>()[0]->code, "stopping");
}

TEST_F(SessionTest, OwnMistakesInSendingAreRefused) {
  LinkPair pair(ke, gs);
  EXPECT_EQ(pair.at_a.send_batch(routine, 0, {}, {}).error().code, Errc::conflict);
  ASSERT_TRUE(pair.settle());
  ke.dispatch(routine, ke.fresh(2));
  const auto& log = ke.written[routine];
  EXPECT_EQ(pair.at_a.send_batch({0, Lane::routine, 9}, 0, log.elements, log.head).error().code, Errc::conflict);
  EXPECT_EQ(pair.at_a.send_batch(routine, 1, log.elements, log.head).error().code, Errc::invalid_argument);
  EXPECT_EQ(pair.at_a.send_batch(routine, 0, {}, log.head).error().code, Errc::invalid_argument);
  EXPECT_EQ(pair.at_a.send_batch(routine, 0, {log.elements[0]}, log.head).error().code, Errc::invalid_argument);
  EXPECT_EQ(pair.at_a.room({0, Lane::routine, 9}), 0u);
  EXPECT_TRUE(pair.at_a.send_batch(routine, 0, log.elements, log.head));
}

}  // namespace
}  // namespace liaison::link
