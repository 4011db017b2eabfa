// `liaison doctor`: examines this machine (--config) and asks the node (--node, --as), and prints every finding in green, amber or red with its cure.
// Exit code 6 when anything is red. `--report FILE` writes the same for a supporter; it holds nothing of records, persons or secrets.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_doctor(Options& options);
}  // namespace liaison::cli
