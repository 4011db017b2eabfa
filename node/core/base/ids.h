// Identifiers and times: Uuid (UUIDv7, RFC 9562), AgencyId text rules, Time (UTC milliseconds since 1970).
// Pure: randomness and the clock come in as arguments.
#pragma once
#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace liaison {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
};
std::string to_string(const Uuid& id);                  // lower case, hyphenated
std::optional<Uuid> parse_uuid(std::string_view chars);  // exactly what to_string writes

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
// Wall time, UTC.
using Time = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;
std::string to_string(Time time);                        // 2026-03-04T05:06:07.089Z
std::optional<Time> parse_time(std::string_view chars);  // exactly what to_string writes, years 1970 to 9999
inline std::int64_t millis(Time time) { return time.time_since_epoch().count(); }
inline Time time_from_millis(std::int64_t value) { return Time{Milliseconds{value}}; }

// UUIDv7 of this time with 10 bytes of fresh randomness.
Uuid make_uuid(Time now, std::span<const std::uint8_t, 10> random);

// Agency ids: 2 to 64 characters, labels of [a-z0-9-] joined by single dots, the first label a country code or "int".
bool is_agency_id(std::string_view chars);
// "ke" of "ke.customs"; "int" for international organisations.
std::string_view country_of(std::string_view agency);

enum class Lane : std::uint8_t { urgent = 1, routine = 2 };
std::string_view name(Lane lane);

}  // namespace liaison
