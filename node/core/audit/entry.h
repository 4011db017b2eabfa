// One entry of the audit log (formats 7): what was done, by whom (as a commitment), to which record, under which policy. At most 1,900 bytes.
// The stored bytes are the hashed bytes. No clear personal data: ids, codes, hashes. Pure.
#pragma once
#include <optional>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/merkle/tree.h"

namespace liaison::audit {

enum class Event : std::uint8_t {
  collected = 1, altered, consulted, disclosed, combined, erased,            // LED Art. 25
  received, forwarded, withheld, refused, policy, key, login, exported, alarm, closed,
  accepted, receipt_issued, receipt_stored, recalled, directory, started, stopped, link_up, link_down,
};
std::string_view name(Event event);
std::optional<Event> parse_event(std::string_view chars);

struct Entry {
  std::uint64_t index = 0;             // set when the store appends it
  Time wall{};
  std::uint64_t monotonic_ns = 0;
  Uuid process{};                      // this start of the node
  Event event = Event::started;
  Hash person{};                       // SHA-256(tag person || salt of the node || name); zero: the node itself
  std::string peer;
  std::string record_from;             // with record and version names the record; empty: none
  Uuid record{};
  std::uint32_t version = 0;
  Hash manifest{};                     // zero where there is none
  Hash disclosure{};
  std::string purpose;                 // code
  std::string reason;                  // error or justification code, never free text of a message
  Hash policy{};                       // fingerprint
  Hash decision{};                     // digest over the decisions
  std::string ledger;                  // "<peer>/<in|out>/<stream>/<lane>/<epoch>" of the position
  std::uint64_t ledger_index = 0;
};

// Encoded as u8 format (1) || u64 index || FlatBuffer of audit.fbs; fields that are zero or empty are not stored.
Bytes encode(const Entry& entry);
Result<Entry> decode(ByteView bytes);
// Sets the index of an encoded entry in place: the store does this when it appends.
void place(Bytes& encoded, std::uint64_t index);

}  // namespace liaison::audit
