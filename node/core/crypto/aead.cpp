// AES-GCM over one OpenSSL context per thread, key size and direction: setting a key in a kept context costs a fraction of making one.
// The last key stays in the context until the next call on that thread. Plaintext of a message whose tag fails is wiped, never returned.
#include "core/crypto/aead.h"

#include <climits>

#include "core/crypto/gcm.h"
#include "core/crypto/openssl.h"

namespace liaison::crypto {
namespace {

constexpr std::size_t input_bytes_max = INT_MAX - aead_tag_bytes;  // OpenSSL counts in int

enum class Direction { open = 0, seal = 1 };

EVP_CIPHER_CTX* make_context(const EVP_CIPHER* cipher, Direction direction) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  liaison_assert(context != nullptr && EVP_CipherInit_ex2(context, cipher, nullptr, nullptr, static_cast<int>(direction), nullptr) == 1);
  return context;
}

EVP_CIPHER_CTX* context_for(std::size_t key_bytes, Direction direction) {
  thread_local const CipherContext seal_256(make_context(cipher_aes_256_gcm(), Direction::seal));
  thread_local const CipherContext open_256(make_context(cipher_aes_256_gcm(), Direction::open));
  if (key_bytes == 32) return (direction == Direction::seal ? seal_256 : open_256).get();
  thread_local const CipherContext seal_128(make_context(cipher_aes_128_gcm(), Direction::seal));
  thread_local const CipherContext open_128(make_context(cipher_aes_128_gcm(), Direction::open));
  return (direction == Direction::seal ? seal_128 : open_128).get();
}

bool start(EVP_CIPHER_CTX* context, AeadKey key, ByteView aad, Direction direction) {
  if (EVP_CipherInit_ex2(context, nullptr, key.key.data(), key.nonce.data(), static_cast<int>(direction), nullptr) != 1) return false;
  int count = 0;
  return aad.empty() || EVP_CipherUpdate(context, nullptr, &count, aad.data(), static_cast<int>(aad.size())) == 1;
}

void check_key(AeadKey key) { liaison_assert((key.key.size() == 16 || key.key.size() == 32) && key.nonce.size() == aead_nonce_bytes); }

bool too_large(ByteView aad, ByteView input) { return aad.size() > input_bytes_max || input.size() > input_bytes_max; }

}  // namespace

Result<Bytes> gcm_seal(AeadKey key, ByteView aad, ByteView plain) {
  check_key(key);
  if (too_large(aad, plain)) return fail(Errc::crypto_failed, "aead input of " + std::to_string(plain.size()) + " bytes");
  EVP_CIPHER_CTX* context = context_for(key.key.size(), Direction::seal);
  Bytes out(plain.size() + aead_tag_bytes);
  int count = 0;
  if (!start(context, key, aad, Direction::seal)) return openssl_failed("aead seal");
  if (!plain.empty() && EVP_EncryptUpdate(context, out.data(), &count, plain.data(), static_cast<int>(plain.size())) != 1) return openssl_failed("aead seal");
  std::uint8_t* const tag = out.data() + plain.size();
  int rest = 0;
  if (EVP_EncryptFinal_ex(context, tag, &rest) != 1 || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, aead_tag_bytes, tag) != 1) {
    return openssl_failed("aead tag");
  }
  return out;
}

Result<Bytes> gcm_open(AeadKey key, ByteView aad, ByteView cipher) {
  check_key(key);
  if (cipher.size() < aead_tag_bytes) return fail(Errc::cannot_open, "ciphertext of " + std::to_string(cipher.size()) + " bytes");
  if (too_large(aad, cipher)) return fail(Errc::crypto_failed, "aead input of " + std::to_string(cipher.size()) + " bytes");
  EVP_CIPHER_CTX* context = context_for(key.key.size(), Direction::open);
  const ByteView body = cipher.first(cipher.size() - aead_tag_bytes);
  std::array<std::uint8_t, aead_tag_bytes> tag;
  std::memcpy(tag.data(), cipher.data() + body.size(), tag.size());
  Bytes out(body.size());
  int count = 0;
  if (!start(context, key, aad, Direction::open)) return openssl_failed("aead open");
  if (!body.empty() && EVP_DecryptUpdate(context, out.data(), &count, body.data(), static_cast<int>(body.size())) != 1) return openssl_failed("aead open");
  if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, aead_tag_bytes, tag.data()) != 1) return openssl_failed("aead tag");
  std::uint8_t nothing = 0;
  int rest = 0;
  if (EVP_DecryptFinal_ex(context, &nothing, &rest) != 1) {
    OPENSSL_cleanse(out.data(), out.size());
    return openssl_failed("tag of " + std::to_string(cipher.size()) + " bytes", Errc::cannot_open);
  }
  return out;
}

Result<Bytes> aead_seal(AeadKey key, ByteView aad, ByteView plain) {
  liaison_assert(key.key.size() == aead_key_bytes);
  return gcm_seal(key, aad, plain);
}

Result<Bytes> aead_open(AeadKey key, ByteView aad, ByteView cipher) {
  liaison_assert(key.key.size() == aead_key_bytes);
  return gcm_open(key, aad, cipher);
}

}  // namespace liaison::crypto
