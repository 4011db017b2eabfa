// Key-encryption keys of the data keys: 32 random bytes per calendar month in `kek/<yyyy-mm>.kek`, outside LMDB, so that destroying an old month's file
// makes every copy of what it wrapped unreadable (formats 6). Encrypted under the passphrase when there is one. Loaded when first needed. Thread safe.
#pragma once
#include <map>
#include <mutex>

#include "core/exchange/ports.h"
#include "io/store/files.h"

namespace liaison::keys {

using Month = std::uint32_t;  // 202611
Month month_of(Time time);
std::string to_string(Month month);  // 2026-11

class Keks {
 public:
  Keks(std::filesystem::path directory, SecretBytes passphrase, exchange::Random& random)
      : directory_(std::move(directory)), passphrase_(std::move(passphrase)), random_(random) {}

  // The month's key; `make` creates the file when it is missing (durable before it returns). Errors: key_missing, key_unprotected, store_*.
  enum class Missing { make, refuse };
  Result<SecretBytes> key(Month month, Missing missing);

 private:
  std::filesystem::path file(Month month) const { return directory_ / (to_string(month) + ".kek"); }
  Result<SecretBytes> load(Month month) const;
  Result<void> make(Month month);
  Result<SecretBytes> passphrase_key(ByteView salt, std::uint32_t rounds) const;

  std::filesystem::path directory_;
  SecretBytes passphrase_;
  exchange::Random& random_;
  std::mutex mutex_;
  std::map<Month, SecretBytes> loaded_;
};

}  // namespace liaison::keys
