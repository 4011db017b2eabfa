// Outbox rows that one transaction makes for other peers than the one it works for: records going on, reports going back. The row is written with that
// transaction; the peer's driver learns of it when it is durable. Pure.
#pragma once
#include <functional>

#include "core/exchange/accept.h"
#include "core/exchange/reports.h"
#include "core/exchange/routes.h"

namespace liaison::exchange {

using NextOutboxSeq = std::function<std::uint64_t(const std::string& peer, Lane lane)>;

struct Onwards {
  std::string next;
  Lane lane = Lane::routine;
  OutboxRow row;
  std::shared_ptr<const HotRecord> hot;
};
struct OutboxRef {
  std::uint64_t seq = 0;
  OutboxRow row;
  std::shared_ptr<const HotRecord> hot;        // null: read from the store
};
struct Queued {
  std::string peer;
  Lane lane = Lane::routine;
  OutboxRef ref;
};
// The peer in whose outbox what is sealed for `recipient` waits; notes in the row when that is another one.
inline std::string address(const Context& context, const std::string& recipient, OutboxRow& row) {
  std::string link = link_for(context, recipient);
  if (link != recipient) row.recipient = recipient;
  return link;
}

inline void queue_onwards(Onwards onwards, const NextOutboxSeq& next, std::vector<Op>& ops, std::vector<Queued>& queued) {
  const std::uint64_t seq = next(onwards.next, onwards.lane);
  ops.push_back({OpKind::insert, Table::outbox, key_of_outbox(onwards.next, onwards.lane, seq), encode(onwards.row)});
  queued.push_back({std::move(onwards.next), onwards.lane, {seq, std::move(onwards.row), std::move(onwards.hot)}});
}
// A numbered row of table held, for the book of open items when it is durable.
struct Holding {
  std::uint64_t seq = 0;
  HeldRow row;
};
using NextHeldSeq = std::function<std::uint64_t()>;
inline void queue_report(Report report, const NextOutboxSeq& next, std::vector<Op>& ops, std::vector<Queued>& queued) {
  queue_onwards({std::move(report.to), Lane::routine, std::move(report.row), nullptr}, next, ops, queued);
}

}  // namespace liaison::exchange
