// Encoding of table held; sizes and enumerators are checked when read, so that a damaged row is reported and never decided upon. Pure.
#include "core/exchange/held_rows.h"

#include <algorithm>

#include "core/exchange/row_bytes.h"

namespace liaison::exchange {
namespace {
constexpr std::string_view what_names[] = {"outbound", "relay", "repeats", "screening", "release", "update"};
constexpr std::string_view state_names[] = {"waiting", "released", "accepted", "refused", "returned", "expired", "unreviewed", "confirmed", "objected"};

Offset<flatbuffers::Vector<Offset<stored::Approval>>> put_approvals(FlatBufferBuilder& builder, const std::vector<Approval>& approvals) {
  std::vector<Offset<stored::Approval>> offsets;
  for (const auto& one : approvals) {
    const auto person = put_bytes(builder, one.person);
    offsets.push_back(stored::CreateApproval(builder, person, put_bytes(builder, one.digest), millis(one.at)));
  }
  return builder.CreateVector(offsets);
}

std::optional<Time> get_time(std::int64_t millis_or_zero) { return millis_or_zero == 0 ? std::nullopt : std::optional(time_from_millis(millis_or_zero)); }
}  // namespace

std::string_view name(HeldWhat what) { return what_names[static_cast<std::size_t>(what) - 1]; }
std::string_view name(HeldState state) { return state_names[static_cast<std::size_t>(state) - 1]; }

Bytes encode(const HeldRow& row) {
  FlatBufferBuilder builder(1024);
  const auto record = put_bytes(builder, key_of(row.record));
  const auto kind = builder.CreateString(row.kind);
  const auto recipient = builder.CreateString(row.recipient);
  const auto source = builder.CreateString(row.source);
  const auto msg_id = put_bytes(builder, row.msg_id.bytes);
  const auto reason = builder.CreateString(row.reason);
  std::vector<Offset<stored::Path>> paths;
  for (const auto& path : row.paths) paths.push_back(stored::CreatePath(builder, put_bytes(builder, path)));
  const auto path_list = builder.CreateVector(paths);
  const auto overrides = put_overrides(builder, row.overrides);
  const auto action = builder.CreateString(row.action);
  const auto items = builder.CreateVectorOfStrings(row.items);
  const auto supersedes = row.supersedes ? put_bytes(builder, *row.supersedes) : ByteVector{};
  const auto submitter = put_bytes(builder, row.submitter);
  const auto approvals = put_approvals(builder, row.approvals);
  const auto notes = put_bytes(builder, row.notes);
  return finish(builder, stored::CreateHeld(builder, static_cast<std::uint8_t>(row.what), static_cast<std::uint8_t>(row.state), record, kind, recipient, source,
                                            static_cast<std::uint8_t>(row.lane), msg_id, millis(row.since), millis(row.expires), millis(row.decided), reason, path_list, overrides, supersedes,
                                            submitter, row.approvals_needed, row.emergency_allowed, static_cast<std::uint32_t>(row.review_within.count()), approvals,
                                            row.review_by ? millis(*row.review_by) : 0, row.data_key, notes, action, items));
}

Result<HeldRow> decode_held_row(ByteView bytes) {
  LIAISON_TRY(const auto* held, root_of<stored::Held>(bytes, Table::held));
  if (held->what() < 1 || held->what() > std::size(what_names) || held->state() < 1 || held->state() > std::size(state_names)) return fail(Errc::store_corrupt, "row of table held");
  HeldRow row;
  row.what = static_cast<HeldWhat>(held->what());
  row.state = static_cast<HeldState>(held->state());
  LIAISON_TRY(row.record, parse_record_key(get_bytes(held->record())));
  row.kind = get_string(held->kind());
  row.recipient = get_string(held->recipient());
  row.source = get_string(held->source());
  row.lane = held->lane() == 1 ? Lane::urgent : Lane::routine;
  row.msg_id = get_uuid(held->msg_id());
  row.since = time_from_millis(held->since_ms());
  row.expires = time_from_millis(held->expires_ms());
  row.decided = time_from_millis(held->decided_ms());
  row.reason = get_string(held->reason());
  if (held->paths() != nullptr)
    for (const auto* path : *held->paths()) row.paths.push_back(to_bytes(get_bytes(path->path())));
  LIAISON_TRY(row.overrides, get_overrides(held->overrides(), Table::held));
  row.action = get_string(held->action());
  if (held->items() != nullptr)
    for (const auto* item : *held->items()) row.items.push_back(item->str());
  if (held->supersedes() != nullptr) row.supersedes = get_hash(held->supersedes());
  row.submitter = get_hash(held->submitter());
  row.approvals_needed = held->approvals_needed();
  row.emergency_allowed = held->emergency_allowed();
  row.review_within = std::chrono::hours{held->review_hours()};
  if (held->approvals() != nullptr)
    for (const auto* one : *held->approvals()) row.approvals.push_back({get_hash(one->person()), get_hash(one->digest()), time_from_millis(one->at_ms())});
  row.review_by = get_time(held->review_by_ms());
  row.data_key = held->data_key();
  row.notes = to_bytes(get_bytes(held->notes()));
  return row;
}

Bytes encode(const std::vector<HeldNote>& notes) {
  FlatBufferBuilder builder(512);
  std::vector<Offset<stored::Note>> offsets;
  for (const auto& note : notes) {
    const auto person = builder.CreateString(note.person);
    const auto action = builder.CreateString(note.action);
    offsets.push_back(stored::CreateNote(builder, person, action, builder.CreateString(note.text), millis(note.at)));
  }
  return finish(builder, stored::CreateNotes(builder, builder.CreateVector(offsets)));
}

Result<std::vector<HeldNote>> decode_held_notes(ByteView bytes) {
  LIAISON_TRY(const auto* list, root_of<stored::Notes>(bytes, Table::held));
  std::vector<HeldNote> notes;
  if (list->notes() != nullptr)
    for (const auto* note : *list->notes()) notes.push_back({get_string(note->person()), get_string(note->action()), get_string(note->text()), time_from_millis(note->at_ms())});
  return notes;
}

}  // namespace liaison::exchange
