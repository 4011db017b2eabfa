// The ports' duties in memory: signatures and decapsulation are real, only durability is simulated.
#include "tests/sim/ports.h"

#include "core/crypto/hpke.h"

namespace liaison::sim {
using exchange::Outcome;
using exchange::Table;
using exchange::WriteSet;

Result<Bytes> SimKeys::sign(crypto::KeyRole role, ByteView text) const {
  if (watch_signature) watch_signature(role, text);
  return federation().key(agency_, role).sign(text);
}

Result<SecretBytes> SimKeys::decapsulate(const Hash& box_key, ByteView enc) const {
  const auto& key = federation().key(agency_, crypto::KeyRole::box);
  if (box_key_missing || key.public_key().hash() != box_key) return fail(Errc::unknown_key, "box key is not held");
  return crypto::hpke_decapsulate(key, enc);
}

SecretBytes SimKeys::make(std::uint64_t id) const {
  Bytes name = to_bytes(agency_);
  put_u64(name, id);
  return SecretBytes(ByteView(merkle::sha256(name)));
}

Result<exchange::KeyHolder::DataKey> SimKeys::new_data_key() {
  ++last_data_key_;
  return DataKey{last_data_key_, make(last_data_key_)};
}

Result<SecretBytes> SimKeys::data_key(std::uint64_t id) const {
  if (id == 0 || id > last_data_key_) return fail(Errc::not_found, "data key " + std::to_string(id));
  return make(id);
}

Outcome Disk::commit_one(WriteSet set) {
  if (mutate) mutate(set);
  const std::uint64_t before = memory.commits();
  const Outcome outcome = memory.commit(std::span(&set, 1)).front();
  if (memory.commits() != before && watch) watch(set);
  return outcome;
}

std::vector<Outcome> Disk::commit(std::span<const WriteSet> sets) {
  std::vector<Outcome> outcomes;
  if (!acknowledge_early) {
    for (const auto& set : sets) outcomes.push_back(commit_one(set));
    return outcomes;
  }
  for (auto& set : late_) commit_one(std::move(set));
  late_.assign(sets.begin(), sets.end());
  return std::vector<Outcome>(sets.size(), Outcome::committed);
}

Result<Hash> Guard::root_at(std::uint64_t size) const {
  return merkle::root_at(size, [this](std::uint64_t index) -> Result<Hash> {
    LIAISON_TRY(const auto bytes, disk_.get(Table::audit_hash, exchange::key_of(index)));
    if (!bytes) return fail(Errc::store_corrupt, "audit hash");
    return ByteReader(*bytes).hash();
  });
}

void Guard::on_start() {
  for (const auto& [origin, mark] : marks_) {
    const auto root = mark.size <= frontier().size() ? root_at(mark.size) : Result<Hash>(fail(Errc::rolled_back));
    if (!root || *root != mark.root) refuses_ = true;
  }
}

Result<void> Guard::before_signing(std::string_view origin, const merkle::TreeHead& head) {
  if (refuses_) return fail(Errc::rolled_back, std::string(origin));
  const auto [known, fresh] = marks_.try_emplace(std::string(origin), head);
  if (!fresh && head.size < known->second.size) return fail(Errc::rolled_back, std::string(origin));
  known->second = head;
  return {};
}

}  // namespace liaison::sim
