// Certificate requests (PKCS#10): made beside the private key, read by the CA. The request's signature proves possession of the key.
// Subject O=<realm>, OU=<role>, CN=<agency>; one DNS name. Everything else in a request is ignored by the CA. Errors: bad_format, bad_signature.
#pragma once
#include "core/base/ids.h"
#include "core/crypto/keys.h"
#include "core/crypto/openssl.h"

namespace liaison::pki {

struct RequestSubject {
  std::string realm, agency;
  crypto::KeyRole role{};
};
Result<Bytes> make_request(const RequestSubject& subject, const crypto::PrivateKey& key);  // DER
Result<Bytes> make_request(const RequestSubject& subject, EVP_PKEY* key);                   // of a key in a token

struct Request {
  RequestSubject subject;
  crypto::PublicKey key;
};
Result<Request> read_request(ByteView der);

// Any request whose own signature holds; the subject is not read.
struct ProvenRequest {
  std::unique_ptr<X509_REQ, crypto::FreeWith<X509_REQ_free>> handle;
  crypto::PublicKey key;
};
Result<ProvenRequest> read_proven_request(ByteView der);

// PEM with exactly one block of this label ("CERTIFICATE", "CERTIFICATE REQUEST"); from_pem also takes plain DER.
std::string to_pem(std::string_view label, ByteView der);
Result<Bytes> from_pem(std::string_view label, ByteView pem_or_der);

}  // namespace liaison::pki
