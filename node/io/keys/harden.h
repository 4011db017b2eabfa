// Keeps key material out of core files and away from other processes of the same user. Called once, first thing in main, before any key is read.
// Fails with store_failed naming the call; a node that cannot be hardened does not start.
#pragma once
#include "core/base/result.h"

namespace liaison::keys {

Result<void> harden_process();

}  // namespace liaison::keys
