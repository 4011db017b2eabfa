// A chain as a TLS peer shows it: who it claims to be decides which country's CAs are asked. Parsed once, since parsing costs more than a signature. Pure.
// Errors: not_admitted with the reason in detail, or the error of `trust_of`.
#pragma once
#include <functional>

#include "core/crypto/certificate.h"

namespace liaison::crypto {

struct Trust {
  std::string country;
  std::span<const Bytes> anchors, crls;  // as in check_chain; they outlive the call
  Seconds crl_grace{};
};
// Asked with what the certificate says of itself, before any of it is believed.
using TrustOf = std::function<Result<Trust>(const CertificateFacts& claimed)>;

struct PresentedCheck {
  std::string_view realm;
  KeyRole role{};
  Time now{};
};
// The same checks as check_chain.
Result<CertificateFacts> check_presented(const PresentedCheck& check, std::span<const Bytes> chain, const TrustOf& trust_of);

}  // namespace liaison::crypto
