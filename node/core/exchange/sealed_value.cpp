// AES-256-GCM over one row's value; the associated data names the row, so that rows cannot be exchanged. Pure.
#include "core/exchange/sealed_value.h"

#include "core/base/tags.h"
#include "core/crypto/aead.h"

namespace liaison::exchange {
namespace {
Bytes associated_data(const RowName& row, std::uint64_t key_id) {
  Bytes aad = to_bytes(tags::store);
  put(aad, name(row.table));
  put_u8(aad, 0);
  put(aad, row.key);
  put_u64(aad, key_id);
  return aad;
}
}  // namespace

Result<Bytes> seal_value(const RowName& row, const KeyHolder::DataKey& key, ByteView plain, Random& random) {
  Bytes sealed(crypto::aead_nonce_bytes);
  random.fill(sealed);
  LIAISON_TRY(const Bytes cipher, crypto::aead_seal({key.key.reveal(), sealed}, associated_data(row, key.id), plain));
  put(sealed, ByteView(cipher));
  return sealed;
}

Result<Bytes> open_value(const RowName& row, const KeyHolder::DataKey& key, ByteView sealed) {
  if (sealed.size() < crypto::aead_nonce_bytes + crypto::aead_tag_bytes) return fail(Errc::cannot_open, "stored value too short");
  const ByteView nonce = sealed.first(crypto::aead_nonce_bytes);
  return crypto::aead_open({key.key.reveal(), nonce}, associated_data(row, key.id), sealed.subspan(nonce.size()));
}

}  // namespace liaison::exchange
