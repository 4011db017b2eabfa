// Questions that the judge's parts share: how lanes, inboxes and quarantines of two sites stand. Read the stores directly.
#pragma once
#include "tests/sim/check.h"

namespace liaison::sim {

using Answer = std::optional<std::string>;
inline constexpr std::size_t all_rows = 1'000'000;

exchange::LogKey kept(const Site& at, const Site& from, Lane lane);  // the newest copy of what `from` sends
bool stopped(const Site& from, const Site& to, Lane lane);          // a lane that needs people
std::size_t inbox_rows(const Site& site, const exchange::RecordKey& key);
bool quarantined(const Site& site, const Site& sender);
Answer check_delivered(const Site& from, const Site& to, const exchange::RecordKey& key, const exchange::DisclosureRow& disclosure);
// A record over bureaus to one final recipient: at every hop passed on, or an end that its originator was told of (check_relay.cpp).
Answer check_over_relays(const Sites& sites, const std::vector<std::string>& path, const exchange::RecordKey& key, const std::vector<std::string>& addressed, Lane lane);

}  // namespace liaison::sim
