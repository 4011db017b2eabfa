// See revocation.h. A list is dated five minutes back, as certificates are, for clocks that differ.
#include "pki/revocation.h"

#include <openssl/ocsp.h>

#include "core/base/limits.h"
#include "pki/x509.h"

namespace liaison::pki {
namespace {

using List = std::unique_ptr<X509_CRL, crypto::FreeWith<X509_CRL_free>>;
using Entry = std::unique_ptr<X509_REVOKED, crypto::FreeWith<X509_REVOKED_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, crypto::FreeWith<ASN1_INTEGER_free>>;
using Enumerated = std::unique_ptr<ASN1_ENUMERATED, crypto::FreeWith<ASN1_ENUMERATED_free>>;
using Asn1Time = std::unique_ptr<ASN1_TIME, crypto::FreeWith<ASN1_TIME_free>>;
using OcspRequest = std::unique_ptr<OCSP_REQUEST, crypto::FreeWith<OCSP_REQUEST_free>>;
using OcspAnswer = std::unique_ptr<OCSP_RESPONSE, crypto::FreeWith<OCSP_RESPONSE_free>>;
using OcspBasic = std::unique_ptr<OCSP_BASICRESP, crypto::FreeWith<OCSP_BASICRESP_free>>;
using OcspId = std::unique_ptr<OCSP_CERTID, crypto::FreeWith<OCSP_CERTID_free>>;

constexpr auto clock_tolerance = std::chrono::minutes(5);
constexpr auto kept_after_end = std::chrono::days(7);
constexpr std::size_t ocsp_request_bytes_max = 16 << 10;
constexpr int ocsp_questions_max = 64;

int reason_code(std::string_view reason) {
  if (reason == "keyCompromise") return CRL_REASON_KEY_COMPROMISE;
  if (reason == "cACompromise") return CRL_REASON_CA_COMPROMISE;
  if (reason == "affiliationChanged") return CRL_REASON_AFFILIATION_CHANGED;
  if (reason == "superseded") return CRL_REASON_SUPERSEDED;
  if (reason == "cessationOfOperation") return CRL_REASON_CESSATION_OF_OPERATION;
  return CRL_REASON_UNSPECIFIED;
}

Result<Asn1Time> asn1_time(Time time) {
  Asn1Time out(ASN1_TIME_set(nullptr, static_cast<std::time_t>(std::chrono::floor<Seconds>(time.time_since_epoch()).count())));
  if (!out) return crypto::openssl_failed("time");
  return out;
}

Result<Integer> integer_of(std::string_view hex) {
  const auto bytes = from_hex(hex);
  const crypto::Number number(bytes ? BN_bin2bn(bytes->data(), static_cast<int>(bytes->size()), nullptr) : nullptr);
  Integer out(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
  if (!out) return crypto::openssl_failed("serial number");
  return out;
}

Result<Certificate> parse(ByteView der) {
  const unsigned char* at = der.data();
  Certificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!out) return crypto::openssl_failed("not a certificate", Errc::bad_format);
  return out;
}

Result<void> add_entry(X509_CRL* list, const RegisteredCertificate& certificate) {
  Entry entry(X509_REVOKED_new());
  LIAISON_TRY(const Integer serial, integer_of(certificate.serial));
  LIAISON_TRY(const Asn1Time at, asn1_time(certificate.revoked->at));
  const Enumerated reason(ASN1_ENUMERATED_new());
  const int code = reason_code(certificate.revoked->reason);
  // RFC 5280 section 5.3.1: "unspecified" is said by saying nothing.
  const bool made = entry && reason && X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 && X509_REVOKED_set_revocationDate(entry.get(), at.get()) == 1 &&
                    ASN1_ENUMERATED_set(reason.get(), code) == 1 &&
                    (code == CRL_REASON_UNSPECIFIED || X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, 0) == 1);
  if (!made || X509_CRL_add0_revoked(list, entry.get()) != 1) return crypto::openssl_failed("revocation list");
  static_cast<void>(entry.release());  // now of the list
  return {};
}

Result<void> add_extensions(X509_CRL* list, X509* issuer, std::uint64_t number) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, list, 0);
  LIAISON_TRY(const Extension key_id, make_extension(NID_authority_key_identifier, "keyid:always", &context));
  const Integer value(ASN1_INTEGER_new());
  if (!value || ASN1_INTEGER_set_uint64(value.get(), number) != 1 || X509_CRL_add_ext(list, key_id.get(), -1) != 1 ||
      X509_CRL_add1_ext_i2d(list, NID_crl_number, value.get(), 0, 0) != 1)
    return crypto::openssl_failed("revocation list");
  return {};
}

Result<Bytes> ocsp_error(int status) {
  const OcspAnswer answer(OCSP_response_create(status, nullptr));
  if (!answer) return crypto::openssl_failed("OCSP answer");
  return to_der(answer.get(), i2d_OCSP_RESPONSE);
}

