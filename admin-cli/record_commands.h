// `liaison show`, `track`, `export`: one record as its reader sees it, where it is and what proves that, and a copy of it as a file.
// Showing and exporting are written into the node's audit log before anything is answered.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_show(Options& options);
Action bind_track(Options& options);
Action bind_export(Options& options);
}  // namespace liaison::cli
