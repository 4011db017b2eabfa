// The one thread that commits: takes whatever waits into one group (4 MiB or 128 jobs), so that durability costs one flush per group and not per
// message. An idle store commits at once; under load the next group gathers while the last one is flushed, far below the 3 ms a job may wait for one.
// Classes in order, FIFO within a class, none starved. A caller whose second set depends on its first uses one class or waits for the first.
#pragma once
#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/limits.h"
#include "core/exchange/ports.h"

namespace liaison::store {

class StoreThread {
 public:
  using Completions = std::vector<std::pair<std::uint64_t, exchange::Outcome>>;  // id as submitted
  // Called on the store thread after every group with all its outcomes, in commit order; must not block (post them elsewhere).
  using OnDone = std::function<void(Completions)>;

  StoreThread(exchange::Store& store, OnDone on_done);
  ~StoreThread();  // as stop()
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  // Any thread. False: limits::store_jobs_max wait already, or the thread was stopped; nothing was taken.
  [[nodiscard]] bool submit(std::uint64_t id, exchange::WriteSet set);
  // Takes no more, commits everything that waits, delivers the outcomes, ends the thread.
  void stop();

  struct Counters { std::uint64_t groups = 0; std::uint64_t jobs = 0; std::size_t waiting = 0; };
  Counters counters() const;

 private:
  static constexpr std::size_t class_count = static_cast<std::size_t>(exchange::WriteClass::purge) + 1;
  struct Job {
    std::uint64_t id;
    std::size_t bytes;
    exchange::WriteSet set;
  };
  struct Group {
    std::vector<std::uint64_t> ids;
    std::vector<exchange::WriteSet> sets;
    std::size_t bytes = 0;
  };
  void run();
  Group take_group();                                                          // mutex_ held
  std::size_t take_from(std::size_t cls, std::size_t jobs_max, Group& group);  // mutex_ held

  exchange::Store& store_;
  OnDone on_done_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::array<std::deque<Job>, class_count> queues_;
  std::array<unsigned, class_count> passed_over_{};  // groups in a row that took nothing of a waiting class
  std::size_t waiting_ = 0;
  std::uint64_t groups_ = 0, jobs_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace liaison::store
