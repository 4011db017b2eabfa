// Submissions: queued within limits, validated and sealed in groups on the pool, accepted by T1, answered when durable.
// The same submission id answers the same acceptance; the same id with another content is refused.
#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t group_max = 16;
constexpr std::size_t groups_under_way_max = 3;

std::optional<Uuid> uuid_of(const flatbuffers::Vector<std::uint8_t>* vector) {
  if (vector == nullptr || vector->size() != 16) return std::nullopt;
  Uuid id;
  std::memcpy(id.bytes.data(), vector->data(), 16);
  return id;
}

// Before anything is copied: FlatBuffers may share one long string a million times.
bool within(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list, std::size_t count_max) {
  if (list == nullptr) return true;
  if (list->size() > count_max) return false;
  for (const auto* entry : *list)
    if (entry->size() > limits::code_bytes_max) return false;
  return true;
}
bool within(const flatbuffers::String* code) { return code == nullptr || code->size() <= limits::code_bytes_max; }
bool within_limits(const api::Submit& submit) {
  return within(submit.to(), limits::recipients_max) && within(submit.handling(), limits::handling_codes_max) && within(submit.kind()) && within(submit.purpose()) &&
         within(submit.urgency_reason()) && within(submit.channel()) && within(submit.level());
}

Submission to_submission(const api::Submit& submit, ByteView call, std::string person) {
  Submission submission;
  submission.id = uuid_of(submit.submission()).value_or(Uuid{});
  submission.digest = merkle::sha256(call);
  submission.person = std::move(person);
  submission.kind = string_of(submit.kind());
  submission.message = to_bytes(bytes_of(submit.message()));
  if (submit.to() != nullptr)
    for (const auto* agency : *submit.to()) submission.to.push_back(agency->str());
  submission.purpose = string_of(submit.purpose());
  submission.urgency = submit.urgency() == 1 ? Lane::urgent : Lane::routine;
  submission.urgency_reason = string_of(submit.urgency_reason());
  submission.channel = string_of(submit.channel());
  submission.level = string_of(submit.level());
  if (submit.handling() != nullptr)
    for (const auto* code : *submit.handling()) submission.handling.push_back(code->str());
  submission.review = time_from_millis(submit.review_ms());
  submission.expires = time_from_millis(submit.expires_ms());
  submission.thread = uuid_of(submit.thread());
  submission.answers = uuid_of(submit.answers());
  submission.permit_relays = submit.permit_relays();
  return submission;
}

Bytes accepted_answer(const std::string& agency, const SubmissionRow& row, const std::vector<std::string>& to, bool repeated) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto from = builder.CreateString(agency);
  const auto record = put_bytes(builder, row.record.bytes);
  const auto recipients = builder.CreateVectorOfStrings(to);
  return finish_answer(builder, api::CreateAccepted(builder, from, record, row.version, millis(row.accepted), recipients, repeated));
}
}  // namespace

void Requests::on_submit(Caller caller, const api::Submit& submit, ByteView call) {
  if (!uuid_of(submit.submission())) return refuse(caller, Errc::invalid_argument, "submission: 16 bytes that name this submission are needed");
  if (submit.message() == nullptr || submit.message()->size() > limits::message_bytes_max)
    return refuse(caller, Errc::limit_exceeded, "a message of at most " + std::to_string(limits::message_bytes_max) + " bytes is needed");
  if (!within_limits(submit))
    return refuse(caller, Errc::limit_exceeded, "at most " + std::to_string(limits::recipients_max) + " recipients, " + std::to_string(limits::handling_codes_max) + " handling codes, " +
                                                    std::to_string(limits::code_bytes_max) + " bytes per code or reason");
  if (waiting_.size() >= limits::submissions_waiting_max || waiting_bytes_ + call.size() > limits::submission_bytes_waiting_max)
    return refuse(caller, Errc::busy, "the node has no room now; send the same submission again later");
  Waiting waiting{std::move(caller), {}, call.size()};
  waiting.submission = to_submission(submit, call, waiting.caller.person);
  waiting_bytes_ += waiting.bytes;
  if (waiting.submission.urgency == Lane::urgent) waiting_.push_front(std::move(waiting));
  else waiting_.push_back(std::move(waiting));
  pump_submissions();
}

std::vector<Requests::Sealed> Requests::seal_all(const Context& context, std::vector<Submission> submissions) {
  std::vector<Sealed> results(submissions.size());
  std::vector<ValidMessage> valid;
  std::vector<std::size_t> position;
  for (std::size_t i = 0; i < submissions.size(); ++i) {
    results[i].lane = submissions[i].urgency;
    auto checked = validate(context, std::move(submissions[i]));
    if (!checked) {
      results[i].error = checked.error();
      continue;
    }
    valid.push_back(std::move(*checked));
    position.push_back(i);
  }
  if (valid.empty()) return results;
  auto sealed = seal_records(context, std::move(valid));
  for (std::size_t j = 0; j < sealed.size(); ++j) {
    Sealed& result = results[position[j]];
    if (!sealed[j]) {
      result.error = sealed[j].error();
      continue;
    }
    auto accepted = make_accept(context, *sealed[j]);
    if (!accepted) {
      result.error = accepted.error();
      continue;
    }
    result.accepted = std::move(*accepted);
    result.hot = sealed[j]->hot();
  }
  return results;
}

