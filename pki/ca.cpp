// See ca.h. Certificates pass `openssl verify -x509_strict` and GnuTLS; serial numbers are random; validity begins five minutes early for clocks that differ.
#include "pki/ca.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/crypto/certificate.h"
#include "pki/request.h"
#include "pki/x509.h"

namespace liaison::pki {
namespace {

constexpr auto clock_tolerance = std::chrono::minutes(5);
constexpr int serial_bits = 159;
constexpr int serial_bits_min = 64;
const std::string issuing_prefix = "Liaison issuing CA ";

bool is_label(std::string_view chars) {
  return !chars.empty() && chars.size() <= 40 && chars.front() != '-' && chars.back() != '-' &&
         std::all_of(chars.begin(), chars.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_country(std::string_view chars) {
  return chars == "int" || (chars.size() == 2 && std::all_of(chars.begin(), chars.end(), [](char c) { return c >= 'a' && c <= 'z'; }));
}

// RFC 5280 section 4.2.1.10 writes a DNS subtree without the leading dot.
std::string subtree(std::string_view realm, std::string_view country) { return crypto::certificate_zone(realm, country).substr(1); }

Result<void> set_serial(X509* certificate) {
  const crypto::Number number(BN_new());
  do {
    if (!number || BN_rand(number.get(), serial_bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1) return crypto::openssl_failed("serial number");
  } while (BN_num_bits(number.get()) < serial_bits_min);
  if (BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) return crypto::openssl_failed("serial number");
  return {};
}

struct Validity { Time from, to; };

Result<void> set_validity(X509* certificate, const Validity& validity) {
  const auto seconds = [](Time time) { return static_cast<std::time_t>(std::chrono::floor<Seconds>(time.time_since_epoch()).count()); };
  if (ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(validity.from)) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(validity.to)) == nullptr)
    return crypto::openssl_failed("validity");
  return {};
}

Result<Validity> validity_of(const X509* certificate) {
  const auto read = [](const ASN1_TIME* value) -> Result<Time> {
    std::tm parts{};
    if (ASN1_TIME_to_tm(value, &parts) != 1) return crypto::openssl_failed("validity", Errc::bad_format);
    return Time{Milliseconds{static_cast<std::int64_t>(timegm(&parts)) * 1000}};
  };
  LIAISON_TRY(const Time from, read(X509_get0_notBefore(certificate)));
  LIAISON_TRY(const Time to, read(X509_get0_notAfter(certificate)));
  return Validity{from, to};
}

struct ExtensionText { int nid; std::string value; };

// `issuer` may be the certificate itself; the key identifiers are made from what is set already, so they come last.
Result<void> add_extensions(X509* certificate, X509* issuer, std::span<const ExtensionText> extensions) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : extensions) {
    LIAISON_TRY(const Extension extension, make_extension(nid, value, &context));
    if (X509_add_ext(certificate, extension.get(), -1) != 1) return crypto::openssl_failed("extension");
  }
  return {};
}

std::array<ExtensionText, 5> ca_extensions(const std::string& realm, const std::string& country, int path_length) {
  return {ExtensionText{NID_basic_constraints, "critical,CA:TRUE,pathlen:" + std::to_string(path_length)}, ExtensionText{NID_key_usage, "critical,keyCertSign,cRLSign"},
          ExtensionText{NID_name_constraints, "critical,permitted;DNS:" + subtree(realm, country) + ",excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0"},
          ExtensionText{NID_subject_key_identifier, "hash"}, ExtensionText{NID_authority_key_identifier, "keyid:always"}};
}

// A URL goes into OpenSSL's extension syntax, where commas and colons at other places would mean more than an address.
bool is_http_url(std::string_view url) {
  const bool http = url.starts_with("http://") && url.size() > 7 && url.size() <= 200;
  return http && std::all_of(url.begin() + 7, url.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~/:").find(c) != std::string_view::npos; });
}

Result<Bytes> sign_certificate(X509* certificate, const crypto::PrivateKey& key) {
  if (X509_sign(certificate, key.evp(), EVP_sha256()) <= 0) return crypto::openssl_failed("signing the certificate");
  return to_der(certificate, i2d_X509);
}

Result<Certificate> begin_certificate(const X509_NAME* subject, const X509_NAME* issuer, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 || X509_set_subject_name(certificate.get(), subject) != 1 ||
      X509_set_issuer_name(certificate.get(), issuer) != 1 || X509_set_pubkey(certificate.get(), key) != 1)
    return crypto::openssl_failed("certificate");
  LIAISON_CHECK(set_serial(certificate.get()));
  return certificate;
}

Result<Certificate> parse(ByteView der) {
  const unsigned char* at = der.data();
  Certificate certificate(der.size() <= limits::certificate_bytes_max ? d2i_X509(nullptr, &at, static_cast<long>(der.size())) : nullptr);
  if (!certificate || at != der.data() + der.size()) return crypto::openssl_failed("not a certificate", Errc::bad_format);
  return certificate;
}

using Constraints = std::unique_ptr<NAME_CONSTRAINTS, crypto::FreeWith<NAME_CONSTRAINTS_free>>;

// The one permitted DNS subtree of a CA: "<country>.<realm>.liaison.internal".
Result<void> read_zone(const X509* certificate, CountryCa& ca) {
  const Constraints constraints(static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(certificate, NID_name_constraints, nullptr, nullptr)));
  if (!constraints || sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) != 1) return fail(Errc::bad_format, "not a country's CA: no single name constraint");
  int type = 0;
  const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, 0)->base, &type));
  if (type != GEN_DNS) return fail(Errc::bad_format, "not a country's CA: name constraint");
  const std::string zone(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value)));
  const auto dot = zone.find('.');
  ca.country = zone.substr(0, dot);
  if (dot != std::string::npos) ca.realm = zone.substr(dot + 1, zone.find('.', dot + 1) - dot - 1);
  if (!is_country(ca.country) || !is_label(ca.realm) || zone != subtree(ca.realm, ca.country)) return fail(Errc::bad_format, "not a country's CA: name constraint");
  return {};
}

