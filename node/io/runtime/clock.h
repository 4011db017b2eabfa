// The node's clock: the only place that asks the system for the time. Wall time may jump; monotonic time never goes back. Thread safe, cannot fail.
#pragma once
#include "core/exchange/ports.h"

namespace liaison::runtime {

class SystemClock final : public exchange::Clock {
 public:
  Time now() const override;
  std::chrono::nanoseconds monotonic() const override;
};

}  // namespace liaison::runtime
