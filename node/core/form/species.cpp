// See species.h. Distances by the bit-vector method of Myers (1999): one machine word per name, so 38,000 names take a few milliseconds.
#include "core/form/species.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "core/form/formats.h"
#include "core/form/lists.h"
#include "core/form/text.h"

namespace liaison::form {
namespace {

constexpr std::size_t pattern_bytes_max = 64;

// One name prepared for many comparisons.
class Pattern {
 public:
  explicit Pattern(std::string_view text) : size_(text.size()) {
    for (std::size_t i = 0; i < text.size(); ++i) masks_[static_cast<std::uint8_t>(text[i])] |= std::uint64_t{1} << i;
  }
  std::size_t distance(std::string_view other) const {
    if (size_ == 0) return other.size();
    const std::uint64_t last = std::uint64_t{1} << (size_ - 1);
    std::uint64_t positive = ~std::uint64_t{0};
    std::uint64_t negative = 0;
    std::size_t score = size_;
    for (const char c : other) {
      const std::uint64_t match = masks_[static_cast<std::uint8_t>(c)];
      const std::uint64_t vertical = match | negative;
      const std::uint64_t horizontal = (((match & positive) + positive) ^ positive) | match;
      std::uint64_t up = negative | ~(horizontal | positive);
      std::uint64_t down = positive & horizontal;
      if (up & last) ++score;
      if (down & last) --score;
      up = (up << 1) | 1;
      down <<= 1;
      positive = down | ~(vertical | up);
      negative = up & vertical;
    }
    return score;
  }

 private:
  std::array<std::uint64_t, 256> masks_{};
  std::size_t size_;
};

std::string fold_name(std::string_view name) {
  std::string folded = fold(name);
  for (const std::string_view tail : {" spp.", " spp", " sp.", " sp", " ssp."}) {
    if (folded.ends_with(tail)) {
      folded.resize(folded.size() - tail.size());
      break;
    }
  }
  return folded;
}

std::optional<std::string> header_value(std::string_view line, std::string_view key) {
  const std::size_t at = line.find_first_not_of("# ");
  if (at == std::string_view::npos || !line.substr(at).starts_with(key)) return std::nullopt;
  std::string_view value = line.substr(at + key.size());
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return std::string(value);
}

std::optional<std::size_t> column(const std::vector<std::string>& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

}  // namespace

Result<SpeciesList> SpeciesList::parse(std::string_view csv, Source source) {
  SpeciesList list;
  list.name_ = std::move(source.name);
  list.date_ = std::move(source.date);
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  if (find_invalid_utf8(csv)) return fail(Errc::bad_format, "species list: not UTF-8");
  bool has_header = false;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(csv)) {
    ++number;
    if (line.starts_with('#')) {
      if (const auto date = header_value(line, "date:")) list.date_ = *date;
      if (const auto name = header_value(line, "name:")) list.name_ = *name;
      continue;
    }
    const auto fields = parse_csv_line(line);
    if (has_header) {
      LIAISON_CHECK(list.add_row(fields, number));
      continue;
    }
    const auto name = column(fields, "name");
    const auto appendix = column(fields, "appendix");
    if (!name || !appendix) return fail(Errc::bad_format, "species list: no columns name and appendix in line " + std::to_string(number));
    list.name_column_ = *name;
    list.appendix_column_ = *appendix;
    list.rank_column_ = column(fields, "rank").value_or(std::numeric_limits<std::size_t>::max());
    has_header = true;
  }
  if (!has_header) return fail(Errc::bad_format, "species list: empty");
  if (!is_date(list.date_)) return fail(Errc::invalid_argument, "species list: its date is not known");
  return list;
}

Result<void> SpeciesList::add_row(const std::vector<std::string>& fields, std::size_t line) {
  const std::string place = "species list: line " + std::to_string(line);
  if (entries_.size() >= species_rows_max) return fail(Errc::limit_exceeded, place);
  if (fields.size() <= std::max(name_column_, appendix_column_)) return fail(Errc::bad_format, place);
  Entry entry{fields[name_column_], rank_column_ < fields.size() ? fields[rank_column_] : std::string(), fields[appendix_column_]};
  if (entry.name.empty() || entry.name.size() > species_name_bytes_max || !is_appendix(entry.appendix)) return fail(Errc::bad_format, place);
  folded_.push_back(fold_name(entry.name));
  by_folded_.emplace(folded_.back(), entries_.size());
  entries_.push_back(std::move(entry));
  return {};
}

const SpeciesList::Entry* SpeciesList::find(std::string_view name) const {
  if (name.size() > species_name_bytes_max) return nullptr;
  const auto found = by_folded_.find(fold_name(name));
  return found == by_folded_.end() ? nullptr : &entries_[found->second];
}

std::vector<std::string> SpeciesList::nearest(std::string_view name, std::size_t most) const {
  const std::string folded = fold_name(name.substr(0, species_name_bytes_max));
  if (folded.empty() || folded.size() > pattern_bytes_max) return {};
  std::vector<std::string> out;
  const std::size_t space = folded.find(' ');
  const auto genus = space == std::string::npos ? by_folded_.end() : by_folded_.find(folded.substr(0, space));
  const std::size_t limit = std::max<std::size_t>(2, folded.size() / 3);
  const Pattern pattern(folded);
  std::vector<std::pair<std::size_t, std::size_t>> ranked;  // distance, row
  for (std::size_t row = 0; row < folded_.size(); ++row) {
    const std::size_t size = folded_[row].size();
    if (size > folded.size() + limit || size + limit < folded.size()) continue;
    const std::size_t distance = pattern.distance(folded_[row]);
    if (distance <= limit) ranked.emplace_back(distance, row);
  }
  const std::size_t count = std::min(most, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count), ranked.end());
  for (std::size_t i = 0; i < count; ++i) out.push_back(entries_[ranked[i].second].name);
  if (genus != by_folded_.end() && std::find(out.begin(), out.end(), entries_[genus->second].name) == out.end()) {
    out.insert(out.begin(), entries_[genus->second].name);
    if (out.size() > most) out.pop_back();
  }
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  liaison_assert(a.size() <= pattern_bytes_max);
  return Pattern(a).distance(b);
}

}  // namespace liaison::form
