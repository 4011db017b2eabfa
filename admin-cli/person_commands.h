// `liaison person add|disable|list`: the people a node knows. A person is a key pair: it is made here, only the public key goes to the node.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {
Action bind_person_add(Options& options);
Action bind_person_disable(Options& options);
Action bind_person_list(Options& options);
}  // namespace liaison::cli
