// Coroutine rules as code: supervise() is the only spawn, with_deadline() the only deadline, run_on() the only way to blocking work.
// Never detaches anything: how a task ended always reaches its owner. Runs on the caller's executor; a deadline cancels the operation
// and its stream must then be closed, never used again.
#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <optional>

#include "core/base/ids.h"
#include "io/runtime/work_pool.h"

namespace liaison::runtime {
namespace asio = boost::asio;

// Completion token of every asynchronous operation: errors come back as values, nothing throws.
inline constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

// How a supervised task ended: nullopt when it returned, else what it threw (no content: exceptions of libraries carry codes).
using OnExit = std::function<void(std::optional<std::string> crash)>;

std::string describe(std::exception_ptr exception);
void log_task_end(std::string_view task, const std::optional<std::string>& crash);

// Starts `task` on `executor`. `on_exit` runs on that executor when the task is over, whatever happened.
template <class Executor>
void supervise(const Executor& executor, std::string name, asio::awaitable<void> task, OnExit on_exit) {
  auto finished = [name = std::move(name), on_exit = std::move(on_exit)](std::exception_ptr exception) {
    std::optional<std::string> crash;
    if (exception) crash = describe(exception);
    log_task_end(name, crash);
    if (on_exit) on_exit(std::move(crash));
  };
  asio::co_spawn(executor, std::move(task), std::move(finished));
}

asio::awaitable<void> wait_until(std::chrono::steady_clock::time_point when);

// nullopt: the deadline came first; the task was cancelled and has ended.
template <class T>
asio::awaitable<std::optional<T>> with_deadline(asio::awaitable<T> task, Milliseconds limit) {
  using namespace asio::experimental::awaitable_operators;
  auto alarm = wait_until(std::chrono::steady_clock::now() + limit);
  auto either = std::move(task) || std::move(alarm);
  auto outcome = co_await std::move(either);
  if (outcome.index() == 1) co_return std::nullopt;
  co_return std::optional<T>(std::move(std::get<0>(outcome)));
}

// Runs `work` on a thread of `pool` and comes back on the caller's executor; Errc::busy at once when the pool is full.
// R is a Result<T>. `pool` outlives the call.
template <class R>
asio::awaitable<R> run_on(WorkPool& pool, Priority priority, std::function<R()> work) {
  auto executor = co_await asio::this_coro::executor;
  auto start = [&pool, priority, executor](auto handler, std::function<R()> job) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto guard = asio::make_work_guard(executor);
    auto finish = [shared, executor](R result) {
      asio::post(executor, [shared, kept = std::move(result)]() mutable { std::move (*shared)(std::move(kept)); });
    };
    Task task([job = std::move(job), finish, guard = std::move(guard)]() mutable { finish(job()); });
    if (!pool.submit(priority, std::move(task))) finish(R(fail(Errc::busy, "work pool is full")));
  };
  auto operation = asio::async_initiate<const asio::use_awaitable_t<>, void(R)>(start, asio::use_awaitable, std::move(work));
  auto result = co_await std::move(operation);
  co_return result;
}

}  // namespace liaison::runtime
