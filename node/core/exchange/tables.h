// The tables of the `node` environment and their keys: what one row is, how it is named, in which transaction it changes.
// Keys are big endian so that LMDB's order is the natural one. Values are FlatBuffers of schemas/store.fbs or the bytes of formats.md.
#pragma once
#include <string_view>

#include "core/base/ids.h"

namespace liaison::exchange {

enum class Table : std::uint8_t {
  meta,         // name -> value: format number, term, realm, agency; "seen-policy" 0 agency 0 name -> newest version seen
  submission,   // submission id(16) -> record id, person: makes T1 idempotent
  outbox,       // peer 0 lane u64 seq -> StoredOutbox: accepted, not yet dispatched
  ledger_entry, // log key || u64 first index -> the 54-byte entries of one batch
  ledger_hash,  // log key || u64 first stored index -> the tree hashes one batch completed
  ledger_head,  // log key -> stored.LedgerHead: frontier, latest head, why it stopped and the head that was shown against it
  ledger_body,  // log key || u64 index -> envelope (outbound, until purged), stored.InboundBody (inbound texts)
  ledger_receipt, // log key || u64 size -> receipt: u32 length, text, signatures; the last row says what is receipted
  record,       // from 0 uuid u32 version -> StoredRecord
  disclosure,   // record key || for -> StoredDisclosure: decision and where it was dispatched
  tombstone,    // from 0 uuid -> highest version erased or recalled
  permit,       // record key || hash -> text
  inbox,        // u64 seq -> record key: what subscribers and people still have to see
  received,     // from 0 msg_id(16) -> stored answer: makes T2 idempotent beyond the ledger position; under our own id and half a core: what we dispatched
  cursor,       // subscriber -> u64 inbox seq acknowledged || u64 handed over
  evidence,     // record key || who says it || 0 || u64 millis of arrival || text hash -> signed text; our id 0 half a core || who: of an envelope not known yet
  audit_entry,  // u64 index -> entry
  audit_hash,   // u64 stored index -> tree hash
  audit_head,   // u64 size -> signed checkpoint
  quarantine,   // log key || u64 index -> what could not be opened; || ~0 || hash: the proof of a stop; || u64 size || hash: a receipt set aside
  alarm,        // u64 millis || u32 -> StoredAlarm
  person,       // name -> StoredPerson
  held,         // u64 seq -> stored.Held: waits for a person's decision, or did
  directory,    // u64 version -> directory file; FF || u64 version || text hash -> proof of a refused one; meta "directory": u64 version || hash of the one in force
  policy,       // name 0 u64 version -> stored.Policy; meta "policy" holds the key of the one in force
};
inline constexpr std::size_t table_count = static_cast<std::size_t>(Table::policy) + 1;
std::string_view name(Table table);

// Order in which waiting jobs enter a group commit; none starves (formats: urgent before T1, D, T2, T3, purge).
enum class WriteClass : std::uint8_t { urgent, accept, dispatch, receive, hand_over, purge };

// --- keys ---
// peer || 0 || direction u8 || stream u16 || lane u8 || epoch u32
enum class Direction : std::uint8_t { outbound = 0, inbound = 1 };
struct LogKey {
  std::string peer;
  Direction direction = Direction::outbound;
  std::uint16_t stream = 0;
  Lane lane = Lane::routine;
  std::uint32_t epoch = 0;
  auto operator<=>(const LogKey&) const = default;
};
struct RecordKey {
  std::string from;
  Uuid id;
  std::uint32_t version = 1;
  auto operator<=>(const RecordKey&) const = default;
};
Bytes key_of(const LogKey& log);
Bytes key_of(const LogKey& log, std::uint64_t index);
Bytes key_of(const RecordKey& record);
Bytes key_of(const RecordKey& record, std::string_view agency);
Bytes key_of_permit(const RecordKey& record, const Hash& text);
Bytes key_of(std::uint64_t number);
Bytes key_of_outbox(std::string_view peer, Lane lane, std::uint64_t seq);
// table meta: what is remembered of the policies that other agencies disclosed under
Bytes key_of_seen_policy(std::string_view agency, std::string_view policy);
Bytes key_of_policy(std::string_view name, std::uint64_t version);
Bytes key_of_received(std::string_view from, const Uuid& msg_id);
// The smallest key greater than every key that begins with `prefix` (empty: none).
Bytes after_prefix(ByteView prefix);
Result<LogKey> parse_log_key(ByteView key);
Result<RecordKey> parse_record_key(ByteView key);
Result<std::uint64_t> parse_number(ByteView key);  // the last 8 bytes

}  // namespace liaison::exchange
