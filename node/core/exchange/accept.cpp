// The stages of T1. Pure over the context; every refusal names what, where and what to do, and never quotes message content.
#include "core/exchange/accept.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/exchange/codes.h"
#include "core/exchange/message_check.h"
#include "core/exchange/permits.h"
#include "core/exchange/routes.h"
#include "core/exchange/plan.h"
#include "core/exchange/sealed_value.h"

namespace liaison::exchange {
namespace {
constexpr auto review_max = std::chrono::hours{24} * 366 * 5;

class Problems {
 public:
  void add(std::string problem) { all_ += (all_.empty() ? "" : "; ") + std::move(problem); }
  bool any() const { return !all_.empty(); }
  std::string take() { return std::move(all_); }

 private:
  std::string all_;
};

void fill_defaults(const Context& context, Submission& submission) {
  const auto& defaults = context.defaults;
  const Time now = context.ports.clock.now();
  if (submission.purpose.empty()) submission.purpose = defaults.purpose;
  if (submission.channel.empty()) submission.channel = defaults.channel;
  if (submission.level.empty()) submission.level = defaults.level;
  if (submission.handling.empty()) submission.handling = defaults.handling;
  if (submission.review == Time{}) submission.review = now + std::chrono::hours{24} * defaults.review_days;
  if (submission.expires == Time{}) submission.expires = now + limits::envelope_life_max - std::chrono::hours{1};
}

Journey journey_of(const Context& context, const Submission& submission) {
  return {context.agency, submission.channel, submission.level, context.agency, context.ports.clock.now()};
}

// Of a group or country every member must be reached, except this agency itself.
void check_route(const Context& context, const Submission& submission, const std::string& recipient, Problems& problems) {
  const std::string audience = audience_of(recipient);
  const auto routes = make_routes(*context.directory, journey_of(context, submission), std::span(&audience, 1));
  for (const auto& unreachable : routes.unreachable) problems.add(unreachable.error.detail);
  if (routes.onward.empty() && routes.unreachable.empty()) problems.add("recipient " + recipient + " has no other agency on the channel " + submission.channel + " (see: liaison directory show)");
}

void check_recipients(const Context& context, const Submission& submission, Problems& problems) {
  if (submission.to.empty()) problems.add("no recipient: name an agency with --to");
  if (submission.to.size() > limits::recipients_max) problems.add("more than " + std::to_string(limits::recipients_max) + " recipients");
  for (std::size_t i = 0; i < submission.to.size(); ++i) {
    const auto& agency = submission.to[i];
    if (std::find(submission.to.begin(), submission.to.begin() + static_cast<std::ptrdiff_t>(i), agency) != submission.to.begin() + static_cast<std::ptrdiff_t>(i))
      problems.add("recipient " + agency + " stands twice");
    if (!is_audience_value(audience_of(agency))) problems.add("a recipient is no agency id (form: ke.customs, or group:name, or country:ke)");
    else if (agency == context.agency) problems.add("recipient " + agency + " is this agency itself");
    else check_route(context, submission, agency, problems);
  }
}

void check_codes(const Context& context, const Submission& submission, Problems& problems) {
  const Time now = context.ports.clock.now();
  if (!is_purpose(submission.purpose)) problems.add("unknown purpose; known: " + known_purposes());
  if (!is_channel(submission.channel)) problems.add("unknown channel; known: " + known_channels());
  if (!is_level(submission.level)) problems.add("unknown sharing level; known: national, regional, international");
  for (const auto& code : submission.handling)
    if (!is_handling(code)) problems.add("unknown handling code; known: " + known_handling());
  if (submission.urgency == Lane::urgent && submission.urgency_reason.empty()) problems.add("urgent needs a reason: give --urgency-reason");
  if (submission.review <= now || submission.review > now + review_max) problems.add("the review date must lie in the next five years");
  if (submission.expires <= now || submission.expires > now + limits::envelope_life_max) problems.add("the expiry must lie in the next 30 days");
  if (!context.directory->has_channel(context.agency, submission.channel)) problems.add("this agency is not on the channel " + submission.channel);
}

record::NewRecord describe(const Context& context, const ValidMessage& message, std::span<const std::uint8_t, 10> id_random) {
  const auto& submission = message.submission();
  record::NewRecord record;
  auto& manifest = record.manifest;
  manifest.realm = context.realm;
  manifest.created = context.ports.clock.now();
  manifest.record = {make_uuid(manifest.created, id_random), 1};
  manifest.kind = submission.kind;
  manifest.schema_number = message.schema().number();
  manifest.schema = message.schema().hash();
  manifest.from = context.agency;
  manifest.key = context.seal_key;
  manifest.directory_version = context.directory->version();
  manifest.directory = context.directory->hash();
  manifest.purpose = submission.purpose;
  manifest.urgent = submission.urgency == Lane::urgent;
  manifest.channel = submission.channel;
  manifest.level = submission.level;
  manifest.review = submission.review;
  manifest.thread = submission.thread;
  manifest.answers = submission.answers;
  for (const auto& code : submission.handling) manifest.handling.push_back({code, std::nullopt});
  for (const auto& agency : submission.to) record.audience.push_back(audience_of(agency));
  return record;
}
}  // namespace

Result<ValidMessage> validate(const Context& context, Submission submission) {
  LIAISON_CHECK(context.check_fresh());
  if (const auto own = context.directory->key(context.agency, crypto::KeyRole::seal, context.seal_key, context.ports.clock.now()); !own)
    return fail(Errc::key_not_valid, "the seal key of this agency is not valid now; renew it in the directory (liaison keys, liaison directory)");
  fill_defaults(context, submission);
  ValidMessage valid;
  valid.schema_ = context.schemas->newest(submission.kind);
  if (valid.schema_ == nullptr) return fail(Errc::unknown_schema, "this node does not know the message kind");
  LIAISON_CHECK(valid.schema_->verify_message(submission.message));
  Problems problems;
  check_codes(context, submission, problems);
  check_recipients(context, submission, problems);
  if (problems.any()) return fail(Errc::invalid_argument, problems.take());
  LIAISON_CHECK(check_complete(submission.kind, submission.message));
  valid.submission_ = std::move(submission);
  return valid;
}

RecordKey SealedRecord::key() const {
  const auto& manifest = hot_->manifest;
  return {manifest.from, manifest.record.id, manifest.record.version};
}

Result<std::shared_ptr<HotRecord>> make_draft(const Context& context, const ValidMessage& message) {
  std::array<std::uint8_t, 10> id_random{};
  context.ports.random.fill(id_random);
  LIAISON_TRY(auto committed, record::commit_record(message.schema(), message.submission().message, describe(context, message, id_random), context.random_fill()));
  auto hot = std::make_shared<HotRecord>();
  hot->manifest = std::move(committed.manifest);
  hot->package.manifest.text = std::move(committed.text);
  hot->package.openings = std::move(committed.openings);
  hot->facts = message.submission().facts;
  return hot;
}

std::vector<Result<SealedRecord>> seal_records(const Context& context, std::vector<ValidMessage> messages) {
  std::vector<Result<SealedRecord>> results;
  std::vector<std::string> texts;
  std::vector<std::size_t> position;  // of each text among the results
  std::vector<std::shared_ptr<HotRecord>> hots;
  for (auto& message : messages) {
    auto draft = make_draft(context, message);
    if (!draft) {
      results.emplace_back(std::move(draft).error());
      continue;
    }
    SealedRecord sealed;
    sealed.submission_ = std::move(message).take();
    sealed.submission_.message.clear();
    auto hot = std::move(*draft);
    sealed.hot_ = hot;
    texts.push_back(hot->package.manifest.text);
    position.push_back(results.size());
    hots.push_back(std::move(hot));
    results.emplace_back(std::move(sealed));
  }
  if (texts.empty()) return results;
  auto blocks = context.seal_texts(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (blocks) hots[i]->package.manifest.signatures = std::move((*blocks)[i]);
    else results[position[i]] = blocks.error();
  }
  return results;
}

OutboxRow make_outbox_row(const Context& context, const RecordKey& key, Time expires, const record::Package& package) {
  OutboxRow row;
  row.record = key;
  row.accepted = context.ports.clock.now();
  row.msg_id = context.new_uuid(row.accepted);
  row.expires = expires;
  row.bytes = static_cast<std::uint32_t>(package.openings.packed().size() + 4096);
  return row;
}

namespace {
Result<RecordRow> make_own_row(const Context& context, const SealedRecord& sealed) {
  const auto& manifest = sealed.hot()->manifest;
  const auto& package = sealed.hot()->package;
  const Bytes record_key = key_of(sealed.key());
  LIAISON_TRY(const auto data_key, context.ports.keys.new_data_key());
  RecordRow row;
  row.manifest = package.manifest;
  row.data_key = data_key.id;
  LIAISON_TRY(row.sealed, seal_value({Table::record, record_key}, data_key, package.openings.packed(), context.ports.random));
  if (sealed.hot()->facts != RecordFacts{}) {
    LIAISON_TRY(row.sealed_facts, seal_facts(sealed.key(), data_key, sealed.hot()->facts, context.ports.random));
  }
  row.own = true;
  row.kind = manifest.kind;
  row.stored = manifest.created;
  row.person = context.commit_to_person(sealed.submission().person);
  row.recipients = sealed.submission().to;
  return row;
}
}  // namespace

Result<Accepted> make_accept(const Context& context, const SealedRecord& sealed) {
  const auto& submission = sealed.submission();
  const RecordKey key = sealed.key();
  LIAISON_TRY(auto plan, plan_record(context, submission, *sealed.hot()));
  if (!plan.problems.empty()) return fail(plan.code, plan.joined());
  LIAISON_TRY(const auto row, make_own_row(context, sealed));
  Accepted accepted;
  accepted.row = {key.id, key.version, row.stored, submission.digest};
  accepted.to = submission.to;
  auto& set = accepted.set;
  set.cls = submission.urgency == Lane::urgent ? WriteClass::urgent : WriteClass::accept;
  set.ops.push_back({OpKind::insert, Table::submission, to_bytes(ByteView(submission.id.bytes)), encode(accepted.row)});
  set.ops.push_back({OpKind::insert, Table::record, key_of(key), encode(row)});
  audit::Entry entry = context.entry(audit::Event::collected);
  entry.person = row.person;
  entry.record_from = key.from;
  entry.record = key.id;
  entry.version = key.version;
  entry.manifest = crypto::text_hash(view(row.manifest.text));
  entry.purpose = sealed.hot()->manifest.purpose;
  set.ops.push_back(append_audit(entry));
  if (submission.permit_relays) {
    LIAISON_TRY(auto permits, make_permits(context, sealed.hot()->manifest, entry.manifest, submission.to));
    for (auto& permit : permits) set.ops.push_back(std::move(permit.op));
  }
  if (!submission.facts.no_repetition.empty()) {
    entry.event = audit::Event::withheld;
    entry.reason = "stated_no_repetition";
    set.ops.push_back(append_audit(entry));
  }
  for (auto& hop : plan.hops) {
    if (hop.decision.held) accepted.held.push_back(std::move(*hop.decision.held));
    else accepted.outbox.emplace_back(address(context, hop.next, hop.row), std::move(hop.row));
  }
  return accepted;
}

}  // namespace liaison::exchange
