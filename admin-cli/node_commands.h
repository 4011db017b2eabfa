// `liaison status` and `liaison reconnect`: how the node is, and dialling a peer now instead of later.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_status(Options& options);
Action bind_reconnect(Options& options);
}  // namespace liaison::cli
