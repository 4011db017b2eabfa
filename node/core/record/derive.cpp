// The rules of derived leaves. Dates are texts that begin 2026, 2026-03 or 2026-03-04; a time of day may follow a whole date. Pure.
#include "core/record/derive.h"

#include "core/record/utf8.h"

namespace liaison::record {
namespace {

struct PartialDate { int year = 0; unsigned month = 0, day = 0; };  // 0: not stated

std::optional<unsigned> digits(std::string_view chars, std::size_t at, std::size_t count) {
  if (chars.size() < at + count) return std::nullopt;
  unsigned value = 0;
  for (const char c : chars.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

std::optional<PartialDate> parse_date(std::string_view chars) {
  const auto year = digits(chars, 0, 4);
  if (!year) return std::nullopt;
  PartialDate date{static_cast<int>(*year), 0, 0};
  if (chars.size() == 4) return date;
  const auto month = digits(chars, 5, 2);
  if (chars[4] != '-' || !month || *month < 1 || *month > 12) return std::nullopt;
  date.month = *month;
  if (chars.size() == 7) return date;
  const auto day = digits(chars, 8, 2);
  if (chars[7] != '-' || !day || (chars.size() > 10 && chars[10] != 'T')) return std::nullopt;
  date.day = *day;
  const std::chrono::year_month_day whole{std::chrono::year{date.year}, std::chrono::month{date.month}, std::chrono::day{date.day}};
  return whole.ok() ? std::optional(date) : std::nullopt;
}

std::chrono::sys_days eighteenth_birthday(int year, unsigned month, unsigned day) {
  using namespace std::chrono;
  const year_month_day birthday{std::chrono::year{year + 18}, std::chrono::month{month}, std::chrono::day{day}};
  // Born on 29 February: complete on 1 March of a common year.
  return birthday.ok() ? sys_days{birthday} : sys_days{std::chrono::year{year + 18} / March / 1};
}

std::optional<std::string_view> adult_or_minor(const PartialDate& birth, Time created) {
  const auto today = std::chrono::floor<std::chrono::days>(created);
  const unsigned last_month = birth.month == 0 ? 12 : birth.month;
  const std::chrono::year_month_day_last month_end{std::chrono::year{birth.year}, std::chrono::month_day_last{std::chrono::month{last_month}}};
  const auto earliest = eighteenth_birthday(birth.year, birth.month == 0 ? 1 : birth.month, birth.day == 0 ? 1 : birth.day);
  const auto latest = eighteenth_birthday(birth.year, last_month, birth.day == 0 ? static_cast<unsigned>(month_end.day()) : birth.day);
  if (today >= latest) return "adult";
  if (today < earliest) return "minor";
  return std::nullopt;
}

std::optional<std::string> initials(std::string_view name) {
  const std::string composed = to_nfc(name);
  std::string out;
  std::size_t letters = 0;
  for (std::string_view rest = composed; !rest.empty();) {
    const auto end = rest.find_first_of(" -");
    const std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    letters += code_points(word);
    if (!word.empty()) out.append(first_code_point(word)).push_back('.');
  }
  return letters >= 2 ? std::optional(out) : std::nullopt;
}

DerivedLeaf string_leaf(std::string_view value) { return {LeafType::string, to_bytes(value)}; }

DerivedLeaf number_leaf(int value) {
  DerivedLeaf leaf{LeafType::signed_number, {}};
  put_u64(leaf.value, static_cast<std::uint64_t>(std::int64_t{value}));
  return leaf;
}

std::optional<DerivedLeaf> from_date(Derived code, std::string_view chars, Time created) {
  const auto date = parse_date(chars);
  if (!date) return std::nullopt;
  if (code == Derived::year) return number_leaf(date->year);
  if (code == Derived::month) return date->month == 0 ? std::nullopt : std::optional(string_leaf(chars.substr(0, 7)));
  const auto age = adult_or_minor(*date, created);
  return age ? std::optional(string_leaf(*age)) : std::nullopt;
}

std::optional<DerivedLeaf> from_area(std::string_view chars) {
  const auto capital = [&](std::size_t at) { return chars[at] >= 'A' && chars[at] <= 'Z'; };
  if (chars.size() < 2 || !capital(0) || !capital(1) || (chars.size() > 2 && chars[2] != '-')) return std::nullopt;
  return string_leaf(chars.substr(0, 2));
}

std::optional<DerivedLeaf> from_coordinates(ByteView value) {
  constexpr std::int64_t step = 100'000;  // 0.1 degree in millionths
  ByteReader reader(value);
  DerivedLeaf leaf{LeafType::structure, {}};
  for (int i = 0; i < 2; ++i) {
    const auto exact = static_cast<std::int64_t>(reader.u64());
    const std::int64_t above = exact % step;
    const std::int64_t coarse = exact - (above < 0 ? above + step : above);
    put_u64(leaf.value, static_cast<std::uint64_t>(coarse));
  }
  return reader.at_end() ? std::optional(leaf) : std::nullopt;
}

}  // namespace

std::optional<DerivedLeaf> derive(Derived code, ByteView value, Time created) {
  const std::string_view chars = text(value);
  switch (code) {
    case Derived::year:
    case Derived::month:
    case Derived::adult: return from_date(code, chars, created);
    case Derived::country: return from_area(chars);
    case Derived::initials: {
      const auto out = initials(chars);
      return out ? std::optional(string_leaf(*out)) : std::nullopt;
    }
    case Derived::presence: return DerivedLeaf{LeafType::boolean, {1}};
    case Derived::coordinates: return from_coordinates(value);
    case Derived::last4: return code_points(chars) >= 9 ? std::optional(string_leaf(last_code_points(chars, 4))) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace liaison::record
