// Uniform random numbers out of RandomFill: drawn in one call for the expected need, more only when values had to be rejected. Pure.
#pragma once
#include <algorithm>

#include "core/record/leaf.h"

namespace liaison::record {

class RandomNumbers {
 public:
  RandomNumbers(const RandomFill& random, std::size_t expected) : random_(random), bytes_((expected + expected / 8 + 4) * 2) { random_(bytes_); }

  std::uint16_t next() {
    if (at_ + 2 > bytes_.size()) {
      random_(bytes_);
      at_ = 0;
    }
    at_ += 2;
    return static_cast<std::uint16_t>(bytes_[at_ - 2] << 8 | bytes_[at_ - 1]);
  }
  // 0 to bound - 1, without the bias of a plain remainder.
  std::size_t below(std::size_t bound) {
    const std::size_t usable = 65536 / bound * bound;
    std::size_t value = next();
    while (value >= usable) value = next();
    return value % bound;
  }
  // Ascending; none of `taken`.
  std::vector<std::uint16_t> distinct(std::size_t count, const std::vector<std::uint16_t>& taken = {}) {
    std::vector<std::uint16_t> out;
    while (out.size() < count) {
      const std::uint16_t number = next();
      if (std::find(taken.begin(), taken.end(), number) != taken.end()) continue;
      const auto place = std::lower_bound(out.begin(), out.end(), number);
      if (place == out.end() || *place != number) out.insert(place, number);
    }
    return out;
  }

 private:
  const RandomFill& random_;
  Bytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace liaison::record
