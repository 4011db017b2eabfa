// Audit entries: every field survives, absent fields cost nothing, and no input makes the decoder read outside or accept a wrong shape.
#include <gtest/gtest.h>

#include <set>

#include "core/audit/entry.h"
#include "core/base/limits.h"

namespace liaison::audit {
namespace {

Hash filled(std::uint8_t value) {
  Hash hash;
  hash.fill(value);
  return hash;
}

Entry full_entry() {
  Entry entry;
  entry.index = 0x0102030405060708;
  entry.wall = time_from_millis(1'790'000'000'123);
  entry.monotonic_ns = 987'654'321;
  entry.process.bytes.fill(9);
  entry.event = Event::disclosed;
  entry.person = filled(1);
  entry.peer = "int.gs";
  entry.record_from = "ke.customs";
  entry.record.bytes.fill(3);
  entry.version = 4;
  entry.manifest = filled(5);
  entry.disclosure = filled(6);
  entry.purpose = "prevention";
  entry.reason = "expired";
  entry.policy = filled(7);
  entry.decision = filled(8);
  entry.ledger = "int.gs/out/0/1/2";
  entry.ledger_index = 77;
  return entry;
}

void expect_same(const Entry& a, const Entry& b) {
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.wall, b.wall);
  EXPECT_EQ(a.monotonic_ns, b.monotonic_ns);
  EXPECT_EQ(a.process, b.process);
  EXPECT_EQ(a.event, b.event);
  EXPECT_EQ(a.person, b.person);
  EXPECT_EQ(a.peer, b.peer);
  EXPECT_EQ(a.record_from, b.record_from);
  EXPECT_EQ(a.record, b.record);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.manifest, b.manifest);
  EXPECT_EQ(a.disclosure, b.disclosure);
  EXPECT_EQ(a.purpose, b.purpose);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.policy, b.policy);
  EXPECT_EQ(a.decision, b.decision);
  EXPECT_EQ(a.ledger, b.ledger);
  EXPECT_EQ(a.ledger_index, b.ledger_index);
}

TEST(AuditEntry, EveryFieldSurvives) {
  const auto decoded = decode(encode(full_entry()));
  ASSERT_TRUE(decoded) << decoded.error().message();
  expect_same(*decoded, full_entry());
}

TEST(AuditEntry, AbsentFieldsStayAbsent) {
  Entry entry;
  entry.event = Event::started;
  const Bytes bytes = encode(entry);
  EXPECT_LT(bytes.size(), 60u);
  const auto decoded = decode(bytes);
  ASSERT_TRUE(decoded);
  expect_same(*decoded, entry);
}

TEST(AuditEntry, EncodingIsTheSameEveryTime) {
  const Bytes first = encode(full_entry());
  static_cast<void>(encode(Entry{}));
  EXPECT_EQ(encode(full_entry()), first);
  EXPECT_LT(first.size(), 450u);
}

TEST(AuditEntry, PlaceSetsOnlyTheIndex) {
  Bytes bytes = encode(full_entry());
  const Bytes before = bytes;
  place(bytes, 0xFFFFFFFFFFFFFFFE);
  EXPECT_EQ(Bytes(bytes.begin() + 9, bytes.end()), Bytes(before.begin() + 9, before.end()));
  Entry expected = full_entry();
  expected.index = 0xFFFFFFFFFFFFFFFE;
  const auto decoded = decode(bytes);
  ASSERT_TRUE(decoded);
  expect_same(*decoded, expected);
}

TEST(AuditEntry, LongTextsAreCutAndStayBelowTheLimit) {
  Entry entry = full_entry();
  for (auto* chars : {&entry.peer, &entry.record_from, &entry.purpose, &entry.reason, &entry.ledger}) *chars = std::string(5000, 'x');
  const Bytes bytes = encode(entry);
  EXPECT_LE(bytes.size(), limits::audit_entry_bytes_max);
  const auto decoded = decode(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->reason, std::string(200, 'x'));
}

TEST(AuditEntry, EveryTruncationIsRefused) {
  const Bytes bytes = encode(full_entry());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode(ByteView(bytes).first(size));
    EXPECT_FALSE(decoded) << size;
  }
}

TEST(AuditEntry, FlippedBitsNeverEscapeTheEntry) {
  const Bytes bytes = encode(full_entry());
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes changed = bytes;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const auto decoded = decode(changed);
    if (!decoded) {
      ++refused;
      continue;
    }
    EXPECT_LE(decoded->peer.size() + decoded->record_from.size() + decoded->purpose.size() + decoded->reason.size() + decoded->ledger.size(), 1000u);
    EXPECT_FALSE(name(decoded->event).empty());
  }
  EXPECT_GT(refused, 100u);
}

TEST(AuditEntry, OverLimitAndUnknownFormatsAreRefused) {
  Bytes bytes = encode(full_entry());
  bytes.resize(limits::audit_entry_bytes_max + 1);
  EXPECT_EQ(decode(bytes).error().code, Errc::limit_exceeded);
  bytes = encode(full_entry());
  bytes[0] = 2;
  EXPECT_EQ(decode(bytes).error().code, Errc::bad_format);
}

TEST(AuditEntry, EveryEventHasOneName) {
  std::set<std::string_view> names;
  for (std::size_t number = 1; number <= static_cast<std::size_t>(Event::link_down); ++number) {
    const auto event = static_cast<Event>(number);
    ASSERT_FALSE(name(event).empty()) << number;
    EXPECT_TRUE(names.insert(name(event)).second);
    EXPECT_EQ(parse_event(name(event)), event);
  }
  EXPECT_EQ(name(Event::alarm), "alarm");
  EXPECT_EQ(name(Event::link_down), "link_down");
  EXPECT_TRUE(name(static_cast<Event>(static_cast<int>(Event::link_down) + 1)).empty());
  EXPECT_TRUE(name(static_cast<Event>(0)).empty());
  EXPECT_FALSE(parse_event("renamed"));
}

}  // namespace
}  // namespace liaison::audit
