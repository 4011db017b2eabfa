// `liaison held ...` and `liaison release`: what waits for a person, and deciding it. Two persons decide in two calls with their own keys; both name the
// digest of exactly what would be sent, and the node refuses a digest that is no longer true. Every step is in the node's audit log.
#pragma once
#include "admin-cli/command.h"

namespace liaison::cli {

Action bind_held_list(Options& options);
Action bind_held_show(Options& options);
Action bind_held_release(Options& options);
Action bind_held_withhold(Options& options);
Action bind_held_return(Options& options);
Action bind_held_accept(Options& options);
Action bind_held_refuse(Options& options);
Action bind_held_review(Options& options);
Action bind_release(Options& options);

}  // namespace liaison::cli
