// A small certificate authority for tests: a country's CA and node certificates as the PKI issues them, or with one flaw each.
// Never used outside tests; stops the process when OpenSSL fails.
#pragma once
#include <string>
#include <vector>

#include "core/crypto/certificate.h"

namespace liaison::support {

// 2026-03-04T05:06:07.000Z; every certificate below is valid around it unless it says otherwise.
inline const Time certificate_time = parse_time("2026-03-04T05:06:07.000Z").value();

enum class Flaw {
  none,
  expired,
  not_yet_valid,
  wrong_zone,              // a DNS name outside the CA's name constraints
  wrong_realm,
  foreign_name,            // DNS name that is no agency
  no_name,
  two_names,
  email_name,
  server_only,             // extended key usage without clientAuth
  extra_usage,             // extended key usage with codeSigning too
  no_key_usage,
  key_agreement,           // key usage with keyAgreement too
  no_key_identifier,
  ca_flag,
  unknown_critical,
  sha1_signature,
  broken_signature,
  rsa_key,
  p384_key,
};

struct LeafOptions {
  std::string agency = "ke.customs";
  crypto::KeyRole role = crypto::KeyRole::tls;
  Flaw flaw = Flaw::none;
  std::string realm = "demo";
  Time not_before = certificate_time - std::chrono::hours(24);
  Time not_after = certificate_time + std::chrono::hours(24 * 90);
};

enum class CaFlaw { none, expired, no_ca_flag, no_cert_sign, weak_rsa, p224_key };
struct CaOptions {
  std::string realm = "demo";
  std::string country = "ke";
  int path_length = 1;
  bool name_constraints = true;
  CaFlaw flaw = CaFlaw::none;
};

struct Issued {
  Bytes certificate;       // DER
  crypto::PrivateKey key;  // of the certificate, unless the flaw is another key type
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const CaOptions& options = {});  // self-signed
  const Bytes& certificate() const { return certificate_; }
  CertificateAuthority intermediate(const CaOptions& options) const;
  Issued issue(const LeafOptions& options = {}) const;
  Bytes issue_for(const crypto::PrivateKey& key, const LeafOptions& options) const;

 private:
  CertificateAuthority(const CaOptions& options, const CertificateAuthority* issuer);
  crypto::EvpKey key_;
  Bytes certificate_;
};

std::string to_pem(ByteView certificate);

}  // namespace liaison::support
