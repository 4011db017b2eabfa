// The stages of T1. Pure over the context; every refusal names what, where and what to do, and never quotes message content.
#include "core/exchange/accept.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/exchange/codes.h"
#include "core/exchange/message_check.h"
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

void check_recipients(const Context& context, const Submission& submission, Problems& problems) {
  if (submission.to.empty()) problems.add("no recipient: name an agency with --to");
  if (submission.to.size() > limits::recipients_max) problems.add("more than " + std::to_string(limits::recipients_max) + " recipients");
  for (std::size_t i = 0; i < submission.to.size(); ++i) {
    const auto& agency = submission.to[i];
    if (std::find(submission.to.begin(), submission.to.begin() + static_cast<std::ptrdiff_t>(i), agency) != submission.to.begin() + static_cast<std::ptrdiff_t>(i))
      problems.add("recipient " + agency + " stands twice");
    if (!is_agency_id(agency)) problems.add("a recipient is no agency id (form: ke.customs)");
    else if (agency == context.agency) problems.add("recipient " + agency + " is this agency itself");
    else if (context.directory->find(agency) == nullptr) problems.add("agency " + agency + " is not in the directory (see: liaison directory show)");
    else if (!context.directory->has_channel(agency, submission.channel)) problems.add("agency " + agency + " is not on the channel " + submission.channel);
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
  for (const auto& agency : submission.to) record.audience.push_back("agency:" + agency);
  return record;
}
}  // namespace

Result<ValidMessage> validate(const Context& context, Submission submission) {
  if (context.directory->grace() < context.ports.clock.now())
    return fail(Errc::directory_stale, "the directory is past its grace period; load a newer one before sending");
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
  const auto& manifest = hot_->committed.manifest;
  return {manifest.from, manifest.record.id, manifest.record.version};
}

std::vector<Result<SealedRecord>> seal_records(const Context& context, std::vector<ValidMessage> messages) {
  std::vector<Result<SealedRecord>> results;
  std::vector<std::string> texts;
  std::vector<std::size_t> position;  // of each text among the results
  std::vector<std::shared_ptr<HotRecord>> hots;
  for (auto& message : messages) {
    std::array<std::uint8_t, 10> id_random{};
    context.ports.random.fill(id_random);
    auto committed = record::commit_record(message.schema(), message.submission().message, describe(context, message, id_random), context.random_fill());
    if (!committed) {
      results.emplace_back(std::move(committed).error());
      continue;
    }
    SealedRecord sealed;
    sealed.submission_ = std::move(message).take();
    sealed.submission_.message.clear();
    auto hot = std::make_shared<HotRecord>(HotRecord{std::move(*committed), {}});
    sealed.hot_ = hot;
    texts.push_back(hot->committed.text);
    position.push_back(results.size());
    hots.push_back(std::move(hot));
    results.emplace_back(std::move(sealed));
  }
  if (texts.empty()) return results;
  auto blocks = context.seal_texts(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (blocks) hots[i]->signatures = std::move((*blocks)[i]);
    else results[position[i]] = blocks.error();
  }
  return results;
}

Result<Accepted> make_accept(const Context& context, const SealedRecord& sealed) {
  const auto& committed = sealed.hot()->committed;
  const RecordKey key = sealed.key();
  const Bytes record_key = key_of(key);
  LIAISON_TRY(const auto data_key, context.ports.keys.new_data_key());
  RecordRow row;
  row.manifest = {committed.text, sealed.hot()->signatures};
  row.data_key = data_key.id;
  LIAISON_TRY(row.sealed, seal_value({Table::record, record_key}, data_key, committed.openings.packed(), context.ports.random));
  row.own = true;
  row.kind = committed.manifest.kind;
  row.stored = committed.manifest.created;
  row.person = context.commit_to_person(sealed.submission().person);
  row.recipients = sealed.submission().to;
  Accepted accepted;
  accepted.row = {key.id, key.version, row.stored, sealed.submission().digest};
  auto& set = accepted.set;
  set.cls = sealed.submission().urgency == Lane::urgent ? WriteClass::urgent : WriteClass::accept;
  set.ops.push_back({OpKind::insert, Table::submission, to_bytes(ByteView(sealed.submission().id.bytes)), encode(accepted.row)});
  set.ops.push_back({OpKind::insert, Table::record, record_key, encode(row)});
  audit::Entry entry = context.entry(audit::Event::collected);
  entry.person = row.person;
  entry.record_from = key.from;
  entry.record = key.id;
  entry.version = key.version;
  entry.manifest = crypto::text_hash(view(committed.text));
  entry.purpose = committed.manifest.purpose;
  set.ops.push_back(append_audit(entry));
  for (const auto& agency : sealed.submission().to) {
    OutboxRow out;
    out.record = key;
    std::array<std::uint8_t, 10> id_random{};
    context.ports.random.fill(id_random);
    out.msg_id = make_uuid(row.stored, id_random);
    out.expires = sealed.submission().expires;
    out.accepted = row.stored;
    out.bytes = static_cast<std::uint32_t>(committed.openings.packed().size() + 4096);
    accepted.outbox.emplace_back(agency, std::move(out));
  }
  return accepted;
}

}  // namespace liaison::exchange
