// Judging the end: what was promised against what every store holds.
#include "tests/sim/check_parts.h"

#include <ostream>

#include "core/audit/checkpoint.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/routes.h"
#include "core/exchange/verify_log.h"

namespace liaison::sim {
namespace {
using exchange::Direction;
using exchange::DisclosureState;
using exchange::LogKey;
using exchange::Table;
constexpr std::array lanes{Lane::urgent, Lane::routine};

// The newest epoch of each.
LogKey written(const Site& at, const Site& to, Lane lane) { return exchange::current_log(at.disk.memory, {to.agency, Direction::outbound, 0, lane, 0}).value(); }
}  // namespace

LogKey kept(const Site& at, const Site& from, Lane lane) { return exchange::current_log(at.disk.memory, {from.agency, Direction::inbound, 0, lane, 0}).value(); }
namespace {
std::string name(const Site& from, const Site& to, Lane lane) { return from.agency + " to " + to.agency + " " + std::string(liaison::name(lane)); }

}  // namespace

// A lane that needs people.
bool stopped(const Site& from, const Site& to, Lane lane) {
  return exchange::load_head(from.disk.memory, written(from, to, lane))->stop.has_value() || exchange::load_head(to.disk.memory, kept(to, from, lane))->stop.has_value();
}

namespace {
bool has_alarm(const Site& site, std::string_view code) {
  const auto rows = site.disk.memory.scan(Table::alarm, {}, all_rows).value();
  return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return exchange::decode_alarm_row(row.second)->code == code; });
}

std::size_t outbox_rows(const Site& from, const Site& to, Lane lane) {
  const Bytes low = exchange::key_of_outbox(to.agency, lane, 0);
  return from.disk.memory.scan(Table::outbox, {low, exchange::after_prefix(ByteView(low).first(low.size() - 8))}, all_rows).value().size();
}

Answer check_logs(Site& site, const Sites& sites) {
  const auto context = site.context();
  auto lines = exchange::verify_audit(*context, site.guard.frontier());
  for (const auto& peer : sites)
    if (peer->agency != site.agency)
      for (auto& line : exchange::verify_ledgers(*context, peer->agency)) lines.push_back(std::move(line));
  for (const auto& line : lines)
    if (!line.ok) return site.agency + " " + line.what + " does not verify: " + line.detail;
  return {};
}

std::map<std::uint64_t, std::string> receipts(const Site& site, const LogKey& log) {
  std::map<std::uint64_t, std::string> all;
  for (const auto& row : exchange::load_receipts_above(site.disk.memory, log, 0, all_rows).value()) {
    const auto receipt = link::parse_receipt(view(row.receipt.text)).value();
    all[receipt.first] = row.receipt.text;
  }
  return all;
}

// Every index once, without a gap, and the voids exactly those that the keeper of the copy marked.
Answer check_receipts(const Site& from, const Site& to, Lane lane) {
  const auto held = receipts(from, written(from, to, lane));
  const auto issued = receipts(to, kept(to, from, lane));
  if (from.restored || to.restored) return {};
  std::uint64_t covered = 0;
  std::set<std::uint64_t> voids;
  for (const auto& [first, text] : held) {
    const auto twin = issued.find(first);
    if (twin == issued.end() || twin->second != text) return name(from, to, lane) + ": a receipt differs from the one issued";
    if (first != covered) return name(from, to, lane) + ": receipts leave out entries from " + std::to_string(covered);
    const auto receipt = link::parse_receipt(view(text)).value();
    voids.insert(receipt.voids.begin(), receipt.voids.end());
    const auto next = held.upper_bound(first);
    covered = next == held.end() ? exchange::load_receipted(from.disk.memory, written(from, to, lane)).value() : next->first;
  }
  for (std::uint64_t i = 0; i < covered; ++i) {
    const auto mark = to.disk.memory.get(Table::ledger_body, exchange::key_of(kept(to, from, lane), i)).value();
    if ((mark && mark->empty()) != voids.contains(i)) return name(from, to, lane) + ": the receipt is wrong about entry " + std::to_string(i);
  }
  return {};
}

