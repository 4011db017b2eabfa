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

}  // namespace
}  // namespace liaison::link
