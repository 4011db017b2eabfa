// The bureaus of the directory form trees: a record climbs from its agency to the bureau both sides share, or across between two uppermost
// bureaus, and goes down again. Pure.
#include "core/exchange/routes.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/record/path.h"

namespace liaison::exchange {
namespace {
using directory::Directory;
constexpr std::string_view general_secretariat = "int.gs";
constexpr std::string_view agency_prefix = "agency:";

using Path = std::vector<std::string>;

Error no_way(std::string text) { return fail(Errc::route_not_allowed, std::move(text)); }

bool through_bureaus(std::string_view channel) { return channel == "interpol" || channel == "judicial"; }

// The agency, its bureau, that one's bureau: as far as they are registered on the channel.
Path upwards(const Directory& directory, std::string_view channel, std::string_view agency) {
  Path path{std::string(agency)};
  while (path.size() <= limits::hops_max + 1) {
    const auto* entry = directory.find(path.back());
    if (entry == nullptr || entry->bureau.empty() || !directory.relays(channel, entry->bureau, entry->id)) break;
    if (std::find(path.begin(), path.end(), entry->bureau) != path.end()) break;
    path.push_back(entry->bureau);
  }
  return path;
}

// Who exchanges with other countries: bureaus on the INTERPOL channel, central authorities on the judicial one, international organisations on both.
bool crosses_borders(const directory::Agency& agency, std::string_view channel) {
  if (agency.country == "int") return true;
  return channel == "interpol" ? agency.is_bureau : agency.type == "central_authority";
}

Result<void> check_crossing(const Directory& directory, const Journey& journey, const Path& up, std::string_view other) {
  const auto* top = directory.find(up.back());
  if (top == nullptr || top->country == country_of(other) || crosses_borders(*top, journey.channel)) return {};
  const std::string who = journey.channel == "interpol" ? "bureau" : "central authority";
  const std::string registered = !top->bureau.empty() ? "; the one the directory names, " + top->bureau + ", is not registered on this channel" : "";
  return no_way(up.front() + " has no " + who + " on the channel " + std::string(journey.channel) + registered + ": it cannot exchange with another country (" + std::string(other) +
                "); have its " + who + " registered in the directory, or take the channel of its own administration (--channel customs, cites)");
}

Result<Path> through_trees(const Directory& directory, const Journey& journey, std::string_view recipient) {
  Path up = upwards(directory, journey.channel, journey.self);
  Path down = upwards(directory, journey.channel, recipient);
  std::size_t shared = up.size();  // first of `up` that stands in `down`
  auto meeting = down.end();
  for (std::size_t i = 0; i < up.size() && meeting == down.end(); ++i) {
    meeting = std::find(down.begin(), down.end(), up[i]);
    if (meeting != down.end()) shared = i;
  }
  if (meeting == down.end()) {
    LIAISON_CHECK(check_crossing(directory, journey, up, recipient));
    LIAISON_CHECK(check_crossing(directory, journey, down, journey.self));
    up.insert(up.end(), down.rbegin(), down.rend());
    return up;
  }
  // What may not reach the General Secretariat goes between the two bureaus below it.
  const bool passes_by = *meeting == general_secretariat && journey.level == "regional" && shared > 0 && meeting != down.begin();
  up.resize(shared + (passes_by ? 0 : 1));
  up.insert(up.end(), std::make_reverse_iterator(meeting), down.rend());
  return up;
}

bool contains(const std::vector<std::string>& items, std::string_view item) { return std::find(items.begin(), items.end(), item) != items.end(); }

void add_final(Routes& routes, const std::string& next, const std::string& final) {
  auto found = std::find_if(routes.onward.begin(), routes.onward.end(), [&](const Onward& onward) { return onward.next == next; });
  if (found == routes.onward.end()) found = routes.onward.insert(found, Onward{next, {}});
  if (!contains(found->finals, final)) found->finals.push_back(final);
}
}  // namespace

Journey make_journey(const Context& context, const record::Manifest& manifest) {
  return {context.agency, manifest.channel, manifest.level, manifest.from, context.ports.clock.now(), manifest.created};
}

std::string audience_of(std::string_view recipient) {
  return recipient.find(':') == std::string_view::npos ? std::string(agency_prefix) + std::string(recipient) : std::string(recipient);
}

bool is_audience_value(std::string_view audience) {
  const auto colon = audience.find(':');
  if (colon == std::string_view::npos) return false;
  const auto kind = audience.substr(0, colon);
  const auto id = audience.substr(colon + 1);
  if (kind == "agency") return is_agency_id(id);
  return (kind == "group" || kind == "country") && crypto::is_token(id) && id.find(':') == std::string_view::npos;
}

std::vector<std::string> expand_audience(const Directory& directory, const Journey& journey, std::string_view audience) {
  if (audience.starts_with(agency_prefix)) {
    const auto id = audience.substr(agency_prefix.size());
    const auto* successor = directory.successor(id);
    return {successor != nullptr ? successor->id : std::string(id)};
  }
  std::vector<std::string> covered;
  for (const auto& [id, agency] : directory.agencies())
    if (directory.has_channel(id, journey.channel) && directory.audience_covers(audience, id, journey.audience_times())) covered.push_back(id);
  return covered;
}

Result<void> check_level(const Journey& journey, std::string_view agency) {
  if (journey.level == "national" && country_of(agency) != country_of(journey.originator))
    return no_way("a message of level national does not leave the country, so not to " + std::string(agency) + "; choose --level regional or international, or another recipient");
  if (journey.level == "regional" && agency == general_secretariat)
    return no_way("a message of level regional never reaches " + std::string(agency) + "; choose --level international, or another recipient");
  return {};
}

Result<Path> make_path(const Directory& directory, const Journey& journey, std::string_view recipient) {
  for (const std::string_view end : {journey.self, recipient}) {
    if (directory.find(end) == nullptr) return no_way("agency " + std::string(end) + " is not in the directory (see: liaison directory show)");
    if (!directory.is_member(end)) return no_way(standing_text(*directory.find(end)));
    if (!directory.has_channel(end, journey.channel)) return no_way("agency " + std::string(end) + " is not on the channel " + std::string(journey.channel));
  }
  if (journey.self == recipient) return Path{std::string(recipient)};
  LIAISON_CHECK(check_level(journey, recipient));
  Path path{std::string(journey.self), std::string(recipient)};
  if (through_bureaus(journey.channel)) {
    LIAISON_TRY(path, through_trees(directory, journey, recipient));
  }
  for (const auto& agency : path) LIAISON_CHECK(check_level(journey, agency));
  if (path.size() > limits::hops_max + 1) return no_way("more than " + std::to_string(limits::hops_max) + " hops to " + std::string(recipient));
  return path;
}

bool forwards_blind(const Directory& directory, std::string_view relay, std::string_view from, std::string_view to) {
  const auto* entry = directory.find(relay);
  return entry != nullptr && relay != from && relay != to && (contains(entry->blind_pairs, from) || contains(entry->blind_pairs, to));
}

Hop first_hop(const Directory& directory, std::span<const std::string> path) {
  constexpr std::size_t forwards_max = 2;
  std::size_t recipient = 1;
  while (recipient + 1 < path.size() && recipient <= forwards_max && forwards_blind(directory, path[recipient], path[0], path[recipient + 1])) ++recipient;
  return {path[1], path[recipient]};
}

std::string link_for(const Context& context, const std::string& recipient) {
  const auto path = make_path(*context.directory, {context.agency, "interpol", {}, context.agency, context.ports.clock.now()}, recipient);
  if (!path || path->size() < 2) return recipient;
  Hop hop = first_hop(*context.directory, *path);
  return hop.recipient == recipient ? std::move(hop.link) : recipient;
}

Routes make_routes(const Directory& directory, const Journey& journey, std::span<const std::string> audiences) {
  Routes routes;
  for (const auto& audience : audiences) {
    for (const auto& final : expand_audience(directory, journey, audience)) {
      if (final == journey.self) {
        routes.for_self = true;
        continue;
      }
      if (final == journey.originator) continue;
      auto path = make_path(directory, journey, final);
      if (path) add_final(routes, first_hop(directory, *path).recipient, final);
      else routes.unreachable.push_back({final, path.error()});
    }
  }
  return routes;
}

std::vector<std::string> audiences_of(const record::Openings& openings) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < openings.size(); ++i)
    if (record::is_audience(openings.path(i))) values.emplace_back(text(openings[i].value));
  return values;
}

std::vector<std::string> audience_for(const Context& context, const record::Manifest& manifest, const record::Openings& openings, std::string_view recipient) {
  const Journey journey = make_journey(context, manifest);
  const auto needs = [&](const std::string& value) {
    if (context.directory->audience_covers(value, recipient, journey.audience_times())) return true;
    const auto routes = make_routes(*context.directory, journey, std::span(&value, 1));
    return std::any_of(routes.onward.begin(), routes.onward.end(), [&](const Onward& onward) { return onward.next == recipient; });
  };
  std::vector<std::string> open;
  for (auto& value : audiences_of(openings))
    if (needs(value)) open.push_back(std::move(value));
  return open;
}

bool reaches(const Directory& directory, const Journey& journey, std::string_view relay, std::string_view audience) {
  if (!through_bureaus(journey.channel)) return false;
  for (const auto& agency : expand_audience(directory, journey, audience))
    if (contains(upwards(directory, journey.channel, agency), relay)) return true;
  return false;
}

}  // namespace liaison::exchange
