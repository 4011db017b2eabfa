// Joining a federation: `liaison join` on the new agency's node (request, then anchor), `liaison directory review|accept|anchor` at the authority. All offline.
// Private keys never leave the node; whatever is installed was checked as the node itself will check it. Exit codes as in exits.h.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {

// Without --anchor: makes what is missing (settings, keys) and one request file. With it: checks and installs what the authority answered.
Action bind_join(Options& options);
Action bind_directory_review(Options& options);
Action bind_directory_accept(Options& options);
Action bind_directory_anchor(Options& options);

}  // namespace liaison::cli
