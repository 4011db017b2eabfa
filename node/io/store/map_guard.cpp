// Signal handler over a fixed table of mapped ranges; async-signal-safe: atomics, write and _exit only.
#include "io/store/map_guard.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <utility>

namespace liaison::store {
namespace {
struct Range {
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};
  bool taken = false;
  char line[512] = {};
};
std::array<Range, 16> ranges;
std::mutex ranges_mutex;
struct sigaction previous_bus, previous_segv;

void on_fault(int signal, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (auto& range : ranges) {
    if (address < range.begin.load() || address >= range.end.load()) continue;
    if (::write(STDERR_FILENO, range.line, std::strlen(range.line)) < 0) ::_exit(3);
    ::_exit(3);
  }
  // Not ours: the instruction runs again under the handler that was there before.
  ::sigaction(signal, signal == SIGBUS ? &previous_bus : &previous_segv, nullptr);
}

void install_once() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&action.sa_mask);
    return ::sigaction(SIGBUS, &action, &previous_bus) == 0 && ::sigaction(SIGSEGV, &action, &previous_segv) == 0;
  }();
  static_cast<void>(installed);
}
}  // namespace

MapGuard::MapGuard(const void* address, std::size_t bytes, std::string_view place) {
  install_once();
  const std::lock_guard lock(ranges_mutex);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    auto& range = ranges[i];
    if (range.taken) continue;
    range.taken = true;
    constexpr std::string_view head = "liaison: store_corrupt: ";
    constexpr std::string_view tail = ": a page of the file is damaged or cut off; stop, check the disk, restore the last backup\n";
    place = place.substr(0, sizeof range.line - head.size() - tail.size() - 1);
    char* out = range.line;
    for (auto part : {head, place, tail}) {
      std::memcpy(out, part.data(), part.size());
      out += part.size();
    }
    *out = 0;
    range.end = reinterpret_cast<std::uintptr_t>(address) + bytes;
    range.begin = reinterpret_cast<std::uintptr_t>(address);
    slot_ = static_cast<int>(i);
    return;
  }
}

MapGuard::MapGuard(MapGuard&& other) noexcept : slot_(std::exchange(other.slot_, -1)) {}

MapGuard& MapGuard::operator=(MapGuard&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

MapGuard::~MapGuard() {
  if (slot_ < 0) return;
  const std::lock_guard lock(ranges_mutex);
  auto& range = ranges[static_cast<std::size_t>(slot_)];
  range.begin = 0;
  range.end = 0;
  range.taken = false;
}

}  // namespace liaison::store
