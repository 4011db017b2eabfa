// Packed ledger rows: a batch of n entries costs two puts instead of 3n. Pure over the Store port.
#include "core/exchange/ledger_rows.h"

#include "core/base/limits.h"

namespace liaison::exchange {
namespace {
Error missing(const LogKey& log, std::uint64_t index) { return fail(Errc::store_corrupt, "ledger " + ledger_name(log) + " has no row for " + std::to_string(index)); }

// The row of `table` that holds position `index`: the last one whose key is not greater.
Result<Row> row_holding(const Store& store, Table table, const LogKey& log, std::uint64_t index) {
  const Bytes from = key_of(log);
  const Bytes to = key_of(log, index + 1);
  LIAISON_TRY(auto row, store.last(table, {from, to}));
  if (!row) return missing(log, index);
  return std::move(*row);
}
}  // namespace

std::string ledger_name(const LogKey& log) {
  return log.peer + (log.direction == Direction::outbound ? "/out/" : "/in/") + std::to_string(log.stream) + "/" + std::string(name(log.lane)) + "/" + std::to_string(log.epoch);
}

void add_ledger_rows(const LogKey& log, std::uint64_t first, const std::vector<link::Element>& elements, const std::vector<Hash>& completed, std::vector<Op>& ops) {
  Bytes entries;
  entries.reserve(elements.size() * limits::entry_bytes);
  for (const auto& element : elements) put(entries, ByteView(element.entry));
  Bytes hashes;
  hashes.reserve(completed.size() * sizeof(Hash));
  for (const auto& hash : completed) put(hashes, ByteView(hash));
  ops.push_back({OpKind::insert, Table::ledger_entry, key_of(log, first), std::move(entries)});
  ops.push_back({OpKind::insert, Table::ledger_hash, key_of(log, merkle::stored_count(first)), std::move(hashes)});
}

Result<LogKey> current_log(const Store& store, LogKey log) {
  log.epoch = 0;
  const Bytes from = key_of(log);
  LIAISON_TRY(const auto row, store.last(Table::ledger_head, {from, after_prefix(ByteView(from).first(from.size() - sizeof(log.epoch)))}));
  if (!row) return log;
  return parse_log_key(row->first);
}

std::optional<Bytes> stored_head(const HeadRow& head) {
  if (head.head.empty() && !head.stop && !head.opening) return std::nullopt;
  return encode(head);
}

Op put_head(const LogKey& log, const HeadRow& head) {
  auto bytes = stored_head(head);
  if (!bytes) return {OpKind::del, Table::ledger_head, key_of(log), {}};
  return {OpKind::put, Table::ledger_head, key_of(log), std::move(*bytes)};
}

Result<HeadRow> load_head(const Store& store, const LogKey& log) {
  LIAISON_TRY(const auto bytes, store.get(Table::ledger_head, key_of(log)));
  if (!bytes) return HeadRow{};
  return decode_head_row(*bytes);
}

Result<std::uint64_t> load_receipted(const Store& store, const LogKey& log) {
  const Bytes from = key_of(log);
  const Bytes to = after_prefix(from);
  LIAISON_TRY(const auto row, store.last(Table::ledger_receipt, {from, to}));
  if (!row) return std::uint64_t{0};
  return parse_number(row->first);
}

Result<std::optional<ReceiptRow>> load_last_receipt(const Store& store, const LogKey& log) {
  const Bytes from = key_of(log);
  const Bytes to = after_prefix(from);
  LIAISON_TRY(const auto row, store.last(Table::ledger_receipt, {from, to}));
  if (!row) return std::optional<ReceiptRow>{};
  LIAISON_TRY(auto receipt, decode_receipt_row(row->second));
  return std::optional(std::move(receipt));
}

Result<std::vector<ReceiptRow>> load_receipts_above(const Store& store, const LogKey& log, std::uint64_t size, std::size_t most) {
  const Bytes from = key_of(log, size + 1);
  const Bytes to = after_prefix(key_of(log));
  LIAISON_TRY(const auto rows, store.scan(Table::ledger_receipt, {from, to}, most));
  std::vector<ReceiptRow> receipts;
  for (const auto& row : rows) {
    LIAISON_TRY(auto receipt, decode_receipt_row(row.second));
    receipts.push_back(std::move(receipt));
  }
  return receipts;
}

Result<Hash> load_node(const Store& store, const LogKey& log, std::uint64_t stored_index) {
  LIAISON_TRY(const Row row, row_holding(store, Table::ledger_hash, log, stored_index));
  LIAISON_TRY(const std::uint64_t first, parse_number(row.first));
  const std::size_t offset = (stored_index - first) * sizeof(Hash);
  if (offset + sizeof(Hash) > row.second.size()) return missing(log, stored_index);
  Hash hash{};
  std::memcpy(hash.data(), row.second.data() + offset, hash.size());
  return hash;
}

Result<Hash> load_root(const Store& store, const LogKey& log, std::uint64_t size) {
  return merkle::root_at(size, [&](std::uint64_t index) { return load_node(store, log, index); });
}

Result<std::vector<link::EntryBytes>> load_entries(const Store& store, const LogKey& log, std::uint64_t first, std::size_t count) {
  std::vector<link::EntryBytes> entries;
  while (entries.size() < count) {
    const std::uint64_t index = first + entries.size();
    LIAISON_TRY(const Row row, row_holding(store, Table::ledger_entry, log, index));
    LIAISON_TRY(const std::uint64_t start, parse_number(row.first));
    std::size_t offset = (index - start) * limits::entry_bytes;
    if (offset >= row.second.size() || row.second.size() % limits::entry_bytes != 0) return missing(log, index);
    for (; offset < row.second.size() && entries.size() < count; offset += limits::entry_bytes) {
      link::EntryBytes entry{};
      std::memcpy(entry.data(), row.second.data() + offset, entry.size());
      entries.push_back(entry);
    }
  }
  return entries;
}

Bytes key_of_dispatched(std::string_view agency, const link::EntryBytes& entry) {
  const auto decoded = link::decode_entry(entry);
  liaison_assert(decoded.has_value());
  return key_of_dispatched(agency, decoded->core);
}

Bytes key_of_dispatched(std::string_view agency, const Hash& core) {
  Uuid first_half;
  std::memcpy(first_half.bytes.data(), core.data(), first_half.bytes.size());
  return key_of_received(agency, first_half);
}

Bytes key_of_unplaced_evidence(std::string_view agency, const Hash& core, std::string_view peer) {
  Bytes key = key_of_dispatched(agency, core);
  put(key, peer);
  return key;
}

}  // namespace liaison::exchange
