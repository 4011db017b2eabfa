// X.509 of the tls and seal roles. OpenSSL parses and verifies the chain against the given anchors alone; what a certificate may say
// beyond that is exact: one DNS name, one key form, one usage per role. No trust store, clock or file is touched.
#include "core/crypto/certificate.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <vector>

#include "core/base/limits.h"
#include "core/crypto/openssl.h"

namespace liaison::crypto {
namespace {

using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using Check = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using Usages = std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>>;
using Certificates = std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509)* list) { sk_X509_free(list); })>;  // borrows its elements

constexpr std::string_view private_zone = ".liaison.internal";
constexpr int security_level = 2;     // 112 bits: RSA from 2048, no SHA-1; elliptic curves are held to 256 bits below
constexpr int serial_bytes_max = 20;  // RFC 5280 section 4.1.2.2

Error not_admitted(std::string_view why) { return openssl_failed(why, Errc::not_admitted); }

std::string realm_suffix(std::string_view realm) { return "." + std::string(realm) + std::string(private_zone); }

std::string reversed_labels(std::string_view name) {
  std::string out;
  for (auto end = name.size();;) {
    const auto dot = end == 0 ? std::string_view::npos : name.rfind('.', end - 1);
    const auto begin = dot == std::string_view::npos ? 0 : dot + 1;
    out.append(name.substr(begin, end - begin));
    if (dot == std::string_view::npos) return out;
    out.push_back('.');
    end = dot;
  }
}

Result<Certificate> parse(ByteView der) {
  if (der.size() > limits::certificate_bytes_max) return not_admitted("certificate of " + std::to_string(der.size()) + " bytes");
  const unsigned char* at = der.data();
  Certificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!out || at != der.data() + der.size()) return not_admitted("not a DER certificate");
  return out;
}

// The one extension of this kind, or null; `malformed` also when it is there twice.
template <class Pointer>
Pointer extension(const X509* certificate, int nid, bool& malformed) {
  int critical = 0;
  Pointer out(static_cast<typename Pointer::pointer>(X509_get_ext_d2i(certificate, nid, &critical, nullptr)));
  malformed = !out && critical != -1;
  return out;
}

Result<std::string> single_dns_name(const X509* certificate) {
  bool malformed = false;
  const auto names = extension<Names>(certificate, NID_subject_alt_name, malformed);
  if (!names || sk_GENERAL_NAME_num(names.get()) != 1) return not_admitted("not exactly one subject alternative name");
  int type = 0;
  const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), 0), &type));
  if (type != GEN_DNS) return not_admitted("subject alternative name is not a DNS name");
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(ASN1_STRING_length(value)));
}

bool is_server_and_client(const EXTENDED_KEY_USAGE* usages) {
  if (sk_ASN1_OBJECT_num(usages) != 2) return false;
  const int first = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, 0));
  const int second = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, 1));
  return (first == NID_server_auth && second == NID_client_auth) || (first == NID_client_auth && second == NID_server_auth);
}

Result<KeyRole> role_of(X509* certificate) {
  bool malformed = false;
  const auto extended = extension<Usages>(certificate, NID_ext_key_usage, malformed);
  if (malformed) return not_admitted("extended key usage is malformed");
  const std::uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & EXFLAG_INVALID) != 0) return not_admitted("an extension is malformed");
  if ((flags & EXFLAG_CA) != 0) return not_admitted("a CA certificate cannot serve a node");
  const std::uint32_t usage = (flags & EXFLAG_KUSAGE) != 0 ? X509_get_key_usage(certificate) : 0;
  if (extended && is_server_and_client(extended.get()) && usage == KU_DIGITAL_SIGNATURE) return KeyRole::tls;
  if (!extended && usage == (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) return KeyRole::seal;
  return not_admitted("key usage is that of neither tls nor seal");
}

Result<Hash> key_hash_of(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) return not_admitted("public key");
  const Bytes spki(der, der + size);
  OPENSSL_free(der);
  const auto key = PublicKey::from_spki(spki);
  if (!key || key->type() != KeyType::p256) return not_admitted("public key is not P-256");
  return key->hash();
}

Result<Time> time_of(const ASN1_TIME* value) {
  std::tm parts{};
  if (value == nullptr || ASN1_TIME_to_tm(value, &parts) != 1) return not_admitted("validity");
  const std::chrono::year_month_day day{std::chrono::year{parts.tm_year + 1900}, std::chrono::month{static_cast<unsigned>(parts.tm_mon + 1)},
                                        std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
  return Time{std::chrono::sys_days{day}} + std::chrono::hours{parts.tm_hour} + std::chrono::minutes{parts.tm_min} + Seconds{parts.tm_sec};
}

Result<std::string> serial_of(const X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  const int size = ASN1_STRING_length(serial);
  if (ASN1_STRING_type(serial) != V_ASN1_INTEGER || size <= 0 || size > serial_bytes_max) return not_admitted("serial number");
  return to_hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(size)});
}

