// Requests of people about what waits for a person: list, show, decide, ask for a later release. Content is shown only after its audit entry is durable;
// a decision is worked out on the pool over what the store holds and committed under the condition that nothing of it changed meanwhile.
#include <algorithm>

#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/codes.h"
#include "core/exchange/directory_store.h"
#include "core/exchange/recipient_view.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr std::uint32_t held_rows_max = 500;
constexpr std::size_t words_bytes_max = 4096;

using ItemList = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;
Result<std::vector<std::string>> items_of(const ItemList* list) {
  std::vector<std::string> items;
  if (list == nullptr) return items;
  if (list->size() > limits::items_named_max) return fail(Errc::limit_exceeded, "at most " + std::to_string(limits::items_named_max) + " items at once");
  for (const auto* item : *list) {
    if (item->size() > limits::code_bytes_max) return fail(Errc::limit_exceeded, "an item of more than " + std::to_string(limits::code_bytes_max) + " bytes");
    items.push_back(item->str());
  }
  return items;
}

std::vector<std::string> fields_of(const Context& context, const HeldRow& row) {
  std::vector<std::string> fields;
  const auto schema = context.schemas->newest(row.kind);
  if (schema == nullptr) return fields;
  for (const auto& path : row.paths) {
    const auto facts = describe_leaf(*schema, path);
    if (facts) fields.push_back(facts->name);
  }
  return fields;
}

flatbuffers::Offset<api::HeldRow> put_row(const Context& context, flatbuffers::FlatBufferBuilder& builder, std::uint64_t seq, const HeldRow& row, const Approvers& approvers) {
  std::vector<flatbuffers::Offset<api::HeldApproval>> approvals;
  for (const auto& one : row.approvals) {
    const auto who = approvers.find(one.person);
    const auto person = builder.CreateString(who == approvers.end() ? "" : who->second.name);
    approvals.push_back(api::CreateHeldApproval(builder, person, millis(one.at), who != approvers.end() && who->second.may_release));
  }
  const auto what = builder.CreateString(std::string(name(row.what)));
  const auto state = builder.CreateString(std::string(name(row.state)));
  const auto from = builder.CreateString(row.record.from);
  const auto record = put_bytes(builder, row.record.id.bytes);
  const auto kind = builder.CreateString(row.kind);
  const auto recipient = builder.CreateString(row.recipient);
  const auto source = builder.CreateString(row.source);
  const auto reason = builder.CreateString(row.reason);
  const auto fields = builder.CreateVectorOfStrings(fields_of(context, row));
  const auto list = builder.CreateVector(approvals);
  const bool overdue = row.state == HeldState::unreviewed && row.review_by && *row.review_by < context.ports.clock.now();
  return api::CreateHeldRow(builder, seq, what, state, from, record, row.record.version, kind, recipient, source, static_cast<std::uint8_t>(row.lane), millis(row.since), millis(row.expires),
                            millis(row.decided), reason, fields, list, row.approvals_needed, row.emergency_allowed, row.review_by ? millis(*row.review_by) : 0, overdue);
}

Bytes held_answer(const Context& context, const std::vector<std::pair<std::uint64_t, HeldRow>>& rows, const Approvers& approvers, bool more) {
  flatbuffers::FlatBufferBuilder builder(4096);
  std::vector<flatbuffers::Offset<api::HeldRow>> out;
  for (const auto& [seq, row] : rows) out.push_back(put_row(context, builder, seq, row, approvers));
  return finish_answer(builder, api::CreateHeld(builder, builder.CreateVector(out), more));
}

struct ItemQuestion {
  std::uint64_t seq = 0;
  std::string action;
  std::vector<std::string> items;
};

// What of a waiting item would leave; of screening all that came in.
Result<Bytes> show_item(const Context& context, const ItemQuestion& question, const HeldRow& row, const Approvers& approvers) {
  LIAISON_TRY(const auto held, load_record(context, row.record));
  LIAISON_TRY(const auto schema, schema_of(context, held.manifest));
  LIAISON_TRY(const auto notes, load_notes(context, row));
  flatbuffers::FlatBufferBuilder builder(64 << 10);
  flatbuffers::Offset<api::RecipientView> view_offset;
  Hash digest{};
  std::uint32_t needed = row.approvals_needed;
  if (row.what == HeldWhat::screening) {
    const auto agency = builder.CreateString(context.agency);
    LIAISON_TRY(const Bytes message, record::rebuild(*schema, held.package.openings));
    view_offset = api::CreateRecipientView(builder, agency, put_bytes(builder, message));
  } else if (row.state == HeldState::waiting) {
    const bool proposed = question.action.empty() && !row.action.empty();
    const auto action = parse_held_action(proposed ? row.action : question.action.empty() ? "release" : question.action);
    if (!action || (*action != HeldAction::release && *action != HeldAction::withhold)) return fail(Errc::invalid_argument, "action: release or withhold can be looked at");
    LIAISON_TRY(const auto proposal, make_proposal(context, row, held, *action, proposed ? row.items : question.items));
    const DecisionInput input{*schema, held.manifest, held.package, row.recipient, &held.facts, proposal.overrides};
    LIAISON_TRY(view_offset, make_recipient_view(context, builder, input, proposal.decided, proposal.repeats, ShowValues::yes));
    digest = proposal.digest;
    needed = proposal.approvals_needed;
  }
  std::vector<flatbuffers::Offset<api::HeldNote>> note_list;
  for (const auto& note : notes) {
    const auto person = builder.CreateString(note.person);
    const auto action = builder.CreateString(note.action);
    note_list.push_back(api::CreateHeldNote(builder, person, action, builder.CreateString(note.text), millis(note.at)));
  }
  const auto row_offset = put_row(context, builder, question.seq, row, approvers);
  const auto digest_offset = put_bytes(builder, digest);
  return finish_answer(builder, api::CreateHeldItem(builder, row_offset, view_offset, digest_offset, needed, builder.CreateVector(note_list)));
}
}  // namespace

