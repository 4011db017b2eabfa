// Builds X.509 certificates with OpenSSL's extension syntax. Every flaw changes exactly one thing of a good certificate,
// so that a refusal can have one reason only.
#include "tests/support/certificates.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace liaison::support {
namespace {

using crypto::EvpKey;
using crypto::KeyRole;

struct X509Deleter { void operator()(X509* certificate) const { X509_free(certificate); } };
using Certificate = std::unique_ptr<X509, X509Deleter>;

EvpKey make_key(const char* curve) {
  EvpKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
  liaison_assert(key != nullptr);
  return key;
}

EvpKey make_rsa(std::size_t bits) {
  EvpKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
  liaison_assert(key != nullptr);
  return key;
}

Certificate decode(const Bytes& der) {
  const unsigned char* at = der.data();
  Certificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  liaison_assert(out != nullptr);
  return out;
}

Bytes encode(X509* certificate) {
  Bytes out(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  unsigned char* at = out.data();
  liaison_assert(i2d_X509(certificate, &at) == static_cast<int>(out.size()));
  return out;
}

// Sets everything but the extensions; `issuer` null: self-signed.
Certificate begin(const std::string& common_name, EVP_PKEY* key, const X509* issuer, std::pair<Time, Time> validity) {
  static long serial = 0x1000;
  Certificate out(X509_new());
  liaison_assert(out != nullptr && X509_set_version(out.get(), X509_VERSION_3) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), ++serial);
  X509_NAME* subject = X509_get_subject_name(out.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(out.get(), issuer != nullptr ? X509_get_subject_name(issuer) : subject);
  ASN1_TIME_set(X509_getm_notBefore(out.get()), std::chrono::floor<Seconds>(validity.first.time_since_epoch()).count());
  ASN1_TIME_set(X509_getm_notAfter(out.get()), std::chrono::floor<Seconds>(validity.second.time_since_epoch()).count());
  liaison_assert(X509_set_pubkey(out.get(), key) == 1);
  return out;
}

void extend(X509* certificate, const X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, const_cast<X509*>(issuer != nullptr ? issuer : certificate), certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  liaison_assert(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void add_unknown_critical(X509* certificate) {
  ASN1_OBJECT* id = OBJ_txt2obj("1.3.6.1.4.1.55555.1", 1);
  ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
  const unsigned char null[] = {0x05, 0x00};
  ASN1_OCTET_STRING_set(value, null, sizeof null);
  X509_EXTENSION* extension = X509_EXTENSION_create_by_OBJ(nullptr, id, 1, value);
  liaison_assert(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(id);
}

std::string alternative_name(const LeafOptions& options) {
  const std::string own = "DNS:" + crypto::certificate_name(options.realm, options.agency);
  switch (options.flaw) {
    case Flaw::wrong_zone: return "DNS:" + crypto::certificate_name(options.realm, "za.customs");
    case Flaw::wrong_realm: return "DNS:" + crypto::certificate_name("other", options.agency);
    case Flaw::foreign_name: return "DNS:UPPER" + crypto::certificate_zone(options.realm, country_of(options.agency));
    case Flaw::two_names: return own + "," + own;
    case Flaw::email_name: return "email:officer@example.org";
    default: return own;
  }
}

std::string extended_usage(const LeafOptions& options) {
  if (options.flaw == Flaw::server_only) return "serverAuth";
  const std::string usual = "serverAuth,clientAuth";
  if (options.flaw == Flaw::extra_usage) return usual + ",codeSigning";
  return options.role == KeyRole::tls ? usual : "";
}

std::string key_usage(const LeafOptions& options) {
  const std::string usual = options.role == KeyRole::tls ? "critical,digitalSignature" : "critical,digitalSignature,nonRepudiation";
  return options.flaw == Flaw::key_agreement ? usual + ",keyAgreement" : usual;
}

std::pair<Time, Time> leaf_validity(const LeafOptions& options) {
  constexpr auto day = std::chrono::hours(24);
  if (options.flaw == Flaw::expired) return {certificate_time - 2 * day, certificate_time - day};
  if (options.flaw == Flaw::not_yet_valid) return {certificate_time + day, certificate_time + 2 * day};
  return {options.not_before, options.not_after};
}

Bytes issue_leaf(const LeafOptions& options, EVP_PKEY* key, EVP_PKEY* signer, const X509* issuer) {
  const Certificate leaf = begin(options.agency, key, issuer, leaf_validity(options));
  extend(leaf.get(), issuer, NID_basic_constraints, options.flaw == Flaw::ca_flag ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (options.flaw != Flaw::no_key_usage) extend(leaf.get(), issuer, NID_key_usage, key_usage(options));
  if (const auto usage = extended_usage(options); !usage.empty()) extend(leaf.get(), issuer, NID_ext_key_usage, usage);
  if (options.flaw != Flaw::no_name) extend(leaf.get(), issuer, NID_subject_alt_name, alternative_name(options));
  extend(leaf.get(), issuer, NID_subject_key_identifier, "hash");
  if (options.flaw != Flaw::no_key_identifier) extend(leaf.get(), issuer, NID_authority_key_identifier, "keyid:always");
  if (options.flaw == Flaw::unknown_critical) add_unknown_critical(leaf.get());
  liaison_assert(X509_sign(leaf.get(), signer, options.flaw == Flaw::sha1_signature ? EVP_sha1() : EVP_sha256()) > 0);
  Bytes der = encode(leaf.get());
  if (options.flaw == Flaw::broken_signature) der.back() ^= 1;
  return der;
}

EvpKey ca_key(CaFlaw flaw) {
  if (flaw == CaFlaw::weak_rsa) return make_rsa(1024);
  return make_key(flaw == CaFlaw::p224_key ? "P-224" : "P-256");
}

}  // namespace

CertificateAuthority::CertificateAuthority(const CaOptions& options) : CertificateAuthority(options, nullptr) {}

CertificateAuthority::CertificateAuthority(const CaOptions& options, const CertificateAuthority* issuer) : key_(ca_key(options.flaw)) {
  constexpr auto year = std::chrono::hours(24 * 365);
  const Time end = options.flaw == CaFlaw::expired ? certificate_time - std::chrono::hours(1) : certificate_time + 10 * year;
  const Certificate issuing = issuer != nullptr ? decode(issuer->certificate_) : nullptr;
  // The subject differs from the issuer's, or the certificate would be self-issued and not count for the path length.
  const std::string subject = (issuer != nullptr ? "Issuing CA " + std::to_string(options.path_length) + " of " : "CA of ") + options.country;
  const Certificate own = begin(subject, key_.get(), issuing.get(), {certificate_time - year, end});
  const bool is_ca = options.flaw != CaFlaw::no_ca_flag;
  extend(own.get(), issuing.get(), NID_basic_constraints, is_ca ? "critical,CA:TRUE,pathlen:" + std::to_string(options.path_length) : "critical,CA:FALSE");
  extend(own.get(), issuing.get(), NID_key_usage, options.flaw == CaFlaw::no_cert_sign ? "critical,cRLSign" : "critical,keyCertSign,cRLSign");
  extend(own.get(), issuing.get(), NID_subject_key_identifier, "hash");
  extend(own.get(), issuing.get(), NID_authority_key_identifier, "keyid:always");
  if (options.name_constraints) {
    extend(own.get(), issuing.get(), NID_name_constraints, "critical,permitted;DNS:" + crypto::certificate_zone(options.realm, options.country));
  }
  liaison_assert(X509_sign(own.get(), issuer != nullptr ? issuer->key_.get() : key_.get(), EVP_sha256()) > 0);
  certificate_ = encode(own.get());
}

CertificateAuthority CertificateAuthority::intermediate(const CaOptions& options) const { return CertificateAuthority(options, this); }

Issued CertificateAuthority::issue(const LeafOptions& options) const {
  auto key = crypto::PrivateKey::generate(crypto::KeyType::p256).value();
  Bytes certificate = issue_for(key, options);
  return {std::move(certificate), std::move(key)};
}

Bytes CertificateAuthority::issue_for(const crypto::PrivateKey& key, const LeafOptions& options) const {
  const Certificate issuing = decode(certificate_);
  if (options.flaw == Flaw::rsa_key) return issue_leaf(options, make_rsa(2048).get(), key_.get(), issuing.get());
  if (options.flaw == Flaw::p384_key) return issue_leaf(options, make_key("P-384").get(), key_.get(), issuing.get());
  return issue_leaf(options, key.evp(), key_.get(), issuing.get());
}

std::string to_pem(ByteView certificate) {
  std::string body = to_base64(certificate), out = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t i = 0; i < body.size(); i += 64) out += body.substr(i, 64) + "\n";
  return out + "-----END CERTIFICATE-----\n";
}

}  // namespace liaison::support
