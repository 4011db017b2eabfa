// `liaison policy test`, `coverage` and `mutate`: cases that say what a policy must do, how much of it they assert, and which changes they would not notice.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {

Action bind_policy_test(Options& options);
Action bind_policy_coverage(Options& options);
Action bind_policy_mutate(Options& options);

}  // namespace liaison::cli
