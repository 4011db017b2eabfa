// The RAII aliases for OpenSSL handles and the algorithms that are fetched once (formats 1): for the .cpp files of this folder and of pki.
// A failed call becomes an Error with OpenSSL's reason; the thread's error queue is emptied, since TLS on the same thread reads it too.
#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>

#include "core/base/result.h"

namespace liaison::crypto {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* handle) const { Free(handle); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using Point = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;

// `what` names the step; never content. Empties the error queue of this thread.
Error openssl_failed(std::string_view what, Errc code = Errc::crypto_failed);

// Fetched at first use and kept for the life of the process; liaison_assert when this OpenSSL lacks one.
const EVP_CIPHER* cipher_aes_256_gcm();
const EVP_CIPHER* cipher_aes_128_gcm();
EVP_MAC* mac_hmac();

}  // namespace liaison::crypto
