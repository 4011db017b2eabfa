// What one X.509 certificate of the tls or seal role says. What it may say is exact: one DNS name, one key form, one usage per role.
// Whether it is believed is decided in certificate_chain.cpp. No trust store, clock or file is touched.
#include "core/crypto/certificate.h"

#include "core/base/limits.h"
#include "core/crypto/certificate_parts.h"

namespace liaison::crypto {
namespace {

using Names = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using Usages = std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>>;

constexpr std::string_view private_zone = ".liaison.internal";
constexpr int serial_bytes_max = 20;  // RFC 5280 section 4.1.2.2

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

Result<std::string> serial_of(const X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  const int size = ASN1_STRING_length(serial);
  if (ASN1_STRING_type(serial) != V_ASN1_INTEGER || size <= 0 || size > serial_bytes_max) return not_admitted("serial number");
  return to_hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(size)});
}

}  // namespace

Error not_admitted(std::string_view why) { return openssl_failed(why, Errc::not_admitted); }

Result<Certificate> parse_certificate(ByteView der) {
  if (der.size() > limits::certificate_bytes_max) return not_admitted("certificate of " + std::to_string(der.size()) + " bytes");
  const unsigned char* at = der.data();
  Certificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!out || at != der.data() + der.size()) return not_admitted("not a DER certificate");
  return out;
}

Result<Time> time_of(const ASN1_TIME* value) {
  std::tm parts{};
  if (value == nullptr || ASN1_TIME_to_tm(value, &parts) != 1) return not_admitted("validity");
  const std::chrono::year_month_day day{std::chrono::year{parts.tm_year + 1900}, std::chrono::month{static_cast<unsigned>(parts.tm_mon + 1)},
                                        std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
  return Time{std::chrono::sys_days{day}} + std::chrono::hours{parts.tm_hour} + std::chrono::minutes{parts.tm_min} + Seconds{parts.tm_sec};
}

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
  if (unsigned int size = 0; X509_digest(certificate, EVP_sha256(), facts.fingerprint.data(), &size) != 1) return not_admitted("fingerprint");
  return facts;
}

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
  LIAISON_TRY(const Certificate certificate, parse_certificate(der));
  return facts_of(realm, certificate.get());
}

}  // namespace liaison::crypto
