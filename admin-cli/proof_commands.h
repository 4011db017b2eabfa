// `liaison audit list|show|verify` and `ledger verify`: the node's log of what was done, and the proof that nothing in it was changed.
// `audit show` checks the entry's inclusion itself, against the signed checkpoint the node gave.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_audit_list(Options& options);
Action bind_audit_show(Options& options);
Action bind_audit_verify(Options& options);
Action bind_ledger_verify(Options& options);
}  // namespace liaison::cli
