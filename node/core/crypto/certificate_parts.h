// OpenSSL handles and small steps shared by certificate.cpp, certificate_chain.cpp and revocation_list.cpp; not for other modules.
// Errors: not_admitted with OpenSSL's reason.
#pragma once
#include <openssl/x509v3.h>

#include "core/crypto/certificate.h"
#include "core/crypto/openssl.h"
#include "core/crypto/revocation_list.h"

namespace liaison::crypto {

using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using RevocationListHandle = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;

Error not_admitted(std::string_view why);
Result<Certificate> parse_certificate(ByteView der);            // at most limits::certificate_bytes_max, nothing behind it
Result<RevocationListHandle> parse_revocation_list(ByteView der);  // at most revocation_list_bytes_max, nothing behind it
Result<Time> time_of(const ASN1_TIME* value);
Result<std::string> name_text(const X509_NAME* name);           // RFC 2253: everything that is not printable ASCII is escaped
Result<CertificateFacts> facts_of(std::string_view realm, X509* certificate);

// The one extension of this kind, or null; `malformed` also when it is there twice.
template <class Pointer>
Pointer extension(const X509* certificate, int nid, bool& malformed) {
  int critical = 0;
  Pointer out(static_cast<typename Pointer::pointer>(X509_get_ext_d2i(certificate, nid, &critical, nullptr)));
  malformed = !out && critical != -1;
  return out;
}

}  // namespace liaison::crypto
