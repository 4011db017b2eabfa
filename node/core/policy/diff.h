// What changes for whom when one policy replaces another: exactly the cells that differ, in words. Pure.
#pragma once
#include "core/policy/table.h"

namespace liaison::policy {

enum class Change : std::uint8_t { newly_disclosed, newly_referred, newly_withheld, changed };  // changed: basis, approvals, opaque or withheld
std::string_view name(Change change);

struct CellChange {
  Change change{};
  std::vector<std::string> fields;      // paths; empty: a change of the whole policy, told in `facts`
  std::string facts;                    // "purpose: wanted; recipient class: customs", "always"
  CellMeaning before, after;
};
struct PolicyDiff {
  std::vector<CellChange> changes;
  bool complete = true;                 // false: there are more than changes_max
  bool loosens = false;                 // newly disclosed or referred, fewer approvals, a never less, relaying, screening changed: needs a second signature
};
// Errors: limit_exceeded (as for the table).
Result<PolicyDiff> diff_policies(const std::shared_ptr<const Policy>& before, const std::shared_ptr<const Policy>& after, std::size_t changes_max = 10'000);

}  // namespace liaison::policy
