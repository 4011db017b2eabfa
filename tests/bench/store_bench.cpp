// Prints what a durable commit costs here: the flush alone, one set at a time, and group commit with more and more submitters waiting.
// Usage: store_bench [DIRECTORY on the disk to measure]. Asserts nothing; numbers depend on the disk, which is why the flush is printed first.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

#include "core/audit/entry.h"
#include "io/store/lmdb_store.h"
#include "io/store/store_thread.h"

namespace {
using namespace liaison;
using exchange::OpKind;
using exchange::Table;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// About what accepting one record writes: record, submission, outbox reference and two audit entries.
exchange::WriteSet job(std::uint64_t number, std::mt19937_64& random) {
  Bytes id;
  put_u64(id, random());
  put_u64(id, number);
  audit::Entry entry;
  entry.event = audit::Event::accepted;
  entry.record_from = "ke.customs";
  const Bytes audit_bytes = audit::encode(entry);
  exchange::WriteSet set;
  set.ops.push_back({OpKind::insert, Table::submission, id, Bytes(48, 1)});
  set.ops.push_back({OpKind::insert, Table::record, id, Bytes(5000, 2)});
  set.ops.push_back({OpKind::insert, Table::outbox, exchange::key_of(number), Bytes(200, 3)});
  set.ops.push_back({OpKind::append, Table::audit_entry, {}, audit_bytes});
  set.ops.push_back({OpKind::append, Table::audit_entry, {}, audit_bytes});
  return set;
}

void flush_alone(const std::filesystem::path& directory) {
  const auto file = directory / "flush";
  const int number = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const Bytes page(4096, 1);
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto begin = Clock::now();
    if (::pwrite(number, page.data(), page.size(), 0) != 4096 || ::fdatasync(number) != 0) std::perror("flush");
    times.push_back(since(begin) * 1e6);
  }
  ::close(number);
  std::sort(times.begin(), times.end());
  std::printf("%-34s p50 %7.0f us   p99 %7.0f us\n", "write 4 KiB + fdatasync", times[100], times[198]);
}

void waiting(exchange::Store& store, std::uint64_t& number, std::size_t outstanding, double seconds) {
  std::mt19937_64 random(number);
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t open = 0;
  store::StoreThread thread(store, [&](store::StoreThread::Completions done) {
    const std::lock_guard lock(mutex);
    open -= done.size();
    changed.notify_one();
  });
  const auto begin = Clock::now();
  const std::clock_t cpu = std::clock();
  while (since(begin) < seconds) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return open < outstanding; });
    const std::size_t more = outstanding - open;
    open = outstanding;
    lock.unlock();
    for (std::size_t i = 0; i < more; ++i) {
      ++number;
      if (!thread.submit(number, job(number, random))) std::printf("queue full\n");
    }
  }
  thread.stop();
  const double took = since(begin);
  const auto counters = thread.counters();
  std::printf("%6zu waiting  %9.0f sets/s  %8.0f groups/s  %6.1f sets/group  %6.1f us CPU/set\n", outstanding, static_cast<double>(counters.jobs) / took,
              static_cast<double>(counters.groups) / took, static_cast<double>(counters.jobs) / static_cast<double>(counters.groups),
              static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC * 1e6 / static_cast<double>(counters.jobs));
}
}  // namespace

int main(int count, char** arguments) {
  std::string pattern = (count > 1 ? std::string(arguments[1]) : std::string(".")) + "/store-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) return std::perror(pattern.c_str()), 1;
  flush_alone(pattern);
  {
    auto opened = store::LmdbStore::open({.path = std::filesystem::path(pattern) / "node", .agency = "ke.customs", .realm = "bench"});
    if (!opened) return std::fprintf(stderr, "%s\n", opened.error().message().c_str()), 1;
    std::uint64_t number = 0;
    for (const std::size_t outstanding : {1, 8, 32, 128, 512, 4096}) waiting(**opened, number, outstanding, 3);
    const auto begin = Clock::now();
    std::mt19937_64 random(1);
    std::size_t found = 0;
    for (int i = 0; i < 200'000; ++i) found += (*opened)->get(Table::outbox, exchange::key_of(1 + random() % number))->has_value() ? 1 : 0;
    std::printf("%-34s %9.0f /s (%zu found)\n", "random gets, one thread", 200'000 / since(begin), found);
  }
  std::filesystem::remove_all(pattern);
  return 0;
}