// RFC 2253 form: everything that is not printable ASCII is escaped.
Result<std::string> name_text(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return not_admitted("distinguished name");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Result<CertificateFacts> facts_of(std::string_view realm, X509* certificate) {
  if (X509_get_version(certificate) != X509_VERSION_3) return not_admitted("certificate is not version 3");
  CertificateFacts facts;
  LIAISON_TRY(const std::string dns_name, single_dns_name(certificate));
  auto agency = agency_of_name(realm, dns_name);
  if (!agency) return not_admitted("DNS name is not an agency of this realm");
  facts.agency = std::move(*agency);
  LIAISON_TRY(facts.role, role_of(certificate));
  LIAISON_TRY(facts.key_hash, key_hash_of(certificate));
  LIAISON_TRY(facts.not_before, time_of(X509_get0_notBefore(certificate)));
  LIAISON_TRY(facts.not_after, time_of(X509_get0_notAfter(certificate)));
  LIAISON_TRY(facts.serial, serial_of(certificate));
  LIAISON_TRY(facts.issuer, name_text(X509_get_issuer_name(certificate)));
  LIAISON_TRY(facts.subject, name_text(X509_get_subject_name(certificate)));
  return facts;
}

Result<std::vector<Certificate>> parse_all(std::span<const Bytes> encoded) {
  std::vector<Certificate> out;
  for (const Bytes& der : encoded) {
    LIAISON_TRY(Certificate certificate, parse(der));
    out.push_back(std::move(certificate));
  }
  return out;
}

bool strong_enough(const X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return false;
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1) return bits >= 2048;
  return EVP_PKEY_is_a(key, "EC") == 1 && bits >= 256;
}

Result<void> verify(const ChainCheck& check, std::span<const Certificate> chain, std::span<const Certificate> anchors) {
  const Store store(X509_STORE_new());
  const Check context(X509_STORE_CTX_new());
  const Certificates untrusted(sk_X509_new_null());
  if (!store || !context || !untrusted) return openssl_failed("certificate check");
  for (const Certificate& anchor : anchors) {
    if (X509_STORE_add_cert(store.get(), anchor.get()) != 1) return openssl_failed("certificate check");
  }
  for (const Certificate& certificate : chain.subspan(1)) {
    if (sk_X509_push(untrusted.get(), certificate.get()) <= 0) return openssl_failed("certificate check");
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), chain[0].get(), untrusted.get()) != 1) return openssl_failed("certificate check");
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  // The directory names the country's CA, which may itself stand below another root: it is trusted as it is.
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(param, std::chrono::floor<Seconds>(check.now.time_since_epoch()).count());
  X509_VERIFY_PARAM_set_auth_level(param, security_level);
  X509_VERIFY_PARAM_set_depth(param, static_cast<int>(limits::certificate_chain_max));
  X509_VERIFY_PARAM_set_purpose(param, check.role == KeyRole::tls ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SMIME_SIGN);
  if (X509_verify_cert(context.get()) != 1) {
    const int problem = X509_STORE_CTX_get_error(context.get());
    return not_admitted(std::string(X509_verify_cert_error_string(problem)) + " at depth " + std::to_string(X509_STORE_CTX_get_error_depth(context.get())));
  }
  const STACK_OF(X509)* verified = X509_STORE_CTX_get0_chain(context.get());
  if (sk_X509_num(verified) < 2) return not_admitted("certificate is its own anchor");
  for (int i = 0; i < sk_X509_num(verified); ++i) {
    if (!strong_enough(sk_X509_value(verified, i))) return not_admitted("weak key at depth " + std::to_string(i));
  }
  return {};
}

}  // namespace

std::string certificate_name(std::string_view realm, std::string_view agency) { return reversed_labels(agency) + realm_suffix(realm); }

std::string certificate_zone(std::string_view realm, std::string_view country) { return "." + std::string(country) + realm_suffix(realm); }

std::optional<std::string> agency_of_name(std::string_view realm, std::string_view dns_name) {
  const std::string suffix = realm_suffix(realm);
  if (!dns_name.ends_with(suffix)) return std::nullopt;
  std::string agency = reversed_labels(dns_name.substr(0, dns_name.size() - suffix.size()));
  if (!is_agency_id(agency)) return std::nullopt;
  return agency;
}

Result<CertificateFacts> read_certificate(std::string_view realm, ByteView der) {
  LIAISON_TRY(const Certificate certificate, parse(der));
  return facts_of(realm, certificate.get());
}

Result<CertificateFacts> check_chain(const ChainCheck& check, std::span<const Bytes> chain, std::span<const Bytes> anchors) {
  liaison_assert(check.role == KeyRole::tls || check.role == KeyRole::seal);
  if (chain.empty() || chain.size() > limits::certificate_chain_max) return not_admitted("chain of " + std::to_string(chain.size()) + " certificates");
  if (anchors.empty()) return not_admitted("no CA of " + std::string(check.country));
  LIAISON_TRY(const std::vector<Certificate> certificates, parse_all(chain));
  LIAISON_TRY(const std::vector<Certificate> trusted, parse_all(anchors));
  LIAISON_CHECK(verify(check, certificates, trusted));
  LIAISON_TRY(CertificateFacts facts, facts_of(check.realm, certificates[0].get()));
  if (country_of(facts.agency) != check.country) return not_admitted("agency " + facts.agency + " is not of " + std::string(check.country));
  if (facts.role != check.role) return not_admitted("certificate is for " + std::string(name(facts.role)) + ", not " + std::string(name(check.role)));
  return facts;
}

}  // namespace liaison::crypto
