// What two administrators may decide about a ledger of ours that is stopped (formats 4): open a new epoch after a fork, or send again what the peer lost.
// The digest both approve names the two heads that do not agree. Pure: proposals become write sets here; peer_repair.cpp drives them.
#pragma once
#include "core/exchange/dispatch.h"

namespace liaison::exchange {

enum class Repair : std::uint8_t { reopen = 1, resend = 2 };
std::string_view name(Repair repair);

// Commitments to the two persons and what they looked at.
struct Approved {
  Hash first{}, second{};
  Hash heads{};
};
Hash digest_of_heads(const HeadRow& head);
// What ends the stop of one of our own ledgers; none: nothing to do here.
std::optional<Repair> repair_of(const LogKey& log, const HeadRow& head);
// In words: what happened and what to do about it. Empty: the ledger is in use.
std::string advice(const LogKey& log, const HeadRow& head);

// Entries the peer's copy holds, as its head says; 0 for an empty one.
Result<std::uint64_t> other_size(const HeadRow& head);
// How many first entries both hold. `theirs` are the peer's entries from `first` to the end of its copy; they must lead to its head, else
// protocol_violation. None: the two differ already before `first`.
struct TheirEntries {
  std::uint64_t first = 0;
  const std::vector<link::EntryBytes>& entries;
};
Result<std::optional<std::uint64_t>> common_size(const Store& store, const OutboundLog& log, const TheirEntries& theirs);

struct Repaired {
  WriteSet set;
  OutboundLog log;              // as it is once the set is durable
  std::uint64_t again = 0;      // envelopes that will travel again
};
// The next epoch: its first entry names both heads, then come our envelopes from `common` on, byte for byte. The peer knows by msg_id what it has.
// limit_exceeded when that is more than one transaction takes.
Result<Repaired> make_reopened(const Context& context, const OutboundLog& log, std::uint64_t common, const Approved& approved);
// The same ledger goes on from where the peer's copy ends. Receipts beyond it prove nothing any more and are set aside.
Result<Repaired> make_resend(const Context& context, const OutboundLog& log, const Approved& approved);

}  // namespace liaison::exchange
