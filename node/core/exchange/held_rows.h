// Table held: what waits for a person's decision, and what was decided. Rows as structs and their bytes (schemas/store.fbs); what people wrote is sealed.
// Decoders answer store_corrupt: only this node writes them. Pure.
#pragma once
#include "core/exchange/rows.h"

namespace liaison::exchange {

enum class HeldWhat : std::uint8_t {
  outbound = 1,   // the policy refers fields of an own record to a person
  relay,          // the same for a record passed on
  repeats,        // a value held back stands again in what would be shown
  screening,      // came in and is not yet accepted
  release,        // somebody asks to open what a recipient did not get
  update,         // the record came with more than before, and something has to be decided before the recipient's copy is replaced
};
enum class HeldState : std::uint8_t {
  waiting = 1,
  released,       // on its way, under the approved decision
  accepted,       // screening: in the inbox
  refused,        // screening: refused with evidence; release: not granted
  returned,       // back to the submitter or sender
  expired,
  unreviewed,     // left by emergency release; a second person has to look at it
  confirmed,      // the second person agrees
  objected,       // the second person does not
};
std::string_view name(HeldWhat what);
// The recipient has a copy, which stays as it is whatever becomes of the item.
inline bool is_later(HeldWhat what) { return what == HeldWhat::release || what == HeldWhat::update; }
std::string_view name(HeldState state);
inline bool is_open(HeldState state) { return state == HeldState::waiting || state == HeldState::unreviewed; }

struct Approval {
  Hash person{};                       // commitment
  Hash digest{};                       // of the proposal it is for
  Time at{};
};

struct HeldRow {
  HeldWhat what = HeldWhat::outbound;
  HeldState state = HeldState::waiting;
  RecordKey record;
  std::string kind;
  std::string recipient;               // the next hop; of screening this agency
  std::string source;                  // the agency a passed on or screened record came from
  Lane lane = Lane::routine;
  Uuid msg_id{};                       // of the outbox row to be
  Time since{}, expires{}, decided{};
  std::string reason;                  // code: rule, screening reason, why it came back
  std::vector<Bytes> paths;            // asked about: referred fields, places of repeated values, fields to release
  std::vector<policy::Override> overrides; // stated before it was held
  std::string action;                  // what the approvals are for
  std::vector<std::string> items;
  std::optional<Hash> supersedes;      // release: the last disclosure to this recipient
  Hash submitter{};                    // commitment to who submitted or asked
  std::uint32_t approvals_needed = 1;
  bool emergency_allowed = false;
  std::chrono::hours review_within{0};
  std::vector<Approval> approvals;
  std::optional<Time> review_by;       // emergency release
  std::uint64_t data_key = 0;          // of `notes`
  Bytes notes;                         // sealed: HeldNote after HeldNote
};
Bytes encode(const HeldRow& row);
Result<HeldRow> decode_held_row(ByteView bytes);

// What a person wrote with a step. Personal data may stand in it: stored sealed, shown only to whom the item is shown.
struct HeldNote {
  std::string person, action, text;
  Time at{};
};
Bytes encode(const std::vector<HeldNote>& notes);
Result<std::vector<HeldNote>> decode_held_notes(ByteView bytes);

}  // namespace liaison::exchange
