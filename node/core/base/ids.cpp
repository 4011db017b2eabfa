// Text forms of ids and times. Pure; parsers accept exactly what the writers write.
#include "core/base/ids.h"

#include <cstdio>

namespace liaison {

std::string to_string(const Uuid& id) {
  const std::string hex = to_hex(id.bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20);
}

std::optional<Uuid> parse_uuid(std::string_view chars) {
  if (chars.size() != 36) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < chars.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen != (chars[i] == '-')) return std::nullopt;
    if (!hyphen) digits.push_back(chars[i]);
  }
  const auto bytes = from_hex(digits);
  if (!bytes || bytes->size() != 16) return std::nullopt;
  Uuid id;
  std::memcpy(id.bytes.data(), bytes->data(), 16);
  return id;
}

std::string to_string(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  char out[40];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return out;
}

std::optional<Time> parse_time(std::string_view chars) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (chars.size() != shape.size()) return std::nullopt;
  int parts[7] = {};
  int part = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 'd') {
      if (chars[i] != shape[i]) return std::nullopt;
      ++part;
      continue;
    }
    if (chars[i] < '0' || chars[i] > '9') return std::nullopt;
    parts[part] = parts[part] * 10 + (chars[i] - '0');
  }
  const std::chrono::year_month_day date{std::chrono::year{parts[0]}, std::chrono::month{static_cast<unsigned>(parts[1])},
                                         std::chrono::day{static_cast<unsigned>(parts[2])}};
  if (!date.ok() || parts[0] < 1970 || parts[3] > 23 || parts[4] > 59 || parts[5] > 59) return std::nullopt;
  return Time{std::chrono::sys_days{date}} + std::chrono::hours{parts[3]} + std::chrono::minutes{parts[4]} + Seconds{parts[5]} + Milliseconds{parts[6]};
}

Uuid make_uuid(Time now, std::span<const std::uint8_t, 10> random) {
  Uuid id;
  const auto stamp = static_cast<std::uint64_t>(millis(now));
  for (int i = 0; i < 6; ++i) id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(stamp >> (40 - 8 * i));
  std::memcpy(id.bytes.data() + 6, random.data(), random.size());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x70);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

bool is_agency_id(std::string_view chars) {
  if (chars.size() < 4 || chars.size() > 64 || chars.find('.') == std::string_view::npos) return false;
  char before = '.';
  for (char c : chars) {
    const bool label = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!label && c != '.' && c != '-') return false;
    if (!label && (before == '.' || before == '-')) return false;
    before = c;
  }
  if (before == '.' || before == '-') return false;
  const auto country = country_of(chars);
  return country == "int" || (country.size() == 2 && country[0] >= 'a' && country[1] >= 'a');
}

std::string_view country_of(std::string_view agency) { return agency.substr(0, agency.find('.')); }

std::string_view name(Lane lane) { return lane == Lane::urgent ? "urgent" : "routine"; }

}  // namespace liaison
