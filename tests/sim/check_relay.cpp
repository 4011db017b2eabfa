// The judge of records over bureaus: each hop passed it on, or the chain ended where its originator was told of; nobody's people saw what was only
// passed on; the word of the final recipient came back once.
#include "core/exchange/stored_record.h"
#include "tests/sim/check_parts.h"

namespace liaison::sim {
namespace {
using exchange::DisclosureState;
using exchange::Table;

struct Trip {
  std::vector<const Site*> way;
  exchange::RecordKey key;
  Lane lane;
  const Site& originator() const { return *way.front(); }
  const Site& addressee() const { return *way.back(); }
  std::string what() const { return originator().agency + " record " + to_string(key.id) + " to " + addressee().agency; }
};

std::size_t words(const Trip& trip, std::string_view event, std::string_view by) {
  const Bytes low = exchange::key_of(trip.key);
  std::size_t count = 0;
  for (const auto& row : trip.originator().disk.memory.scan(Table::evidence, {low, exchange::after_prefix(low)}, all_rows).value()) {
    const auto one = exchange::parse_evidence(view(exchange::decode_signed_text(row.second)->text)).value();
    count += (event.empty() || one.event == event) && (by.empty() || one.from == by) ? 1 : 0;
  }
  return count;
}

// People must look at something on the way: a store that went back, a lane that stopped, a text whose key was away.
bool needs_people(const Trip& trip) {
  for (const auto* site : trip.way)
    if (site->restored) return true;
  for (std::size_t i = 0; i + 1 < trip.way.size(); ++i)
    for (const Lane lane : {Lane::urgent, Lane::routine})
      if (stopped(*trip.way[i], *trip.way[i + 1], lane) || stopped(*trip.way[i + 1], *trip.way[i], lane) || quarantined(*trip.way[i], *trip.way[i + 1])) return true;
  return false;
}

enum class Hop : std::uint8_t { on, ended };
struct HopFound {
  Hop hop = Hop::ended;
  Answer problem;
};

HopFound check_hop(const Trip& trip, const Site& from, const Site& to) {
  const auto bytes = from.disk.memory.get(Table::disclosure, exchange::key_of(trip.key, to.agency)).value();
  if (!bytes) return {Hop::ended, trip.what() + ": held by " + from.agency + " and neither passed on, refused nor expired"};
  const auto row = exchange::decode_disclosure_row(*bytes).value();
  if (row.state != DisclosureState::dispatched) {
    const bool own_refusal = &from == &trip.originator() && row.disclosure.text.empty();
    if (row.reason.empty()) return {Hop::ended, trip.what() + ": ended at " + from.agency + " without a reason"};
    if (!own_refusal && words(trip, {}, {}) == 0) return {Hop::ended, trip.what() + ": ended at " + from.agency + " (" + row.reason + ") and its originator knows nothing"};
    return {};
  }
  const auto mark = to.disk.memory.get(Table::ledger_body, exchange::key_of(kept(to, from, row.lane), row.index)).value();
  if (mark && mark->empty()) return {};  // erased on the way: the receipt says so
  if (to.disk.memory.get(Table::record, exchange::key_of(trip.key)).value()) return {Hop::on, {}};
  return {Hop::ended, trip.what() + ": receipted by " + to.agency + ", and not held there"};
}
}  // namespace

Answer check_over_relays(const Sites& sites, const std::vector<std::string>& path, const exchange::RecordKey& key, const std::vector<std::string>& addressed, Lane lane) {
  Trip trip{{}, key, lane};
  for (const auto& agency : path) trip.way.push_back(std::find_if(sites.begin(), sites.end(), [&](const auto& site) { return site->agency == agency; })->get());
  const std::size_t rows = inbox_rows(trip.addressee(), key);
  if (rows > 1) return trip.what() + ": " + std::to_string(rows) + " times in the inbox";
  const std::size_t delivered = words(trip, "delivered", trip.addressee().agency);
  if (delivered > 1) return trip.what() + ": its originator was told " + std::to_string(delivered) + " times";
  if (delivered == 1 && rows == 0 && !trip.addressee().restored) return trip.what() + ": said to be delivered, and not in the inbox";
  for (std::size_t i = 1; i + 1 < trip.way.size(); ++i) {
    const bool for_its_people = std::find(addressed.begin(), addressed.end(), trip.way[i]->agency) != addressed.end();
    if (!for_its_people && inbox_rows(*trip.way[i], key) != 0) return trip.what() + ": in the inbox of " + trip.way[i]->agency + ", which only passed it on";
  }
  if (needs_people(trip)) return {};
  for (std::size_t i = 0; i + 1 < trip.way.size(); ++i) {
    auto found = check_hop(trip, *trip.way[i], *trip.way[i + 1]);
    if (found.problem) return found.problem;
    if (found.hop == Hop::on) continue;
    return rows == 0 ? Answer{} : trip.what() + ": called not delivered, and in the inbox";
  }
  if (rows != 1) return trip.what() + ": held by its addressee, and not in the inbox";
  if (delivered != 1) return trip.what() + ": delivered, and its originator does not know";
  return {};
}

}  // namespace liaison::sim
