// Rows and keys of the store (stored_record.h reads records back), values at rest, evidence texts, the table of rights: round trips, order of keys, and damage that is noticed.
#include "core/exchange/rows.h"

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/exchange/evidence.h"
#include "core/exchange/held_rows.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/rights.h"
#include "core/exchange/sealed_value.h"
#include "tests/unit/exchange/party.h"

namespace liaison::exchange::test {
namespace {
const Uuid id = make_uuid(start, std::array<std::uint8_t, 10>{5});
const RecordKey record{"ke.customs", id, 3};

// Every truncation of a row is refused with store_corrupt, never read as something shorter.
template <class Decode>
void truncations_are_noticed(const Bytes& bytes, const Decode& decode) {
  for (std::size_t size = 0; size + 1 < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto read = decode(cut);
    if (read) continue;  // the last table of a FlatBuffer may end in padding
    EXPECT_EQ(read.error().code, Errc::store_corrupt) << size;
  }
  EXPECT_FALSE(decode(Bytes{}));
  EXPECT_FALSE(decode(Bytes(3, 0xFF)));
}
}  // namespace

TEST(Rows, a_request_newer_than_this_node_is_nobodys_right) {
  for (unsigned number = static_cast<unsigned>(api::Request::MAX) + 1; number < 256; ++number) {
    EXPECT_FALSE(may("administrator", static_cast<api::Request>(number))) << number;
  }
  EXPECT_FALSE(may("administrator", api::Request::NONE));
}

TEST(Rows, round_trips) {
  const RecordRow row{{"manifest", "sigs"}, 42, Bytes{1, 2, 3}, true, "ecomessage", start, merkle::sha256("person"), {"int.gs", "tz.police"}, merkle::sha256("d"), Bytes{9}, "ke.ncb", true, {{merkle::sha256("older"), {{1, 0, 2}, {1, 0, 3}}}, {merkle::sha256("old"), {}}}};
  const auto read = decode_record_row(encode(row)).value();
  EXPECT_EQ(read.manifest.text, row.manifest.text);
  EXPECT_EQ(read.data_key, 42U);
  EXPECT_EQ(read.sealed, row.sealed);
  EXPECT_TRUE(read.own);
  EXPECT_EQ(read.recipients, row.recipients);
  EXPECT_EQ(read.person, row.person);
  EXPECT_EQ(read.stored, start);
  EXPECT_EQ(read.via, "ke.ncb");
  EXPECT_TRUE(read.only_relayed);
  ASSERT_EQ(read.superseded.size(), 2U);
  EXPECT_EQ(read.superseded[1].disclosure, row.superseded[1].disclosure);
  EXPECT_EQ(read.superseded[0].opened, row.superseded[0].opened);
  EXPECT_EQ(read.superseded[1].opened, row.superseded[1].opened);

  const OutboxRow waiting{record, id, start + Seconds{5}, start, {{"text", "sig"}}, 4096};
  const auto outbox = decode_outbox_row(encode(waiting)).value();
  EXPECT_EQ(outbox.record, record);
  EXPECT_EQ(outbox.msg_id, id);
  EXPECT_EQ(outbox.expires, waiting.expires);
  EXPECT_EQ(outbox.texts.size(), 1U);
  EXPECT_EQ(outbox.bytes, 4096U);

  const SeenPolicy seen{7, start, merkle::sha256("disclosure")};
  const auto known = decode_seen_policy(encode(seen)).value();
  EXPECT_EQ(known.version, 7U);
  EXPECT_EQ(known.at, start);
  EXPECT_EQ(known.disclosure, seen.disclosure);
  EXPECT_FALSE(decode_seen_policy(Bytes(47)));

  DisclosureRow disclosure;
  disclosure.disclosure = {"disclosure", "sig"};
  disclosure.msg_id = id;
  disclosure.index = 77;
  disclosure.state = DisclosureState::refused;
  disclosure.reason = "cannot_open";
  const auto told = decode_disclosure_row(encode(disclosure)).value();
  EXPECT_EQ(told.index, 77U);
  EXPECT_EQ(told.state, DisclosureState::refused);
  EXPECT_EQ(told.reason, "cannot_open");

  const auto refused = decode_received_row(encode(ReceivedRow{std::nullopt, "expired"})).value();
  EXPECT_FALSE(refused.record);
  EXPECT_EQ(refused.refusal, "expired");
  EXPECT_EQ(decode_received_row(encode(ReceivedRow{record, {}}))->record, record);
  EXPECT_EQ(decode_submission_row(encode(SubmissionRow{id, 2, start, merkle::sha256("x")}))->digest, merkle::sha256("x"));
  EXPECT_EQ(decode_person_row(encode(PersonRow{"officer", Bytes(32, 1), true, start}))->disabled, true);
  const auto inbox = decode_inbox_row(encode(InboxRow{record, "ecomessage", "wanted", "national", Lane::urgent, start, "ke.ncb", true}));
  EXPECT_EQ(inbox->urgency, Lane::urgent);
  EXPECT_EQ(inbox->relayed_by, "ke.ncb");
  EXPECT_TRUE(inbox->partial);
}

TEST(Rows, what_people_stated_and_decided_round_trips) {
  RecordFacts facts;
  facts.stated.authorisation = policy::Authorisation::court;
  facts.stated.offence_class = policy::OffenceClass::serious;
  facts.origins = {{"persons[0].nationality", "5.g 'Kenyan', confirmed by the sender"}};
  facts.no_repetition = {{"12", "a street"}};
  EXPECT_EQ(decode_record_facts(encode(facts)).value(), facts);

  OutboxRow waiting{record, id, start, start, {}, 4096};
  waiting.overrides = {{Bytes{1, 0, 2}, policy::Effect::disclose}, {Bytes{1, 0, 3}, policy::Effect::withhold}};
  waiting.supersedes = merkle::sha256("before");
  waiting.decision = merkle::sha256("decision");
  waiting.approved = true;
  const auto outbox = decode_outbox_row(encode(waiting)).value();
  EXPECT_EQ(outbox.overrides, waiting.overrides);
  EXPECT_EQ(outbox.supersedes, waiting.supersedes);
  EXPECT_EQ(outbox.decision, waiting.decision);
  EXPECT_TRUE(outbox.approved);
  waiting.overrides.front().effect = policy::Effect::refer;
  EXPECT_EQ(decode_outbox_row(encode(waiting)).error().code, Errc::store_corrupt);

  HeldRow held;
  held.what = HeldWhat::relay;
  held.state = HeldState::unreviewed;
  held.record = record;
  held.recipient = "int.gs";
  held.source = "ke.customs";
  held.lane = Lane::urgent;
  held.msg_id = id;
  held.since = held.expires = held.decided = start;
  held.reason = "R100";
  held.paths = {Bytes{1, 0, 1}};
  held.overrides = {{Bytes{1, 0, 3}, policy::Effect::withhold}};
  held.action = "release";
  held.items = {"5.b"};
  held.approvals = {{merkle::sha256("person"), merkle::sha256("digest"), start}};
  held.approvals_needed = 2;
  held.emergency_allowed = true;
  held.review_within = std::chrono::hours{12};
  held.review_by = start + Seconds{5};
  held.data_key = 9;
  held.notes = Bytes{1, 2, 3};
  EXPECT_EQ(encode(decode_held_row(encode(held)).value()), encode(held));
  EXPECT_EQ(decode_held_row(encode(held))->review_by, held.review_by);
  EXPECT_EQ(decode_held_row(encode(held))->approvals.front().person, merkle::sha256("person"));
  const std::vector<HeldNote> notes{{"release-1", "return", "why?", start}};
  EXPECT_EQ(decode_held_notes(encode(notes))->front().text, "why?");
  EXPECT_EQ(decode_policy_row(encode(PolicyRow{Bytes{7}, {{"text", "sig"}}, start}))->signatures.size(), 1U);
}

TEST(Rows, heads_keep_their_bytes_so_that_preconditions_hold) {
  HeadRow row;
  for (int i = 0; i < 5; ++i) row.frontier.append(merkle::sha256(std::to_string(i)));
  row.head = {"head text", "signature"};
  const Bytes bytes = encode(row);
  EXPECT_EQ(encode(decode_head_row(bytes).value()), bytes);
}

TEST(Rows, damage_is_noticed) {
  truncations_are_noticed(encode(OutboxRow{record, id, start, start, {{"text", "sig"}}, 1}), decode_outbox_row);
  truncations_are_noticed(encode(SubmissionRow{id, 1, start, {}}), decode_submission_row);
  truncations_are_noticed(encode(InboxRow{record, "k", "p", "l", Lane::routine, start, "r", true}), decode_inbox_row);
  truncations_are_noticed(encode(PersonRow{"officer", Bytes(32, 1), false, start}), decode_person_row);
  HeldRow held;
  held.record = record;
  truncations_are_noticed(encode(held), decode_held_row);
  truncations_are_noticed(encode(PolicyRow{Bytes{7}, {}, start}), decode_policy_row);
  truncations_are_noticed(encode(RecordFacts{}), decode_record_facts);
  truncations_are_noticed(encode(ReceiptRow{{"r", "s"}, {"h", "s"}}), decode_receipt_row);
}

TEST(Tables, keys_sort_as_numbers_do_and_read_back) {
  const LogKey log{"ke.customs", Direction::inbound, 0, Lane::urgent, 2};
  EXPECT_LT(key_of(log, 255), key_of(log, 256));
  EXPECT_EQ(parse_log_key(key_of(log, 9)).value(), log);
  EXPECT_EQ(parse_number(key_of(log, 9)).value(), 9U);
  EXPECT_EQ(parse_record_key(key_of(record)).value(), record);
  EXPECT_LT(key_of_outbox("a.b", Lane::urgent, ~std::uint64_t{0}), key_of_outbox("a.b", Lane::routine, 0));
  // One agency's rows never stand among another's whose id begins with the same letters.
  EXPECT_LT(after_prefix(key_of(LogKey{"ke.a", Direction::inbound, 0, Lane::routine, 0})), key_of(LogKey{"ke.a.b", Direction::outbound, 0, Lane::urgent, 0}));
  EXPECT_TRUE(after_prefix(Bytes{0xFF, 0xFF}).empty());
  EXPECT_EQ(after_prefix(Bytes{1, 0xFF}), Bytes{2});
  EXPECT_FALSE(parse_log_key(to_bytes("ke.customs")));
  EXPECT_FALSE(parse_record_key(Bytes{}));
  Bytes longer = key_of(record);
  put_u8(longer, 7);
  EXPECT_FALSE(parse_record_key(longer));
  EXPECT_FALSE(parse_number(Bytes(7)));
}

TEST(LedgerRows, entries_and_nodes_of_packed_batches_are_found) {
  support::MemoryStore store("int.gs", sim::realm);
  const LogKey log{"ke.customs", Direction::outbound, 0, Lane::routine, 0};
  merkle::Frontier frontier;
  std::vector<Hash> roots{merkle::empty_root()};
  WriteSet set;
  for (const std::size_t batch : {3U, 1U, 5U}) {
    const std::uint64_t first = frontier.size();
    std::vector<link::Element> elements;
    std::vector<Hash> completed;
    for (std::size_t i = 0; i < batch; ++i) {
      link::Entry entry;
      entry.size = 10;
      entry.msg_id = make_uuid(start, std::array<std::uint8_t, 10>{static_cast<std::uint8_t>(first + i)});
      entry.core = merkle::sha256(std::to_string(first + i));
      elements.push_back({link::encode(entry), std::nullopt});
      frontier.append(merkle::leaf_hash(elements.back().entry), &completed);
      roots.push_back(frontier.root());
    }
    add_ledger_rows(log, first, elements, completed, set.ops);
  }
  set.ops.push_back({OpKind::put, Table::ledger_head, key_of(log), encode(HeadRow{frontier, {"h", "s"}, {}, {}, {}})});
  ASSERT_EQ(store.commit(std::span(&set, 1)).front(), Outcome::committed);
  for (std::uint64_t size = 1; size <= frontier.size(); ++size) EXPECT_EQ(load_root(store, log, size).value(), roots[size]) << size;
  const auto entries = load_entries(store, log, 2, 4).value();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(link::decode_entry(entries[3])->core, merkle::sha256("5"));
  EXPECT_EQ(load_entries(store, log, 7, 5).error().code, Errc::store_corrupt);
  EXPECT_EQ(key_of_dispatched("int.gs", entries[3]), key_of_dispatched("int.gs", merkle::sha256("5")));
}

TEST(SealedValue, opens_only_as_the_row_it_was_sealed_for) {
  Party party("int.gs");
  const auto key = party.site.keys.new_data_key().value();
  const Bytes name = key_of(record);
  const Bytes sealed = seal_value({Table::record, name}, key, to_bytes("secret"), party.site.random).value();
  EXPECT_EQ(open_value({Table::record, name}, key, sealed).value(), to_bytes("secret"));
  EXPECT_FALSE(open_value({Table::quarantine, name}, key, sealed));
  EXPECT_FALSE(open_value({Table::record, key_of(RecordKey{"ke.customs", id, 4})}, key, sealed));
  EXPECT_FALSE(open_value({Table::record, name}, party.site.keys.new_data_key().value(), sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(open_value({Table::record, name}, key, changed)) << i;
    EXPECT_FALSE(open_value({Table::record, name}, key, ByteView(sealed).first(i))) << i;
  }
}

TEST(EvidenceText, round_trips_and_refuses_other_text) {
  Evidence evidence{sim::realm, id, "int.gs", merkle::sha256("key"), "ke.customs", "ke.customs", {id, 2}, merkle::sha256("m"), {merkle::sha256("d")}, merkle::sha256("c"), "refused", "expired", start};
  const std::string text = make_text(evidence);
  const auto read = parse_evidence(view(text)).value();
  EXPECT_EQ(make_text(read), text);
  EXPECT_EQ(read.record.version, 2U);
  evidence.record_from.reset();
  EXPECT_FALSE(parse_evidence(view(make_text(evidence)))->record_from);
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(parse_evidence(view(text).first(size))) << size;
  std::string beyond = text;  // a version that does not fit must not become another one
  const std::size_t version = beyond.find('\n', beyond.find("record ")) - 1;
  EXPECT_FALSE(parse_evidence(view(beyond.replace(version, 1, "4294967297"))));
  EXPECT_FALSE(parse_evidence(view(text + "more x\n")));
  const std::vector<record::SignedText> texts{{text, "sig"}, {"b", "c"}};
  EXPECT_EQ(decode_texts(encode_texts(texts)).value(), texts);
  EXPECT_FALSE(decode_texts(encode_texts({})));
  EXPECT_FALSE(decode_texts(encode_texts(std::vector<record::SignedText>(limits::evidence_texts_max + 1, {"a", "b"}))));
}

TEST(Rights, what_is_not_listed_is_not_allowed) {
  using api::Request;
  EXPECT_TRUE(may("officer", Request::Submit));
  EXPECT_TRUE(may("analyst", Request::Fetch));
  EXPECT_FALSE(may("analyst", Request::Submit));
  EXPECT_FALSE(may("reporter", Request::AskInbox));
  EXPECT_TRUE(may("administrator", Request::PersonAdd));
  for (const auto request : {Request::AskRecord, Request::AskInbox, Request::Fetch, Request::Submit}) EXPECT_FALSE(may("administrator", request));
  EXPECT_FALSE(may("officer", Request::PersonAdd));
  EXPECT_FALSE(may("officer", Request::NONE));
  EXPECT_FALSE(may("nobody", Request::AskStatus));
  EXPECT_TRUE(is_role("auditor"));
  EXPECT_FALSE(is_role(""));
}

}  // namespace liaison::exchange::test
