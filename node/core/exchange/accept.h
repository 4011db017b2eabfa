// T1, accept: from what a person submits to a sealed record and the write set that makes it this node's responsibility.
// Stages are types: only validate() makes a ValidMessage, only seal_records() a SealedRecord. Nothing here has effects; runs on pool threads.
#pragma once
#include "core/exchange/context.h"
#include "core/exchange/held_rows.h"

namespace liaison::exchange {

struct Submission {
  Uuid id{};                                   // idempotency
  Hash digest{};                               // of the request bytes
  std::string person;
  std::string kind;
  Bytes message;
  std::vector<std::string> to;
  std::string purpose, urgency_reason, channel, level;
  Lane urgency = Lane::routine;
  std::vector<std::string> handling;
  Time review{}, expires{};
  std::optional<Uuid> thread, answers;
  bool permit_relays = false;                  // with the originator's permit for every agency on the way
  RecordFacts facts;                           // stated beside the message
  std::vector<std::string> withhold;           // items held back from everybody
};

class ValidMessage {
 public:
  const Submission& submission() const { return submission_; }
  const record::Schema& schema() const { return *schema_; }
  Submission take() && { return std::move(submission_); }

 private:
  friend Result<ValidMessage> validate(const Context&, Submission);
  ValidMessage() = default;
  Submission submission_;
  std::shared_ptr<const record::Schema> schema_;
};
// Every reason to refuse comes in one Error, separated by "; ". Fills in the agency's defaults.
Result<ValidMessage> validate(const Context& context, Submission submission);

// A record as kept in memory between T1 or T2 and D, so that a fast path need not read and decrypt what was just stored.
struct HotRecord {
  record::Manifest manifest;
  record::Package package;      // own: all openings, no disclosures
  std::string via;              // received: the agency it came from
  RecordFacts facts = {};       // own
};
// Flattened and committed, not yet signed: what a preview looks at.
Result<std::shared_ptr<HotRecord>> make_draft(const Context& context, const ValidMessage& message);

class SealedRecord {
 public:
  const Submission& submission() const { return submission_; }
  const std::shared_ptr<const HotRecord>& hot() const { return hot_; }
  RecordKey key() const;

 private:
  friend std::vector<Result<SealedRecord>> seal_records(const Context&, std::vector<ValidMessage>);
  SealedRecord() = default;
  Submission submission_;
  std::shared_ptr<const HotRecord> hot_;
};
// One batch signature for all. Result i belongs to message i.
std::vector<Result<SealedRecord>> seal_records(const Context& context, std::vector<ValidMessage> messages);

struct Accepted {
  WriteSet set;                                // the caller adds the outbox rows: it alone numbers them
  std::vector<std::pair<std::string, OutboxRow>> outbox;  // next hop, row
  std::vector<HeldRow> held;                   // what waits for a person in the place of its row
  std::vector<std::string> to;                 // final recipients
  SubmissionRow row;
};
// What waits for dispatch to one next hop, with a new msg_id.
OutboxRow make_outbox_row(const Context& context, const RecordKey& key, Time expires, const record::Package& package);
// Decides for every next hop first. Errc: repeated_value with every place, and what deciding itself answers.
Result<Accepted> make_accept(const Context& context, const SealedRecord& sealed);

}  // namespace liaison::exchange
