// A country's certificate authority: made, opened, and issuing the two certificates an agency has (formats 1, 8). Used by tools only, never by a node.
// A CA can name agencies of its own country in its own realm and nobody else: a critical name constraint says so, and issue() checks it first.
// Errors: bad_format (not such a file), bad_signature, not_permitted (with the reason), expired, crypto_failed.
#pragma once
#include "core/base/ids.h"
#include "core/crypto/keys.h"

namespace liaison::pki {

struct CountryCa {
  std::string realm, country;
  Bytes certificate;  // DER
  Time not_after{};
  crypto::PrivateKey key;
};
struct CaOrder {
  std::string realm;    // one label of [a-z0-9-]
  std::string country;  // two small letters, or int
  std::chrono::days lifetime{};
  Time now{};
};
// The root, which stays offline: it may certify issuing CAs below it, and in small federations agencies themselves. The second form takes a key made before.
Result<CountryCa> make_country_ca(const CaOrder& order);
Result<CountryCa> make_country_ca(const CaOrder& order, crypto::PrivateKey key);
// An issuing CA below the root: its key is made where it will work, only the request (O=<realm>, CN="Liaison issuing CA <country>") travels. The certificate repeats
// the name constraint, allows no further CA and never outlives the root.
Result<Bytes> make_issuing_request(const std::string& realm, const std::string& country, const crypto::PrivateKey& key);
Result<Bytes> issue_issuing_ca(const CountryCa& root, ByteView request, std::chrono::days lifetime, Time now);
// `certificate` is DER; refused when the key is not its own or the constraint is not that of one country.
Result<CountryCa> open_country_ca(ByteView certificate, crypto::PrivateKey key);

// What an agency's certificate of this role is for and how long it lives.
struct Profile {
  crypto::KeyRole role{};
  std::chrono::days lifetime{};
  std::string_view key_usage;           // OpenSSL's names
  std::string_view extended_key_usage;  // empty: none
};
Result<Profile> profile(crypto::KeyRole role);  // tls: 90 days, seal: 2 years; other roles have no certificate

// What a CA tells about any certificate of its own making, for its register.
struct CertificateSummary {
  std::string serial;  // hex, without leading zeros
  Hash key{};
  Time from{}, to{};
};
Result<CertificateSummary> summarise(ByteView certificate);
Result<bool> is_self_signed(ByteView certificate);

// Checks the request's own signature (possession of the key), that it is for this role and that the agency is of the CA's country. DER in, DER out.
// `crl_url`: where anybody may fetch the CA's revocation list; empty: not said.
Result<Bytes> issue(const CountryCa& ca, ByteView request, crypto::KeyRole role, Time now, const std::string& crl_url = {});

}  // namespace liaison::pki
