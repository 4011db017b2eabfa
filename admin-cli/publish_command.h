// Commands that bring a signed directory to the node, and let it use one past its grace. The node checks signatures and decides; nothing is decided here.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_directory_publish(Options& options);
Action bind_directory_override(Options& options);
}  // namespace liaison::cli
