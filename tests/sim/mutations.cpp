// Deliberate mistakes at the ports, each one a bug the product could have; mutations_test.cpp asserts that the judge sees every one of them.
#include "core/base/limits.h"
#include "tests/sim/world.h"

namespace liaison::sim {
namespace {
using exchange::Op;
using exchange::OpKind;
using exchange::Table;
using exchange::WriteSet;

void drop(WriteSet& set, const std::function<bool(const Op&)>& which) { std::erase_if(set.ops, which); }
bool writes(const WriteSet& set, Table table) {
  return std::any_of(set.ops.begin(), set.ops.end(), [table](const Op& op) { return op.table == table; });
}

bool is_report(const Op& op) {
  if (op.table != Table::outbox || op.kind != OpKind::insert) return false;
  const auto row = exchange::decode_outbox_row(op.value);
  return row && !row->texts.empty();
}

// The same message once more under the next number.
void deliver_twice(WriteSet& set) {
  for (std::size_t i = 0; i < set.ops.size(); ++i) {
    if (set.ops[i].table != Table::inbox) continue;
    Op again = set.ops[i];
    again.key = exchange::key_of(*exchange::parse_number(again.key) + 1'000'000);
    set.ops.push_back(std::move(again));
    return;
  }
}

// The copy records another entry than the one that came: what a node without the comparison of roots would do with a false batch.
void skip_root_check(WriteSet& set) {
  for (auto& op : set.ops) {
    const auto log = exchange::parse_log_key(op.key);
    if (op.table == Table::ledger_entry && log && log->direction == exchange::Direction::inbound) op.value[limits::entry_bytes - 1] ^= 1;
  }
}
}  // namespace

void World::plan_mutation() {
  if (scenario_.mutation == Mutation::acknowledge_before_commit) {
    for (auto& site : sites_) site->disk.acknowledge_early = true;
    return;
  }
  const auto mutate = [this]() -> std::function<void(WriteSet&)> {
    switch (scenario_.mutation) {
      case Mutation::drop_audit: return [](WriteSet& set) { if (writes(set, Table::record)) drop(set, [](const Op& op) { return op.kind == OpKind::append; }); };
      case Mutation::deliver_twice: return deliver_twice;
      case Mutation::lose_outbox_row: return [](WriteSet& set) { if (writes(set, Table::submission)) drop(set, [](const Op& op) { return op.table == Table::outbox; }); };
      case Mutation::lose_inbox_row: return [](WriteSet& set) { drop(set, [](const Op& op) { return op.table == Table::inbox; }); };
      case Mutation::lose_receipt: return [](WriteSet& set) {
        drop(set, [](const Op& op) {
          const auto log = exchange::parse_log_key(op.key);
          return op.table == Table::ledger_receipt && log && log->direction == exchange::Direction::outbound;
        });
      };
      case Mutation::lose_onward_row: return [](WriteSet& set) { if (writes(set, Table::ledger_entry)) drop(set, [](const Op& op) { return op.table == Table::outbox && op.kind == OpKind::insert && !is_report(op); }); };
      case Mutation::lose_report: return [](WriteSet& set) { if (writes(set, Table::ledger_entry)) drop(set, is_report); };
      case Mutation::skip_root_check: return skip_root_check;
      default: return {};
    }
  }();
  for (auto& site : sites_) site->disk.mutate = mutate;
}

}  // namespace liaison::sim
