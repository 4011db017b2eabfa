// The write sets of both repairs. Everything is one transaction each, so that a crash leaves the ledger stopped or repaired and nothing in between.
#include "core/exchange/repair.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/exchange/ledger_rows.h"

namespace liaison::exchange {
namespace {

Hash hash_of(const link::SignedText& head) { return crypto::text_hash(view(head.text)); }

void add_approvals(const Context& context, const LogKey& log, const Approved& approved, const std::string& reason, std::vector<Op>& ops) {
  for (const Hash& person : {approved.first, approved.second}) {
    audit::Entry entry = context.entry(audit::Event::alarm);
    entry.person = person;
    entry.peer = log.peer;
    entry.reason = reason;
    entry.decision = approved.heads;
    entry.ledger = ledger_name(log);
    ops.push_back(append_audit(entry));
  }
}

// An envelope of the old epoch in the new one: the same entry and bytes, its disclosure pointing to the new place.
Result<void> add_again(const Context& context, const LogKey& log, std::uint64_t index, const link::EntryBytes& bytes, std::vector<Op>& ops) {
  LIAISON_TRY(const link::Entry entry, link::decode_entry(bytes));
  audit::Entry note = context.entry(audit::Event::forwarded);
  note.peer = log.peer;
  note.reason = "sent_again";
  note.ledger = ledger_name(log);
  note.ledger_index = index;
  LIAISON_TRY(const auto sent, context.ports.store.get(Table::received, key_of_dispatched(context.agency, entry.core)));
  if (sent) {
    LIAISON_TRY(const ReceivedRow row, decode_received_row(*sent));
    liaison_assert(row.record.has_value());
    note.record_from = row.record->from;
    note.record = row.record->id;
    note.version = row.record->version;
    const Bytes key = key_of(*row.record, log.peer);
    LIAISON_TRY(const auto held, context.ports.store.get(Table::disclosure, key));
    if (held) {
      LIAISON_TRY(DisclosureRow disclosure, decode_disclosure_row(*held));
      disclosure.epoch = log.epoch;
      disclosure.index = index;
      disclosure.state = DisclosureState::dispatched;
      disclosure.reason = "sent_again";
      ops.push_back({OpKind::put, Table::disclosure, key, encode(disclosure)});
    }
  }
  ops.push_back(append_audit(note));
  return {};
}

}  // namespace

std::string_view name(Repair repair) { return repair == Repair::reopen ? "reopen" : "resend"; }

Hash digest_of_heads(const HeadRow& head) { return link::epoch_core(hash_of(head.head), hash_of(head.other_head)); }

std::optional<Repair> repair_of(const LogKey& log, const HeadRow& head) {
  if (log.direction != Direction::outbound || !head.stop) return std::nullopt;
  return head.stop == link::StopReason::fork ? Repair::reopen : Repair::resend;
}

std::string advice(const LogKey& log, const HeadRow& head) {
  if (!head.stop) return "";
  const std::string lane(name(log.lane));
  if (const auto repair = repair_of(log, head))
    return (*repair == Repair::reopen ? "two ledgers of ours for " + log.peer + " do not agree on lane " : log.peer + " lost entries it had receipted on lane ") + lane +
           "; call its duty desk, then two administrators, each with their own key: liaison ledger " + std::string(name(*repair)) + " " + log.peer + " --lane " + lane;
  if (head.stop == link::StopReason::fork) return log.peer + " wrote two ledgers on lane " + lane + "; call its duty desk: its administrators open a new epoch (liaison ledger reopen)";
  return "this node lost entries of " + log.peer + " that it had receipted on lane " + lane + "; call its duty desk: its administrators send them again (liaison ledger resend)";
}

Result<std::uint64_t> other_size(const HeadRow& head) {
  if (head.other_head.empty()) return std::uint64_t{0};
  LIAISON_TRY(const link::Head stated, link::parse_head(view(head.other_head.text)));
  return stated.size;
}

Result<std::optional<std::uint64_t>> common_size(const Store& store, const OutboundLog& log, const TheirEntries& theirs) {
  LIAISON_TRY(merkle::Frontier frontier, merkle::frontier_at(theirs.first, [&](std::uint64_t index) { return load_node(store, log.key, index); }));
  for (const auto& entry : theirs.entries) frontier.append(merkle::leaf_hash(entry));
  LIAISON_TRY(const link::Head stated, link::parse_head(view(log.head.other_head.text)));
  if (frontier.size() != stated.size || frontier.root() != stated.root) {
    if (theirs.first == 0) return fail(Errc::protocol_violation, "the peer shows entries that do not lead to its head");
    return std::optional<std::uint64_t>{};
  }
  const std::uint64_t own = log.head.frontier.size() - theirs.first;
  const std::size_t both = static_cast<std::size_t>(std::min<std::uint64_t>(own, theirs.entries.size()));
  LIAISON_TRY(const auto ours, load_entries(store, log.key, theirs.first, both));
  const auto differs = std::mismatch(ours.begin(), ours.end(), theirs.entries.begin()).first;
  return std::optional(theirs.first + static_cast<std::uint64_t>(differs - ours.begin()));
}

Result<Repaired> make_reopened(const Context& context, const OutboundLog& log, std::uint64_t common, const Approved& approved) {
  const auto& store = context.ports.store;
  Repaired done;
  done.log.key = log.key;
  ++done.log.key.epoch;
  HeadRow& head = done.log.head;
  head.opening = digest_of_heads(log.head);
  auto& ops = done.set.ops;
  done.set.cls = WriteClass::urgent;
  done.set.preconditions.push_back({Table::ledger_head, key_of(log.key), stored_head(log.head)});
  done.set.preconditions.push_back({Table::ledger_head, key_of(done.log.key), std::nullopt});

  std::vector<link::Element> batch{{link::encode(link::Entry{link::EntryType::epoch_open, 0, 0, {}, *head.opening}), std::nullopt}};
  std::size_t bytes = 0;
  const auto close_batch = [&] {
    std::vector<Hash> completed;
    const std::uint64_t first = head.frontier.size();
    for (const auto& element : batch) head.frontier.append(merkle::leaf_hash(element.entry), &completed);
    add_ledger_rows(done.log.key, first, batch, completed, ops);
    batch.clear();
  };
  for (std::uint64_t index = common; index < log.head.frontier.size(); ++index) {
    LIAISON_TRY(auto body, store.get(Table::ledger_body, key_of(log.key, index)));
    if (!body) continue;  // recalled, erased, or the opening of that epoch
    LIAISON_TRY(const auto entries, load_entries(store, log.key, index, 1));
    bytes += body->size();
    if (bytes > limits::reopened_bytes_max) return fail(Errc::limit_exceeded, "what would travel again is more than " + std::to_string(limits::reopened_bytes_max) + " bytes");
    const std::uint64_t place = head.frontier.size() + batch.size();
    LIAISON_CHECK(add_again(context, done.log.key, place, entries.front(), ops));
    ops.push_back({OpKind::insert, Table::ledger_body, key_of(done.log.key, place), std::move(*body)});
    batch.push_back({entries.front(), std::nullopt});
    ++done.again;
    if (batch.size() == limits::batch_elements_max) close_batch();
  }
  if (!batch.empty()) close_batch();
  LIAISON_TRY(head.head, sign_head(context, done.log.key, head.frontier));
  ops.push_back(put_head(done.log.key, head));
  add_approvals(context, done.log.key, approved, "epoch_opened", ops);
  return done;
}

Result<Repaired> make_resend(const Context& context, const OutboundLog& log, const Approved& approved) {
  const auto& store = context.ports.store;
  LIAISON_TRY(const std::uint64_t size, other_size(log.head));
  Repaired done;
  done.log = log;
  done.log.head.stop.reset();
  done.log.head.other_head = {};
  done.again = log.head.frontier.size() - size;
  done.set.cls = WriteClass::urgent;
  done.set.preconditions.push_back({Table::ledger_head, key_of(log.key), stored_head(log.head)});
  auto& ops = done.set.ops;
  ops.push_back(put_head(log.key, done.log.head));
  LIAISON_TRY(const auto rows, store.scan(Table::ledger_receipt, {key_of(log.key, size + 1), after_prefix(key_of(log.key))}, limits::recovered_entries_max));
  for (const auto& [key, value] : rows) {
    Bytes aside = key;
    put(aside, ByteView(merkle::sha256(value)));
    ops.push_back({OpKind::put, Table::quarantine, std::move(aside), value});
    ops.push_back({OpKind::del, Table::ledger_receipt, key, {}});
  }
  add_approvals(context, log.key, approved, "sent_again", ops);
  return done;
}

}  // namespace liaison::exchange
