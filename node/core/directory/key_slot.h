// Where a registered key is constructed at first use. Constructing costs tens of microseconds, so it happens once per directory version and not at load.
#pragma once
#include <mutex>

#include "core/directory/directory.h"

namespace liaison::directory {

struct Directory::KeySlot {
  std::once_flag once;  // the only synchronisation of this module: a directory is shared by threads and otherwise immutable
  std::optional<Result<crypto::PublicKey>> key;
};

}  // namespace liaison::directory