void Requests::pump_submissions() {
  while (!waiting_.empty() && sealing_ < groups_under_way_max) {
    auto group = std::make_shared<std::vector<Waiting>>();
    const bool urgent = waiting_.front().submission.urgency == Lane::urgent;
    while (!waiting_.empty() && group->size() < group_max && (waiting_.front().submission.urgency == Lane::urgent) == urgent) {
      waiting_bytes_ -= waiting_.front().bytes;
      group->push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    ++sealing_;
    ++node_.tasks_;
    node_.engine_.run(urgent, [this, group, context = node_.context_]() -> Finish {
      std::vector<Submission> submissions;
      for (auto& waiting : *group) {
        const Uuid id = waiting.submission.id;
        const Hash digest = waiting.submission.digest;
        submissions.push_back(std::move(waiting.submission));
        waiting.submission = {};
        waiting.submission.id = id;
        waiting.submission.digest = digest;
      }
      auto sealed = std::make_shared<std::vector<Sealed>>(seal_all(*context, std::move(submissions)));
      return [this, group, sealed] {
        --sealing_;
        --node_.tasks_;
        for (std::size_t i = 0; i < group->size(); ++i) accept((*group)[i], std::move((*sealed)[i]));
        pump_submissions();
      };
    });
  }
}

void Requests::accept(const Waiting& waiting, Sealed sealed) {
  if (!sealed.accepted) {
    // What was accepted stays accepted, also when it would be refused today (its expiry has passed, an agency left).
    const auto held = node_.engine_.ports().store.get(Table::submission, waiting.submission.id.bytes);
    if (!held) return refuse(waiting.caller, held.error());
    if (*held) return answer_again(waiting.caller, waiting.submission.id, waiting.submission.digest);
    audit_refusal(waiting.caller, sealed.error.code);
    return refuse(waiting.caller, sealed.error);
  }
  auto queued = std::make_shared<std::vector<Queued>>();
  const std::vector<std::string> to = std::move(sealed.accepted->to);
  WriteSet set = std::move(sealed.accepted->set);
  const auto next_seq = [this](const std::string& peer, Lane lane) { return node_.next_outbox_seq(peer, lane); };
  for (auto& [agency, row] : sealed.accepted->outbox) queue_onwards({agency, sealed.lane, std::move(row), sealed.hot}, next_seq, set.ops, *queued);
  node_.engine_.commit(std::move(set), [this, caller = waiting.caller, id = waiting.submission.id, row = sealed.accepted->row, to, queued](Outcome outcome) {
    if (outcome == Outcome::refused) return refuse(caller, Errc::disk_full, "the store could not take the message; nothing was accepted; free disk space and send again");
    const bool applied = outcome == Outcome::committed || (outcome == Outcome::unknown && holds(id, row.record));
    if (!applied) return answer_again(caller, id, row.digest);
    answer(caller, accepted_answer(node_.context_->agency, row, to, false));
    for (auto& one : *queued) node_.enqueue(std::move(one));
  });
}

bool Requests::holds(const Uuid& submission, const Uuid& record) const {
  const auto bytes = node_.engine_.ports().store.get(Table::submission, submission.bytes);
  if (!bytes || !*bytes) return false;
  const auto row = decode_submission_row(**bytes);
  return row && row->record == record;
}

// The submission id is taken, or the commit's outcome is unknown: what the store holds decides.
void Requests::answer_again(const Caller& caller, const Uuid& submission, const Hash& digest) {
  const auto& store = node_.engine_.ports().store;
  auto bytes = store.get(Table::submission, submission.bytes);
  if (!bytes) return refuse(caller, bytes.error());
  if (!*bytes) return refuse(caller, Errc::outcome_unknown, "the store did not confirm; send the same submission again");
  auto row = decode_submission_row(**bytes);
  if (!row) return refuse(caller, row.error());
  if (row->digest != digest) return refuse(caller, Errc::already_exists, "this submission id was used for another message; take a new id");
  const RecordKey key{node_.context_->agency, row->record, row->version};
  auto record = store.get(Table::record, key_of(key));
  std::vector<std::string> to;
  if (record && *record)
    if (auto decoded = decode_record_row(**record)) to = decoded->recipients;
  answer(caller, accepted_answer(node_.context_->agency, *row, to, true));
}

}  // namespace liaison::exchange
