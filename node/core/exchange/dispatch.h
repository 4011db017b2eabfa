// D, dispatch: from outbox references to a sealed, ledgered batch. prepare_dispatch() runs on pool threads and decides, signs and seals;
// finish_dispatch() gives ledger indexes in order and makes the write set that must be durable before the first byte leaves.
#pragma once
#include "core/exchange/envelope.h"
#include "core/exchange/queue.h"
#include "core/link/session.h"

namespace liaison::exchange {

struct DispatchItem {
  std::uint64_t seq = 0;
  OutboxRow row;
  std::optional<link::Element> element;        // none: dropped, reason in disclosure.state and reason
  DisclosureRow disclosure;                    // records only; index filled in by finish
  audit::Entry entry;                          // likewise
  std::optional<HeldRow> held;                 // a person has to decide (again): it goes back to table held
};
struct Prepared {
  std::vector<DispatchItem> items;
  std::vector<Report> reports;                 // to the agencies that records passed on came from
  Hash policy{}, directory{};                  // fingerprint and hash it was decided under
};
// `sealing` is the HPKE context towards the peer. An item that cannot be sent (expired, policy refuses) is dropped with its reason; an
// Error means the whole batch must wait (store, keys).
Result<Prepared> prepare_dispatch(const Context& context, std::string_view peer, const SealingContext& sealing, std::vector<OutboxRef> refs);

struct DispatchNumbers {
  NextOutboxSeq outbox;
  NextHeldSeq held;
};
struct OutboundLog {
  LogKey key;
  HeadRow head;                                // as it will be after everything dispatched so far
};
struct Dispatched {
  WriteSet set;
  std::uint64_t first = 0;
  std::vector<link::Element> elements;
  link::SignedText head;
  std::vector<Queued> queued;
  std::vector<Holding> held;
};
// `prepared` was decided under the policy and directory of `context`, which the write set makes sure of. Advances `log.head`. Errors leave it unchanged. The write set conflicts when an item is no longer in the outbox: recalled, held or expired meanwhile.
Result<Dispatched> finish_dispatch(const Context& context, OutboundLog& log, Prepared prepared, const DispatchNumbers& numbers);

Result<link::SignedText> sign_head(const Context& context, const LogKey& log, const merkle::Frontier& frontier);

}  // namespace liaison::exchange
