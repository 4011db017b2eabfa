// See office_hours.h. A line is `DAY[-DAY] HH:MM-HH:MM`; lines are joined by semicolons. An end before the begin lies on the next day.
#include "admin-cli/office_hours.h"

#include <unicode/timezone.h>

#include <array>
#include <memory>
#include <vector>

namespace liaison::cli {
namespace {

constexpr int minutes_of_day = 24 * 60;
struct Shift {
  int first_day = 0, last_day = 0, begin = 0, end = 0;  // days from Monday; minutes
};

std::string_view trimmed(std::string_view chars) {
  while (chars.starts_with(' ')) chars.remove_prefix(1);
  while (chars.ends_with(' ')) chars.remove_suffix(1);
  return chars;
}

std::optional<int> day_of(std::string_view chars) {
  constexpr std::array<std::string_view, 7> days{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
  for (std::size_t i = 0; i < days.size(); ++i)
    if (days[i] == chars) return static_cast<int>(i);
  return std::nullopt;
}

std::optional<int> minutes_of(std::string_view chars) {
  const auto digit = [&](std::size_t at) { return chars[at] >= '0' && chars[at] <= '9'; };
  if (chars.size() != 5 || chars[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const int hour = (chars[0] - '0') * 10 + chars[1] - '0', minute = (chars[3] - '0') * 10 + chars[4] - '0';
  if (minute > 59 || hour * 60 + minute > minutes_of_day) return std::nullopt;
  return hour * 60 + minute;
}

std::optional<Shift> shift_of(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto days = line.substr(0, space), times = trimmed(line.substr(space));
  const auto first = day_of(days.substr(0, 2));
  const auto last = days.size() == 2 ? first : days.size() == 5 && days[2] == '-' ? day_of(days.substr(3)) : std::nullopt;
  if (!first || !last || times.size() != 11 || times[5] != '-') return std::nullopt;
  const auto begin = minutes_of(times.substr(0, 5)), end = minutes_of(times.substr(6));
  if (!begin || !end || *begin == *end) return std::nullopt;
  return Shift{*first, *last, *begin, *end};
}

std::optional<std::vector<Shift>> shifts_of(std::string_view hours) {
  std::vector<Shift> out;
  for (;;) {
    const auto end = hours.find(';');
    const auto shift = shift_of(trimmed(hours.substr(0, end)));
    if (!shift) return std::nullopt;
    out.push_back(*shift);
    if (end == std::string_view::npos) return out;
    hours.remove_prefix(end + 1);
  }
}

bool on_day(const Shift& shift, int day) {
  return shift.first_day <= shift.last_day ? day >= shift.first_day && day <= shift.last_day : day >= shift.first_day || day <= shift.last_day;
}

bool covers(const Shift& shift, int day, int minute) {
  if (shift.begin < shift.end) return on_day(shift, day) && minute >= shift.begin && minute < shift.end;
  return (on_day(shift, day) && minute >= shift.begin) || (on_day(shift, (day + 6) % 7) && minute < shift.end);
}

std::unique_ptr<icu::TimeZone> zone_of(std::string_view name) {
  if (name.empty()) return nullptr;
  std::unique_ptr<icu::TimeZone> zone{icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())}))};
  if (zone == nullptr || *zone == icu::TimeZone::getUnknown()) return nullptr;
  return zone;
}

}  // namespace

bool are_hours(std::string_view hours) { return hours == "24h" || shifts_of(hours).has_value(); }
bool is_zone(std::string_view zone) { return zone_of(zone) != nullptr; }

std::optional<bool> is_open(std::string_view hours, std::string_view zone_name, Time at) {
  if (hours == "24h") return true;
  const auto shifts = shifts_of(hours);
  const auto zone = zone_of(zone_name);
  if (!shifts || zone == nullptr) return std::nullopt;
  std::int32_t offset = 0, saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone->getOffset(static_cast<UDate>(millis(at)), false, offset, saving, status);
  if (U_FAILURE(status)) return std::nullopt;
  const std::int64_t minutes = (static_cast<std::int64_t>(millis(at)) + offset + saving) / 60'000;
  const int day = static_cast<int>((minutes / minutes_of_day + 3) % 7);  // 1 January 1970 was a Thursday
  for (const auto& shift : *shifts)
    if (covers(shift, day, static_cast<int>(minutes % minutes_of_day))) return true;
  return false;
}

}  // namespace liaison::cli
