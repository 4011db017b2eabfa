// The coroutine helpers, the work pool and the metrics.
#include "io/runtime/async.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>

#include "io/runtime/metrics.h"

namespace liaison::runtime {
namespace {

using namespace std::chrono_literals;

asio::awaitable<int> give(int value) { co_return value; }

asio::awaitable<int> give_after(std::chrono::milliseconds pause, int value) {
  auto waiting = wait_until(std::chrono::steady_clock::now() + pause);
  co_await std::move(waiting);
  co_return value;
}

asio::awaitable<void> crash() {
  auto first = give(1);
  const int value = co_await std::move(first);
  if (value == 1) throw std::runtime_error("broken");
}

asio::awaitable<void> race(std::chrono::milliseconds pause, Milliseconds limit, std::optional<int>& out) {
  auto task = give_after(pause, 7);
  out = co_await with_deadline(std::move(task), limit);
}

TEST(Supervise, tells_how_a_task_ended) {
  asio::io_context io;
  std::vector<std::optional<std::string>> ends;
  const auto note = [&](std::optional<std::string> crashed) { ends.push_back(std::move(crashed)); };
  auto bad = crash();
  supervise(io.get_executor(), "bad", std::move(bad), note);
  std::optional<int> out;
  auto good = race(1ms, 10s, out);
  supervise(io.get_executor(), "good", std::move(good), note);
  io.run();
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(ends[0], "broken");
  EXPECT_FALSE(ends[1]);
  EXPECT_EQ(out, 7);
}

TEST(Deadline, ends_a_task_that_is_too_slow) {
  asio::io_context io;
  std::optional<int> out = 1;
  auto task = race(1h, 20ms, out);
  supervise(io.get_executor(), "slow", std::move(task), {});
  io.run();  // returns: nothing waits for the hour
  EXPECT_FALSE(out);
}

asio::awaitable<void> work_elsewhere(WorkPool& pool, std::vector<Result<std::thread::id>>& results) {
  std::function<Result<std::thread::id>()> work = [] { return Result<std::thread::id>(std::this_thread::get_id()); };
  auto running = run_on(pool, Priority::routine, std::move(work));
  auto result = co_await std::move(running);
  results.push_back(std::move(result));
}

TEST(RunOn, works_on_the_pool_and_comes_back) {
  asio::io_context io;
  WorkPool pool({1, 8});
  std::vector<Result<std::thread::id>> results;
  auto task = work_elsewhere(pool, results);
  supervise(io.get_executor(), "work", std::move(task), {});
  io.run();
  ASSERT_EQ(results.size(), 1u);
  ASSERT_TRUE(results[0]);
  EXPECT_NE(*results[0], std::this_thread::get_id());
  pool.stop();
  io.restart();
  auto late = work_elsewhere(pool, results);
  supervise(io.get_executor(), "late", std::move(late), {});
  io.run();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[1].error().code, Errc::busy);
}

TEST(WorkPool, runs_urgent_work_first_starves_nobody_and_refuses_beyond_its_bounds) {
  WorkPool pool({1, 40});
  std::promise<void> entered, gate;
  ASSERT_TRUE(pool.submit(Priority::routine, Task([&] { entered.set_value(); gate.get_future().wait(); })));
  entered.get_future().wait();
  std::string order;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.submit(Priority::routine, Task([&] { order += 'r'; })));
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(pool.submit(Priority::urgent, Task([&, owned = std::make_unique<char>('u')] { order += *owned; })));
  EXPECT_FALSE(pool.submit(Priority::urgent, Task([&] { order += 'x'; })));
  EXPECT_EQ(pool.waiting(), 42u);
  gate.set_value();
  pool.stop();
  EXPECT_EQ(order, std::string(16, 'u') + 'r' + std::string(16, 'u') + 'r' + std::string(8, 'u'));
  EXPECT_FALSE(pool.submit(Priority::urgent, Task([] {})));
}

TEST(Metrics, are_written_as_text_and_served) {
  Metrics metrics;
  metrics.counter({"liaison_records_total", "Records sent"}, {{"lane", "urgent"}}).add(3);
  metrics.counter({"liaison_records_total", "Records sent"}, {{"lane", "urgent"}}).add();
  metrics.gauge({"liaison_sessions", "Open sessions"}).set(2);
  metrics.histogram({"liaison_flush_seconds", "Flush"}, {0.001, 0.01}).observe(0.005);
  const std::string text = metrics.text();
  EXPECT_NE(text.find("liaison_records_total{lane=\"urgent\"} 4"), std::string::npos) << text;
  EXPECT_NE(text.find("liaison_sessions 2"), std::string::npos);
  EXPECT_NE(text.find("liaison_flush_seconds_bucket{le=\"0.01\"} 1"), std::string::npos);
  const auto port = metrics.serve("127.0.0.1:0");
  ASSERT_TRUE(port);
  Metrics other;
  EXPECT_EQ(other.serve("127.0.0.1:" + std::to_string(*port)).error().code, Errc::invalid_settings);
}

}  // namespace
}  // namespace liaison::runtime
