// D, dispatch: from outbox references to a sealed, ledgered batch. prepare_dispatch() runs on pool threads and decides, signs and seals;
// finish_dispatch() gives ledger indexes in order and makes the write set that must be durable before the first byte leaves.
#pragma once
#include "core/exchange/accept.h"
#include "core/exchange/envelope.h"
#include "core/link/session.h"

namespace liaison::exchange {

struct OutboxRef {
  std::uint64_t seq = 0;
  OutboxRow row;
  std::shared_ptr<const HotRecord> hot;        // null: read from the store
};

struct DispatchItem {
  std::uint64_t seq = 0;
  OutboxRow row;
  std::optional<link::Element> element;        // none: dropped, reason in disclosure.state and reason
  DisclosureRow disclosure;                    // records only; index filled in by finish
  audit::Entry entry;                          // likewise
};
// `sealing` is the HPKE context towards the recipient. An item that cannot be sent (expired, policy refuses) is dropped with its reason; an
// Error means the whole batch must wait (store, keys).
Result<std::vector<DispatchItem>> prepare_dispatch(const Context& context, std::string_view recipient, const SealingContext& sealing, std::vector<OutboxRef> refs);

struct OutboundLog {
  LogKey key;
  HeadRow head;                                // as it will be after everything dispatched so far
};
struct Dispatched {
  WriteSet set;
  std::uint64_t first = 0;
  std::vector<link::Element> elements;
  link::SignedText head;
};
// Advances `log.head`. Errors leave it unchanged.
Result<Dispatched> finish_dispatch(const Context& context, OutboundLog& log, std::vector<DispatchItem> items);

Result<link::SignedText> sign_head(const Context& context, const LogKey& log, const merkle::Frontier& frontier);

}  // namespace liaison::exchange
