// Decisions of people over what waits in table held: what a proposal would send, whose approval counts, and the write set of each step.
// A step never sends: it puts an outbox row under the approved digest, and D refuses to send anything else. Pure over the Store and KeyHolder ports.
#pragma once
#include <map>

#include "core/exchange/decision.h"
#include "core/exchange/given.h"
#include "core/exchange/queue.h"
#include "core/exchange/stored_record.h"

namespace liaison::exchange {

// Decides for the next hop that `row` is for, under the overrides it carries, and notes the decision in it. What was checked before under the same
// digest is not searched for repeated values again; what persons approved is held again as soon as the digest is another. What the recipient has already
// must stay open: where the decision would hold it back, persons decide. `drafted`: what it is about to get by an item of the same dispatch.
struct HopDecision {
  policy::Decided decided;
  std::vector<policy::Repeat> repeats;
  std::optional<HeldRow> held;               // a person decides first: waits in the place of the outbox row
  std::optional<Given> given;                // the package takes its place
};
Result<HopDecision> decide_hop(const Context& context, const DecisionInput& input, OutboxRow& row, const Earlier* drafted = nullptr);
// For the next hops of a record that came from others.
struct PassedOn {
  std::vector<Onwards> onwards;
  std::vector<HeldRow> held;
};
Result<PassedOn> pass_on(const Context& context, const RecordKey& key, const std::shared_ptr<const HotRecord>& hot, Time expires, std::span<const std::string> next);
// What waits under this outbox row; `reason` is the rule or code that holds it.
HeldRow make_held(const DecisionInput& input, const OutboxRow& row, Time now, std::string reason);
// Row of table disclosure while there is none: what track shows of a held item.
Op disclosure_state(const Context& context, std::uint64_t seq, const HeldRow& row, DisclosureState state, std::string reason);
// Puts items into table held, audited, each with the state that track shows of it.
void queue_held(const Context& context, std::vector<HeldRow> rows, const NextHeldSeq& next, std::vector<Op>& ops, std::vector<Holding>& queued);

enum class HeldAction : std::uint8_t { release, withhold, give_back, accept, refuse, confirm, object };
std::optional<HeldAction> parse_held_action(std::string_view word);
std::string_view name(HeldAction action);

// What the recipient would get if this were approved.
struct Proposal {
  std::vector<policy::Override> overrides;
  policy::Decided decided;
  std::vector<policy::Repeat> repeats;       // left over: they must be held back too, or said to be no repetition by releasing their places
  std::vector<Bytes> stuck;                  // what a person may not decide this way: never to be disclosed, inseparable, named by the originator
  Hash digest{};                             // what approvals are for
  std::uint32_t approvals_needed = 1;
  bool possible() const { return repeats.empty() && stuck.empty(); }
};
// Errors: not_found naming an item that is not there or that nobody asks about; superseded (release: the recipient got something else meanwhile).
Result<Proposal> make_proposal(const Context& context, const HeldRow& row, const StoredRecord& held, HeldAction action, std::span<const std::string> items);

struct Approver {
  std::string name;
  PersonRow row;
  bool may_release = false;                  // enabled, and of a role that may decide
};
using Approvers = std::map<Hash, Approver>;  // by commitment

struct HeldDecision {
  std::uint64_t seq = 0;
  HeldAction action{};
  std::vector<std::string> items;
  std::optional<Hash> digest;
  std::string person, words, code;
  bool emergency = false;
};
struct HeldEvidence { std::string event, reason; };
struct HeldStep {
  WriteSet set;                              // without the rows that the caller numbers
  HeldRow row;                               // as it is afterwards
  std::optional<OutboxRow> outbox;           // to row.recipient in row.lane
  std::optional<InboxRow> inbox;
  PassedOn onwards;                          // screening: what goes on now
  std::optional<HeldEvidence> evidence;      // what row.source is told; the caller signs and numbers it
  std::string done;                          // in words
};
Result<HeldStep> take_held_step(const Context& context, const HeldRow& before, const HeldDecision& decision, const Approvers& approvers);

// A field withheld from a recipient is to be released now: the row that waits for it. Errors: not_found (nothing was disclosed to it, the item is not held here), not_permitted
// (never to be disclosed). The request of somebody who may release counts as the first approval of two.
struct ReleaseRequest {
  RecordKey record;
  std::string recipient, person, words;
  std::vector<std::string> items;
};
Result<HeldRow> ask_release(const Context& context, const ReleaseRequest& request, const Approvers& approvers);

// What the agency it came from is told, signed.
Result<std::vector<Report>> report_step(const Context& context, const HeldStep& step);
// What waited until its end: evidence to the source, the state for the submitter.
HeldStep expire_held(const Context& context, std::uint64_t seq, const HeldRow& before);

// What people wrote: sealed under the record's data key and the item's msg_id.
Result<std::vector<HeldNote>> load_notes(const Context& context, const HeldRow& row);
Result<void> seal_notes(const Context& context, HeldRow& row, const std::vector<HeldNote>& notes);

}  // namespace liaison::exchange
