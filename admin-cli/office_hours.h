// Office hours as the directory writes them ("24h", "Mo-Fr 08:00-17:00; Sa 09:00-12:00") and whether somebody is there at a moment, in the office's own time zone.
// Hours of another form are shown as they stand and answer "not known". Pure; time zones are ICU's.
#pragma once
#include <optional>
#include <string_view>

#include "core/base/ids.h"

namespace liaison::cli {

// nullopt: the hours are not of this form, or the zone is not known ("24h" needs none).
std::optional<bool> is_open(std::string_view hours, std::string_view zone, Time at);
// Of this form, and days and times that exist.
bool are_hours(std::string_view hours);
bool is_zone(std::string_view zone);

}  // namespace liaison::cli
