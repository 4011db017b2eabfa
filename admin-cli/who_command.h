// `liaison who`: who is competent for what, and whom to call, from the signed directory file alone. Offline; nothing is asked of a node.
// Only a directory whose signatures verify is used; its version and age are always told. Exit codes: 0 found, 4 nobody is designated, 6 the file does not verify.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {

Action bind_who(Options& options);

}  // namespace liaison::cli