struct Responder {
  const CountryCa& ca;
  const Register& issued;
  const RevocationListOrder& order;
  const X509* certificate;
};

// Null: of another CA, or never issued.
const RegisteredCertificate* asked_about(const Responder& by, OCSP_CERTID* id) {
  ASN1_OBJECT* digest = nullptr;
  ASN1_INTEGER* serial = nullptr;
  if (OCSP_id_get0_info(nullptr, &digest, nullptr, &serial, id) != 1) return nullptr;
  const EVP_MD* md = EVP_get_digestbyobj(digest);
  const OcspId own(md != nullptr ? OCSP_cert_id_new(md, X509_get_subject_name(by.certificate), X509_get0_pubkey_bitstr(by.certificate), serial) : nullptr);
  if (!own || OCSP_id_issuer_cmp(own.get(), id) != 0) return nullptr;
  return by.issued.find(to_hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))}));
}

Result<void> add_answer(OCSP_BASICRESP* answers, const Responder& by, OCSP_CERTID* id) {
  const RegisteredCertificate* certificate = asked_about(by, id);
  const int status = certificate == nullptr ? V_OCSP_CERTSTATUS_UNKNOWN : certificate->revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD;
  LIAISON_TRY(const Asn1Time from, asn1_time(by.order.now - clock_tolerance));
  LIAISON_TRY(const Asn1Time to, asn1_time(by.order.next_update));
  LIAISON_TRY(const Asn1Time revoked, asn1_time(status == V_OCSP_CERTSTATUS_REVOKED ? certificate->revoked->at : Time{}));
  const int reason = status == V_OCSP_CERTSTATUS_REVOKED ? reason_code(certificate->revoked->reason) : 0;
  if (OCSP_basic_add1_status(answers, id, status, reason, revoked.get(), from.get(), to.get()) == nullptr) return crypto::openssl_failed("OCSP answer");
  return {};
}

}  // namespace

Result<Bytes> make_revocation_list(const CountryCa& ca, const Register& issued, const RevocationListOrder& order) {
  LIAISON_TRY(const Certificate issuer, parse(ca.certificate));
  const List list(X509_CRL_new());
  LIAISON_TRY(const Asn1Time from, asn1_time(order.now - clock_tolerance));
  LIAISON_TRY(const Asn1Time to, asn1_time(order.next_update));
  if (!list || X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) != 1 || X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.get())) != 1 ||
      X509_CRL_set1_lastUpdate(list.get(), from.get()) != 1 || X509_CRL_set1_nextUpdate(list.get(), to.get()) != 1)
    return crypto::openssl_failed("revocation list");
  for (const auto& certificate : issued.certificates())
    if (certificate.revoked && certificate.to + kept_after_end > order.now) LIAISON_CHECK(add_entry(list.get(), certificate));
  LIAISON_CHECK(add_extensions(list.get(), issuer.get(), order.number));
  X509_CRL_sort(list.get());
  if (X509_CRL_sign(list.get(), ca.key.evp(), EVP_sha256()) <= 0) return crypto::openssl_failed("signing the revocation list");
  return to_der(list.get(), i2d_X509_CRL);
}

Result<Bytes> answer_ocsp(const CountryCa& ca, const Register& issued, ByteView request, const RevocationListOrder& order) {
  const unsigned char* at = request.data();
  const OcspRequest asked(request.size() <= ocsp_request_bytes_max ? d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(request.size())) : nullptr);
  const int questions = asked ? OCSP_request_onereq_count(asked.get()) : 0;
  if (!asked || at != request.data() + request.size() || questions < 1 || questions > ocsp_questions_max) {
    static_cast<void>(crypto::openssl_failed("not an OCSP request"));  // empties OpenSSL's error queue
    return ocsp_error(OCSP_RESPONSE_STATUS_MALFORMEDREQUEST);
  }
  LIAISON_TRY(const Certificate certificate, parse(ca.certificate));
  const OcspBasic answers(OCSP_BASICRESP_new());
  if (!answers) return crypto::openssl_failed("OCSP answer");
  for (int i = 0; i < questions; ++i)
    LIAISON_CHECK(add_answer(answers.get(), {ca, issued, order, certificate.get()}, OCSP_onereq_get0_id(OCSP_request_onereq_get0(asked.get(), i))));
  OCSP_copy_nonce(answers.get(), asked.get());
  if (OCSP_basic_sign(answers.get(), certificate.get(), ca.key.evp(), EVP_sha256(), nullptr, 0) != 1) return crypto::openssl_failed("signing the OCSP answer");
  const OcspAnswer answer(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, answers.get()));
  if (!answer) return crypto::openssl_failed("OCSP answer");
  return to_der(answer.get(), i2d_OCSP_RESPONSE);
}

}  // namespace liaison::pki
