// Data keys at rest (formats 6): one AES-256 key per case, wrapped under the month's KEK in the LMDB environment `keys`. A pool is durable before any of
// it is handed out, refilled in the background, so that a new key costs no flush of its own; ids never repeat, restarts and crashes included.
// Destroying a key deletes its row; compacting copies and dropping old KEK files belong to erasing. Thread safe.
#pragma once
#include <condition_variable>
#include <deque>
#include <thread>
#include <unordered_map>

#include "core/exchange/ports.h"
#include "io/keys/kek.h"
#include "io/store/environment.h"

namespace liaison::keys {

struct DataKeyOptions {
  std::filesystem::path path;           // the environment's directory
  std::size_t block_keys = 2048;        // made durable at once; refilled when half of them are handed out
  std::size_t cache_keys = 8192;        // unwrapped keys kept in memory
  std::uint64_t map_bytes = 16ULL << 30;
  store::FatalHook on_fatal = store::stop_process;
};

// The most recently used keys, bounded: two generations, the older one dropped when the younger is full. Not thread safe.
class KeyCache {
 public:
  explicit KeyCache(std::size_t keys_max) : generation_max_(keys_max / 2 + 1) {}
  std::optional<SecretBytes> find(std::uint64_t id);
  void put(std::uint64_t id, SecretBytes key);
  void erase(std::uint64_t id);
  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  using Generation = std::unordered_map<std::uint64_t, SecretBytes>;
  std::size_t generation_max_;
  Generation young_, old_;
};

class DataKeys {
 public:
  // `keks`, `clock` and `random` outlive it.
  static Result<std::unique_ptr<DataKeys>> open(DataKeyOptions options, Keks& keks, const exchange::Clock& clock, exchange::Random& random);
  ~DataKeys();  // deletes the keys that were never handed out

  // Waits for a flush only when the pool ran dry. Errors: disk_full, store_failed, key_missing.
  Result<exchange::KeyHolder::DataKey> next();
  Result<SecretBytes> find(std::uint64_t id);  // Errc::not_found once destroyed
  // Durable when it returns; absent ids are fine.
  Result<void> destroy(std::span<const std::uint64_t> ids);

 private:
  DataKeys(DataKeyOptions options, Keks& keks, const exchange::Clock& clock, exchange::Random& random)
      : options_(std::move(options)), keks_(keks), clock_(clock), random_(random), cache_(options_.cache_keys) {}
  Result<void> load();
  Result<void> refill();  // one block; takes write_mutex_
  Result<std::vector<exchange::KeyHolder::DataKey>> make_block(std::uint64_t first);
  Result<void> commit(store::Txn& txn);
  Result<Bytes> wrap(const SecretBytes& kek, Month month, std::uint64_t id, const SecretBytes& key);
  void refill_in_background();
  void drop_unused();

  DataKeyOptions options_;
  Keks& keks_;
  const exchange::Clock& clock_;
  exchange::Random& random_;
  std::unique_ptr<store::Environment> environment_;
  MDB_dbi rows_ = 0, meta_ = 0;

  std::mutex write_mutex_;         // one write transaction at a time; taken before pool_mutex_
  std::uint64_t next_id_ = 1;      // guarded by write_mutex_; the first id that was never written
  std::mutex pool_mutex_;          // guards what follows
  std::condition_variable wanted_;
  std::deque<exchange::KeyHolder::DataKey> pool_;
  KeyCache cache_;
  std::uint64_t destructions_ = 0;
  bool refill_wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace liaison::keys
