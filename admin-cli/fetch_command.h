// `liaison fetch`: a subscriber that takes every record once. The cursor is kept by the node per person; it moves only after what was fetched has been
// written out, so that a crash between the two repeats a line (same number) and never loses one.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_fetch(Options& options);
}
