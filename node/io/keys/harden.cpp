// RLIMIT_CORE 0 (no core file) and PR_SET_DUMPABLE 0 (no ptrace, no /proc/<pid>/mem for the same user).
#include "io/keys/harden.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace liaison::keys {

Result<void> harden_process() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return fail(Errc::store_failed, "setrlimit(RLIMIT_CORE): core files could hold keys");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail(Errc::store_failed, "prctl(PR_SET_DUMPABLE): other processes could read keys");
  return {};
}

}  // namespace liaison::keys
