// Group commit by the store thread: grouping while a flush runs, class order without starvation, FIFO within a class, bounds, draining.
// A store that waits at a gate makes the groups deterministic.
#include "io/store/store_thread.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/io/store/sets.h"
#include "tests/support/memory_store.h"

namespace liaison::store::test {
namespace {

// Lets commits through one by one when told, and remembers the groups.
class GatedStore final : public exchange::Store {
 public:
  Result<std::optional<Bytes>> get(Table table, ByteView key) const override { return inner.get(table, key); }
  Result<std::vector<exchange::Row>> scan(Table table, Range range, std::size_t rows_max) const override { return inner.scan(table, range, rows_max); }
  Result<std::optional<exchange::Row>> last(Table table, Range range) const override { return inner.last(table, range); }
  std::vector<Outcome> commit(std::span<const WriteSet> sets) override {
    std::unique_lock lock(mutex);
    groups.emplace_back();
    for (const auto& set : sets) groups.back().push_back(set.cls);
    changed.notify_all();
    changed.wait(lock, [&] { return passes > 0; });
    --passes;
    return inner.commit(sets);
  }
  void let(int more) {
    const std::lock_guard lock(mutex);
    passes += more;
    changed.notify_all();
  }
  void wait_for_group(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return groups.size() >= count; });
  }
  support::MemoryStore inner{"ke.customs", "demo"};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::vector<WriteClass>> groups;
  int passes = 0;
};

class StoreThreadTest : public testing::Test {
 protected:
  StoreThread::OnDone collect() {
    return [this](StoreThread::Completions completions) {
      vectors.push_back(completions.size());
      done.insert(done.end(), completions.begin(), completions.end());
    };
  }
  WriteSet number(std::uint64_t id, WriteClass cls = WriteClass::accept, std::size_t bytes = 1) {
    return set_of({{OpKind::put, Table::record, exchange::key_of(id), Bytes(bytes)}}, cls);
  }
  GatedStore store;
  StoreThread::Completions done;       // touched by the store thread until it stopped
  std::vector<std::size_t> vectors;
};

TEST_F(StoreThreadTest, an_idle_store_commits_a_single_job_and_the_next_group_gathers_meanwhile) {
  StoreThread thread(store, collect());
  ASSERT_TRUE(thread.submit(1, number(1)));
  store.wait_for_group(1);
  for (std::uint64_t id = 2; id <= 11; ++id) ASSERT_TRUE(thread.submit(id, number(id)));
  EXPECT_EQ(thread.counters().waiting, 10u);
  store.let(2);
  thread.stop();
  EXPECT_EQ(vectors, (std::vector<std::size_t>{1, 10}));
  ASSERT_EQ(done.size(), 11u);
  for (std::uint64_t i = 0; i < 11; ++i) EXPECT_EQ(done[i], (std::pair{i + 1, Outcome::committed}));
}

TEST_F(StoreThreadTest, a_group_closes_at_its_job_and_byte_limits) {
  StoreThread thread(store, collect());
  ASSERT_TRUE(thread.submit(0, number(0)));
  store.wait_for_group(1);
  for (std::uint64_t id = 1; id <= 200; ++id) ASSERT_TRUE(thread.submit(id, number(id)));
  for (std::uint64_t id = 201; id <= 203; ++id) ASSERT_TRUE(thread.submit(id, number(id, WriteClass::dispatch, 3 << 20)));
  ASSERT_TRUE(thread.submit(204, number(204, WriteClass::dispatch, 9 << 20)));
  store.let(99);
  thread.stop();
  EXPECT_EQ(vectors, (std::vector<std::size_t>{1, 128, 73, 1, 1, 1}));  // 72 small ones and the first large; an oversized job goes alone
}

TEST_F(StoreThreadTest, classes_go_in_order_and_first_in_first_out_within_one) {
  StoreThread thread(store, collect());
  ASSERT_TRUE(thread.submit(0, number(0)));
  store.wait_for_group(1);
  const std::vector<WriteClass> mixed{WriteClass::purge, WriteClass::receive, WriteClass::accept, WriteClass::urgent, WriteClass::hand_over, WriteClass::dispatch, WriteClass::accept};
  for (std::uint64_t i = 0; i < mixed.size(); ++i) ASSERT_TRUE(thread.submit(i + 1, number(i + 1, mixed[i])));
  store.let(2);
  thread.stop();
  std::vector<std::uint64_t> order;
  for (const auto& [id, outcome] : done) order.push_back(id);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{0, 4, 3, 7, 6, 2, 5, 1}));
}

TEST_F(StoreThreadTest, a_flood_of_urgent_work_does_not_starve_purging) {
  StoreThread thread(store, collect());
  ASSERT_TRUE(thread.submit(0, number(0)));
  store.wait_for_group(1);
  ASSERT_TRUE(thread.submit(1, number(1, WriteClass::purge)));
  for (std::uint64_t id = 2; id < 2 + 128 * 8; ++id) ASSERT_TRUE(thread.submit(id, number(id, WriteClass::urgent)));
  store.let(99);
  thread.stop();
  const auto purged = std::find_if(done.begin(), done.end(), [](const auto& one) { return one.first == 1; });
  EXPECT_LT(purged - done.begin(), 128 * 5 + 2);
}

TEST_F(StoreThreadTest, refuses_when_full_and_after_stop_and_drains_everything_taken) {
  StoreThread thread(store, collect());
  ASSERT_TRUE(thread.submit(0, number(0)));
  store.wait_for_group(1);
  std::uint64_t taken = 1;
  while (thread.submit(taken, number(taken))) ++taken;
  EXPECT_EQ(taken, limits::store_jobs_max + 1);
  store.let(1000);
  thread.stop();
  EXPECT_FALSE(thread.submit(taken, number(taken)));
  ASSERT_EQ(done.size(), taken);
  EXPECT_EQ(store.inner.commits(), taken);
  EXPECT_EQ(thread.counters().jobs, taken);
}

TEST_F(StoreThreadTest, outcomes_reach_the_job_they_belong_to) {
  StoreThread thread(store, collect());
  ASSERT_TRUE(thread.submit(0, number(0)));
  store.wait_for_group(1);
  store.inner.script({support::Fault::none, support::Fault::refuse, support::Fault::lose, support::Fault::apply_and_unknown, support::Fault::none});
  for (std::uint64_t id = 1; id <= 4; ++id) ASSERT_TRUE(thread.submit(id, number(id)));
  store.let(2);
  thread.stop();
  EXPECT_EQ(done, (StoreThread::Completions{{0, Outcome::committed}, {1, Outcome::refused}, {2, Outcome::unknown}, {3, Outcome::unknown}, {4, Outcome::committed}}));
  EXPECT_TRUE(*store.get(Table::record, exchange::key_of(3)));
  EXPECT_FALSE(*store.get(Table::record, exchange::key_of(2)));
}

}  // namespace
}  // namespace liaison::store::test
