// `liaison policy table` and `diff`: what a policy means, cell by cell, and what changes for whom when another one replaces it. No node is needed.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {

Action bind_policy_table(Options& options);
Action bind_policy_diff(Options& options);

}  // namespace liaison::cli
