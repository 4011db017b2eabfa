// The custody of what was sent: for every final recipient where its copy stands, by receipts of the next hop and, over relays, by the evidence that came
// back. Declared in record_view.h. Reads the store; no effects.
#include <algorithm>

#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/evidence.h"
#include "core/exchange/held.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/record_view.h"
#include "core/exchange/relay.h"

namespace liaison::exchange {
namespace {
struct Position {
  std::string state;
  Time since{};
  std::string reason{};
};

// waiting -> dispatched -> delivered (covered by a countersigned receipt), or refused, expired, recalled.
Result<Position> position_of(const Context& context, const std::string& agency, const std::optional<DisclosureRow>& disclosure, Time accepted) {
  if (!disclosure) return Position{"waiting", accepted};
  switch (disclosure->state) {
    case DisclosureState::refused: return Position{"refused", disclosure->dispatched};
    case DisclosureState::expired: return Position{"expired", disclosure->dispatched};
    case DisclosureState::recalled: return Position{"recalled", disclosure->dispatched};
    case DisclosureState::voided: return Position{"recalled", disclosure->dispatched};
    case DisclosureState::held: return Position{"held", disclosure->dispatched};
    case DisclosureState::returned: return Position{"returned", disclosure->dispatched};
    case DisclosureState::dispatched: break;
  }
  LIAISON_TRY(const auto receipted, load_receipted(context.ports.store, {agency, Direction::outbound, 0, disclosure->lane, disclosure->epoch}));
  return Position{disclosure->index < receipted ? "delivered" : "dispatched", disclosure->dispatched};
}

Result<std::optional<ReceiptRow>> receipt_covering(const Context& context, const std::string& agency, const DisclosureRow& disclosure) {
  const LogKey log{agency, Direction::outbound, 0, disclosure.lane, disclosure.epoch};
  LIAISON_TRY(auto receipts, load_receipts_above(context.ports.store, log, disclosure.index, 1));
  if (receipts.empty()) return std::optional<ReceiptRow>{};
  return std::optional(std::move(receipts.front()));
}

// Somebody a record is for, and the way there from here; the next hop holds the receipt.
struct Leg {
  std::string agency;
  std::vector<std::string> path;             // without this agency
  std::string next;                          // whom it was disclosed to
};

struct Said {
  Evidence evidence;
  record::SignedText text;
};
Result<std::vector<Said>> all_said(const Context& context, const RecordKey& key) {
  const Bytes from = key_of(key);
  LIAISON_TRY(const auto rows, context.ports.store.scan(Table::evidence, {from, after_prefix(from)}, limits::evidence_texts_max));
  std::vector<Said> said;
  for (const auto& row : rows) {
    LIAISON_TRY(auto entry, decode_signed_text(row.second));
    LIAISON_TRY(auto evidence, parse_evidence(view(entry.text)));
    said.push_back({std::move(evidence), {std::move(entry.text), std::move(entry.signatures)}});
  }
  return said;
}

bool on_path(const Leg& leg, std::string_view agency) { return std::find(leg.path.begin(), leg.path.end(), agency) != leg.path.end(); }

// "<code>:<agency>" of a relay's evidence: does it concern this leg?
bool concerns(const Leg& leg, const std::string& reason) {
  const auto colon = reason.rfind(':');
  return colon != std::string::npos && on_path(leg, std::string_view(reason).substr(colon + 1));
}

// What the last relevant word says; a final one (delivered, refused, expired) outweighs words on the way.
Position heard(const Leg& leg, const std::vector<Said>& said, Position position) {
  std::size_t furthest = 0;
  for (const auto& [evidence, text] : said) {
    const auto& [event, reason] = std::tie(evidence.event, evidence.reason);
    if (!on_path(leg, evidence.from)) continue;
    if (event == "delivered" && evidence.from == leg.agency) return {"delivered", evidence.at, {}};
    if (event == "refused") return {"refused", evidence.at, reason + ":" + evidence.from};
    if (event == "held" && evidence.from == leg.agency) position = {"held", evidence.at, reason};  // by its screening
    if (event == "accepted" && evidence.from == leg.agency) position = {"delivered", evidence.at, {}};
    if (event == "returned" && concerns(leg, reason)) position = {"returned", evidence.at, reason};
    if (event == "not_relayed" && concerns(leg, reason)) return {reason.starts_with("expired:") ? "expired" : "refused", evidence.at, reason};
    if (event == "held" && concerns(leg, reason) && position.state == "at_relay") position = {"held", evidence.at, reason};
    const auto at = event == "relayed" ? std::find(leg.path.begin(), leg.path.end(), reason) : leg.path.end();
    if (at == leg.path.end() || static_cast<std::size_t>(at - leg.path.begin()) <= furthest) continue;
    furthest = static_cast<std::size_t>(at - leg.path.begin());
    position = {"relayed", evidence.at, reason};
  }
  return position;
}

using SignedOffsets = std::vector<flatbuffers::Offset<wire::SignedText>>;
SignedOffsets put_said(flatbuffers::FlatBufferBuilder& builder, const Leg& leg, const std::vector<Said>& said) {
  SignedOffsets offsets;
  for (const auto& one : said)
    if (on_path(leg, one.evidence.from) && offsets.size() < limits::evidence_shown_max) offsets.push_back(put_signed(builder, one.text));
  return offsets;
}

std::string way_of(const Leg& leg) {
  std::string way;
  for (std::size_t i = 0; i + 1 < leg.path.size(); ++i) way += (way.empty() ? "" : " > ") + leg.path[i];
  return way;
}

// What the person wrote who returned the item.
Result<std::string> question_of(const Context& context, std::uint64_t held) {
  LIAISON_TRY(const auto bytes, context.ports.store.get(Table::held, key_of(held)));
  if (!bytes) return std::string{};
  LIAISON_TRY(const auto row, decode_held_row(*bytes));
  if (row.state != HeldState::returned) return std::string{};
  LIAISON_TRY(auto notes, load_notes(context, row));
  return notes.empty() ? std::string{} : std::move(notes.back().text);
}

Result<flatbuffers::Offset<api::TrackStep>> make_step(const Context& context, flatbuffers::FlatBufferBuilder& builder, const RecordKey& key, const Leg& leg, Time accepted,
                                                      const std::vector<Said>& said, TrackDetail detail) {
  LIAISON_TRY(const auto bytes, context.ports.store.get(Table::disclosure, key_of(key, leg.next)));
  std::optional<DisclosureRow> disclosure;
  if (bytes) {
    LIAISON_TRY(disclosure, decode_disclosure_row(*bytes));
  }
  const std::string& holder = disclosure && !disclosure->over.empty() ? disclosure->over : leg.next;  // of the receipt
  LIAISON_TRY(Position position, position_of(context, holder, disclosure, accepted));
  if (disclosure) position.reason = disclosure->reason;
  const bool sent = disclosure && !disclosure->disclosure.text.empty();
  flatbuffers::Offset<wire::SignedText> receipt;
  SignedOffsets evidence;
  if (detail == TrackDetail::full && sent) {
    LIAISON_TRY(const auto row, receipt_covering(context, holder, *disclosure));
    if (row) {
      receipt = put_signed(builder, row->receipt);
      if (const auto parsed = link::parse_receipt(view(row->receipt.text)); parsed && position.state == "delivered") position.since = parsed->stored;
    }
    evidence = put_said(builder, leg, said);
  }
  if (position.state == "delivered") position = heard(leg, said, leg.path.size() == 1 ? position : Position{"at_relay", position.since, leg.path.front()});
  const auto who = builder.CreateString(leg.agency);
  const auto state = builder.CreateString(position.state);
  const auto ledger = builder.CreateString(sent ? ledger_name({holder, Direction::outbound, 0, disclosure->lane, disclosure->epoch}) + "#" + std::to_string(disclosure->index) : "");
  const auto reason = builder.CreateString(position.reason);
  const auto way = builder.CreateString(way_of(leg));
  const auto list = builder.CreateVector(evidence);
  const bool waits = disclosure && (disclosure->state == DisclosureState::held || disclosure->state == DisclosureState::returned);
  LIAISON_TRY(const std::string words, waits && detail == TrackDetail::full ? question_of(context, disclosure->index) : Result<std::string>(std::string{}));
  const auto question = builder.CreateString(words);
  return api::CreateTrackStep(builder, who, state, millis(position.since), ledger, receipt, list, reason, way, waits ? disclosure->index : 0, question);
}

// Of an own record every final recipient; of a record passed on the next hops, since what is behind them is the originator's business.
Result<std::vector<Leg>> legs_of(const Context& context, const RecordRow& row) {
  std::vector<Leg> legs;
  LIAISON_TRY(const auto manifest, record::parse_manifest(view(row.manifest.text)));
  const Journey journey = make_journey(context, manifest);
  for (const auto& recipient : row.recipients) {
    if (!row.own) {
      legs.push_back({recipient, {recipient}, recipient});
      continue;
    }
    for (const auto& agency : expand_audience(*context.directory, journey, audience_of(recipient))) {
      if (agency == context.agency) continue;
      auto path = make_path(*context.directory, journey, agency);
      // The directory has changed since: what was sent then is still found under the recipient's own name.
      if (path) legs.push_back({agency, std::vector(path->begin() + 1, path->end()), first_hop(*context.directory, *path).recipient});
      else legs.push_back({agency, {agency}, agency});
    }
  }
  return legs;
}
}  // namespace

Result<flatbuffers::Offset<api::Track>> make_track(const Context& context, flatbuffers::FlatBufferBuilder& builder, const RecordKey& key, TrackDetail detail) {
  LIAISON_TRY(const auto bytes, context.ports.store.get(Table::record, key_of(key)));
  if (!bytes) return fail(Errc::not_found, "record");
  LIAISON_TRY(const auto row, decode_record_row(*bytes));
  LIAISON_TRY(const auto legs, legs_of(context, row));
  LIAISON_TRY(const auto said, all_said(context, key));
  std::vector<flatbuffers::Offset<api::TrackStep>> steps;
  for (const auto& leg : legs) {
    LIAISON_TRY(const auto step, make_step(context, builder, key, leg, row.stored, said, detail));
    steps.push_back(step);
  }
  if (!row.own) {
    const auto self = builder.CreateString(context.agency);
    const auto state = builder.CreateString(row.only_relayed ? "passed_on" : "held");
    const auto way = builder.CreateString(row.via);
    api::TrackStepBuilder step(builder);
    step.add_agency(self);
    step.add_state(state);
    step.add_since_ms(millis(row.stored));
    step.add_way(way);
    steps.push_back(step.Finish());
  }
  const auto from = builder.CreateString(key.from);
  const auto id = put_bytes(builder, key.id.bytes);
  const auto list = builder.CreateVector(steps);
  return api::CreateTrack(builder, from, id, key.version, millis(row.stored), list);
}

}  // namespace liaison::exchange
