// X.509 certificates of the `tls` and `seal` roles: parse, check a chain against one country's CA, read the agency and role (formats 1, 8).
// Pure over DER bytes (no trust store, no clock, no files). Errors: not_admitted with the reason in detail.
#pragma once
#include "core/base/ids.h"
#include "core/crypto/keys.h"

namespace liaison::crypto {

// Agencies stand in certificates as a DNS name with the labels of the id reversed below the realm's private zone:
// ke.customs in realm demo = customs.ke.demo.liaison.internal; a country's CA is constrained to .ke.demo.liaison.internal
std::string certificate_name(std::string_view realm, std::string_view agency);
std::string certificate_zone(std::string_view realm, std::string_view country);
std::optional<std::string> agency_of_name(std::string_view realm, std::string_view dns_name);

struct CertificateFacts {
  std::string agency;  // from the single DNS subject alternative name
  KeyRole role{};      // tls: serverAuth + clientAuth; seal: digitalSignature + nonRepudiation and no extended key usage
  Hash key_hash{};
  Time not_before, not_after;
  std::string serial;  // hex
  std::string issuer, subject;
  Hash fingerprint{};  // SHA-256 of the certificate
};
Result<CertificateFacts> read_certificate(std::string_view realm, ByteView der);

struct ChainCheck {
  std::string_view realm;
  std::string_view country;      // whose CA must have issued it
  KeyRole role;
  Time now;
  std::span<const Bytes> crls{};  // revocation lists of that country's CAs (DER); which CA is none of them has revoked nothing
  Seconds crl_grace{};            // how long past its next update a list is still used; then nothing of that CA is admitted
};
// `chain`: leaf first, DER, at most limits::certificate_chain_max; `anchors`: that country's CA certificates (DER).
// Checks signatures, validity, key sizes, basic and name constraints, usage, unknown critical extensions, revocation. The anchor must carry a
// name constraint to its country's zone.
Result<CertificateFacts> check_chain(const ChainCheck& check, std::span<const Bytes> chain, std::span<const Bytes> anchors);

}  // namespace liaison::crypto
