// The judge: the invariants of ARCHITECTURE.md as the simulator sees them, while a scenario runs (watch) and when everything is healed and quiet (check).
// Answers what is wrong first, in one line. Reads the stores directly; never repairs.
#pragma once
#include <memory>
#include <optional>

#include "tests/sim/network.h"
#include "tests/sim/site.h"

namespace liaison::sim {

using Sites = std::vector<std::unique_ptr<Site>>;

// I2 on every applied write set and every answer with content; I7 on every ledger head that is signed.
void watch(Site& site, const Sites& sites, const std::function<void(const std::string&)>& report);
// A backup was just put back: what its node must notice by itself.
void before_restart(Site& site, const Sites& sites);

// Ledgers not delivered, not receipted or outboxes not empty, where nothing stands in the way: the first one, in words.
std::optional<std::string> unsettled(const Sites& sites);
std::string unrest(const Sites& sites, const Network& network);
// Every agency's audit log in words, one line per entry.
void print_audit(const Sites& sites, std::ostream& out);
// I1, I2, I5, I7 over the final state.
std::optional<std::string> check(const Sites& sites);

}  // namespace liaison::sim