Answer check_lane(const Site& from, const Site& to, Lane lane) {
  const auto ours = exchange::load_head(from.disk.memory, written(from, to, lane)).value();
  const auto copy = exchange::load_head(to.disk.memory, kept(to, from, lane)).value();
  if (stopped(from, to, lane)) {
    if (!from.restored && !to.restored) return name(from, to, lane) + " stopped though nobody lost anything";
    return {};
  }
  if (ours.frontier != copy.frontier) return name(from, to, lane) + ": ledgers of sizes " + std::to_string(ours.frontier.size()) + " and " + std::to_string(copy.frontier.size()) + " do not agree";
  return check_receipts(from, to, lane);
}

}  // namespace

std::size_t inbox_rows(const Site& site, const exchange::RecordKey& key) {
  const auto rows = site.disk.memory.scan(Table::inbox, {}, all_rows).value();
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return exchange::decode_inbox_row(row.second)->record == key; }));
}

namespace {
bool has_evidence(const Site& site, const exchange::RecordKey& key) {
  const Bytes low = exchange::key_of(key);
  return !site.disk.memory.scan(Table::evidence, {low, exchange::after_prefix(low)}, 1).value().empty();
}

}  // namespace

bool quarantined(const Site& site, const Site& sender) {
  for (const Lane lane : lanes) {
    const LogKey log = kept(site, sender, lane);
    if (!site.disk.memory.scan(Table::quarantine, {exchange::key_of(log, 0), exchange::key_of(log, ~std::uint64_t{0})}, 1).value().empty()) return true;
  }
  return false;
}

namespace {
// What the receiver's audit log says of a position.
std::string audited_as(const Site& site, const LogKey& log, std::uint64_t index) {
  for (const auto& [key, bytes] : site.disk.memory.scan(Table::audit_entry, {}, all_rows).value()) {
    const auto entry = audit::decode(bytes);
    if (entry && entry->ledger == exchange::ledger_name(log) && entry->ledger_index == index && entry->event != audit::Event::receipt_issued)
      return std::string(audit::name(entry->event)) + " " + entry->reason;
  }
  return "not audited";
}

}  // namespace

Answer check_delivered(const Site& from, const Site& to, const exchange::RecordKey& key, const exchange::DisclosureRow& disclosure) {
  const std::string what = from.agency + " record " + to_string(key.id) + " to " + to.agency;
  const auto mark = to.disk.memory.get(Table::ledger_body, exchange::key_of(kept(to, from, disclosure.lane), disclosure.index)).value();
  if (mark && mark->empty()) return {};  // erased on the way: the receipt says so
  const std::size_t rows = inbox_rows(to, key);
  // Refused there, and the evidence lies unread here, since this agency's own box key was away: quarantined, audited, for people to open.
  if (rows == 0 && quarantined(from, to)) return {};
  // Evidence may reach a restored sender before the entry it is about came back; it is kept, and people go through what a restored node sent.
  if (rows == 0 && from.restored) return {};
  if (rows == 0 && !to.restored) return what + ": receipted, and not in the inbox; there it was " + audited_as(to, kept(to, from, disclosure.lane), disclosure.index);
  if (rows > 1) return what + ": " + std::to_string(rows) + " times in the inbox";
  if (to.restored) return {};  // its cursors are those of the backup: people look at what came since
  for (const auto& subscriber : to.people.subscribers()) {
    const auto times = std::count_if(subscriber.seen.begin(), subscriber.seen.end(), [&](const auto& seen) { return seen.record == key; });
    if (static_cast<std::size_t>(times) != rows) return what + ": " + subscriber.name + " acted " + std::to_string(times) + " times";
  }
  return {};
}

