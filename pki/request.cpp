// See request.h. Nothing read here is believed before the request's own signature verified.
#include "pki/request.h"

#include <openssl/pem.h>

#include "core/base/limits.h"
#include "core/crypto/certificate.h"
#include "pki/x509.h"

namespace liaison::pki {
namespace {

using Extensions = std::unique_ptr<STACK_OF(X509_EXTENSION), decltype([](STACK_OF(X509_EXTENSION)* list) { sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free); })>;

Result<void> add_dns_name(X509_REQ* request, const std::string& dns_name) {
  LIAISON_TRY(auto extension, make_extension(NID_subject_alt_name, "DNS:" + dns_name));
  const Extensions list(sk_X509_EXTENSION_new_null());
  if (!list || sk_X509_EXTENSION_push(list.get(), extension.get()) <= 0) return crypto::openssl_failed("request extensions");
  static_cast<void>(extension.release());  // now of the list
  if (X509_REQ_add_extensions(request, list.get()) != 1) return crypto::openssl_failed("request extensions");
  return {};
}

Result<std::string> dns_name_of(X509_REQ* request) {
  const Extensions list(X509_REQ_get_extensions(request));
  if (!list) return fail(Errc::bad_format, "the request names no agency");
  const Names names(static_cast<GENERAL_NAMES*>(X509V3_get_d2i(list.get(), NID_subject_alt_name, nullptr, nullptr)));
  return single_dns_name(names.get());
}

Result<RequestSubject> subject_of(X509_REQ* request) {
  const X509_NAME* name = X509_REQ_get_subject_name(request);
  RequestSubject subject;
  LIAISON_TRY(subject.realm, name_entry(name, NID_organizationName));
  LIAISON_TRY(subject.agency, name_entry(name, NID_commonName));
  LIAISON_TRY(const std::string role, name_entry(name, NID_organizationalUnitName));
  const auto parsed = crypto::parse_key_role(role);
  if (!parsed) return fail(Errc::bad_format, "the request is for no known key role");
  subject.role = *parsed;
  LIAISON_TRY(const std::string dns_name, dns_name_of(request));
  if (!is_agency_id(subject.agency) || dns_name != crypto::certificate_name(subject.realm, subject.agency))
    return fail(Errc::bad_format, "the request's subject and DNS name do not name the same agency");
  return subject;
}

Result<crypto::PublicKey> key_of(X509_REQ* request) {
  LIAISON_TRY(const Bytes spki, to_der(X509_REQ_get_X509_PUBKEY(request), i2d_X509_PUBKEY));
  return crypto::PublicKey::from_spki(spki);
}

}  // namespace

Result<Bytes> make_request(const RequestSubject& subject, const crypto::PrivateKey& key) { return make_request(subject, key.evp()); }

Result<Bytes> make_request(const RequestSubject& subject, EVP_PKEY* key) {
  if (!is_agency_id(subject.agency)) return fail(Errc::invalid_argument, subject.agency + " is not an agency id like ke.customs");
  const CertificateRequest request(X509_REQ_new());
  if (!request) return crypto::openssl_failed("request");
  LIAISON_TRY(const Name name, make_name({subject.realm, std::string(crypto::name(subject.role)), subject.agency}));
  if (X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 || X509_REQ_set_subject_name(request.get(), name.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key) != 1)
    return crypto::openssl_failed("request");
  LIAISON_CHECK(add_dns_name(request.get(), crypto::certificate_name(subject.realm, subject.agency)));
  if (X509_REQ_sign(request.get(), key, EVP_sha256()) <= 0) return crypto::openssl_failed("signing the request");
  return to_der(request.get(), i2d_X509_REQ);
}

Result<ProvenRequest> read_proven_request(ByteView der) {
  if (der.size() > limits::certificate_bytes_max) return fail(Errc::limit_exceeded, "request of " + std::to_string(der.size()) + " bytes");
  const unsigned char* at = der.data();
  CertificateRequest request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (!request || at != der.data() + der.size()) return crypto::openssl_failed("not a certificate request", Errc::bad_format);
  LIAISON_TRY(auto key, key_of(request.get()));
  if (X509_REQ_verify(request.get(), key.evp()) != 1) return crypto::openssl_failed("the request is not signed with the key it names", Errc::bad_signature);
  return ProvenRequest{std::move(request), std::move(key)};
}

Result<Request> read_request(ByteView der) {
  LIAISON_TRY(auto request, read_proven_request(der));
  LIAISON_TRY(auto subject, subject_of(request.handle.get()));
  return Request{std::move(subject), std::move(request.key)};
}

std::string to_pem(std::string_view label, ByteView der) {
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  const std::string chars = to_base64(der);
  for (std::size_t at = 0; at < chars.size(); at += 64) out += chars.substr(at, 64) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

Result<Bytes> from_pem(std::string_view label, ByteView pem_or_der) {
  if (!pem_or_der.empty() && pem_or_der[0] == 0x30) return to_bytes(pem_or_der);
  const std::string begin = "-----BEGIN " + std::string(label) + "-----\n", end = "-----END " + std::string(label) + "-----";
  const std::string_view chars = text(pem_or_der);
  const auto from = chars.find(begin);
  const auto to = from == std::string_view::npos ? from : chars.find(end, from);
  if (to == std::string_view::npos || chars.find(begin, to) != std::string_view::npos) return fail(Errc::bad_format, "not exactly one PEM block " + std::string(label));
  std::string digits;
  for (const char c : chars.substr(from + begin.size(), to - from - begin.size()))
    if (c != '\n' && c != '\r') digits.push_back(c);
  const auto der = from_base64(digits);
  if (!der) return fail(Errc::bad_format, "PEM block " + std::string(label) + " is not base64");
  return *der;
}

}  // namespace liaison::pki
