// The link ledger (formats 4): for every ordered pair of agencies, stream, lane and epoch both sides keep the same append-only log of 54-byte entries.
// The signed texts over it: head (sender's word on size and root) and receipt (receiver's word that [first, size) is stored). Pure.
#pragma once
#include "core/base/ids.h"
#include "core/crypto/signed_text.h"
#include "core/merkle/tree.h"

namespace liaison::link {

struct LogId {
  std::uint16_t stream = 0;
  Lane lane = Lane::routine;
  std::uint32_t epoch = 0;
  auto operator<=>(const LogId&) const = default;
};
std::string to_string(const LogId& log);  // "0/routine/0"

enum class EntryType : std::uint8_t { envelope = 1, epoch_open = 3 };
struct Entry {
  EntryType type = EntryType::envelope;
  std::uint8_t hops = 0;       // 0 sealed by the sender; 1, 2 forwarded blind
  std::uint32_t size = 0;      // bytes of the Envelope
  Uuid msg_id{};
  Hash core{};                 // SHA-256(core); for epoch_open SHA-256 of the two head hashes, ascending
};
using EntryBytes = std::array<std::uint8_t, 54>;
EntryBytes encode(const Entry& entry);
Result<Entry> decode_entry(ByteView bytes);   // bad_format: wrong size, type or hops, size 0 of an envelope, nonzero of an epoch
// What `core` of the entry that opens an epoch says: the hashes of the two heads that did not agree.
Hash epoch_core(const Hash& one_head, const Hash& other_head);

struct SignedText {
  std::string text;
  std::string signatures;
  bool empty() const { return text.empty(); }
  bool operator==(const SignedText&) const = default;
};

struct Head {
  std::string realm, from, to;
  LogId log;
  std::uint64_t size = 0;
  Hash root{};
  Time time{};
  Hash key{};
};
std::string make_text(const Head& head);
Result<Head> parse_head(ByteView text);

struct Receipt {
  std::string realm;
  Hash head{};                          // hash of the head text
  Hash key{};
  std::uint64_t first = 0;
  std::vector<std::uint64_t> voids;     // ascending
  Time stored{};
};
std::string make_text(const Receipt& receipt);
Result<Receipt> parse_receipt(ByteView text);

// Why a log needs people. The last: the writer shows our own receipt for more than we hold; it ends by itself when the writer sends again from there.
enum class StopReason : std::uint8_t { fork = 1, peer_lost_entries, we_lost_entries };

// What one side durably knows of one log (table ledger_head); the snapshot a session starts from.
struct LogState {
  LogId log;
  merkle::Frontier frontier;            // of all entries it holds
  SignedText head;                      // latest head with signature (own for outbound, the peer's for inbound); empty at size 0
  SignedText receipt, receipt_head;     // latest receipt and the head it names; empty: none
  std::uint64_t receipted = 0;          // size covered by receipts
  std::optional<StopReason> stopped;    // none: in use
  std::optional<Hash> opening;          // epoch above 0: the epoch_core both sides agreed on; the log must begin with it
};

}  // namespace liaison::link