Approvers Requests::approvers() const {
  Approvers all;
  for (const auto& [person, row] : node_.persons_) all.emplace(node_.context_->commit_to_person(person), Approver{person, row, !row.disabled && may(row.role, api::Request::DecideHeld)});
  return all;
}

Result<HeldRow> Requests::held_row(std::uint64_t seq) const {
  LIAISON_TRY(const auto bytes, node_.engine_.ports().store.get(Table::held, key_of(seq)));
  if (!bytes) return fail(Errc::not_found, "no item " + std::to_string(seq) + " waits here; see: liaison held list");
  return decode_held_row(*bytes);
}

void Requests::on_held(const Caller& caller, const api::AskHeld& ask) {
  const std::uint32_t most = std::clamp<std::uint32_t>(ask.max(), 1, held_rows_max);
  std::vector<std::pair<std::uint64_t, HeldRow>> found;
  bool more = true;
  for (Bytes from = key_of(ask.after() + 1); more && found.size() < most;) {
    auto rows = node_.engine_.ports().store.scan(Table::held, {from, {}}, held_rows_max);
    if (!rows) return refuse(caller, rows.error());
    more = rows->size() == held_rows_max;
    for (const auto& [key, value] : *rows) {
      auto row = decode_held_row(value);
      auto seq = parse_number(key);
      if (!row || !seq) return refuse(caller, row ? seq.error() : row.error());
      from = key_of(*seq + 1);
      if (!ask.decided() && !is_open(row->state)) continue;
      found.emplace_back(*seq, std::move(*row));
      if (found.size() < most) continue;
      more = true;
      break;
    }
  }
  answer(caller, held_answer(*node_.context_, found, approvers(), more));
}

void Requests::on_held_item(const Caller& caller, const api::AskHeldItem& ask) {
  auto row = held_row(ask.seq());
  if (!row) return refuse(caller, row.error());
  auto items = items_of(ask.items());
  if (!items) return refuse(caller, items.error());
  const ItemQuestion question{ask.seq(), string_of(ask.action()), std::move(*items)};
  ++node_.tasks_;
  node_.engine_.run(false, [this, caller, question, row = *row, people = approvers(), context = node_.context_]() -> Finish {
    auto shown = std::make_shared<Result<Bytes>>(show_item(*context, question, row, people));
    return [this, caller, row, shown, context] {
      --node_.tasks_;
      if (!*shown) return refuse(caller, shown->error());
      audit::Entry entry = context->entry(audit::Event::consulted);
      entry.person = context->commit_to_person(caller.person);
      entry.record_from = row.record.from;
      entry.record = row.record.id;
      entry.version = row.record.version;
      WriteSet set;
      set.cls = WriteClass::hand_over;
      set.ops.push_back(append_audit(entry));
      node_.engine_.commit(std::move(set), [this, caller, shown](Outcome outcome) {
        if (outcome == Outcome::committed) answer(caller, std::move(**shown));
        else refuse(caller, Errc::disk_full, "the audit entry of this reading could not be written; nothing is shown; free disk space");
      });
    };
  });
}

