// Requests and answers of api.fbs as a client program handles them.
#include "tests/sim/people.h"

#include "tests/sim/federation.h"

namespace liaison::sim {
namespace {
constexpr const char* officer = "officer";
constexpr const char* protection_officer = "dpo";

template <class T>
Bytes finish_call(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<T> request) {
  builder.Finish(api::CreateCall(builder, api::RequestTraits<T>::enum_value, request.Union()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

// store_failed: the disk is away; the operator sees to it, the client tries again.
bool later(const api::Refusal& refusal) { return refusal.retry() || refusal.code()->string_view() == "store_failed"; }

Uuid uuid_of(const flatbuffers::Vector<std::uint8_t>* bytes) {
  Uuid id;
  liaison_assert(bytes != nullptr && bytes->size() == 16);
  std::memcpy(id.bytes.data(), bytes->data(), 16);
  return id;
}
}  // namespace

Bytes submit_call(const Draft& draft) {
  flatbuffers::FlatBufferBuilder builder(4096);
  const auto id = builder.CreateVector(draft.id.bytes.data(), draft.id.bytes.size());
  const auto kind = builder.CreateString("ecomessage");
  const auto message = builder.CreateVector(federation().message);
  const auto to = builder.CreateVectorOfStrings(draft.to);
  const auto reason = draft.urgent ? builder.CreateString("flight leaves") : flatbuffers::Offset<flatbuffers::String>();
  const auto channel = builder.CreateString(draft.channel);
  api::SubmitBuilder submit(builder);
  submit.add_submission(id);
  submit.add_kind(kind);
  submit.add_message(message);
  submit.add_to(to);
  submit.add_urgency(draft.urgent ? 1 : 2);
  submit.add_channel(channel);
  if (draft.urgent) submit.add_urgency_reason(reason);
  if (draft.expires != Time{}) submit.add_expires_ms(millis(draft.expires));
  const auto done = submit.Finish();
  return finish_call(builder, done);
}

People::People(Chance& chance, std::string agency, Send send, Problem problem)
    : chance_(chance), agency_(std::move(agency)), send_(std::move(send)), problem_(std::move(problem)) {
  subscribers_[0].name = "desk-1";
  subscribers_[1].name = "desk-2";
}

std::vector<std::pair<std::string, exchange::PersonRow>> People::persons() {
  std::vector<std::pair<std::string, exchange::PersonRow>> all;
  std::uint8_t number = 1;
  for (const auto& [name, role] : {std::pair{officer, "officer"}, {"desk-1", "analyst"}, {"desk-2", "analyst"}, {protection_officer, "data-protection-officer"}, {"admin-1", "administrator"}, {"admin-2", "administrator"}})
    all.emplace_back(name, exchange::PersonRow{role, Bytes(32, number++), false, scenario_start});
  return all;
}

std::vector<People::Move> People::moves(bool curious) const {
  std::vector<Move> all;
  for (std::size_t i = 0; i < submissions_.size(); ++i) {
    const auto& one = submissions_[i];
    if (one.waiting_for != 0) continue;
    if (!one.accepted && one.refused.empty()) all.push_back({Ask::submit, i});
    else if (curious && one.accepted) {
      all.push_back({Ask::submit_again, i});
      if (other_waits_for_ == 0 && !one.forgotten_by_restore) all.push_back({Ask::submit_other, i});
    }
  }
  for (std::size_t i = 0; i < subscribers_.size(); ++i)
    if (subscribers_[i].waiting_for == 0) all.push_back({Ask::fetch, i});
  if (curious && checkpoint_waits_for_ == 0) all.push_back({Ask::checkpoint, 0});
  return all;
}

void People::ask(std::uint64_t& waiting_for, const std::string& person, Bytes call) {
  waiting_for = next_token_++;
  send_(waiting_for, person, std::move(call));
}

void People::run(const Move& move) {
  switch (move.ask) {
    case Ask::submit:
    case Ask::submit_again: return ask(submissions_[move.number].waiting_for, officer, submissions_[move.number].call);
    case Ask::submit_other: {
      const auto& used = submissions_[move.number];
      return ask(other_waits_for_, officer, submit_call({used.id, used.to, !used.urgent, {}, {}}));
    }
    case Ask::fetch: {
      Subscriber& one = subscribers_[move.number];
      one.caught_up = false;
      flatbuffers::FlatBufferBuilder builder(128);
      const auto fetch = api::CreateFetch(builder, one.done, static_cast<std::uint32_t>(chance_.between(1, 5)));
      return ask(one.waiting_for, one.name, finish_call(builder, fetch));
    }
    case Ask::checkpoint: {
      flatbuffers::FlatBufferBuilder builder(128);
      return ask(checkpoint_waits_for_, protection_officer, finish_call(builder, api::CreateAskAudit(builder, 0, 1)));
    }
  }
}

void People::on_submitted(Submission& submission, const api::Answer& answer) {
  submission.waiting_for = 0;
  if (const auto* refusal = answer.reply_as_Refusal()) {
    if (later(*refusal)) return;
    if (submission.accepted && !submission.forgotten_by_restore) problem_(agency_ + " refused a submission it had accepted: " + refusal->code()->str());
    submission.refused = refusal->code()->str();
    return;
  }
  const auto* accepted = answer.reply_as_Accepted();
  liaison_assert(accepted != nullptr);
  const exchange::RecordKey key{accepted->from()->str(), uuid_of(accepted->record()), accepted->version()};
  if (submission.accepted && *submission.accepted != key && !submission.forgotten_by_restore) problem_(agency_ + " accepted one submission as two records");
  if (submission.forgotten_by_restore) submission.forgotten_by_restore = false;
  submission.accepted = key;
}

void People::on_fetched(Subscriber& subscriber, const api::Answer& answer) {
  subscriber.waiting_for = 0;
  if (const auto* refusal = answer.reply_as_Refusal()) {
    if (later(*refusal)) return;
    return problem_(agency_ + " refused " + subscriber.name + " to fetch: " + refusal->code()->str() + " " + refusal->text()->str());
  }
  const auto* fetched = answer.reply_as_Fetched();
  liaison_assert(fetched != nullptr);
  std::vector<exchange::RecordKey> shown;
  if (fetched->items() != nullptr)
    for (const auto* item : *fetched->items()) {
      const exchange::RecordKey key{item->from()->str(), uuid_of(item->record()), item->version()};
      shown.push_back(key);
      if (item->seq() <= subscriber.done) continue;
      subscriber.done = item->seq();
      subscriber.seen.push_back({item->seq(), key});
      if (item->message() == nullptr || item->message()->size() == 0) problem_(agency_ + " handed over an empty message");
    }
  subscriber.caught_up = shown.empty();
  if (on_shown) on_shown(subscriber.name, shown);
}

void People::on_reply(std::uint64_t token, ByteView bytes) {
  const Bytes aligned = to_bytes(bytes);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), 16, 100'000);
  if (!verifier.VerifyBuffer<api::Answer>()) return problem_(agency_ + " answered what is no Answer");
  const auto& answer = *flatbuffers::GetRoot<api::Answer>(aligned.data());
  for (auto& submission : submissions_)
    if (submission.waiting_for == token) return on_submitted(submission, answer);
  for (auto& subscriber : subscribers_)
    if (subscriber.waiting_for == token) return on_fetched(subscriber, answer);
  if (token == other_waits_for_) {
    other_waits_for_ = 0;
    if (const auto* accepted = answer.reply_as_Accepted()) problem_(agency_ + " took a submission id for two messages; repeated " + std::to_string(accepted->repeated()));
    return;
  }
  if (token != checkpoint_waits_for_) return problem_(agency_ + " answered twice");
  checkpoint_waits_for_ = 0;
  if (const auto* rows = answer.reply_as_AuditRows()) checkpoints_.push_back(rows->checkpoint()->str());
}

void People::on_crash() {
  for (auto& submission : submissions_) submission.waiting_for = 0;
  for (auto& subscriber : subscribers_) subscriber.waiting_for = 0;
  other_waits_for_ = checkpoint_waits_for_ = 0;
}

// The administrator tells subscribers to begin again, and officers look through what they sent.
void People::on_restore() {
  for (auto& submission : submissions_) submission.forgotten_by_restore = submission.accepted.has_value();
  for (auto& subscriber : subscribers_) {
    subscriber.done = 0;
    subscriber.seen.clear();
  }
}

bool People::waiting() const {
  const auto waits = [](const auto& one) { return one.waiting_for != 0; };
  return std::any_of(submissions_.begin(), submissions_.end(), waits) || std::any_of(subscribers_.begin(), subscribers_.end(), waits) || other_waits_for_ != 0 ||
         checkpoint_waits_for_ != 0;
}

bool People::satisfied() const {
  return std::all_of(submissions_.begin(), submissions_.end(), [](const auto& one) { return one.accepted || !one.refused.empty(); }) &&
         std::all_of(subscribers_.begin(), subscribers_.end(), [](const auto& one) { return one.caught_up; });
}

}  // namespace liaison::sim