namespace {
Answer check_recipient(const Site& from, const Site& to, const exchange::RecordKey& key, Lane lane) {
  const std::string what = from.agency + " record " + to_string(key.id) + " to " + to.agency;
  const auto row = from.disk.memory.get(Table::disclosure, exchange::key_of(key, to.agency)).value();
  if (stopped(from, to, lane)) return {};
  if (!row) {
    // What was disclosed in the lost part of a restored store came back as an entry without its row.
    if (from.restored && inbox_rows(to, key) == 1) return {};
    return what + ": accepted and neither delivered, refused nor expired";
  }
  const auto disclosure = exchange::decode_disclosure_row(*row).value();
  switch (disclosure.state) {
    case DisclosureState::dispatched: return check_delivered(from, to, key, disclosure);
    case DisclosureState::refused:
      if (disclosure.reason.empty()) return what + ": refused without a reason";
      if (!disclosure.disclosure.text.empty() && !has_evidence(from, key)) return what + ": refused without evidence";
      break;
    case DisclosureState::expired: break;
    default: return what + ": in a state nobody asked for";
  }
  if (inbox_rows(to, key) != 0 && !from.restored && !to.restored) return what + ": called not delivered, and in the inbox";
  return {};
}

Answer check_submissions(const Site& site, const Sites& sites) {
  for (const auto& submission : site.people.submissions()) {
    const bool valid = std::all_of(submission.to.begin(), submission.to.end(), [](const auto& agency) { return agency != "xx.nowhere"; });
    if (!submission.accepted) {
      if (valid && submission.refused != "invalid_argument") return site.agency + " refused a good submission: " + submission.refused;
      continue;
    }
    if (!valid) return site.agency + " accepted a submission to an unknown agency";
    if (!site.disk.memory.get(Table::record, exchange::key_of(*submission.accepted)).value()) {
      if (site.restored && submission.forgotten_by_restore) continue;
      return site.agency + " lost a record it had accepted: " + to_string(submission.accepted->id);
    }
    const Lane lane = submission.urgent ? Lane::urgent : Lane::routine;
    for (const auto& to : sites) {
      if (std::find(submission.to.begin(), submission.to.end(), to->agency) == submission.to.end()) continue;
      const auto path = exchange::make_path(*federation().directory, {site.agency, submission.channel, {}, site.agency, scenario_start}, to->agency).value();
      auto found = path.size() == 2 ? check_recipient(site, *to, *submission.accepted, lane) : check_over_relays(sites, path, *submission.accepted, submission.to, lane);
      if (found) return found;
    }
  }
  return {};
}

// Nothing in an inbox that nobody sent, nothing there that a subscriber never saw.
Answer check_inbox(const Site& site, const Sites& sites) {
  for (const auto& [key, value] : site.disk.memory.scan(Table::inbox, {}, all_rows).value()) {
    const auto row = exchange::decode_inbox_row(value).value();
    const auto seq = exchange::parse_number(key).value();
    const auto from = std::find_if(sites.begin(), sites.end(), [&](const auto& one) { return one->agency == row.record.from; });
    if (from == sites.end()) return site.agency + " holds a record of nobody";
    if (!(*from)->restored && !(*from)->disk.memory.get(Table::record, exchange::key_of(row.record)).value()) return site.agency + " holds a record that " + row.record.from + " never accepted";
    if (site.restored) continue;
    for (const auto& subscriber : site.people.subscribers()) {
      const bool seen = std::any_of(subscriber.seen.begin(), subscriber.seen.end(), [&](const auto& one) { return one.seq == seq && one.record == row.record; });
      if (!seen) return site.agency + " never handed inbox row " + std::to_string(seq) + " to " + subscriber.name;
    }
  }
  return {};
}

Answer check_checkpoints(const Site& site) {
  for (const auto& note : site.people.checkpoints()) {
    const auto stated = audit::parse_checkpoint(note);
    if (!stated) return site.agency + " signed a checkpoint nobody can read";
    const auto key = federation().key(site.agency, crypto::KeyRole::log).public_key();
    if (!audit::verify_checkpoint(note, stated->origin, key)) return site.agency + " signed a checkpoint that does not verify";
    if (site.restored) continue;
    const auto root = merkle::root_at(stated->size, [&](std::uint64_t index) -> Result<Hash> {
      LIAISON_TRY(const auto bytes, site.disk.memory.get(Table::audit_hash, exchange::key_of(index)));
      if (!bytes) return fail(Errc::not_found);
      return ByteReader(*bytes).hash();
    });
    if (!root || *root != stated->root) return site.agency + " signed a checkpoint that its log does not lead to";
  }
  return {};
}

Answer check_rollback(const Site& site) {
  if (site.must_notice && !has_alarm(site, "rolled_back")) return site.agency + " was rolled back and raised no alarm";
  return {};
}
}  // namespace

