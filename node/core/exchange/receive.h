// T2, receive: from a verified batch to stored records, noted refusals and the write set after which the batch is acknowledged.
// receive_elements() opens, verifies and encrypts on pool threads; finish_receive() numbers the inbox and makes the write set, in ledger order.
#pragma once
#include <map>

#include "core/base/limits.h"
#include "core/exchange/accept.h"
#include "core/exchange/echo.h"
#include "core/exchange/envelope.h"
#include "core/exchange/queue.h"
#include "core/link/session.h"

namespace liaison::exchange {

// HPKE contexts by encapsulated key, so that decapsulation is paid once per sender's epoch. Bounded; owned by the peer's driver.
using OpeningCache = std::map<Bytes, std::shared_ptr<const crypto::HpkeContext>>;

// Poison guard (formats 4): the position of an envelope is noted before it is opened. Noting needs no flush: it must survive the process, not the machine.
class OpeningNotes {
 public:
  virtual ~OpeningNotes() = default;
  virtual void begin(const LogKey& log, std::uint64_t index) = 0;  // this thread starts to open it
  virtual void end() = 0;
  // True when the process died twice while this position was being opened; then it is ledgered unopened.
  virtual bool suspect(const LogKey& log, std::uint64_t index) const = 0;
};

struct ReceiveInput {
  LogKey log;                                // inbound, peer is the sender
  std::uint64_t first = 0;
  std::vector<link::Element> elements;
  OpeningCache cache;                        // what the driver knows; new ones come back in the result
  std::size_t quarantine_room = limits::quarantine_bytes_max;  // bytes of refused envelopes that may still be kept
};

// A message just verified, kept for subscribers who fetch soon.
struct HotMessage {
  RecordKey key;
  Bytes message;
  std::string manifest;
};

struct ReceivedItem {
  std::vector<Op> ops;
  std::optional<InboxRow> inbox;
  std::shared_ptr<const HotMessage> hot;
  std::vector<Onwards> onwards;              // to be passed on, with the same transaction
  std::vector<HeldRow> held;                 // waits for a person: to be passed on, or to be accepted here
  std::vector<Echo> echoes;                  // said about questions of ours
  std::optional<RecordKey> early;            // a permit for it was kept because the record is not here
  std::optional<Hash> supersedes;            // last disclosure of the package it takes the place of
  std::string public_reason;                 // of a refusal by screening: what the sender reads
  std::optional<audit::Entry> entry;         // none for voids
  std::string alarm;                         // code, empty: none
  std::string log;                           // why it was refused, for the local log: codes and sizes, no content
};
struct ReceiveResult {
  std::vector<ReceivedItem> items;
  std::vector<Report> reports;               // evidence for the agencies the records came from
  OpeningCache opened;                       // contexts computed here
  std::size_t quarantined_bytes = 0;
};
// Never fails for what the sender did: that is an item. An Error means the batch cannot be taken now (store, keys).
Result<ReceiveResult> receive_elements(const Context& context, OpeningNotes& notes, const ReceiveInput& input);

struct InboundBatch {
  LogKey log;
  std::uint64_t first = 0;
  std::vector<link::EntryBytes> entries;
  std::vector<Hash> completed;
  HeadRow before, after;
};
// One part of a batch, or all of it. `policy`, `directory`: what it was screened, verified and passed on under.
struct ReceivedWork {
  std::vector<ReceivedItem> items;
  std::vector<Report> reports;
  Hash policy{}, directory{};
  std::size_t quarantined_bytes = 0;
};
struct ReceiveNumbers {
  std::uint64_t inbox_next = 0;              // advanced
  NextOutboxSeq outbox_next;
  NextHeldSeq held_next;
};
struct ReceivedBatch {
  WriteSet set;
  std::vector<std::pair<std::uint64_t, std::shared_ptr<const HotMessage>>> inbox;
  std::vector<Queued> queued;
  std::vector<Holding> held;
  std::vector<Echo> echoes;
};
// `work` under the policy and directory in force, which are preconditions: nothing is shown or passed on under an older one.
ReceivedBatch finish_receive(const Context& context, const InboundBatch& batch, ReceivedWork work, ReceiveNumbers& numbers);

}  // namespace liaison::exchange
