// The rules of the Store port over std::map. Kept in step with the LMDB store by tests that run on both (tests/io/store/store_contract_test.cpp).
#include "tests/support/memory_store.h"

#include "core/audit/entry.h"
#include "core/base/limits.h"

namespace liaison::support {
using exchange::OpKind;
using exchange::Outcome;
using exchange::Row;
using exchange::Table;
using exchange::WriteSet;

namespace {
constexpr std::size_t key_bytes_max = 511;
constexpr std::uint64_t format_number = 1;
}  // namespace

MemoryStore::MemoryStore(std::string_view agency, std::string_view realm) {
  rows(Table::meta)[to_bytes("format")] = exchange::key_of(format_number);
  rows(Table::meta)[to_bytes("agency")] = to_bytes(agency);
  rows(Table::meta)[to_bytes("realm")] = to_bytes(realm);
  rows(Table::meta)[to_bytes("term")] = exchange::key_of(std::uint64_t{1});
}

void MemoryStore::reopen() { rows(Table::meta)[to_bytes("term")] = exchange::key_of(term() + 1); }

std::uint64_t MemoryStore::term() const { return ByteReader(rows(Table::meta).at(to_bytes("term"))).u64(); }

Result<std::optional<Bytes>> MemoryStore::get(Table table, ByteView key) const {
  if (reads_fail_) return fail(Errc::store_failed, "scripted");
  const auto found = rows(table).find(to_bytes(key));
  if (found == rows(table).end()) return std::optional<Bytes>{};
  return std::optional<Bytes>(found->second);
}

Result<std::vector<Row>> MemoryStore::scan(Table table, Range range, std::size_t rows_max) const {
  if (reads_fail_) return fail(Errc::store_failed, "scripted");
  std::vector<Row> out;
  const Bytes to = to_bytes(range.to);
  for (auto row = rows(table).lower_bound(to_bytes(range.from)); row != rows(table).end() && out.size() < rows_max; ++row) {
    if (!to.empty() && !(row->first < to)) break;
    out.emplace_back(row->first, row->second);
  }
  return out;
}

Result<std::optional<Row>> MemoryStore::last(Table table, Range range) const {
  if (reads_fail_) return fail(Errc::store_failed, "scripted");
  const auto& all = rows(table);
  auto end = range.to.empty() ? all.end() : all.lower_bound(to_bytes(range.to));
  if (end == all.begin()) return std::optional<Row>{};
  --end;
  if (end->first < to_bytes(range.from)) return std::optional<Row>{};
  return std::optional<Row>(Row{end->first, end->second});
}

std::vector<Outcome> MemoryStore::commit(std::span<const WriteSet> sets) {
  std::vector<Outcome> outcomes;
  for (const auto& set : sets) {
    const Fault fault = next_fault(set);
    Outcome outcome = decide(set);
    if (fault == Fault::refuse) outcome = Outcome::refused;
    if (outcome == Outcome::committed && fault != Fault::lose) apply(set);
    if (fault == Fault::lose || fault == Fault::apply_and_unknown) outcome = Outcome::unknown;
    outcomes.push_back(outcome);
  }
  return outcomes;
}

Fault MemoryStore::next_fault(const WriteSet& set) {
  if (script_.empty()) return chooser_ ? chooser_(set) : Fault::none;
  const Fault fault = script_.front();
  script_.pop_front();
  return fault;
}

Outcome MemoryStore::decide(const WriteSet& set) const {
  for (const auto& condition : set.preconditions) {
    const auto found = rows(condition.table).find(condition.key);
    const bool present = found != rows(condition.table).end();
    if (present != condition.expected.has_value() || (present && found->second != *condition.expected)) return Outcome::conflict;
  }
  std::map<std::pair<Table, std::string_view>, bool> present_now;  // rows this set has spoken of
  for (const auto& op : set.ops) {
    if (op.kind == OpKind::append) {
      liaison_assert(op.table == Table::audit_entry && op.key.empty() && op.value.size() >= 9);
      if (op.value.size() > limits::audit_entry_bytes_max) return Outcome::refused;
      continue;
    }
    liaison_assert(op.table != Table::audit_entry && op.table != Table::audit_hash);
    if (op.key.empty() || op.key.size() > key_bytes_max || op.value.size() > limits::directory_bytes_max) return Outcome::refused;
    const auto [known, first] = present_now.try_emplace({op.table, text(op.key)}, false);
    if (first && op.kind == OpKind::insert) known->second = rows(op.table).contains(op.key);
    if (op.kind == OpKind::insert && known->second) return Outcome::conflict;
    known->second = op.kind != OpKind::del;
  }
  return Outcome::committed;
}

void MemoryStore::apply(const WriteSet& set) {
  ++commits_;
  for (const auto& op : set.ops) {
    if (op.kind == OpKind::append) append_audit(op.value);
    else if (op.kind == OpKind::del) rows(op.table).erase(op.key);
    else rows(op.table)[op.key] = op.value;
  }
}

void MemoryStore::append_audit(Bytes entry) {
  const std::uint64_t index = state_.audit.size();
  audit::place(entry, index);
  std::uint64_t hash_index = merkle::stored_count(index);
  std::vector<Hash> completed;
  state_.audit.append(merkle::leaf_hash(entry), &completed);
  rows(Table::audit_entry)[exchange::key_of(index)] = std::move(entry);
  for (const auto& hash : completed) rows(Table::audit_hash)[exchange::key_of(hash_index++)] = to_bytes(ByteView(hash));
  rows(Table::meta)[to_bytes("audit_frontier")] = state_.audit.encode();
}

}  // namespace liaison::support
