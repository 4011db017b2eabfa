// The stages accept (accept.h, codes.h, decision.h), dispatch and receive: every reason to refuse in one answer, one code per wrong envelope with evidence for its sender, nothing shown twice.
#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "tests/support/messages.h"
#include "tests/unit/exchange/party.h"

namespace liaison::exchange::test {
namespace {
bool has(const std::vector<Op>& ops, Table table) {
  return std::any_of(ops.begin(), ops.end(), [table](const Op& op) { return op.table == table; });
}
struct Stages : testing::Test {
  Party from{"int.gs"}, to{"ke.customs"};
  Bytes envelope() { return *dispatched(from, "ke.customs", submission("ke.customs")).element->envelope; }
  // Valid but for its header.
  Bytes wrong(const std::function<void(EnvelopeHeader&)>& change) {
    auto head = header(from, "ke.customs");
    change(head);
    return seal_envelope(*sealing(from, "ke.customs"), head, to_bytes("no package"), from.site.random)->bytes;
  }
  std::string refusal(Bytes bytes, const std::string& peer = "int.gs") { return received(to, peer, std::move(bytes)).entry->reason; }
};
}  // namespace

TEST_F(Stages, validate_names_every_reason_at_once) {
  auto bad = submission("ke.customs");
  bad.to = {"ke.customs", "ke.customs", "int.gs", "xx.nowhere", "NO"};
  bad.purpose = "curiosity";
  bad.urgency = Lane::urgent;
  bad.expires = start - Seconds{1};
  const auto refused = validate(*from.context, bad);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  for (const char* part : {"stands twice", "this agency itself", "not in the directory", "no agency id", "unknown purpose", "urgent needs a reason", "the expiry"})
    EXPECT_NE(refused.error().detail.find(part), std::string::npos) << part;
}

TEST_F(Stages, validate_refuses_unknown_kind_damaged_message_and_gaps) {
  auto one = submission("ke.customs");
  one.kind = "letter";
  EXPECT_EQ(validate(*from.context, one).error().code, Errc::unknown_schema);
  one = submission("ke.customs");
  one.message.resize(one.message.size() / 2);
  EXPECT_FALSE(validate(*from.context, one));
  one = submission("ke.customs");
  one.message = support::tiny_ecomessage();
  EXPECT_EQ(validate(*from.context, one).error().code, Errc::incomplete);
}

TEST_F(Stages, past_the_grace_of_the_directory_nothing_is_accepted) {
  from.now = parse_time("2027-08-01T00:00:00.000Z").value();
  EXPECT_EQ(validate(*from.context, submission("ke.customs")).error().code, Errc::directory_stale);
}

TEST_F(Stages, accept_writes_record_submission_and_audit_together) {
  std::vector<ValidMessage> valid;
  valid.push_back(validate(*from.context, submission("ke.customs")).value());
  const auto sealed = seal_records(*from.context, std::move(valid));
  const auto accepted = make_accept(*from.context, *sealed.front()).value();
  for (const Table table : {Table::record, Table::submission, Table::audit_entry}) EXPECT_TRUE(has(accepted.set.ops, table)) << name(table);
  ASSERT_EQ(accepted.outbox.size(), 1U);
  EXPECT_EQ(accepted.outbox.front().first, "ke.customs");
  // I3: no clear text of the message in any row.
  for (const auto& op : accepted.set.ops) EXPECT_EQ(text(op.value).find("Export without permit"), std::string_view::npos);
}

TEST_F(Stages, what_was_sent_is_received_once) {
  const Bytes bytes = envelope();
  auto item = received(to, "int.gs", bytes);
  ASSERT_TRUE(item.inbox) << item.entry->reason;
  EXPECT_EQ(item.entry->event, audit::Event::received);
  WriteSet set;
  set.ops = std::move(item.ops);
  ASSERT_EQ(to.site.disk.memory.commit(std::span(&set, 1)).front(), Outcome::committed);
  const auto again = received(to, "int.gs", bytes);
  EXPECT_FALSE(again.inbox);
  EXPECT_TRUE(again.ops.empty());
  EXPECT_EQ(again.entry->reason, "duplicate");
}

TEST_F(Stages, wrong_envelopes_are_refused_by_name) {
  EXPECT_EQ(refusal(wrong([](auto& head) { head.realm = "other-exercise"; })), "wrong_realm");
  EXPECT_EQ(refusal(wrong([](auto& head) { head.from = "tz.police"; })), "wrong_sender");
  EXPECT_EQ(refusal(wrong([](auto& head) { head.to = "tz.police"; })), "wrong_recipient");
  EXPECT_EQ(refusal(envelope(), "tz.police"), "wrong_sender");
  EXPECT_EQ(refusal(wrong([](auto& head) { head.created -= std::chrono::hours{48}; head.expires = head.created + Seconds{1}; })), "expired");
  EXPECT_EQ(refusal(wrong([](auto& head) { head.created += std::chrono::hours{2}; head.expires = head.created + Seconds{1}; })), "clock_out_of_range");
  EXPECT_EQ(refusal(Bytes(100, 7)), "bad_format");
  EXPECT_NE(refusal(wrong([](auto&) {})), "");
}

TEST_F(Stages, refusal_is_answered_with_signed_evidence_and_keeps_the_bytes_sealed) {
  to.site.keys.box_key_missing = true;
  const auto result = received_all(to, "int.gs", {envelope()});
  const auto& item = result.items.front();
  EXPECT_EQ(item.entry->event, audit::Event::refused);
  EXPECT_EQ(item.entry->reason, "cannot_open");
  EXPECT_TRUE(has(item.ops, Table::quarantine));
  EXPECT_FALSE(item.inbox);
  ASSERT_EQ(result.reports.size(), 1U);
  ASSERT_EQ(result.reports.front().row.texts.size(), 1U);
  const auto evidence = parse_evidence(view(result.reports.front().row.texts.front().text)).value();
  EXPECT_EQ(evidence.to, "int.gs");
  EXPECT_EQ(evidence.event, "refused");
  EXPECT_FALSE(evidence.record_from);
  EXPECT_TRUE(evidence.core);
}

TEST_F(Stages, evidence_is_never_answered_with_evidence) {
  const auto texts = seal_envelope(*sealing(from, "ke.customs"), header(from, "ke.customs", Content::texts), encode_texts({{"no evidence", "no signature"}}), from.site.random)->bytes;
  const auto result = received_all(to, "int.gs", {texts});
  EXPECT_EQ(result.items.front().entry->event, audit::Event::refused);
  EXPECT_TRUE(result.reports.empty());
}

TEST_F(Stages, expired_in_the_outbox_is_dropped_with_its_reason) {
  auto what = submission("ke.customs");
  what.expires = start + Seconds{1};
  std::vector<ValidMessage> valid;
  valid.push_back(validate(*from.context, std::move(what)).value());
  auto sealed = seal_records(*from.context, std::move(valid));
  const auto accepted = make_accept(*from.context, *sealed.front()).value();
  from.now = start + Seconds{2};
  std::vector<OutboxRef> refs;
  refs.push_back({4, accepted.outbox.front().second, sealed.front()->hot()});
  const auto items = prepare_dispatch(*from.context, "ke.customs", *sealing(from, "ke.customs"), std::move(refs)).value().items;
  ASSERT_EQ(items.size(), 1U);
  EXPECT_FALSE(items.front().element);
  EXPECT_EQ(items.front().disclosure.state, DisclosureState::expired);
}

TEST_F(Stages, clock_set_back_does_not_stretch_the_life_of_an_envelope) {
  auto what = submission("ke.customs");
  what.expires = start + limits::envelope_life_max;
  std::vector<ValidMessage> valid;
  valid.push_back(validate(*from.context, std::move(what)).value());
  auto sealed = seal_records(*from.context, std::move(valid));
  const auto accepted = make_accept(*from.context, *sealed.front()).value();
  from.now = start - std::chrono::hours{3};
  std::vector<OutboxRef> refs;
  refs.push_back({0, accepted.outbox.front().second, sealed.front()->hot()});
  const auto items = prepare_dispatch(*from.context, "ke.customs", *sealing(from, "ke.customs"), std::move(refs)).value().items;
  ASSERT_TRUE(items.front().element);
  EXPECT_TRUE(parse_envelope(*items.front().element->envelope));
}

TEST_F(Stages, missing_record_does_not_block_what_waits_behind_it) {
  OutboxRow lost;
  lost.record = {"int.gs", make_uuid(start, std::array<std::uint8_t, 10>{77}), 1};
  lost.expires = start + Seconds{60};
  std::vector<OutboxRef> refs;
  refs.push_back({0, lost, nullptr});
  const auto items = prepare_dispatch(*from.context, "ke.customs", *sealing(from, "ke.customs"), std::move(refs));
  ASSERT_TRUE(items);
  EXPECT_EQ(items->items.front().disclosure.state, DisclosureState::refused);
  EXPECT_EQ(items->items.front().disclosure.reason, "not_found");
}

}  // namespace liaison::exchange::test