void before_restart(Site& site, const Sites& sites) {
  for (const auto& peer : sites)
    for (const Lane lane : lanes) {
      if (peer->agency == site.agency) continue;
      const auto ours = exchange::load_head(site.disk.memory, written(site, *peer, lane)).value();
      const auto copy = exchange::load_head(peer->disk.memory, kept(*peer, site, lane)).value();
      if (copy.frontier.size() > ours.frontier.size()) site.must_notice = true;
    }
}

std::optional<std::string> unsettled(const Sites& sites) {
  for (const auto& from : sites)
    for (const auto& to : sites)
      for (const Lane lane : lanes) {
        if (from == to || stopped(*from, *to, lane)) continue;
        const auto size = exchange::load_head(from->disk.memory, written(*from, *to, lane)).value().frontier.size();
        const auto copied = exchange::load_head(to->disk.memory, kept(*to, *from, lane)).value().frontier.size();
        const auto receipted = exchange::load_receipted(from->disk.memory, written(*from, *to, lane)).value();
        const auto waiting = outbox_rows(*from, *to, lane);
        if (waiting != 0) return name(*from, *to, lane) + ": " + std::to_string(waiting) + " still in the outbox";
        if (size != copied || receipted != size) return name(*from, *to, lane) + ": " + std::to_string(size) + " written, " + std::to_string(copied) + " received, " + std::to_string(receipted) + " receipted";
      }
  return {};
}

std::string unrest(const Sites& sites, const Network& network) {
  std::string what = "no rest after everything was healed:";
  if (const auto found = unsettled(sites)) what += " " + *found + ";";
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const Site& site = *sites[i];
    if (!site.up()) what += " " + site.agency + " down;";
    else if (!site.machine->node->idle()) what += " " + site.agency + " busy;";
    if (site.people.waiting()) what += " " + site.agency + " owes an answer;";
    if (!site.people.satisfied()) what += " " + site.agency + " has people unsatisfied;";
    for (std::size_t j = i + 1; j < sites.size(); ++j) what += " links " + std::to_string(network.connections(i, j));
  }
  return what;
}

void print_audit(const Sites& sites, std::ostream& out) {
  for (const auto& site : sites)
    for (const auto& [key, bytes] : site->disk.memory.scan(Table::audit_entry, {}, all_rows).value())
      if (const auto entry = audit::decode(bytes))
        out << site->agency << " audit " << entry->index << " " << to_string(entry->wall).substr(11, 12) << " " << audit::name(entry->event) << " " << entry->peer << " " << entry->record_from << " "
            << (entry->record.is_nil() ? "" : to_string(entry->record)) << " " << entry->ledger << "#" << entry->ledger_index << " " << entry->reason << "\n";
}

std::optional<std::string> check(const Sites& sites) {
  for (const auto& site : sites) {
    if (auto found = check_logs(*site, sites)) return found;
    if (auto found = check_submissions(*site, sites)) return found;
    if (auto found = check_inbox(*site, sites)) return found;
    if (auto found = check_checkpoints(*site)) return found;
    if (auto found = check_rollback(*site)) return found;
    for (const auto& to : sites)
      for (const Lane lane : lanes)
        if (to != site)
          if (auto found = check_lane(*site, *to, lane)) return found;
  }
  return {};
}

}  // namespace liaison::sim
