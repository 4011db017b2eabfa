// Handles and small steps shared by the .cpp files of this folder. Nothing of OpenSSL's configuration files is read.
#pragma once
#include <openssl/x509v3.h>

#include "core/base/ids.h"
#include "core/crypto/openssl.h"

namespace liaison::pki {

using Certificate = std::unique_ptr<X509, crypto::FreeWith<X509_free>>;
using CertificateRequest = std::unique_ptr<X509_REQ, crypto::FreeWith<X509_REQ_free>>;
using Name = std::unique_ptr<X509_NAME, crypto::FreeWith<X509_NAME_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, crypto::FreeWith<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, crypto::FreeWith<GENERAL_NAMES_free>>;

struct NameParts {
  std::string organization, unit, common;  // an empty unit is left out
};
Result<Name> make_name(const NameParts& parts);
// One entry of a distinguished name as UTF-8; bad_format unless it stands exactly once.
Result<std::string> name_entry(const X509_NAME* name, int nid);
Result<std::string> single_dns_name(const GENERAL_NAMES* names);
// `value` in OpenSSL's extension syntax; only ever built from checked names.
Result<Extension> make_extension(int nid, const std::string& value, X509V3_CTX* context = nullptr);
template <class Handle, class Encode>
Result<Bytes> to_der(const Handle* handle, Encode encode) {
  unsigned char* der = nullptr;
  const int size = encode(handle, &der);
  if (size <= 0) return crypto::openssl_failed("DER encoding");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

}  // namespace liaison::pki
