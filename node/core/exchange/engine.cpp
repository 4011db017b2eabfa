// Bookkeeping of commits and alarms. Pure; one thread.
#include "core/exchange/engine.h"

#include <algorithm>

#include "core/exchange/rows.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t alarms_remembered_max = 1000;
}

void Engine::commit(WriteSet set, std::function<void(Outcome)> then) {
  const JobId job = next_job_++;
  waiting_.emplace(job, std::move(then));
  emit(CommitSet{job, std::move(set)});
}

void Engine::on_committed(JobId job, Outcome outcome) {
  const auto found = waiting_.find(job);
  liaison_assert(found != waiting_.end());
  const auto then = std::move(found->second);
  waiting_.erase(found);
  then(outcome);
}

void Engine::alarm(std::string code, std::string text, const std::function<Op()>& audit_op, WriteSet effects) {
  const std::string id = code + "\n" + text;
  if (effects.ops.empty()) {
    if (std::find(alarms_raised_.begin(), alarms_raised_.end(), id) != alarms_raised_.end()) return;
    if (alarms_raised_.size() < alarms_remembered_max) alarms_raised_.push_back(id);
  }
  add_alarm(std::move(code), std::move(text), audit_op, effects);
  commit_alarm(std::move(effects));
  emit(PublishHint{"alarm", {}});
}

void Engine::add_alarm(std::string code, std::string text, const std::function<Op()>& audit_op, WriteSet& set) {
  log(Severity::error, "alarm " + code + ": " + text);
  Bytes key = key_of(static_cast<std::uint64_t>(millis(now())));
  put_u32(key, alarm_number_++);
  set.cls = WriteClass::urgent;
  set.ops.push_back({OpKind::put, Table::alarm, std::move(key), encode(AlarmRow{std::move(code), std::move(text)})});
  set.ops.push_back(audit_op());
}

void Engine::commit_alarm(std::string code, std::string text, const std::function<Op()>& audit_op, WriteSet effects, std::function<void(Outcome)> then) {
  add_alarm(std::move(code), std::move(text), audit_op, effects);
  commit(std::move(effects), std::move(then));
  emit(PublishHint{"alarm", {}});
}

void Engine::commit_alarm(WriteSet set) {
  WriteSet again = set;
  commit(std::move(set), [this, again = std::move(again)](Outcome outcome) mutable {
    if (outcome == Outcome::committed || outcome == Outcome::conflict) return;  // conflict: what it was about is no longer so
    log(Severity::error, "an alarm could not be stored; it is tried again");
    if (alarms_not_stored_.size() < alarms_remembered_max) alarms_not_stored_.push_back(std::move(again));
  });
}

void Engine::store_alarms_again() {
  for (auto& set : std::exchange(alarms_not_stored_, {})) commit_alarm(std::move(set));
}

}  // namespace liaison::exchange
