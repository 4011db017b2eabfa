// Table names and key encodings. Pure; parse_* answer store_corrupt, since only this node writes its keys.
#include "core/exchange/tables.h"

#include "core/exchange/ports.h"

namespace liaison::exchange {

std::string_view name(Table table) {
  constexpr std::string_view names[] = {"meta",        "submission", "outbox",     "ledger_entry", "ledger_hash", "ledger_head",    "ledger_body",
                                        "ledger_receipt", "record",  "disclosure", "tombstone",    "permit",      "inbox",          "received",
                                        "cursor",      "evidence",   "audit_entry", "audit_hash",  "audit_head",  "quarantine",     "alarm",
                                        "person",      "held",       "directory",   "policy"};
  static_assert(std::size(names) == table_count);
  return names[static_cast<std::size_t>(table)];
}

std::size_t WriteSet::bytes() const {
  std::size_t total = 0;
  for (const auto& op : ops) total += op.key.size() + op.value.size() + 16;
  return total;
}

Bytes key_of(const LogKey& log) {
  Bytes key = to_bytes(log.peer);
  put_u8(key, 0);
  put_u8(key, static_cast<std::uint8_t>(log.direction));
  put_u16(key, log.stream);
  put_u8(key, static_cast<std::uint8_t>(log.lane));
  put_u32(key, log.epoch);
  return key;
}

Bytes key_of(const LogKey& log, std::uint64_t index) {
  Bytes key = key_of(log);
  put_u64(key, index);
  return key;
}

Bytes key_of(const RecordKey& record) {
  Bytes key = to_bytes(record.from);
  put_u8(key, 0);
  put(key, ByteView(record.id.bytes));
  put_u32(key, record.version);
  return key;
}

Bytes key_of(const RecordKey& record, std::string_view agency) {
  Bytes key = key_of(record);
  put(key, agency);
  return key;
}

Bytes key_of_permit(const RecordKey& record, const Hash& text) {
  Bytes key = key_of(record);
  put(key, ByteView(text));
  return key;
}

Bytes key_of(std::uint64_t number) {
  Bytes key;
  put_u64(key, number);
  return key;
}

Bytes key_of_outbox(std::string_view peer, Lane lane, std::uint64_t seq) {
  Bytes key = to_bytes(peer);
  put_u8(key, 0);
  put_u8(key, static_cast<std::uint8_t>(lane));
  put_u64(key, seq);
  return key;
}

Bytes key_of_policy(std::string_view name, std::uint64_t version) {
  Bytes key = to_bytes(name);
  put_u8(key, 0);
  put_u64(key, version);
  return key;
}

Bytes key_of_received(std::string_view from, const Uuid& msg_id) {
  Bytes key = to_bytes(from);
  put_u8(key, 0);
  put(key, ByteView(msg_id.bytes));
  return key;
}

Bytes key_of_seen_policy(std::string_view agency, std::string_view policy) {
  Bytes key = to_bytes(std::string_view("seen-policy"));
  put_u8(key, 0);
  put(key, agency);
  put_u8(key, 0);
  put(key, policy);
  return key;
}

Bytes after_prefix(ByteView prefix) {
  Bytes end = to_bytes(prefix);
  while (!end.empty() && end.back() == 0xFF) end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

namespace {
// Splits "agency 0 rest"; empty agency on damage.
std::string_view split_agency(ByteView key, ByteView& rest) {
  const auto chars = text(key);
  const auto zero = chars.find('\0');
  if (zero == std::string_view::npos) return {};
  rest = key.subspan(zero + 1);
  return chars.substr(0, zero);
}
}  // namespace

Result<LogKey> parse_log_key(ByteView key) {
  ByteView rest;
  LogKey log;
  log.peer = split_agency(key, rest);
  ByteReader reader(rest);
  const auto direction = reader.u8();
  log.direction = direction == 0 ? Direction::outbound : Direction::inbound;
  log.stream = reader.u16();
  const auto lane = reader.u8();
  log.lane = static_cast<Lane>(lane);
  log.epoch = reader.u32();
  if (!reader.ok() || log.peer.empty() || direction > 1 || lane < 1 || lane > 2) return fail(Errc::store_corrupt, "ledger key");
  return log;
}

Result<RecordKey> parse_record_key(ByteView key) {
  ByteView rest;
  RecordKey record;
  record.from = split_agency(key, rest);
  ByteReader reader(rest);
  const ByteView id = reader.take(16);
  record.version = reader.u32();
  if (!reader.at_end() || record.from.empty()) return fail(Errc::store_corrupt, "record key");
  std::memcpy(record.id.bytes.data(), id.data(), 16);
  return record;
}

Result<std::uint64_t> parse_number(ByteView key) {
  if (key.size() < 8) return fail(Errc::store_corrupt, "numbered key");
  return ByteReader(key.last(8)).u64();
}

}  // namespace liaison::exchange
