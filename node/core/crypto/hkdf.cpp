// HKDF over HMAC-SHA256. One HMAC context per thread is kept and keyed anew for each use: making one costs more than the two blocks it hashes.
// An error of OpenSSL leaves nothing half done: the result is discarded.
#include "core/crypto/hkdf.h"

#include <openssl/core_names.h>

#include <algorithm>

#include "core/crypto/aead.h"
#include "core/crypto/openssl.h"

namespace liaison::crypto {
namespace {

constexpr std::size_t hash_bytes = 32;

EVP_MAC_CTX* hmac_context() {
  thread_local const MacContext context = [] {
    MacContext made(EVP_MAC_CTX_new(mac_hmac()));
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    liaison_assert(made != nullptr && EVP_MAC_CTX_set_params(made.get(), params) == 1);
    return made;
  }();
  return context.get();
}

bool start_hmac(EVP_MAC_CTX* context, ByteView key) {
  // A null key would mean "the key of last time"; an empty one is as good as zeros to HMAC.
  static constexpr std::array<std::uint8_t, hash_bytes> zeros{};
  if (key.empty()) key = zeros;
  return EVP_MAC_init(context, key.data(), key.size(), nullptr) == 1;
}

bool add(EVP_MAC_CTX* context, ByteView part) { return part.empty() || EVP_MAC_update(context, part.data(), part.size()) == 1; }

bool add(EVP_MAC_CTX* context, Parts parts) {
  return std::all_of(parts.begin(), parts.end(), [context](ByteView part) { return add(context, part); });
}

bool finish(EVP_MAC_CTX* context, std::span<std::uint8_t, hash_bytes> out) {
  std::size_t size = 0;
  return EVP_MAC_final(context, out.data(), &size, out.size()) == 1 && size == out.size();
}

}  // namespace

Result<SecretBytes> hkdf_extract_parts(ByteView salt, Parts ikm) {
  SecretBytes prk(hash_bytes);
  EVP_MAC_CTX* context = hmac_context();
  if (!start_hmac(context, salt) || !add(context, ikm) || !finish(context, prk.writable().first<hash_bytes>())) return openssl_failed("hkdf extract");
  return prk;
}

Result<SecretBytes> hkdf_expand_parts(ByteView prk, Parts info, std::size_t length) {
  liaison_assert(length <= 255 * hash_bytes);
  EVP_MAC_CTX* context = hmac_context();
  SecretBytes out(length), block(hash_bytes);
  std::size_t done = 0;
  for (std::uint8_t counter = 1; done < length; ++counter) {
    const bool first = counter == 1;
    if (!start_hmac(context, prk) || (!first && !add(context, block.reveal())) || !add(context, info) || !add(context, ByteView(&counter, 1)) ||
        !finish(context, block.writable().first<hash_bytes>())) {
      return openssl_failed("hkdf expand");
    }
    const std::size_t count = std::min(hash_bytes, length - done);
    std::memcpy(out.writable().data() + done, block.reveal().data(), count);
    done += count;
  }
  return out;
}

Result<SecretBytes> hkdf_extract(ByteView salt, ByteView ikm) { return hkdf_extract_parts(salt, {ikm}); }

Result<SecretBytes> hkdf_expand(ByteView prk, ByteView info, std::size_t length) {
  if (length > 255 * hash_bytes) return fail(Errc::crypto_failed, "hkdf output of " + std::to_string(length) + " bytes");
  return hkdf_expand_parts(prk, {info}, length);
}

Result<SecretBytes> labelled_extract(Labelled use, ByteView salt, ByteView ikm) {
  return hkdf_extract_parts(salt, {view("HPKE-v1"), use.suite, view(use.label), ikm});
}

Result<SecretBytes> labelled_expand(Labelled use, ByteView prk, ByteView info, std::size_t length) {
  const std::array<std::uint8_t, 2> size{static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
  return hkdf_expand_parts(prk, {size, view("HPKE-v1"), use.suite, view(use.label), info}, length);
}

}  // namespace liaison::crypto
