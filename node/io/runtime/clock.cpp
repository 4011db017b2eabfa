// System and steady clock; times are cut to milliseconds, the resolution of every signed text.
#include "io/runtime/clock.h"

namespace liaison::runtime {

Time SystemClock::now() const { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }

std::chrono::nanoseconds SystemClock::monotonic() const { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace liaison::runtime
