// `liaison send ecomessage` and `liaison defaults`: shows what will be sent under which purpose, urgency, level, handling and review date, says which
// of them the agency's defaults supplied, asks on a terminal, and submits. The same --submission again gives the same acceptance, never a second record.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_send_ecomessage(Options& options);
Action bind_defaults(Options& options);
}  // namespace liaison::cli
