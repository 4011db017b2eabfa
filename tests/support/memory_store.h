// exchange::Store in memory for tests and the simulator: the same rules as the LMDB store, scripted faults in pairs (failed and not applied, failed
// but applied), and whole-state copies for crashes and restored backups. One thread.
#pragma once
#include <deque>
#include <functional>
#include <map>

#include "core/exchange/ports.h"
#include "core/merkle/tree.h"

namespace liaison::support {

enum class Fault : std::uint8_t {
  none,
  refuse,             // disk full: not applied, and the store says so
  lose,               // not applied, outcome unknown
  apply_and_unknown,  // applied, outcome unknown
};

class MemoryStore final : public exchange::Store {
 public:
  struct State {
    std::array<std::map<Bytes, Bytes>, exchange::table_count> tables;
    merkle::Frontier audit;
    bool operator==(const State&) const = default;
  };

  MemoryStore(std::string_view agency, std::string_view realm);

  Result<std::optional<Bytes>> get(exchange::Table table, ByteView key) const override;
  Result<std::vector<exchange::Row>> scan(exchange::Table table, Range range, std::size_t rows_max) const override;
  Result<std::optional<exchange::Row>> last(exchange::Table table, Range range) const override;
  std::vector<exchange::Outcome> commit(std::span<const exchange::WriteSet> sets) override;

  // Faults for the next write sets, one each, in order; afterwards (or where none is scripted) `chooser` decides, when set.
  void script(std::initializer_list<Fault> faults) { script_.insert(script_.end(), faults); }
  void choose_faults(std::function<Fault(const exchange::WriteSet&)> chooser) { chooser_ = std::move(chooser); }
  // From now on every read answers store_failed (a disk that went away) until false.
  void fail_reads(bool failing) { reads_fail_ = failing; }

  // A crash is: keep snapshot() or state(), restore() it into a new node's store, reopen(). reopen raises the term, as opening a store does.
  const State& state() const { return state_; }
  State snapshot() const { return state_; }
  void restore(State state) { state_ = std::move(state); }
  void reopen();

  std::uint64_t term() const;
  const merkle::Frontier& audit_frontier() const { return state_.audit; }
  std::uint64_t audit_size() const { return state_.audit.size(); }
  Hash audit_root() const { return state_.audit.root(); }
  std::uint64_t commits() const { return commits_; }  // write sets applied so far

 private:
  std::map<Bytes, Bytes>& rows(exchange::Table table) { return state_.tables[static_cast<std::size_t>(table)]; }
  const std::map<Bytes, Bytes>& rows(exchange::Table table) const { return state_.tables[static_cast<std::size_t>(table)]; }
  Fault next_fault(const exchange::WriteSet& set);
  exchange::Outcome decide(const exchange::WriteSet& set) const;
  void apply(const exchange::WriteSet& set);
  void append_audit(Bytes entry);

  State state_;
  std::deque<Fault> script_;
  std::function<Fault(const exchange::WriteSet&)> chooser_;
  bool reads_fail_ = false;
  std::uint64_t commits_ = 0;
};

}  // namespace liaison::support
