// `liaison node init DIR`: everything a new node needs but its agency keys: settings with comments, private folders, the bus key, the key of the
// first administrator, and the connection file for officers. Never replaces a file; run on the node's machine, no network.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_node_init(Options& options);
}
