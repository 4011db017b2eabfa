// `liaison policy key|sign|load|show`: who vouches for a policy, and which one a node has in force. A policy key belongs to a person and never to a node.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {

Action bind_policy_key(Options& options);
Action bind_policy_sign(Options& options);
Action bind_policy_load(Options& options);
Action bind_policy_show(Options& options);

}  // namespace liaison::cli
