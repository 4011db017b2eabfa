// See certificate_pem.h. Trailing garbage and a broken block are refused, not skipped.
#include "core/crypto/certificate_pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "core/base/limits.h"
#include "core/crypto/certificate_parts.h"
#include "core/merkle/sha256.h"

namespace liaison::crypto {
namespace {

Result<Bytes> der_of(const X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0 || static_cast<std::size_t>(size) > limits::certificate_bytes_max) return fail(Errc::bad_format, "certificate too large");
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  if (i2d_X509(certificate, &out) != size) return openssl_failed("DER encoding", Errc::bad_format);
  return der;
}
}  // namespace

Result<std::vector<Bytes>> chain_from_pem(ByteView pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Bytes> chain;
  while (bio) {
    const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    if (chain.size() == limits::certificate_chain_max) return fail(Errc::bad_format, "certificate chain too long");
    LIAISON_TRY(Bytes der, der_of(certificate.get()));
    chain.push_back(std::move(der));
  }
  const unsigned long last = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (chain.empty() || !at_end) return fail(Errc::bad_format, "not a PEM file of certificates");
  return chain;
}

Result<Time> certificate_end(ByteView der) {
  const unsigned char* at = der.data();
  const Certificate certificate(der.size() <= limits::certificate_bytes_max ? d2i_X509(nullptr, &at, static_cast<long>(der.size())) : nullptr);
  if (!certificate) return openssl_failed("not a certificate", Errc::bad_format);
  return time_of(X509_get0_notAfter(certificate.get()));
}

Result<Hash> certificate_key(ByteView der) {
  const unsigned char* at = der.data();
  const Certificate certificate(der.size() <= limits::certificate_bytes_max ? d2i_X509(nullptr, &at, static_cast<long>(der.size())) : nullptr);
  unsigned char* spki = nullptr;
  const int size = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &spki) : 0;
  if (size <= 0) return openssl_failed("not a certificate", Errc::bad_format);
  const Hash hash = merkle::sha256(ByteView(spki, static_cast<std::size_t>(size)));
  OPENSSL_free(spki);
  return hash;
}

}  // namespace liaison::crypto
