// The ports of one simulated agency: a store that is watched and may fail, keys that may be missing, a clock that may jump, the guard against rolled
// back logs. What a class here keeps survives the crash of its node.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "core/exchange/receive.h"
#include "tests/sim/chance.h"
#include "tests/sim/federation.h"
#include "tests/support/memory_store.h"

namespace liaison::sim {

class SimClock final : public exchange::Clock {
 public:
  explicit SimClock(const Time& world) : world_(world) {}
  Time now() const override { return world_ + offset; }
  std::chrono::nanoseconds monotonic() const override { return world_ - scenario_start; }
  Milliseconds offset{0};

 private:
  const Time& world_;
};

class SimRandom final : public exchange::Random {
 public:
  explicit SimRandom(std::uint64_t seed) : chance_(seed) {}
  void fill(std::span<std::uint8_t> out) override { chance_.fill(out); }

 private:
  Chance chance_;
};

class SimKeys final : public exchange::KeyHolder {
 public:
  explicit SimKeys(std::string agency) : agency_(std::move(agency)) {}
  Result<Bytes> sign(crypto::KeyRole role, ByteView text) const override;
  Result<crypto::PublicKey> public_key(crypto::KeyRole role) const override { return federation().key(agency_, role).public_key(); }
  Result<SecretBytes> decapsulate(const Hash& box_key, ByteView enc) const override;
  Result<DataKey> new_data_key() override;
  Result<SecretBytes> data_key(std::uint64_t id) const override;

  std::function<void(crypto::KeyRole, ByteView)> watch_signature;
  bool box_key_missing = false;

 private:
  SecretBytes make(std::uint64_t id) const;
  std::string agency_;
  std::uint64_t last_data_key_ = 0;
};

// MemoryStore with eyes: every applied write set is shown to `watch`. `mutate` and `acknowledge_early` are the deliberate mistakes of mutations_test.
class Disk final : public exchange::Store {
 public:
  explicit Disk(const std::string& agency) : memory(agency, realm) {}
  Result<std::optional<Bytes>> get(exchange::Table table, ByteView key) const override {
    LIAISON_CHECK(readable());
    return memory.get(table, key);
  }
  Result<std::vector<exchange::Row>> scan(exchange::Table table, Range range, std::size_t rows_max) const override {
    LIAISON_CHECK(readable());
    return memory.scan(table, range, rows_max);
  }
  Result<std::optional<exchange::Row>> last(exchange::Table table, Range range) const override {
    LIAISON_CHECK(readable());
    return memory.last(table, range);
  }
  std::vector<exchange::Outcome> commit(std::span<const exchange::WriteSet> sets) override;
  void power_lost() { late_.clear(); }

  support::MemoryStore memory;
  std::function<void(const exchange::WriteSet&)> watch;
  std::function<void(exchange::WriteSet&)> mutate;
  bool acknowledge_early = false;
  bool away = false;                               // every read of the node fails

 private:
  Result<void> readable() const { return away ? Result<void>(fail(Errc::store_failed, "scripted")) : Result<void>(); }
  exchange::Outcome commit_one(exchange::WriteSet set);
  std::deque<exchange::WriteSet> late_;
};

// AuditLog over the store and over marks kept outside it.
class Guard final : public exchange::AuditLog {
 public:
  explicit Guard(const Disk& disk) : disk_(disk) {}
  merkle::Frontier frontier() const override { return disk_.memory.audit_frontier(); }
  Result<void> before_signing(std::string_view origin, const merkle::TreeHead& head) override;
  void on_start();  // compares the marks with the store, as the start-up guard does
  bool refuses() const { return refuses_; }
  const std::map<std::string, merkle::TreeHead, std::less<>>& marks() const { return marks_; }

 private:
  Result<Hash> root_at(std::uint64_t size) const;
  const Disk& disk_;
  std::map<std::string, merkle::TreeHead, std::less<>> marks_;
  bool refuses_ = false;
};

class Notes final : public exchange::OpeningNotes {
 public:
  void begin(const exchange::LogKey&, std::uint64_t) override {}
  void end() override {}
  bool suspect(const exchange::LogKey&, std::uint64_t) const override { return false; }
};

}  // namespace liaison::sim
