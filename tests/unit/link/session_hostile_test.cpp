// A peer that writes frames of its own making: every broken rule closes the connection for its own reason, and no event leaves the session.
#include <gtest/gtest.h>

#include "core/link/frames.h"
#include "core/link/segments.h"
#include "schemas/link_generated.h"
#include "tests/support/link_party.h"

namespace liaison::link {
namespace {

using support::LinkParty;
using support::make_element;

const LogId routine{0, Lane::routine, 0};

struct Hostile : testing::Test {
  LinkParty ke{"ke.customs", "int.gs", 1};   // writes by hand
  LinkParty gs{"int.gs", "ke.customs", 2};   // under attack
  std::unique_ptr<Session> session;

  Session& victim() {
    if (!session) session = std::make_unique<Session>(gs.config(ke.key.public_key()), support::link_epoch);
    return *session;
  }
  Result<void> feed(Channel channel, EncodedFrame frame) {
    SegmentQueue queue;
    queue.push(channel, std::move(frame));
    return victim().on_bytes(queue.take(limits::frame_bytes_max * 2), support::link_epoch);
  }
  template <class T>
  Result<void> control(const T& frame) { return feed(Channel::control, encode(frame)); }
  Result<void> batch(std::uint64_t first, const std::vector<Element>& elements, const SignedText& head, const LogId& log = routine) {
    return feed(log.lane == Lane::urgent ? Channel::urgent : Channel::routine, encode_batch(log, first, elements, head));
  }

