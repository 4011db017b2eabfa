// Commands about ledgers kept with peers: what they are, and the two repairs of a stopped one that two administrators decide. Asks the node; decides nothing.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_ledger_show(Options& options);
Action bind_ledger_reopen(Options& options);
Action bind_ledger_resend(Options& options);
}  // namespace liaison::cli
