// A dated list of species names with their appendix: exact lookup and the nearest names of one that is not in it.
// Immutable after parse; shared between threads. A name that is not in the list is a fact to show, never a reason to refuse.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"

namespace liaison::form {

inline constexpr std::size_t species_rows_max = 200'000;
inline constexpr std::size_t species_name_bytes_max = 200;

class SpeciesList {
 public:
  struct Source {
    std::string name;  // what the list is called where a check is shown
    std::string date;  // 2026-03-04; used where the file has no "# date:" line
  };
  struct Entry {
    std::string name;
    std::string rank;      // species, genus, family, ...
    std::string appendix;  // I, II, III, combinations as I/II, NC
  };
  // CSV with a header naming at least `name` and `appendix`; lines that begin with # may state "# date: ..." and "# name: ...".
  // Errors: bad_format with the line's number, limit_exceeded, invalid_argument (no date anywhere).
  static Result<SpeciesList> parse(std::string_view csv, Source source);

  const std::string& name() const { return name_; }
  const std::string& date() const { return date_; }
  std::size_t size() const { return entries_.size(); }
  // Ignores case, extra spaces and a final "spp.", "sp." or "ssp."; null: not in the list. A name listed twice gives its first row.
  const Entry* find(std::string_view name) const;
  // At most `most` names of the list, nearest first: the genus where it is listed, then small edit distances. Empty for over-long names.
  std::vector<std::string> nearest(std::string_view name, std::size_t most = 3) const;

 private:
  Result<void> add_row(const std::vector<std::string>& fields, std::size_t line);
  std::string name_, date_;
  std::size_t name_column_ = 0, rank_column_ = 0, appendix_column_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::string> folded_;                       // same order
  std::unordered_map<std::string, std::size_t> by_folded_;
};

// Edit distance (insert, delete, replace) of two folded names counted in bytes; `a` has at most 64.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace liaison::form
