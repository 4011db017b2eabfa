// RAND_bytes in pieces that fit its argument. Private output (keys, salts) and public output share it; both are unpredictable.
#include "io/runtime/random.h"

#include <openssl/rand.h>

#include <algorithm>

namespace liaison::runtime {

void SystemRandom::fill(std::span<std::uint8_t> out) {
  constexpr std::size_t piece_max = 1 << 20;
  while (!out.empty()) {
    const auto piece = out.first(std::min(out.size(), piece_max));
    liaison_assert(RAND_bytes(piece.data(), static_cast<int>(piece.size())) == 1);
    out = out.subspan(piece.size());
  }
}

}  // namespace liaison::runtime
