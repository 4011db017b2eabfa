// Any bytes as a public key, a point, a private key file and a key role: refused, or kept in the one form they have.
#include "core/crypto/keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace liaison;
  const ByteView bytes{data, size};
  if (const auto key = crypto::PublicKey::from_spki(bytes)) liaison_assert(equal(key->spki(), bytes));
  if (const auto key = crypto::PublicKey::from_point(bytes)) liaison_assert(equal(key->point(), bytes));
  // Without a passphrase: how long a file may make us derive its key is the file owner's choice.
  if (const auto key = crypto::PrivateKey::from_pkcs8(bytes, {})) {
    const auto signature = key->sign(bytes);
    liaison_assert(signature && key->public_key().verify(bytes, *signature));
  }
  if (const auto role = crypto::parse_key_role(text(bytes))) liaison_assert(crypto::name(*role) == text(bytes));
  return 0;
}
