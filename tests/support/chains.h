// Certificates and revocation lists of any shape, good or broken, from OpenSSL's extension syntax: for tests that must meet what a CA never issues.
// Knows nothing of the rules under test. Stops the process when OpenSSL fails.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/crypto/keys.h"

namespace liaison::support {

struct ExtensionText { std::string name, value; };  // "basicConstraints", "critical,CA:TRUE"; a value "DER:..." with name as OID is taken as it is

struct CertificateSpec {
  std::string subject = "ke.customs";  // CN
  std::string key = "P-256";           // P-192 P-224 P-256 P-384 ed25519 RSA-1024 RSA-2048; a suffix "/2" gives another key of that kind
  std::string digest = "SHA256";       // of the signature; MD5 needs an RSA issuer
  std::vector<std::uint8_t> serial{};  // big endian; empty: the next free one
  Time not_before{}, not_after{};
  std::vector<ExtensionText> extensions{};
  bool version_1 = false;
  bool broken_signature = false;
  std::optional<std::string> issuer_name{};  // instead of the issuer's subject
};
struct MadeCertificate {
  Bytes der;
  crypto::EvpKey key;
};
// `issuer` null: self-signed.
MadeCertificate make_certificate(const CertificateSpec& spec, const MadeCertificate* issuer);

struct RevocationListSpec {
  Time this_update, next_update;
  std::vector<Bytes> revoked;          // certificates
  std::uint64_t number = 1;
  bool unknown_critical = false;
};
Bytes make_revocation_list(const RevocationListSpec& spec, const MadeCertificate& issuer, const MadeCertificate* signer = nullptr);

// A country's root, issuing CA and a tls leaf as a careful CA makes them, before anybody breaks one thing.
struct ChainSpec {
  CertificateSpec root, issuing, leaf;
};
ChainSpec good_chain(Time now);
void set_extension(CertificateSpec& spec, const std::string& name, const std::string& value);  // replaces or adds
void drop_extension(CertificateSpec& spec, const std::string& name);

}  // namespace liaison::support
