// Bookkeeping of commits and alarms. Pure; one thread.
#include "core/exchange/engine.h"

#include <algorithm>

#include "core/exchange/rows.h"

namespace liaison::exchange {

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

void Engine::alarm(std::string code, std::string text, const std::function<Op()>& audit_op) {
  const std::string id = code + "\n" + text;
  if (std::find(alarms_raised_.begin(), alarms_raised_.end(), id) != alarms_raised_.end()) return;
  if (alarms_raised_.size() < 1000) alarms_raised_.push_back(id);
  log(Severity::error, "alarm " + code + ": " + text);
  Bytes key = key_of(static_cast<std::uint64_t>(millis(now())));
  put_u32(key, alarm_number_++);
  WriteSet set;
  set.cls = WriteClass::urgent;
  set.ops.push_back({OpKind::put, Table::alarm, std::move(key), encode(AlarmRow{std::move(code), std::move(text)})});
  set.ops.push_back(audit_op());
  commit(std::move(set), [this](Outcome outcome) {
    if (outcome != Outcome::committed) log(Severity::error, "an alarm could not be stored");
  });
  emit(PublishHint{"alarm", {}});
}

}  // namespace liaison::exchange
