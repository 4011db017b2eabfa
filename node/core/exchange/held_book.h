// Numbers of table held and what of it is open: read once at the start, then kept with every commit, so that ends and late reviews are found without
// reading the table again. Thrown away with the process. One thread (the engine's).
#pragma once
#include <map>
#include <set>

#include "core/exchange/held_rows.h"

namespace liaison::exchange {

class HeldBook {
 public:
  Result<void> load(const Store& store);
  std::uint64_t next() { return next_++; }
  void note(std::uint64_t seq, const HeldRow& row);                // its row is durable
  std::size_t waiting() const { return ends_.size(); }
  std::size_t reviews_overdue(Time now) const;
  std::optional<Time> next_end() const { return by_end_.empty() ? std::nullopt : std::optional(by_end_.begin()->first); }
  std::vector<std::uint64_t> ended(Time now) const;                // waited until their end, the earliest first
  std::vector<std::uint64_t> late_reviews(Time now);               // each once per start

 private:
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Time> ends_;                             // of waiting items
  std::set<std::pair<Time, std::uint64_t>> by_end_;                // the same
  std::map<std::uint64_t, Time> reviews_;                          // of emergency releases
  std::set<std::uint64_t> late_;
};

}  // namespace liaison::exchange
