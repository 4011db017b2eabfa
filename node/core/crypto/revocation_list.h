// Certificate revocation lists (RFC 5280 section 5): what one says of itself. Whether a certificate stands in it is decided with its chain
// (certificate.h, check_chain). Pure over DER bytes. Errors: not_admitted, with the reason in detail.
#pragma once
#include <optional>

#include "core/base/ids.h"

namespace liaison::crypto {

inline constexpr std::size_t revocation_list_bytes_max = 64 << 10;  // about 1,700 revoked certificates that have not run out

struct RevocationListFacts {
  std::string issuer;                 // distinguished name, RFC 2253
  Time this_update{};
  std::optional<Time> next_update;    // lists of our own CAs always say it
  std::optional<std::uint64_t> number;
  std::size_t entries = 0;
};
// Not verified: the directory that carries a list is signed, and check_chain verifies the list with its issuer's key.
Result<RevocationListFacts> read_revocation_list(ByteView der);

}  // namespace liaison::crypto
