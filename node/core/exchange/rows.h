// Rows of the store as structs (schemas/store.fbs) and their bytes. Decoders answer store_corrupt naming the table: only this node writes them. Pure.
#pragma once
#include "core/exchange/ports.h"
#include "core/link/ledger.h"
#include "core/policy/policy.h"
#include "core/record/package.h"

namespace liaison::exchange {

struct RecordRow {
  record::SignedText manifest;
  std::uint64_t data_key = 0;
  Bytes sealed;                     // own: packed openings; received: r (16) || encoded Package
  bool own = false;
  std::string kind;
  Time stored{};
  Hash person{};                    // commitment to the submitter (own)
  std::vector<std::string> recipients;  // own: final ones; received: next hops it goes on to
  Hash last_disclosure{};           // received
  Bytes core;                       // received
  std::string via;                  // received: the agency it came from; evidence about what becomes of it goes back there
  bool only_relayed = false;        // received: nothing of the audience covers this agency itself
  struct Superseded { Hash disclosure{}; std::vector<Bytes> opened; };
  std::vector<Superseded> superseded;  // received: packages this one took the place of, by their last disclosures, and the paths they opened
  Bytes sealed_facts = {};          // own: what people stated beside the message
};
Bytes encode(const RecordRow& row);
Result<RecordRow> decode_record_row(ByteView bytes);

// What people of the deciding agency stated beside the message; stored sealed with their record.
struct RecordFacts {
  policy::StatedFacts stated;
  struct Origin { std::string path, words; bool operator==(const Origin&) const = default; };
  std::vector<Origin> origins;               // where a confirmed fact came from
  struct Excuse { std::string item, reason; bool operator==(const Excuse&) const = default; };
  std::vector<Excuse> no_repetition;         // items (or paths) that repeat a value held back only seemingly
  bool operator==(const RecordFacts&) const = default;
};
Bytes encode(const RecordFacts& facts);
Result<RecordFacts> decode_record_facts(ByteView bytes);

struct SubmissionRow {
  Uuid record{};
  std::uint32_t version = 1;
  Time accepted{};
  Hash digest{};
};
Bytes encode(const SubmissionRow& row);
Result<SubmissionRow> decode_submission_row(ByteView bytes);

struct OutboxRow {
  RecordKey record;                          // empty `from`: texts
  Uuid msg_id{};
  Time expires{}, accepted{};
  std::vector<record::SignedText> texts;
  std::uint32_t bytes = 0;                   // estimate of the envelope
  std::vector<policy::Override> overrides = {};  // fields released or withheld by people
  std::optional<Hash> supersedes = {};       // the disclosure this one follows
  Hash decision{};                           // digest decided when it was put here; zero: not decided yet
  bool approved = false;                     // by people: never sent under another digest
  std::string recipient = {};                    // for whom it is sealed; empty: the peer itself. Another one: over bureaus that forward unopened
  Bytes envelope = {};                           // of somebody else, to be forwarded as it is
  std::uint8_t hops = 0;                     // of `envelope`, with this one
  bool of_record() const { return texts.empty() && envelope.empty(); }
};
Bytes encode(const OutboxRow& row);
Result<OutboxRow> decode_outbox_row(ByteView bytes);

// held, returned: no disclosure yet; the held item's number stands in `index`.
enum class DisclosureState : std::uint8_t { dispatched = 1, refused = 2, expired = 3, recalled = 4, voided = 5, held = 6, returned = 7 };
struct DisclosureRow {
  record::SignedText disclosure;
  record::PolicyRef policy;
  Uuid msg_id{};
  Lane lane = Lane::routine;
  std::uint32_t epoch = 0;
  std::uint64_t index = 0;
  Time dispatched{};
  DisclosureState state = DisclosureState::dispatched;
  std::string reason;
  std::string via;                           // the agency the record came from; empty: own
  std::vector<record::LeafEffect> effects = {};  // per opening of the record as held, decoys as they were before some were hidden
  std::string over = {};                         // the peer whose ledger it went into, if that is not the recipient
};
Bytes encode(const DisclosureRow& row);
Result<DisclosureRow> decode_disclosure_row(ByteView bytes);

struct HeadRow {
  merkle::Frontier frontier;
  link::SignedText head;
  std::optional<link::StopReason> stop;      // needs people
  link::SignedText other_head;               // stopped: what the peer showed against `head`
  std::optional<Hash> opening;               // epoch above 0
};
Bytes encode(const HeadRow& row);
Result<HeadRow> decode_head_row(ByteView bytes);

struct InboundBodyRow {
  Bytes core;
  std::uint64_t data_key = 0;
  Bytes sealed;
};
Bytes encode(const InboundBodyRow& row);
Result<InboundBodyRow> decode_inbound_body_row(ByteView bytes);

struct InboxRow {
  RecordKey record;
  std::string kind, purpose, level;
  Lane urgency = Lane::routine;
  Time received{};
  std::string relayed_by;                    // empty: it came from its originator
  bool partial = false;                      // fields were withheld on the way
};
Bytes encode(const InboxRow& row);
Result<InboxRow> decode_inbox_row(ByteView bytes);

struct ReceivedRow {
  std::optional<RecordKey> record;           // none: refused, or texts
  std::string refusal;                       // error name when refused
};
Bytes encode(const ReceivedRow& row);
Result<ReceivedRow> decode_received_row(ByteView bytes);

struct PersonRow {
  std::string role;
  Bytes public_key;                          // 32
  bool disabled = false;
  Time since{};
};
Bytes encode(const PersonRow& row);
Result<PersonRow> decode_person_row(ByteView bytes);

struct PolicyRow {
  Bytes json;
  std::vector<link::SignedText> signatures;  // none: the initial one of the settings
  Time loaded{};
};
Bytes encode(const PolicyRow& row);
Result<PolicyRow> decode_policy_row(ByteView bytes);

struct AlarmRow {
  std::string code, text;
};
Bytes encode(const AlarmRow& row);
Result<AlarmRow> decode_alarm_row(ByteView bytes);

// table meta, key_of_seen_policy: u64 version || u64 millis || hash of the disclosure that proves it
struct SeenPolicy {
  std::uint64_t version = 0;
  Time at{};
  Hash disclosure{};
};
Bytes encode(const SeenPolicy& row);
Result<SeenPolicy> decode_seen_policy(ByteView bytes);

// table ledger_receipt: the receipt and the head it names
struct ReceiptRow {
  link::SignedText receipt, head;
};
Bytes encode(const ReceiptRow& row);
Result<ReceiptRow> decode_receipt_row(ByteView bytes);

// text and signature block in one value: u32 length || text || signatures
Bytes encode(const link::SignedText& signed_text);
Result<link::SignedText> decode_signed_text(ByteView bytes);

}  // namespace liaison::exchange
