// `liaison policy check|explain|preview`: a policy file alone, and what it does to one message for one recipient. No node is needed.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {

Action bind_policy_check(Options& options);
Action bind_policy_explain(Options& options);
Action bind_policy_preview(Options& options);

}  // namespace liaison::cli