Result<void> check_request(const CountryCa& ca, const Request& request, crypto::KeyRole role) {
  const auto& subject = request.subject;
  if (subject.realm != ca.realm) return fail(Errc::not_permitted, "the request is for realm " + subject.realm + ", this CA is of " + ca.realm);
  if (country_of(subject.agency) != ca.country) return fail(Errc::not_permitted, subject.agency + " is not an agency of " + ca.country);
  if (subject.role != role)
    return fail(Errc::not_permitted, "the request is for a " + std::string(crypto::name(subject.role)) + " key, not for " + std::string(crypto::name(role)));
  if (request.key.type() != crypto::key_type(role)) return fail(Errc::not_permitted, "the key of the request is not P-256");
  if (request.key.hash() == ca.key.public_key().hash()) return fail(Errc::not_permitted, "the request is for the key of the CA itself");
  return {};
}

}  // namespace

Result<CountryCa> make_country_ca(const CaOrder& order) {
  LIAISON_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyType::p256));
  return make_country_ca(order, std::move(key));
}

Result<CountryCa> make_country_ca(const CaOrder& order, crypto::PrivateKey key) {
  if (!is_label(order.realm)) return fail(Errc::invalid_argument, "realm: one word of small letters, digits and hyphens");
  if (!is_country(order.country)) return fail(Errc::invalid_argument, "country: two small letters, or int");
  if (order.lifetime < std::chrono::days(1) || order.lifetime > std::chrono::days(366 * 25)) return fail(Errc::invalid_argument, "lifetime: 1 day to 25 years");
  LIAISON_TRY(const Name name, make_name({order.realm, {}, "Liaison CA " + order.country}));
  LIAISON_TRY(const Certificate certificate, begin_certificate(name.get(), name.get(), key.evp()));
  LIAISON_CHECK(set_validity(certificate.get(), {order.now - clock_tolerance, order.now + order.lifetime}));
  LIAISON_CHECK(add_extensions(certificate.get(), certificate.get(), ca_extensions(order.realm, order.country, 1)));
  LIAISON_TRY(Bytes der, sign_certificate(certificate.get(), key));
  return CountryCa{order.realm, order.country, std::move(der), order.now + order.lifetime, std::move(key)};
}