  HelloFrame hello() {
    HelloFrame out;
    out.versions = {1};
    out.realm = ke.realm;
    out.from = ke.agency;
    out.to = gs.agency;
    for (const Lane lane : {Lane::urgent, Lane::routine}) {
      out.logs.push_back({Side::sending, {0, lane, 0}, 0, {}, {}, {}, {}, 0, false, {}});
      out.logs.push_back({Side::receiving, {0, lane, 0}, 0, {}, {}, {}, {}, 0, false, {}});
      out.credits.push_back({lane, 1'000'000});
    }
    return out;
  }
  LogReport& report(HelloFrame& frame, Side side) {
    return *std::find_if(frame.logs.begin(), frame.logs.end(), [&](const LogReport& log) { return log.side == side && log.log == routine; });
  }
  void open() {
    ASSERT_TRUE(control(hello()));
    gs.handle(victim());
    gs.seen.clear();
  }
  // What an honest writer would sign over these elements after `before`.
  SignedText head_over(const std::vector<Element>& elements, merkle::Frontier before = {}) {
    for (const Element& element : elements) before.append(merkle::leaf_hash(element.entry));
    return ke.head_of(routine, before.size(), before.root());
  }
  void expect(const Result<void>& result, Errc code) {
    ASSERT_FALSE(result);
    EXPECT_EQ(name(result.error().code), name(code)) << result.error().message();
    EXPECT_TRUE(victim().take_events().empty());
    EXPECT_FALSE(victim().on_bytes(Bytes{0}, support::link_epoch)) << "closed stays closed";
    EXPECT_FALSE(victim().ready());
  }
  Element forged(std::string realm, std::string from, std::string to, std::uint8_t hops = 0) {
    Element element = make_element({std::move(realm), std::move(from), std::move(to), 1, 64});
    element.entry[1] = hops;
    return element;
  }
};

// --- hello ---
TEST_F(Hostile, FramesBeforeHelloAreRefused) { expect(control(PingFrame{1}), Errc::protocol_violation); }

TEST_F(Hostile, BatchSegmentBeforeHelloIsRefusedAtItsHeader) {
  expect(victim().on_bytes(Bytes{2, 0, 0x80, 0}, support::link_epoch), Errc::protocol_violation);
}

TEST_F(Hostile, SecondHelloIsRefused) {
  open();
  expect(control(hello()), Errc::protocol_violation);
}

TEST_F(Hostile, HelloOfSomebodyElseIsRefused) {
  const auto with = [&](auto change, Errc code) {
    session.reset();
    HelloFrame frame = hello();
    change(frame);
    expect(control(frame), code);
  };
  with([](HelloFrame& f) { f.versions = {2}; }, Errc::protocol_violation);
  with([](HelloFrame& f) { f.realm = "real"; }, Errc::wrong_realm);
  with([](HelloFrame& f) { f.from = "ke.police"; }, Errc::wrong_sender);
  with([](HelloFrame& f) { f.to = "ke.customs"; }, Errc::wrong_recipient);
  with([](HelloFrame& f) { f.logs.push_back(f.logs[0]); }, Errc::protocol_violation);
  with([](HelloFrame& f) { f.credits[1] = f.credits[0]; }, Errc::protocol_violation);
}

TEST_F(Hostile, ASizeWithoutItsHeadProvesNothing) {
  gs.dispatch(routine, gs.fresh(4));
  const auto root = gs.written[routine].frontier.root();
  const auto shows = [&](std::uint64_t size, const Hash& shown_root, const SignedText& head, Errc code) {
    session.reset();
    HelloFrame frame = hello();
    LogReport& log = report(frame, Side::receiving);
    log.size = size;
    log.root = shown_root;
    log.head = head;
    expect(control(frame), code);
  };
  shows(4, root, {}, Errc::bad_signature);                                              // right root, no head
  shows(9, Hash{1}, {}, Errc::bad_signature);                                           // we were rolled back, says only the peer
  shows(9, Hash{1}, ke.sign(make_text(Head{ke.realm, gs.agency, ke.agency, routine, 9, Hash{1}, support::link_epoch, ke.key.public_key().hash()})),
        Errc::unknown_key);                                                             // in our name under its key
  shows(9, Hash{1}, ke.head_of(routine, 9, Hash{1}), Errc::wrong_sender);               // its own head
  shows(9, root, gs.written[routine].head, Errc::protocol_violation);                   // our head for another size
  shows(4, Hash{1}, gs.written[routine].head, Errc::wrong_root);                        // our head for another root
  SignedText broken = gs.head_of(routine, 9, Hash{1});
  broken.text.replace(broken.text.find("size 9"), 6, "size 8");
  shows(8, Hash{1}, broken, Errc::bad_signature);                                       // our head, altered
}

TEST_F(Hostile, WritersSizeAndReceiptAreProvedToo) {
  HelloFrame frame = hello();
  LogReport& log = report(frame, Side::sending);
  log.size = 5;
  expect(control(frame), Errc::bad_signature);
  session.reset();
  log.head = ke.head_of(routine, 5, log.root);
  log.receipted = 3;
  log.receipt = ke.sign(make_text(Receipt{ke.realm, Hash{1}, ke.key.public_key().hash(), 0, {}, support::link_epoch}));
  expect(control(frame), Errc::unknown_key);
}

TEST_F(Hostile, AReceiptProvesNoMoreThanTheHeadItNames) {
  const SignedText at_two = ke.head_of(routine, 2, Hash{2}), at_nine = ke.head_of(routine, 9, Hash{9});
  const SignedText receipt = gs.sign(make_text(Receipt{ke.realm, crypto::text_hash(view(at_two.text)), gs.key.public_key().hash(), 0, {}, support::link_epoch}));
  const auto shows = [&](std::uint64_t receipted, const SignedText& head, Errc code) {
    session.reset();
    HelloFrame frame = hello();
    LogReport& log = report(frame, Side::sending);
    log.size = 9;
    log.root = Hash{9};
    log.head = at_nine;
    log.receipted = receipted;
    log.receipt = receipt;
    log.receipt_head = head;
    expect(control(frame), code);
  };
  shows(9, {}, Errc::protocol_violation);                      // nothing says how far the receipt reaches
  shows(9, at_nine, Errc::protocol_violation);                 // a head, but not the one we receipted
  shows(9, at_two, Errc::protocol_violation);                  // the one we receipted reaches to 2
  SignedText urgent = ke.head_of({0, Lane::urgent, 0}, 2, Hash{2});
  shows(2, urgent, Errc::protocol_violation);

  session.reset();                                             // told as it is: we lost two entries, which is proved
  HelloFrame frame = hello();
  LogReport& log = report(frame, Side::sending);
  log.size = 9;
  log.root = Hash{9};
  log.head = at_nine;
  log.receipted = 2;
  log.receipt = receipt;
  log.receipt_head = at_two;
  ASSERT_TRUE(control(frame));
  gs.handle(victim());
  ASSERT_EQ(gs.events<LaneStopped>().size(), 1u);
  EXPECT_EQ(gs.events<LaneStopped>()[0]->reason, StopReason::we_lost_entries);
}

TEST_F(Hostile, EntriesThatDoNotLeadToOurHeadStopTheLane) {
  const SignedText ours = gs.head_of(routine, 2, Hash{1});
  HelloFrame frame = hello();
  report(frame, Side::receiving).size = 2;
  report(frame, Side::receiving).root = Hash{1};
  report(frame, Side::receiving).head = ours;
  ASSERT_TRUE(control(frame));
  const auto elements = gs.fresh(2);
  ASSERT_TRUE(control(EntriesFrame{routine, 0, {elements[0].entry, elements[1].entry}, ours}));
  gs.handle(victim());
  EXPECT_TRUE(gs.events<EntriesReceived>().empty());
  ASSERT_EQ(gs.events<LaneStopped>().size(), 1u);
  EXPECT_EQ(gs.events<LaneStopped>()[0]->reason, StopReason::fork);
}

// --- batches ---
TEST_F(Hostile, BatchMustContinueTheCopy) {
  open();
  const auto elements = ke.fresh(2);
  expect(batch(1, elements, head_over(elements)), Errc::protocol_violation);
}

TEST_F(Hostile, ReplayedBatchIsRefused) {
  open();
  const auto elements = ke.fresh(2);
  ASSERT_TRUE(batch(0, elements, head_over(elements)));
  gs.handle(victim());
  ASSERT_EQ(gs.events<BatchReceived>().size(), 1u);
  expect(batch(0, elements, head_over(elements)), Errc::protocol_violation);
}

TEST_F(Hostile, HeadMustMatchTheRecomputedRoot) {
  open();
  const auto elements = ke.fresh(2);
  expect(batch(0, elements, ke.head_of(routine, 2, Hash{1})), Errc::wrong_root);
}

TEST_F(Hostile, HeadMustBeOfThisLogSizeAndPair) {
  const auto elements = ke.fresh(2);
  merkle::Frontier after;
  for (const Element& element : elements) after.append(merkle::leaf_hash(element.entry));
  const Head right{ke.realm, ke.agency, ke.peer, routine, 2, after.root(), support::link_epoch, ke.key.public_key().hash()};
  const auto with = [&](auto change, Errc code) {
    session.reset();
    open();
    Head head = right;
    change(head);
    expect(batch(0, elements, ke.sign(make_text(head))), code);
  };
  with([](Head& h) { h.realm = "real"; }, Errc::wrong_realm);
  with([](Head& h) { h.from = "ke.police"; }, Errc::wrong_sender);
  with([](Head& h) { h.to = "ke.police"; }, Errc::wrong_recipient);
  with([](Head& h) { h.log.lane = Lane::urgent; }, Errc::protocol_violation);
  with([](Head& h) { h.log.epoch = 1; }, Errc::protocol_violation);
  with([](Head& h) { h.size = 3; }, Errc::protocol_violation);
  with([](Head& h) { h.key = Hash{}; }, Errc::unknown_key);
}

TEST_F(Hostile, HeadSignatureMustVerify) {
  open();
  const auto elements = ke.fresh(1);
  SignedText head = head_over(elements);
  head.signatures = ke.sign("liaison something else\n").signatures;
  expect(batch(0, elements, head), Errc::bad_signature);
}

TEST_F(Hostile, HeadIsRequired) {
  open();
  expect(batch(0, ke.fresh(1), {}), Errc::bad_signature);
}

TEST_F(Hostile, EnvelopeMustBeFromThePeerToUsInThisRealm) {
  const auto with = [&](const Element& element, Errc code) {
    session.reset();
    open();
    expect(batch(0, {element}, head_over({element})), code);
  };
  with(forged("real", "ke.customs", "int.gs"), Errc::wrong_realm);
  with(forged(ke.realm, "ke.police", "int.gs"), Errc::wrong_sender);
  with(forged(ke.realm, "ke.customs", "ke.police"), Errc::wrong_recipient);
  session.reset();
  open();
  const Element passed_on = forged(ke.realm, "ke.police", "int.gs", 1);
  EXPECT_TRUE(batch(0, {passed_on}, head_over({passed_on})));
}

TEST_F(Hostile, EnvelopeMustMatchItsEntry) {
  const auto with = [&](auto change, Errc code) {
    session.reset();
    open();
    Element element = make_element({ke.realm, ke.agency, ke.peer, 1, 64});
    Entry entry = decode_entry(element.entry).value();
    change(element, entry);
    element.entry = encode(entry);
    expect(batch(0, {element}, head_over({element})), code);
  };
  with([](Element&, Entry& entry) { entry.size += 1; }, Errc::commitment_mismatch);
  with([](Element&, Entry& entry) { entry.core[0] ^= 1; }, Errc::commitment_mismatch);
  with([](Element&, Entry& entry) { entry.msg_id.bytes[0] ^= 1; }, Errc::commitment_mismatch);
  with([](Element&, Entry& entry) { entry.size = 0; }, Errc::bad_format);
  with([](Element&, Entry& entry) { entry.hops = 3; }, Errc::bad_format);
  with([](Element& element, Entry& entry) {
    element.envelope = Bytes(100, 0xFF);
    entry.size = 100;
  }, Errc::bad_format);
  with([](Element& element, Entry& entry) {
    element.envelope = support::wrap_core(Bytes(40, 0xFF), 10);
    entry.size = static_cast<std::uint32_t>(element.envelope->size());
    entry.core = merkle::sha256(Bytes(40, 0xFF));
  }, Errc::bad_format);
}

TEST_F(Hostile, OneMessageTwiceInABatchIsRefused) {
  open();
  auto elements = ke.fresh(1);
  elements.push_back(elements[0]);
  expect(batch(0, elements, head_over(elements)), Errc::protocol_violation);
}

TEST_F(Hostile, EpochOpeningOutsideItsPlaceIsRefused) {
  open();
  const std::vector<Element> elements{{encode(Entry{EntryType::epoch_open, 0, 0, {}, Hash{1}}), std::nullopt}};
  expect(batch(0, elements, head_over(elements)), Errc::protocol_violation);
}

TEST_F(Hostile, WindowOverrunIsRefused) {
  gs.window_bytes = 2'000;
  open();
  const auto elements = ke.fresh(4, 600);
  expect(batch(0, elements, head_over(elements)), Errc::protocol_violation);
}

TEST_F(Hostile, VoidFloodStopsAtTheWindowOfEntries) {
  open();
  merkle::Frontier frontier;
  Result<void> result;
  std::size_t batches = 0;
  while (result && batches < 100) {
    auto elements = ke.fresh(limits::batch_elements_max, 1);
    for (Element& element : elements) element.envelope.reset();
    const SignedText head = head_over(elements, frontier);
    result = batch(frontier.size(), elements, head);
    for (const Element& element : elements) frontier.append(merkle::leaf_hash(element.entry));
    ++batches;
  }
  EXPECT_EQ(batches, limits::lane_window_entries / limits::batch_elements_max + 1);
  EXPECT_EQ(result.error().code, Errc::protocol_violation);
}

TEST_F(Hostile, BatchOnAnotherLanesChannelIsRefused) {
  open();
  const auto elements = ke.fresh(1);
  expect(feed(Channel::urgent, encode_batch(routine, 0, elements, head_over(elements))), Errc::protocol_violation);
}

TEST_F(Hostile, OneVectorSharedByManyElementsIsRefused) {
  open();
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  const auto big = builder.CreateVector(Bytes(100'000, 1));
  std::vector<flatbuffers::Offset<wire::Element>> elements;
  for (std::uint8_t i = 0; i < 200; ++i) elements.push_back(wire::CreateElement(builder, builder.CreateVector(Bytes(54, i)), big));
  const auto vector = builder.CreateVector(elements);
  builder.Finish(wire::CreateFrame(builder, wire::FrameBody::Batch, wire::CreateBatch(builder, 0, 2, 0, 0, vector).Union()));
  expect(feed(Channel::routine, builder.Release()), Errc::bad_frame);
}

// --- the rest ---
TEST_F(Hostile, UnknownFrameTypesAndGarbageAreRefused) {
  open();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::CreateFrame(builder, static_cast<wire::FrameBody>(77), wire::CreatePing(builder, 1).Union()));
  expect(feed(Channel::control, builder.Release()), Errc::protocol_violation);
  session.reset();
  open();
  expect(victim().on_bytes(Bytes{0, 1, 0, 8, 9, 9, 9, 9, 9, 9, 9, 9}, support::link_epoch), Errc::bad_frame);
}

TEST_F(Hostile, EveryTruncatedBatchFrameIsRefused) {
  const auto elements = ke.fresh(1);
  const EncodedFrame frame = encode_batch(routine, 0, elements, head_over(elements));
  for (std::size_t size = 1; size < frame.size(); ++size) {
    const Bytes cut(frame.data(), frame.data() + size);
    const auto decoded = decode_frame(cut);
    if (!decoded) continue;
    // FlatBuffers puts the frame's start last, so a shorter frame may stay readable only where nothing is left out.
    const auto& batch_frame = std::get<BatchFrame>(*decoded);
    EXPECT_EQ(batch_frame.elements[0].envelope, elements[0].envelope) << size;
  }
}

TEST_F(Hostile, FlippedBitsNeverGiveAnotherBatch) {
  const auto elements = ke.fresh(1);
  const SignedText head = head_over(elements);
  const EncodedFrame frame = encode_batch(routine, 0, elements, head);
  SegmentQueue queue;
  queue.push(Channel::routine, encode_batch(routine, 0, elements, head));
  const Bytes good = queue.take(limits::frame_bytes_max);
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; bit += 3) {
    session.reset();
    open();
    Bytes bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    if (!victim().on_bytes(bytes, support::link_epoch)) continue;
    for (const Event& event : victim().take_events()) {
      const auto* received = std::get_if<BatchReceived>(&event);
      ASSERT_NE(received, nullptr);
      EXPECT_EQ(received->elements[0].entry, elements[0].entry) << bit;
      EXPECT_EQ(received->head.text, head.text) << bit;
      ++accepted;
    }
  }
  EXPECT_LT(accepted, good.size() * 8 / 3) << "bits of enc, payload and padding are the envelope's own business";
}

TEST_F(Hostile, AcksBeyondWhatWasSentAreRefused) {
  const auto with = [&](const AckFrame& ack) {
    session.reset();
    gs.written[routine] = {};
    open();
    gs.dispatch(routine, gs.fresh(2));
    ASSERT_TRUE(gs.send(victim(), routine));
    expect(control(ack), Errc::protocol_violation);
  };
  with({routine, 3, 0});
  with({routine, 0, 0});
  with({routine, 2, 1'000'000});
  with({{0, Lane::routine, 1}, 2, 0});
}

TEST_F(Hostile, ReceiptsAreVerifiedAndNameAHeadWeSent) {
  const auto with = [&](auto change, const SignedText& carried, std::optional<Errc> code) {
    session.reset();
    gs.written[routine] = {};
    gs.next_number = 1;
    gs.dispatch(routine, gs.fresh(2));
    open();
    ASSERT_TRUE(gs.send(victim(), routine));
    Receipt receipt{ke.realm, crypto::text_hash(view(gs.written[routine].head.text)), ke.key.public_key().hash(), 0, {}, support::link_epoch};
    change(receipt);
    const auto result = control(ReceiptsFrame{routine, {{ke.sign(make_text(receipt)), carried}}});
    if (code) return expect(result, *code);
    ASSERT_TRUE(result) << result.error().message();
    gs.handle(victim());
    EXPECT_EQ(gs.events<ReceiptReceived>().size(), 1u);
  };
  with([](Receipt&) {}, {}, std::nullopt);
  with([](Receipt& r) { r.realm = "real"; }, {}, Errc::wrong_realm);
  with([](Receipt& r) { r.key = Hash{}; }, {}, Errc::unknown_key);
  with([](Receipt& r) { r.head = Hash{}; }, {}, Errc::protocol_violation);
  with([](Receipt& r) { r.first = 1; }, {}, Errc::protocol_violation);
  with([](Receipt& r) { r.first = 2; }, {}, Errc::protocol_violation);
  with([](Receipt& r) { r.voids = {2}; }, {}, Errc::protocol_violation);
  const SignedText not_ours = ke.head_of(routine, 2, Hash{1});
  with([&](Receipt& r) { r.head = crypto::text_hash(view(not_ours.text)); }, not_ours, Errc::wrong_sender);
  SignedText other_history = gs.head_of(routine, 2, Hash{1});
  with([&](Receipt& r) { r.head = crypto::text_hash(view(other_history.text)); }, other_history, Errc::wrong_root);
}

TEST_F(Hostile, EntriesNobodyAskedForAreRefused) {
  open();
  expect(control(EntriesFrame{routine, 0, {EntryBytes{}}, {}}), Errc::protocol_violation);
  session.reset();
  open();
  expect(control(EntriesRequestFrame{routine, 0, 1}), Errc::protocol_violation);
}

TEST_F(Hostile, PongWithoutPingAndFramesAfterByeAreRefused) {
  open();
  expect(control(PongFrame{1}), Errc::protocol_violation);
  session.reset();
  open();
  ASSERT_TRUE(control(ByeFrame{"done"}));
  (void)victim().take_events();
  expect(control(PingFrame{1}), Errc::protocol_violation);
}

TEST_F(Hostile, PeerThatNeverReadsIsClosedWithinTheOutputLimit) {
  open();
  Result<void> result;
  for (std::size_t i = 0; i < 1'000'000 && result; ++i) result = control(PingFrame{i});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::protocol_violation);
  EXPECT_LE(victim().output_bytes(), limits::output_queue_bytes_max);
}

}  // namespace
}  // namespace liaison::link
