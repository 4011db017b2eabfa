// Gathering groups and handing them to the store. The mutex is never held while the store commits.
#include "io/store/store_thread.h"

namespace liaison::store {
using exchange::WriteSet;

namespace {
constexpr unsigned passed_over_max = 4;  // then a class goes first, with a share of the group
constexpr std::size_t starved_share = limits::group_commit_jobs_max / 8;
}  // namespace

StoreThread::StoreThread(exchange::Store& store, OnDone on_done) : store_(store), on_done_(std::move(on_done)), thread_([this] { run(); }) {}

StoreThread::~StoreThread() { stop(); }

bool StoreThread::submit(std::uint64_t id, WriteSet set) {
  const auto cls = static_cast<std::size_t>(set.cls);
  liaison_assert(cls < class_count);
  const std::size_t bytes = set.bytes();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_ >= limits::store_jobs_max) return false;
    queues_[cls].push_back({id, bytes, std::move(set)});
    ++waiting_;
  }
  work_.notify_one();
  return true;
}

void StoreThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

StoreThread::Counters StoreThread::counters() const {
  const std::lock_guard lock(mutex_);
  return {groups_, jobs_, waiting_};
}

void StoreThread::run() {
  for (;;) {
    Group group;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return waiting_ != 0 || stopping_; });
      if (waiting_ == 0) return;
      group = take_group();
    }
    const auto outcomes = store_.commit(group.sets);
    liaison_assert(outcomes.size() == group.ids.size());
    Completions done;
    done.reserve(outcomes.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) done.emplace_back(group.ids[i], outcomes[i]);
    on_done_(std::move(done));
  }
}

StoreThread::Group StoreThread::take_group() {
  Group group;
  std::array<std::size_t, class_count> taken{};
  for (std::size_t cls = 0; cls < class_count; ++cls)
    if (passed_over_[cls] >= passed_over_max) taken[cls] += take_from(cls, starved_share, group);
  for (std::size_t cls = 0; cls < class_count; ++cls) taken[cls] += take_from(cls, limits::group_commit_jobs_max, group);
  for (std::size_t cls = 0; cls < class_count; ++cls) passed_over_[cls] = taken[cls] != 0 || queues_[cls].empty() ? 0 : passed_over_[cls] + 1;
  waiting_ -= group.ids.size();
  jobs_ += group.ids.size();
  ++groups_;
  return group;
}

std::size_t StoreThread::take_from(std::size_t cls, std::size_t jobs_max, Group& group) {
  auto& queue = queues_[cls];
  std::size_t taken = 0;
  while (!queue.empty() && taken < jobs_max && group.ids.size() < limits::group_commit_jobs_max) {
    auto& job = queue.front();
    if (!group.ids.empty() && group.bytes + job.bytes > limits::group_commit_bytes_max) break;
    group.bytes += job.bytes;
    group.ids.push_back(job.id);
    group.sets.push_back(std::move(job.set));
    queue.pop_front();
    ++taken;
  }
  return taken;
}

}  // namespace liaison::store
