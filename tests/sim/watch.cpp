// Checks while the scenario runs: an effect without its audit entry in the same write set, content shown before its entry, a forked head.
#include "core/base/limits.h"
#include "core/base/tags.h"
#include "core/exchange/ledger_rows.h"
#include "tests/sim/check.h"

namespace liaison::sim {
namespace {
using audit::Event;
using exchange::Direction;
using exchange::OpKind;
using exchange::Table;

struct Audited {
  std::vector<audit::Entry> entries;
  bool has(std::initializer_list<Event> events, const std::function<bool(const audit::Entry&)>& fits) const {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return std::find(events.begin(), events.end(), entry.event) != events.end() && fits(entry); });
  }
  bool has(Event event) const { return has({event}, [](const auto&) { return true; }); }
};

bool same_record(const audit::Entry& entry, const exchange::RecordKey& key) { return entry.record_from == key.from && entry.record == key.id && entry.version == key.version; }

std::optional<std::string> check_ledger(const exchange::Op& op, const Audited& audited) {
  const auto log = exchange::parse_log_key(op.key);
  const auto index = exchange::parse_number(op.key);
  if (!log || !index) return "a ledger row with a damaged key";
  const std::string name = exchange::ledger_name(*log);
  const auto here = [&](const audit::Entry& entry) { return entry.ledger == name && entry.ledger_index == *index; };
  if (op.kind == OpKind::del) {  // receipts the peer does not keep to, set aside by two administrators
    const bool decided = audited.has({Event::alarm}, [&](const audit::Entry& entry) { return entry.ledger == name && entry.reason == "sent_again"; });
    return decided ? std::nullopt : std::optional("a row of a ledger removed without an audit entry: " + name);
  }
  if (op.table == Table::ledger_body && log->direction == Direction::outbound && !audited.has({Event::disclosed, Event::forwarded}, here))
    return "dispatched without an audit entry: " + name + "#" + std::to_string(*index);
  if (op.table == Table::ledger_receipt && !audited.has({Event::receipt_issued, Event::receipt_stored}, here)) return "a receipt without an audit entry: " + name;
  return std::nullopt;
}

// Entries of an inbound batch: as many audited as are no voids.
std::optional<std::string> check_received(const exchange::WriteSet& set, const Audited& audited) {
  for (const auto& op : set.ops) {
    if (op.table != Table::ledger_entry) continue;
    const auto log = exchange::parse_log_key(op.key);
    if (!log || log->direction == Direction::outbound) continue;
    std::size_t expected = op.value.size() / limits::entry_bytes;
    for (const auto& other : set.ops)
      if (other.table == Table::ledger_body && other.value.empty()) --expected;
    const std::string name = exchange::ledger_name(*log);
    const auto found = std::count_if(audited.entries.begin(), audited.entries.end(),
                                     [&](const auto& entry) { return entry.ledger == name && (entry.event == Event::received || entry.event == Event::refused); });
    if (static_cast<std::size_t>(found) != expected) return "received without audit entries: " + name;
  }
  return std::nullopt;
}

std::optional<std::string> check_op(const exchange::Op& op, const Audited& audited) {
  switch (op.table) {
    case Table::submission:
      if (!audited.has(Event::collected)) return "accepted without an audit entry";
      break;
    case Table::outbox:
      if (op.kind == OpKind::del && !audited.has({Event::disclosed, Event::forwarded, Event::refused, Event::alarm}, [](const auto&) { return true; })) return "an outbox row removed without an audit entry";
      break;
    case Table::inbox: {
      const auto row = exchange::decode_inbox_row(op.value);
      if (!row || !audited.has({Event::received}, [&](const auto& entry) { return same_record(entry, row->record); })) return "put into the inbox without an audit entry";
      break;
    }
    case Table::ledger_body:
    case Table::ledger_receipt: return check_ledger(op, audited);
    case Table::directory:
      if (op.key.size() == 8 && op.kind != OpKind::del && !audited.has(Event::directory)) return "a directory stored without an audit entry";
      break;
    default: break;
  }
  return std::nullopt;
}

std::optional<std::string> unaudited(const exchange::WriteSet& set) {
  Audited audited;
  for (const auto& op : set.ops) {
    if (op.kind != OpKind::append) continue;
    auto entry = audit::decode(op.value);
    if (!entry) return "a damaged audit entry";
    audited.entries.push_back(std::move(*entry));
  }
  for (const auto& op : set.ops)
    if (auto found = op.kind == OpKind::append ? std::nullopt : check_op(op, audited)) return found;
  return check_received(set, audited);
}

// A head that contradicts what the peer already holds under our own signature.
std::optional<std::string> forked(const Site& site, const Sites& sites, ByteView text) {
  const auto head = link::parse_head(text);
  if (!head) return std::nullopt;
  for (const auto& peer : sites) {
    if (peer->agency != head->to) continue;
    const exchange::LogKey copy{site.agency, Direction::inbound, head->log.stream, head->log.lane, head->log.epoch};
    const auto held = exchange::load_head(peer->disk.memory, copy);
    if (!held || head->size > held->frontier.size()) return std::nullopt;
    const auto root = exchange::load_root(peer->disk.memory, copy, head->size);
    if (root && *root != head->root) return site.agency + " signed a ledger head of size " + std::to_string(head->size) + " that contradicts what " + peer->agency + " holds";
  }
  return std::nullopt;
}

std::size_t times_consulted(const Site& site, const std::string& person, const exchange::RecordKey& key) {
  const Hash who = merkle::sha256({view(tags::person), ByteView(merkle::sha256(view(site.agency))), view(person)});
  std::size_t count = 0;
  for (const auto& [index, bytes] : site.disk.memory.state().tables[static_cast<std::size_t>(Table::audit_entry)]) {
    const auto entry = audit::decode(bytes);
    if (entry && entry->event == Event::consulted && entry->person == who && same_record(*entry, key)) ++count;
  }
  return count;
}
}  // namespace

void watch(Site& site, const Sites& sites, const std::function<void(const std::string&)>& report) {
  site.disk.watch = [&site, report](const exchange::WriteSet& set) {
    if (const auto found = unaudited(set)) report(site.agency + ": " + *found);
  };
  site.keys.watch_signature = [&site, &sites, report](crypto::KeyRole role, ByteView text) {
    if (role != crypto::KeyRole::link) return;
    if (const auto found = forked(site, sites, text)) report(*found);
  };
  site.people.on_shown = [&site, report](const std::string& person, const std::vector<exchange::RecordKey>& records) {
    for (const auto& key : records)
      if (times_consulted(site, person, key) == 0) report(site.agency + " showed a record to " + person + " without an audit entry");
  };
}

}  // namespace liaison::sim
