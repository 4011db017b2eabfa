// Threads and queues of WorkPool. Urgent tasks go first, yet one routine task runs after every 16 urgent ones, so that neither starves.
#include "io/runtime/work_pool.h"

#include <algorithm>

namespace liaison::runtime {
namespace {
constexpr std::size_t urgent_in_a_row_max = 16;
}

WorkPool::WorkPool(Settings settings) : settings_(settings) {
  const std::size_t count = std::max<std::size_t>(1, settings_.threads);
  threads_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
}

WorkPool::~WorkPool() { stop(); }

bool WorkPool::submit(Priority priority, Task task) {
  {
    std::lock_guard lock(mutex_);
    auto& queue = priority == Priority::urgent ? urgent_ : routine_;
    if (stopping_ || queue.size() >= settings_.tasks_max) return false;
    queue.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

std::size_t WorkPool::waiting() const {
  std::lock_guard lock(mutex_);
  return urgent_.size() + routine_.size();
}

void WorkPool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

Task WorkPool::take() {
  const bool routine_is_due = urgent_in_a_row_ >= urgent_in_a_row_max && !routine_.empty();
  const bool from_urgent = !urgent_.empty() && !routine_is_due;
  auto& queue = from_urgent ? urgent_ : routine_;
  urgent_in_a_row_ = from_urgent ? urgent_in_a_row_ + 1 : 0;
  Task task = std::move(queue.front());
  queue.pop_front();
  return task;
}

void WorkPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !urgent_.empty() || !routine_.empty(); });
    if (urgent_.empty() && routine_.empty()) return;
    {
      Task task = take();
      lock.unlock();
      task();
    }  // the closure goes before the lock is taken again: its destructor may be long
    lock.lock();
  }
}

}  // namespace liaison::runtime
