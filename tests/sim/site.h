// One agency: what survives a crash (store, keys, guard, people) and what does not (the node, its tasks, its write sets under way).
#pragma once
#include <array>

#include "core/exchange/node.h"
#include "tests/sim/people.h"
#include "tests/sim/ports.h"

namespace liaison::sim {

// Everything that is lost with the process.
struct Machine {
  std::unique_ptr<exchange::Node> node;
  std::vector<exchange::RunTask> tasks;
  std::deque<exchange::Finish> finished;
  std::array<std::deque<exchange::CommitSet>, 6> waiting;                 // by write class, as the store thread keeps them
  std::deque<std::vector<std::pair<exchange::JobId, exchange::Outcome>>> completions;
  std::size_t jobs() const;
};

class Site {
 public:
  Site(std::string agency_id, std::uint64_t seed, const Time& now, Chance& chance, People::Send send, People::Problem problem);
  exchange::Ports ports() { return {clock, random, keys, disk, guard}; }
  exchange::ContextPtr context();
  Result<void> start();
  bool up() const { return machine != nullptr; }

  std::string agency;
  SimClock clock;
  SimRandom random;
  SimKeys keys;
  Disk disk;
  Guard guard;
  Notes notes;
  exchange::OpeningNotes* opening_notes = &notes;
  People people;
  std::unique_ptr<Machine> machine;
  Time restart_at{}, ticked{};
  std::size_t crash_after_actions = 0;                                   // 0: not planned
  std::optional<support::MemoryStore::State> backup;
  bool restored = false;                                                 // went back to an older store in this scenario
  bool must_notice = false;                                              // a peer holds entries this site signed and lost
};

}  // namespace liaison::sim
