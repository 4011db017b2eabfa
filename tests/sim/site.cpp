// Building a node over what survived a crash: the store with its persons, keys, guard and clock; nothing else is handed over.
#include "tests/sim/site.h"

#include "core/exchange/directory_store.h"
#include "core/exchange/policy_store.h"

namespace liaison::sim {

std::size_t Machine::jobs() const {
  std::size_t count = 0;
  for (const auto& queue : waiting) count += queue.size();
  return count;
}

Site::Site(std::string agency_id, std::uint64_t seed, const Time& now, Chance& chance, People::Send send, People::Problem problem)
    : agency(std::move(agency_id)), clock(now), random(seed), keys(agency), disk(agency), guard(disk), people(chance, agency, std::move(send), std::move(problem)) {
  std::vector<exchange::WriteSet> sets(1);
  for (const auto& [name, row] : People::persons()) sets.front().ops.push_back({exchange::OpKind::insert, exchange::Table::person, to_bytes(name), exchange::encode(row)});
  liaison_assert(disk.commit(sets).front() == exchange::Outcome::committed);
}

exchange::ContextPtr Site::context() {
  const auto& shared = federation();
  std::array<std::uint8_t, 10> process{};
  random.fill(process);
  const auto stored = exchange::load_policy_in_force(disk.memory).value();
  const auto stored_directory = exchange::load_directory_in_force(disk.memory, authority_pins()).value();
  const auto directory = stored_directory ? stored_directory : shared.directory;
  return std::make_shared<exchange::Context>(exchange::Context{.realm = realm,
                                                               .agency = agency,
                                                               .defaults = {.purpose = "investigation", .channel = "customs", .level = "international", .handling = {}, .review_days = 365},
                                                               .single_signatures = false,
                                                               .person_salt = merkle::sha256(view(agency)),
                                                               .process = make_uuid(clock.now(), process),
                                                               .directory = directory,
                                                               .directory_stored = stored_directory != nullptr,
                                                               .directory_override = {},
                                                               .policy = stored ? stored->policy : shared.policy,
                                                               .policy_stored = stored.has_value(),
                                                               .schemas = shared.schemas,
                                                               .seal_key = shared.key(agency, crypto::KeyRole::seal).public_key().hash(),
                                                               .link_key = shared.key(agency, crypto::KeyRole::link).public_key().hash(),
                                                               .ports = ports()});
}

Result<void> Site::start() {
  guard.on_start();
  auto started = std::make_unique<Machine>();
  started->node = std::make_unique<exchange::Node>(exchange::NodeOptions{context(), "sim", 0}, ports(), *opening_notes);
  LIAISON_CHECK(started->node->start());
  machine = std::move(started);
  return {};
}

}  // namespace liaison::sim
