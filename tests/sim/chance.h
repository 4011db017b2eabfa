// The one source of chance of a scenario: everything random is drawn from here in a fixed order, so a seed replays.
// Not cryptographic. One thread.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"

namespace liaison::sim {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 0x632BE59BD9B4E019U) {}
  std::uint64_t next() {  // splitmix64
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = (state_ ^ (state_ >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31);
  }
  std::uint64_t below(std::uint64_t count) {
    liaison_assert(count > 0);
    return next() % count;
  }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool per_mille(std::uint64_t likelihood) { return below(1000) < likelihood; }
  template <class T>
  T& pick(std::vector<T>& from) {
    return from[below(from.size())];
  }
  void fill(std::span<std::uint8_t> out) {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(next() >> 24);
  }

 private:
  std::uint64_t state_;
};

}  // namespace liaison::sim
