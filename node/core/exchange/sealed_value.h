// Values at rest (formats 6): nonce || ciphertext || tag, AES-256-GCM under a data key, bound to table, row key and data key id.
// Personal data enters the store in this form only. Pure: the nonce's randomness comes in through Random.
#pragma once
#include "core/exchange/ports.h"

namespace liaison::exchange {

struct RowName {
  Table table;
  ByteView key;
};
Result<Bytes> seal_value(const RowName& row, const KeyHolder::DataKey& key, ByteView plain, Random& random);
// Errc::cannot_open: the row was moved, altered, or sealed under another key.
Result<Bytes> open_value(const RowName& row, const KeyHolder::DataKey& key, ByteView sealed);

}  // namespace liaison::exchange
