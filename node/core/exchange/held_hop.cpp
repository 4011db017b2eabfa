// How things come to wait for a person (held.h): a next hop that the policy refers or where a held-back value stands again, and a request to release a
// field later. Also the notes people write. Makes rows; numbers and transactions are the caller's.
#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/exchange/held.h"
#include "core/exchange/sealed_value.h"
#include "core/record/path.h"

namespace liaison::exchange {
namespace {
std::string rule_of(const Context& context, const policy::Decided& decided) {
  if (decided.referred.empty()) return "held_back_upstream";
  const auto& reason = decided.reasons[decided.referred.front()];
  return reason.rule < 0 ? "referred" : context.policy->rules()[static_cast<std::size_t>(reason.rule)].id;
}

Result<RecordRow> record_row(const Context& context, const RecordKey& key) {
  LIAISON_TRY(const auto bytes, context.ports.store.get(Table::record, key_of(key)));
  if (!bytes) return fail(Errc::not_found, "record");
  return decode_record_row(*bytes);
}

// Paths that persons opened beyond the policy: of a later release without what the recipient has already.
std::vector<Bytes> released_by(const DecisionInput& input, const OutboxRow& row, const std::optional<Given>& given) {
  std::vector<Bytes> paths;
  for (const auto& one : row.overrides) {
    const auto leaf = input.held.openings.find(one.path);
    const bool had = row.supersedes && given && leaf && given->has(*leaf);
    if (one.effect == policy::Effect::disclose && !had) paths.push_back(one.path);
  }
  return paths;
}

Result<std::optional<Given>> given_before(const Context& context, const DecisionInput& input, const OutboxRow& row, const Earlier* drafted) {
  if (drafted != nullptr) return std::optional(make_given(*drafted, input.held.openings));
  if (input.held.disclosures.empty() && !row.supersedes) return std::optional<Given>{};  // own, and sent once
  return load_given(context, row.record, input.held, input.recipient);
}

// Leaves the recipient has and would not get again. Its own audience leaf stays open whatever the directory says today.
std::vector<std::size_t> taken_back(const DecisionInput& input, const Given& given, policy::Decided& decided) {
  std::vector<std::size_t> leaves;
  for (std::size_t i = 0; i < decided.leaves.size(); ++i) {
    if (!given.has(i) || decided.leaves[i].effect == record::LeafEffect::open || record::is_decoy(input.held.openings.path(i))) continue;
    if (record::is_audience(input.held.openings.path(i))) decided.leaves[i] = {};
    else leaves.push_back(i);
  }
  return leaves;
}
}  // namespace

HeldRow make_held(const DecisionInput& input, const OutboxRow& row, Time now, std::string reason) {
  HeldRow held;
  held.record = row.record;
  held.kind = input.manifest.kind;
  held.recipient = input.recipient;
  held.lane = input.manifest.urgent ? Lane::urgent : Lane::routine;
  held.msg_id = row.msg_id;
  held.since = now;
  held.expires = row.expires;
  held.reason = std::move(reason);
  held.overrides = row.overrides;
  held.supersedes = row.supersedes;
  if (!input.held.disclosures.empty())
    if (const auto last = record::parse_disclosure(view(input.held.disclosures.back().text))) held.source = last->relay;
  held.what = held.supersedes ? HeldWhat::release : held.source.empty() ? HeldWhat::outbound : HeldWhat::relay;
  return held;
}

Result<HopDecision> decide_hop(const Context& context, const DecisionInput& input, OutboxRow& row, const Earlier* drafted) {
  HopDecision out;
  LIAISON_TRY(out.decided, decide_record(context, input));
  LIAISON_TRY(out.given, given_before(context, input, row, drafted));
  const auto lost = out.given ? taken_back(input, *out.given, out.decided) : std::vector<std::size_t>{};
  const auto& decided = out.decided;
  if (decided.digest == row.decision && decided.may_leave() && lost.empty()) return out;
  const bool changed = row.approved;
  if (!changed) {
    LIAISON_TRY(out.repeats, find_repetitions(input, decided));
  }
  row.decision = decided.digest;
  row.approved = false;
  if (!changed && decided.may_leave() && out.repeats.empty() && lost.empty()) return out;
  HeldRow held = make_held(input, row, context.ports.clock.now(), changed ? "decision_changed" : !lost.empty() ? "given_before" : decided.may_leave() ? "repeated_value" : rule_of(context, decided));
  if (!changed && decided.may_leave()) held.what = HeldWhat::repeats;
  if (out.given && !row.supersedes) held.what = HeldWhat::update;
  held.approvals_needed = std::max(lost.empty() ? 1U : 2U, decided.approvals);
  held.emergency_allowed = decided.emergency && lost.empty();
  held.review_within = decided.review_within;
  std::set<Bytes> paths;
  for (const std::size_t leaf : decided.referred) paths.insert(to_bytes(input.held.openings.path(leaf)));
  for (const std::size_t leaf : lost) paths.insert(to_bytes(input.held.openings.path(leaf)));
  for (const auto& repeat : out.repeats) paths.insert(to_bytes(input.held.openings.path(repeat.found_in)));
  if (changed) {  // what was released under the earlier decision is asked about again; what was held back stays so
    const auto released = released_by(input, row, out.given);
    paths.insert(released.begin(), released.end());
    std::erase_if(held.overrides, [](const auto& one) { return one.effect == policy::Effect::disclose; });
  }
  held.paths.assign(paths.begin(), paths.end());
  out.held = std::move(held);
  return out;
}

Result<PassedOn> pass_on(const Context& context, const RecordKey& key, const std::shared_ptr<const HotRecord>& hot, Time expires, std::span<const std::string> next) {
  PassedOn all;
  if (next.empty()) return all;
  LIAISON_TRY(const auto schema, schema_of(context, hot->manifest));
  for (const auto& agency : next) {
    Onwards one{agency, hot->manifest.urgent ? Lane::urgent : Lane::routine, make_outbox_row(context, key, expires, hot->package), hot};
    LIAISON_TRY(auto hop, decide_hop(context, {*schema, hot->manifest, hot->package, agency, &hot->facts, {}}, one.row));
    if (hop.held) all.held.push_back(std::move(*hop.held));
    else {
      one.next = address(context, agency, one.row);
      all.onwards.push_back(std::move(one));
    }
  }
  return all;
}

Op disclosure_state(const Context& context, std::uint64_t seq, const HeldRow& row, DisclosureState state, std::string reason) {
  DisclosureRow note;
  note.policy = context.policy->ref();
  note.msg_id = row.msg_id;
  note.lane = row.lane;
  note.index = seq;
  note.dispatched = state == DisclosureState::held ? row.since : context.ports.clock.now();
  note.state = state;
  note.reason = std::move(reason);
  return {OpKind::put, Table::disclosure, key_of(row.record, row.recipient), encode(note)};
}

void queue_held(const Context& context, std::vector<HeldRow> rows, const NextHeldSeq& next, std::vector<Op>& ops, std::vector<Holding>& queued) {
  for (auto& row : rows) {
    const std::uint64_t seq = next();
    ops.push_back({OpKind::insert, Table::held, key_of(seq), encode(row)});
    if (!is_later(row.what) && row.what != HeldWhat::screening) ops.push_back(disclosure_state(context, seq, row, DisclosureState::held, row.reason));
    audit::Entry entry = context.entry(audit::Event::withheld);
    if (row.what == HeldWhat::release) entry.person = row.submitter;
    entry.peer = row.what == HeldWhat::screening ? row.source : row.recipient;
    entry.record_from = row.record.from;
    entry.record = row.record.id;
    entry.version = row.record.version;
    entry.reason = "held_" + std::string(name(row.what));
    entry.policy = context.policy->ref().fingerprint;
    ops.push_back(append_audit(entry));
    queued.push_back({seq, std::move(row)});
  }
}

Result<HeldRow> ask_release(const Context& context, const ReleaseRequest& request, const Approvers& approvers) {
  LIAISON_TRY(const auto held, load_record(context, request.record));
  LIAISON_TRY(const auto schema, schema_of(context, held.manifest));
  LIAISON_TRY(const auto given, load_given(context, request.record, held.package, request.recipient));
  if (!given) return fail(Errc::not_found, "nothing of this record was disclosed to " + request.recipient + " yet; see: liaison track");
  OutboxRow out;
  out.record = request.record;
  const Time now = context.ports.clock.now();
  out.msg_id = context.new_uuid(now);
  out.expires = now + limits::envelope_life_max - std::chrono::hours{1};
  out.supersedes = given->disclosure;
  HeldRow row = make_held({*schema, held.manifest, held.package, request.recipient, &held.facts, {}}, out, now, "asked");
  row.submitter = context.commit_to_person(request.person);
  for (const auto& item : request.items) {
    const auto leaves = leaves_named(*schema, held.package.openings, item);
    if (leaves.empty()) return fail(Errc::not_found, "item " + item + " does not stand in this record, or was held back before it came here");
    for (const std::size_t leaf : leaves)
      if (!given->has(leaf)) row.paths.push_back(to_bytes(held.package.openings.path(leaf)));
  }
  if (row.paths.empty()) return fail(Errc::invalid_argument, request.recipient + " has these items already");
  LIAISON_TRY(const auto proposal, make_proposal(context, row, held, HeldAction::release, {}));
  if (!proposal.stuck.empty()) return fail(Errc::not_permitted, "the policy never lets this be disclosed to " + request.recipient);
  row.approvals_needed = proposal.approvals_needed;
  row.action = name(HeldAction::release);
  const auto approver = approvers.find(row.submitter);
  if (approver != approvers.end() && approver->second.may_release) row.approvals.push_back({row.submitter, proposal.digest, now});
  if (!request.words.empty()) LIAISON_CHECK(seal_notes(context, row, {{request.person, "release", request.words, now}}));
  return row;
}

Result<std::vector<HeldNote>> load_notes(const Context& context, const HeldRow& row) {
  if (row.notes.empty()) return std::vector<HeldNote>{};
  LIAISON_TRY(auto secret, context.ports.keys.data_key(row.data_key));
  LIAISON_TRY(const Bytes plain, open_value({Table::held, row.msg_id.bytes}, {row.data_key, std::move(secret)}, row.notes));
  return decode_held_notes(plain);
}

Result<void> seal_notes(const Context& context, HeldRow& row, const std::vector<HeldNote>& notes) {
  LIAISON_TRY(const auto record, record_row(context, row.record));
  LIAISON_TRY(auto secret, context.ports.keys.data_key(record.data_key));
  row.data_key = record.data_key;
  LIAISON_TRY(row.notes, seal_value({Table::held, row.msg_id.bytes}, {row.data_key, std::move(secret)}, encode(notes), context.ports.random));
  return {};
}

}  // namespace liaison::exchange
