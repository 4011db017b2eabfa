// WorkPool: a fixed number of threads for work that computes or blocks (cryptography, files). Tasks are move-only closures that post
// their own completion. Two priorities, both queues bounded: a full queue says so and the caller answers busy.
// A task must not throw: an exception that leaves one ends the process.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace liaison::runtime {

// std::move_only_function<void()> is C++23.
class Task {
 public:
  Task() = default;
  template <class F>
  explicit Task(F run) : body_(std::make_unique<Body<F>>(std::move(run))) {}
  void operator()() { body_->run(); }
  explicit operator bool() const { return body_ != nullptr; }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual void run() = 0;
  };
  template <class F>
  struct Body : Base {
    explicit Body(F f) : function(std::move(f)) {}
    void run() override { function(); }
    F function;
  };
  std::unique_ptr<Base> body_;
};

enum class Priority { urgent, routine };

class WorkPool {
 public:
  struct Settings {
    std::size_t threads = 1;
    std::size_t tasks_max = 4096;  // per priority
  };
  explicit WorkPool(Settings settings);
  ~WorkPool();  // as stop()
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // False when that queue is full or the pool is stopping; the task is then dropped unrun. Thread safe.
  [[nodiscard]] bool submit(Priority priority, Task task);
  std::size_t waiting() const;
  // Runs what is queued, then joins. Not from one of its own threads.
  void stop();

 private:
  void work();
  Task take();  // lock held
  const Settings settings_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> urgent_, routine_;
  std::size_t urgent_in_a_row_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace liaison::runtime