void Requests::on_decide_held(const Caller& caller, const api::DecideHeld& ask) {
  auto row = held_row(ask.seq());
  if (!row) return refuse(caller, row.error());
  auto items = items_of(ask.items());
  if (!items) return refuse(caller, items.error());
  const auto action = parse_held_action(string_of(ask.action()));
  if (!action) return refuse(caller, Errc::invalid_argument, "action: release, withhold, return, accept, refuse, confirm or object");
  HeldDecision decision{ask.seq(), *action, std::move(*items), std::nullopt, caller.person, string_of(ask.reason()), string_of(ask.code()), ask.emergency()};
  if (decision.words.empty() || decision.words.size() > words_bytes_max) return refuse(caller, Errc::invalid_argument, "a reason of 1 to " + std::to_string(words_bytes_max) + " bytes is needed");
  if (!decision.code.empty() && !is_return_reason(decision.code)) return refuse(caller, Errc::invalid_argument, "unknown code; known: " + known_return_reasons());
  if (const ByteView digest = bytes_of(ask.digest()); digest.size() == 32) decision.digest = ByteReader(digest).hash();
  ++node_.tasks_;
  node_.engine_.run(row->lane == Lane::urgent, [this, caller, decision, row = *row, people = approvers(), context = node_.context_]() -> Finish {
    auto step = std::make_shared<Result<HeldStep>>(take_held_step(*context, row, decision, people));
    auto reports = std::make_shared<Result<std::vector<Report>>>(*step ? report_step(*context, **step) : Result<std::vector<Report>>(step->error()));
    return [this, caller, seq = decision.seq, step, reports] {
      --node_.tasks_;
      if (*reports) return commit_step(caller, seq, std::move(**step), std::move(**reports));
      audit_refusal(caller, reports->error().code, api::Request::DecideHeld);
      refuse(caller, reports->error());
    };
  });
}

void Requests::commit_step(const Caller& caller, std::uint64_t seq, HeldStep step, std::vector<Report> reports) {
  auto queued = std::make_shared<std::vector<Queued>>();
  const NextOutboxSeq seqs = [this](const std::string& peer, Lane lane) { return node_.next_outbox_seq(peer, lane); };
  if (step.outbox) {
    std::string link = address(*node_.context_, step.row.recipient, *step.outbox);
    queue_onwards({std::move(link), step.row.lane, std::move(*step.outbox), nullptr}, seqs, step.set.ops, *queued);
  }
  auto held = std::make_shared<std::vector<Holding>>();
  for (auto& one : step.onwards.onwards) queue_onwards(std::move(one), seqs, step.set.ops, *queued);
  queue_held(*node_.context_, std::move(step.onwards.held), node_.held_seqs(), step.set.ops, *held);
  for (auto& report : reports) queue_report(std::move(report), seqs, step.set.ops, *queued);
  std::optional<std::uint64_t> inbox;
  if (step.inbox) {
    inbox = node_.inbox_next_++;
    node_.inbox_under_way_.insert(*inbox);
    step.set.ops.push_back({OpKind::insert, Table::inbox, key_of(*inbox), encode(*step.inbox)});
  }
  node_.engine_.commit(std::move(step.set), [this, caller, seq, row = step.row, queued, held, inbox](Outcome outcome) {
    if (inbox) node_.inbox_under_way_.extract(*inbox);
    held->push_back({seq, row});
    node_.on_held(std::move(*held), outcome);
    node_.on_queued(std::move(*queued), outcome);
    if (outcome == Outcome::conflict) return refuse(caller, Errc::conflict, "somebody else decided, or the policy or a person's rights changed, at the same moment; look at it again");
    if (outcome != Outcome::committed) return refuse(caller, Errc::outcome_unknown, "the store did not confirm; look at the item again: liaison held show " + std::to_string(seq));
    if (inbox) node_.announce_inbox(*inbox, row.lane);
    answer(caller, held_answer(*node_.context_, {{seq, row}}, approvers(), false));
  });
}

void Requests::on_release(const Caller& caller, const api::Release& ask) {
  auto key = find_record(bytes_of(ask.record()), ask.from() ? ask.from()->string_view() : std::string_view{}, ask.version());
  if (!key) return refuse(caller, key.error());
  auto items = items_of(ask.items());
  if (!items) return refuse(caller, items.error());
  ReleaseRequest request{*key, string_of(ask.recipient()), caller.person, string_of(ask.reason()), std::move(*items)};
  if (request.items.empty()) return refuse(caller, Errc::invalid_argument, "which items? Give at least one with --item");
  if (request.words.empty() || request.words.size() > words_bytes_max) return refuse(caller, Errc::invalid_argument, "a reason of 1 to " + std::to_string(words_bytes_max) + " bytes is needed");
  ++node_.tasks_;
  node_.engine_.run(false, [this, caller, request, people = approvers(), context = node_.context_]() -> Finish {
    auto row = std::make_shared<Result<HeldRow>>(ask_release(*context, request, people));
    return [this, caller, row, context] {
      --node_.tasks_;
      if (!*row) return refuse(caller, row->error());
      WriteSet set;
      set.preconditions.push_back(policy_in_force(*context));
      set.preconditions.push_back(directory_in_force(*context));
      auto held = std::make_shared<std::vector<Holding>>();
      queue_held(*context, {std::move(**row)}, node_.held_seqs(), set.ops, *held);
      node_.engine_.commit(std::move(set), [this, caller, held](Outcome outcome) {
        const Holding asked = held->front();
        node_.on_held(std::move(*held), outcome);
        if (outcome != Outcome::committed) return refuse(caller, Errc::conflict, "it could not be stored now; ask again");
        answer(caller, held_answer(*node_.context_, {{asked.seq, asked.row}}, approvers(), false));
      });
    };
  });
}

}  // namespace liaison::exchange
