// The write set of T2: ledger copy, stored records or refusals, inbox, what goes on and what goes back, audit entries. Numbers are given here, in ledger
// order, on the engine's thread. Pure.
#include <algorithm>
#include <set>

#include "core/exchange/directory_store.h"
#include "core/exchange/held.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/policy_store.h"
#include "core/exchange/receive.h"

namespace liaison::exchange {
namespace {
void add_ledger(const InboundBatch& batch, WriteSet& set) {
  const Bytes head_key = key_of(batch.log);
  set.preconditions.push_back({Table::ledger_head, head_key, stored_head(batch.before)});
  Bytes entries;
  for (const auto& entry : batch.entries) put(entries, ByteView(entry));
  Bytes hashes;
  for (const auto& hash : batch.completed) put(hashes, ByteView(hash));
  set.ops.push_back({OpKind::insert, Table::ledger_entry, key_of(batch.log, batch.first), std::move(entries)});
  set.ops.push_back({OpKind::insert, Table::ledger_hash, key_of(batch.log, merkle::stored_count(batch.first)), std::move(hashes)});
  set.ops.push_back({OpKind::put, Table::ledger_head, head_key, encode(batch.after)});
}

Op* record_of(ReceivedItem& item) {
  const auto found = std::find_if(item.ops.begin(), item.ops.end(), [](const Op& op) { return op.table == Table::record && op.kind == OpKind::insert; });
  return found == item.ops.end() ? nullptr : &*found;
}

// A package and one that takes its place in the same batch, as after an outage: only the latter counts. It stands on its own, and nobody has seen the other.
void drop_superseded(std::vector<ReceivedItem>& items) {
  for (std::size_t later = 1; later < items.size(); ++later) {
    if (!items[later].supersedes || !items[later].entry) continue;
    const Op* record = record_of(items[later]);
    if (record == nullptr) continue;
    for (std::size_t i = 0; i < later; ++i) {
      auto& item = items[i];
      const Op* before = record_of(item);
      if (before == nullptr || before->key != record->key || item.entry->disclosure != *items[later].supersedes) continue;
      std::erase_if(item.ops, [](const Op& op) { return op.table == Table::record; });
      item.inbox.reset();
      item.hot.reset();
      item.onwards.clear();
      item.held.clear();
      item.entry->reason = "superseded";
    }
  }
}

// Two copies of one record or text in one batch: the second is a duplicate like any other, and must not make the whole batch conflict.
class Inserted {
 public:
  void settle(ReceivedItem& item) {
    const auto seen = [this](const Op& op) { return op.kind == OpKind::insert && keys_.contains({op.table, op.key}); };
    if (std::any_of(item.ops.begin(), item.ops.end(), seen)) {
      std::erase_if(item.ops, [&](const Op& op) { return op.table == Table::record || op.table == Table::evidence || seen(op); });
      item.inbox.reset();
      item.hot.reset();
      item.onwards.clear();
      item.held.clear();
      item.echoes.clear();
      item.entry->reason = "duplicate";
    }
    for (const auto& op : item.ops)
      if (op.kind == OpKind::insert) keys_.emplace(op.table, op.key);
  }

 private:
  std::set<std::pair<Table, Bytes>> keys_;
};
}  // namespace

ReceivedBatch finish_receive(const Context& context, const InboundBatch& batch, ReceivedWork work, ReceiveNumbers& numbers) {
  liaison_assert(work.policy == context.policy->ref().fingerprint && work.directory == context.directory->hash());
  ReceivedBatch done;
  done.set.preconditions.push_back(policy_in_force(context));
  done.set.preconditions.push_back(directory_in_force(context));
  done.set.cls = batch.log.lane == Lane::urgent ? WriteClass::urgent : WriteClass::receive;
  add_ledger(batch, done.set);
  auto& ops = done.set.ops;
  Inserted inserted;
  drop_superseded(work.items);
  for (auto& item : work.items) {
    inserted.settle(item);
    for (auto& op : item.ops) ops.push_back(std::move(op));
    if (item.inbox) {
      const std::uint64_t seq = numbers.inbox_next++;
      ops.push_back({OpKind::insert, Table::inbox, key_of(seq), encode(*item.inbox)});
      done.inbox.emplace_back(seq, item.hot);
    }
    for (auto& onwards : item.onwards) queue_onwards(std::move(onwards), numbers.outbox_next, ops, done.queued);
    queue_held(context, std::move(item.held), numbers.held_next, ops, done.held);
    if (item.entry) ops.push_back(append_audit(*item.entry));
    std::move(item.echoes.begin(), item.echoes.end(), std::back_inserter(done.echoes));
  }
  for (auto& report : work.reports) queue_report(std::move(report), numbers.outbox_next, ops, done.queued);
  return done;
}

}  // namespace liaison::exchange
