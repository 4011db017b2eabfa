// Submissions: queued within limits, validated and sealed in groups on the pool, accepted by T1, answered when durable.
// The same submission id answers the same acceptance; the same id with another content is refused.
#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/requests.h"
#include "core/exchange/submission.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t group_max = 16;
constexpr std::size_t groups_under_way_max = 3;

Bytes accepted_answer(const std::string& agency, const SubmissionRow& row, const std::vector<std::string>& to, bool repeated, const std::vector<std::string>& held = {}) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto from = builder.CreateString(agency);
  const auto record = put_bytes(builder, row.record.bytes);
  const auto recipients = builder.CreateVectorOfStrings(to);
  return finish_answer(builder, api::CreateAccepted(builder, from, record, row.version, millis(row.accepted), recipients, repeated, builder.CreateVectorOfStrings(held)));
}
}  // namespace

void Requests::on_submit(Caller caller, const api::Submit& submit, ByteView call) {
  if (submit.submission() == nullptr || submit.submission()->size() != 16) return refuse(caller, Errc::invalid_argument, "submission: 16 bytes that name this submission are needed");
  if (waiting_.size() >= limits::submissions_waiting_max || waiting_bytes_ + call.size() > limits::submission_bytes_waiting_max)
    return refuse(caller, Errc::busy, "the node has no room now; send the same submission again later");
  auto submission = read_submission(submit, call, caller.person);
  if (!submission) return refuse(caller, submission.error());
  Waiting waiting{std::move(caller), std::move(*submission), call.size()};
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
    audit_refusal(waiting.caller, sealed.error.code, api::Request::Submit);
    return refuse(waiting.caller, sealed.error);
  }
  auto queued = std::make_shared<std::vector<Queued>>();
  const std::vector<std::string> to = std::move(sealed.accepted->to);
  WriteSet set = std::move(sealed.accepted->set);
  const auto next_seq = [this](const std::string& peer, Lane lane) { return node_.next_outbox_seq(peer, lane); };
  for (auto& [agency, row] : sealed.accepted->outbox) queue_onwards({agency, sealed.lane, std::move(row), sealed.hot}, next_seq, set.ops, *queued);
  auto held = std::make_shared<std::vector<Holding>>();
  queue_held(*node_.context_, std::move(sealed.accepted->held), node_.held_seqs(), set.ops, *held);
  node_.engine_.commit(std::move(set), [this, caller = waiting.caller, id = waiting.submission.id, row = sealed.accepted->row, to, queued, held](Outcome outcome) {
    if (outcome == Outcome::refused) return refuse(caller, Errc::disk_full, "the store could not take the message; nothing was accepted; free disk space and send again");
    const bool applied = outcome == Outcome::committed || (outcome == Outcome::unknown && holds(id, row.record));
    if (!applied) {
      node_.on_held(std::move(*held), outcome);
      node_.on_queued(std::move(*queued), outcome);
      return answer_again(caller, id, row.digest);
    }
    std::vector<std::string> waits;
    for (const auto& one : *held) waits.push_back(one.row.recipient);
    node_.on_held(std::move(*held), Outcome::committed);
    answer(caller, accepted_answer(node_.context_->agency, row, to, false, waits));
    node_.on_queued(std::move(*queued), Outcome::committed);
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
