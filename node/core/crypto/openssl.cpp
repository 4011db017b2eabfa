// Algorithms fetched once and errors out of OpenSSL's queue. Function-local statics make the first use safe from any thread.
#include "core/crypto/openssl.h"

#include <openssl/err.h>

namespace liaison::crypto {
namespace {

const EVP_CIPHER* fetch_cipher(const char* algorithm) {
  const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, algorithm, nullptr);
  liaison_assert(cipher != nullptr);
  return cipher;
}

EVP_MAC* fetch_mac(const char* algorithm) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, algorithm, nullptr);
  liaison_assert(mac != nullptr);
  return mac;
}

}  // namespace

Error openssl_failed(std::string_view what, Errc code) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string detail(what);
  if (reason != nullptr) detail.append(": ").append(reason);
  ERR_clear_error();
  return fail(code, std::move(detail));
}

const EVP_CIPHER* cipher_aes_256_gcm() {
  static const EVP_CIPHER* const cipher = fetch_cipher("AES-256-GCM");
  return cipher;
}

const EVP_CIPHER* cipher_aes_128_gcm() {
  static const EVP_CIPHER* const cipher = fetch_cipher("AES-128-GCM");
  return cipher;
}

EVP_MAC* mac_hmac() {
  static EVP_MAC* const mac = fetch_mac("HMAC");
  return mac;
}

}  // namespace liaison::crypto