Result<CountryCa> open_country_ca(ByteView certificate, crypto::PrivateKey key) {
  LIAISON_TRY(const Certificate parsed, parse(certificate));
  CountryCa ca{{}, {}, to_bytes(certificate), {}, std::move(key)};
  LIAISON_CHECK(read_zone(parsed.get(), ca));
  LIAISON_TRY(const Validity validity, validity_of(parsed.get()));
  ca.not_after = validity.to;
  if (X509_check_private_key(parsed.get(), ca.key.evp()) != 1) return crypto::openssl_failed("the private key is not that of the CA certificate", Errc::key_not_valid);
  if (X509_check_ca(parsed.get()) != 1) return fail(Errc::bad_format, "not a CA certificate");
  return ca;
}

Result<Profile> profile(crypto::KeyRole role) {
  if (role == crypto::KeyRole::tls) return Profile{role, std::chrono::days(90), "critical,digitalSignature", "serverAuth,clientAuth"};
  if (role == crypto::KeyRole::seal) return Profile{role, std::chrono::days(730), "critical,digitalSignature,nonRepudiation", {}};
  return fail(Errc::invalid_argument, "certificates exist for the roles tls and seal, not for " + std::string(crypto::name(role)));
}

Result<Bytes> issue(const CountryCa& ca, ByteView der, crypto::KeyRole role, Time now, const std::string& crl_url) {
  if (!crl_url.empty() && !is_http_url(crl_url)) return fail(Errc::invalid_argument, "the address of the revocation list must be a plain http:// URL (the list is signed itself)");
  LIAISON_TRY(const Profile wanted, profile(role));
  LIAISON_TRY(const Request request, read_request(der));
  LIAISON_CHECK(check_request(ca, request, role));
  LIAISON_TRY(const Certificate issuer, parse(ca.certificate));
  LIAISON_TRY(const Validity ca_validity, validity_of(issuer.get()));
  if (now < ca_validity.from || now >= ca_validity.to) return fail(Errc::expired, "the CA is valid from " + to_string(ca_validity.from) + " to " + to_string(ca_validity.to));
  LIAISON_TRY(const Name name, make_name({ca.realm, std::string(crypto::name(role)), request.subject.agency}));
  LIAISON_TRY(const Certificate certificate, begin_certificate(name.get(), X509_get_subject_name(issuer.get()), request.key.evp()));
  LIAISON_CHECK(set_validity(certificate.get(), {std::max(now - clock_tolerance, ca_validity.from), std::min<Time>(now + wanted.lifetime, ca_validity.to)}));
  std::vector<ExtensionText> extensions{{NID_basic_constraints, "critical,CA:FALSE"},
                                        {NID_key_usage, std::string(wanted.key_usage)},
                                        {NID_subject_alt_name, "DNS:" + crypto::certificate_name(ca.realm, request.subject.agency)},
                                        {NID_subject_key_identifier, "hash"},
                                        {NID_authority_key_identifier, "keyid:always"}};
  if (!crl_url.empty()) extensions.push_back({NID_crl_distribution_points, "URI:" + crl_url});
  if (!wanted.extended_key_usage.empty()) extensions.push_back({NID_ext_key_usage, std::string(wanted.extended_key_usage)});
  LIAISON_CHECK(add_extensions(certificate.get(), issuer.get(), extensions));
  return sign_certificate(certificate.get(), ca.key);
}

