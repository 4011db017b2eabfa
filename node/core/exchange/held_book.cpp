// See held_book.h. Reads in pages, so that a table of many decided items costs no memory.
#include "core/exchange/held_book.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t page_rows = 1024;

std::vector<std::uint64_t> before(const std::map<std::uint64_t, Time>& times, Time now) {
  std::vector<std::uint64_t> found;
  for (const auto& [seq, time] : times)
    if (time <= now) found.push_back(seq);
  return found;
}
}  // namespace

Result<void> HeldBook::load(const Store& store) {
  for (Bytes from;;) {
    LIAISON_TRY(const auto rows, store.scan(Table::held, {from, {}}, page_rows));
    for (const auto& [key, value] : rows) {
      LIAISON_TRY(const auto seq, parse_number(key));
      LIAISON_TRY(const auto row, decode_held_row(value));
      note(seq, row);
      next_ = seq + 1;
    }
    if (rows.size() < page_rows) return {};
    from = key_of(next_);
  }
}

void HeldBook::note(std::uint64_t seq, const HeldRow& row) {
  if (const auto known = ends_.find(seq); known != ends_.end()) {
    by_end_.erase({known->second, seq});
    ends_.erase(known);
  }
  reviews_.erase(seq);
  if (row.state == HeldState::waiting) {
    ends_[seq] = row.expires;
    by_end_.insert({row.expires, seq});
  }
  if (row.state == HeldState::unreviewed && row.review_by) reviews_[seq] = *row.review_by;
}

std::vector<std::uint64_t> HeldBook::ended(Time now) const {
  std::vector<std::uint64_t> found;
  for (auto one = by_end_.begin(); one != by_end_.end() && one->first <= now; ++one) found.push_back(one->second);
  return found;
}

std::size_t HeldBook::reviews_overdue(Time now) const { return before(reviews_, now).size(); }

std::vector<std::uint64_t> HeldBook::late_reviews(Time now) {
  std::vector<std::uint64_t> fresh;
  for (const std::uint64_t seq : before(reviews_, now))
    if (late_.insert(seq).second) fresh.push_back(seq);
  return fresh;
}

}  // namespace liaison::exchange
