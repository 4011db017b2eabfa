// The suite id of DHKEM(P-256, HKDF-SHA256) (RFC 9180 section 4.1), shared by key derivation and HPKE. Internal to this folder.
// No functions and no state.
#pragma once
#include <array>
#include <cstdint>

namespace liaison::crypto {
inline constexpr std::array<std::uint8_t, 5> kem_suite{'K', 'E', 'M', 0x00, 0x10};
}  // namespace liaison::crypto