Result<CertificateSummary> summarise(ByteView certificate) {
  LIAISON_TRY(const Certificate parsed, parse(certificate));
  LIAISON_TRY(const Validity validity, validity_of(parsed.get()));
  LIAISON_TRY(const Bytes spki, to_der(X509_get_X509_PUBKEY(parsed.get()), i2d_X509_PUBKEY));
  LIAISON_TRY(const auto key, crypto::PublicKey::from_spki(spki));
  const ASN1_INTEGER* serial = X509_get0_serialNumber(parsed.get());
  return CertificateSummary{to_hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))}), key.hash(), validity.from, validity.to};
}

Result<bool> is_self_signed(ByteView certificate) {
  LIAISON_TRY(const Certificate parsed, parse(certificate));
  return X509_NAME_cmp(X509_get_subject_name(parsed.get()), X509_get_issuer_name(parsed.get())) == 0;
}

Result<Bytes> make_issuing_request(const std::string& realm, const std::string& country, const crypto::PrivateKey& key) {
  if (!is_label(realm) || !is_country(country)) return fail(Errc::invalid_argument, "realm: one word of small letters; country: two small letters, or int");
  const CertificateRequest request(X509_REQ_new());
  LIAISON_TRY(const Name name, make_name({realm, {}, issuing_prefix + country}));
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 || X509_REQ_set_subject_name(request.get(), name.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.evp()) != 1 || X509_REQ_sign(request.get(), key.evp(), EVP_sha256()) <= 0)
    return crypto::openssl_failed("signing the request");
  return to_der(request.get(), i2d_X509_REQ);
}

Result<Bytes> issue_issuing_ca(const CountryCa& root, ByteView der, std::chrono::days lifetime, Time now) {
  if (lifetime < std::chrono::days(1) || lifetime > std::chrono::days(366 * 5)) return fail(Errc::invalid_argument, "lifetime of an issuing CA: 1 day to 5 years");
  LIAISON_TRY(const auto request, read_proven_request(der));
  LIAISON_TRY(const std::string realm, name_entry(X509_REQ_get_subject_name(request.handle.get()), NID_organizationName));
  LIAISON_TRY(const std::string common, name_entry(X509_REQ_get_subject_name(request.handle.get()), NID_commonName));
  if (realm != root.realm || common != issuing_prefix + root.country)
    return fail(Errc::not_permitted, "the request is not for an issuing CA of " + root.country + " in realm " + root.realm + "; make it with 'liaison ca request'");
  if (request.key.type() != crypto::KeyType::p256 || request.key.hash() == root.key.public_key().hash()) return fail(Errc::not_permitted, "an issuing CA needs a P-256 key of its own");
  LIAISON_TRY(const Certificate issuer, parse(root.certificate));
  LIAISON_TRY(const Validity root_validity, validity_of(issuer.get()));
  if (X509_get_pathlen(issuer.get()) < 1) return fail(Errc::not_permitted, "this CA is itself an issuing CA and may not certify another one");
  if (now < root_validity.from || now >= root_validity.to) return fail(Errc::expired, "the root is valid from " + to_string(root_validity.from) + " to " + to_string(root_validity.to));
  // Two issuing CAs of one country must differ in name, or their revocation lists would be taken for each other's.
  LIAISON_TRY(const Name name, make_name({realm, {}, common + " " + to_hex(request.key.hash()).substr(0, 8)}));
  LIAISON_TRY(const Certificate certificate, begin_certificate(name.get(), X509_get_subject_name(issuer.get()), request.key.evp()));
  LIAISON_CHECK(set_validity(certificate.get(), {std::max(now - clock_tolerance, root_validity.from), std::min<Time>(now + lifetime, root_validity.to)}));
  LIAISON_CHECK(add_extensions(certificate.get(), issuer.get(), ca_extensions(root.realm, root.country, 0)));
  return sign_certificate(certificate.get(), root.key);
}

}  // namespace liaison::pki
