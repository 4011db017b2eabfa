// `liaison ping AGENCY`: asks over the relays of a channel whether a record would get through, and names the place where it does not.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_ping(Options& options);
}  // namespace liaison::cli
