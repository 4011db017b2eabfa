// The node's randomness: OpenSSL's generator, which seeds itself from the kernel and keeps one state per thread.
// Thread safe. A node whose generator fails stops at once: nothing it would make could be trusted.
#pragma once
#include "core/exchange/ports.h"

namespace liaison::runtime {

class SystemRandom final : public exchange::Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace liaison::runtime
