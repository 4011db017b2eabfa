// Rows: table "key": u64 id -> u32 month || nonce(12) || AES-256-GCM(KEK, aad = id) of the key; table "meta": "next" -> u64, which only grows.
// A crash loses at most a block of unused rows, never an id. A failed flush stops the process, as in the store.
#include "io/keys/data_keys.h"

#include <string.h>

#include "core/crypto/aead.h"

namespace liaison::keys {
using exchange::KeyHolder;

namespace {
constexpr std::string_view next_row = "next";
constexpr std::uint64_t room_min = 16 << 20;
}  // namespace

std::optional<SecretBytes> KeyCache::find(std::uint64_t id) {
  if (const auto found = young_.find(id); found != young_.end()) return found->second.clone();
  auto found = old_.extract(id);
  if (!found) return std::nullopt;
  SecretBytes copy = found.mapped().clone();
  put(id, std::move(found.mapped()));
  return copy;
}

void KeyCache::put(std::uint64_t id, SecretBytes key) {
  if (young_.size() >= generation_max_) {
    old_ = std::move(young_);
    young_ = Generation();
  }
  young_.insert_or_assign(id, std::move(key));
}

void KeyCache::erase(std::uint64_t id) {
  young_.erase(id);
  old_.erase(id);
}

Result<std::unique_ptr<DataKeys>> DataKeys::open(DataKeyOptions options, Keks& keks, const exchange::Clock& clock, exchange::Random& random) {
  std::unique_ptr<DataKeys> self(new DataKeys(std::move(options), keks, clock, random));
  LIAISON_TRY(self->environment_, store::Environment::open({self->options_.path, self->options_.map_bytes, 8}));
  LIAISON_CHECK(self->load());
  LIAISON_CHECK(self->refill());
  self->thread_ = std::thread([raw = self.get()] { raw->refill_in_background(); });
  return self;
}

Result<void> DataKeys::load() {
  store::Txn txn;
  if (const int code = environment_->begin_write(txn); code != 0) return environment_->error(code, "open the tables");
  for (const auto& [table, dbi] : {std::pair{"key", &rows_}, {"meta", &meta_}})
    if (const int code = mdb_dbi_open(txn.get(), table, MDB_CREATE, dbi); code != 0) return environment_->error(code, "open the tables");
  MDB_val key = store::to_val(view(next_row)), value;
  int code = mdb_get(txn.get(), meta_, &key, &value);
  if (code == 0 && value.mv_size == 8) next_id_ = ByteReader(store::to_view(value)).u64();
  if (code != 0 && code != MDB_NOTFOUND) return environment_->error(code, "read the table meta");
  MDB_stat stat{};
  mdb_stat(txn.get(), rows_, &stat);
  if (code == MDB_NOTFOUND && stat.ms_entries != 0)
    return fail(Errc::store_corrupt, environment_->path().string() + " has keys but does not say which id is next; stop, check the disk, restore the last backup");
  return commit(txn);
}

Result<void> DataKeys::commit(store::Txn& txn) {
  const int code = environment_->commit(txn);
  if (code == 0) return {};
  const Error why = environment_->error(code, "flush data keys");
  if (why.code != Errc::disk_full) options_.on_fatal(why.message() + "; this process stops so that no key is used that the disk may not have");
  return why;
}

DataKeys::~DataKeys() {
  {
    const std::lock_guard lock(pool_mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (environment_) drop_unused();
}

Result<KeyHolder::DataKey> DataKeys::next() {
  for (;;) {
    {
      const std::lock_guard lock(pool_mutex_);
      if (!pool_.empty()) {
        auto key = std::move(pool_.front());
        pool_.pop_front();
        cache_.put(key.id, key.key.clone());
        refill_wanted_ = refill_wanted_ || pool_.size() == options_.block_keys / 2;
        if (refill_wanted_) wanted_.notify_one();
        return key;
      }
    }
    LIAISON_CHECK(refill());
  }
}

Result<void> DataKeys::refill() {
  const std::lock_guard writing(write_mutex_);
  {
    const std::lock_guard lock(pool_mutex_);
    if (pool_.size() > options_.block_keys / 2) return {};  // somebody else was faster
  }
  LIAISON_TRY(const auto left, store::free_bytes(options_.path));
  if (left < room_min) return fail(Errc::disk_full, options_.path.string() + ": no room for new data keys; free space or enlarge the file system");
  LIAISON_TRY(auto block, make_block(next_id_));
  const std::lock_guard lock(pool_mutex_);
  next_id_ += block.size();
  for (auto& key : block) pool_.push_back(std::move(key));
  return {};
}

Result<std::vector<KeyHolder::DataKey>> DataKeys::make_block(std::uint64_t first) {
  const Month month = month_of(clock_.now());
  LIAISON_TRY(const SecretBytes kek, keks_.key(month, Keks::Missing::make));
  std::vector<KeyHolder::DataKey> block;
  block.reserve(options_.block_keys);
  store::Txn txn;
  if (const int code = environment_->begin_write(txn); code != 0) return environment_->error(code, "write data keys");
  for (std::uint64_t id = first; id < first + options_.block_keys; ++id) {
    SecretBytes key(crypto::aead_key_bytes);
    random_.fill(key.writable());
    LIAISON_TRY(const Bytes row, wrap(kek, month, id, key));
    const Bytes name = exchange::key_of(id);
    MDB_val row_key = store::to_val(name), value = store::to_val(row);
    if (const int code = mdb_put(txn.get(), rows_, &row_key, &value, MDB_APPEND); code != 0) return environment_->error(code, "write data keys");
    block.push_back({id, std::move(key)});
  }
  const Bytes next_id = exchange::key_of(first + block.size());
  MDB_val row_key = store::to_val(view(next_row)), value = store::to_val(next_id);
  if (const int code = mdb_put(txn.get(), meta_, &row_key, &value, 0); code != 0) return environment_->error(code, "write data keys");
  LIAISON_CHECK(commit(txn));
  return block;
}

Result<Bytes> DataKeys::wrap(const SecretBytes& kek, Month month, std::uint64_t id, const SecretBytes& key) {
  Bytes nonce(crypto::aead_nonce_bytes);  // random and not the id: after a restored backup an id may meet the same KEK again
  random_.fill(nonce);
  LIAISON_TRY(const Bytes sealed, crypto::aead_seal({kek.reveal(), nonce}, exchange::key_of(id), key.reveal()));
  Bytes row;
  put_u32(row, month);
  put(row, ByteView(nonce));
  put(row, ByteView(sealed));
  return row;
}

Result<SecretBytes> DataKeys::find(std::uint64_t id) {
  std::uint64_t destructions = 0;
  {
    const std::lock_guard lock(pool_mutex_);
    if (auto known = cache_.find(id)) return std::move(*known);
    destructions = destructions_;
  }
  Bytes row;
  {
    LIAISON_TRY(const auto reader, environment_->read());
    const Bytes name = exchange::key_of(id);
    MDB_val key = store::to_val(name), value;
    const int code = mdb_get(reader.get(), rows_, &key, &value);
    if (code == MDB_NOTFOUND) return fail(Errc::not_found, "data key " + std::to_string(id));
    if (code != 0) return environment_->error(code, "read a data key");
    row = to_bytes(store::to_view(value));
  }
  ByteReader reader(row);
  const Month month = reader.u32();
  const ByteView nonce = reader.take(crypto::aead_nonce_bytes);
  const ByteView sealed = reader.take(crypto::aead_key_bytes + crypto::aead_tag_bytes);
  if (!reader.at_end()) return fail(Errc::store_corrupt, "data key " + std::to_string(id) + ": row of " + std::to_string(row.size()) + " bytes");
  LIAISON_TRY(const SecretBytes kek, keks_.key(month, Keks::Missing::refuse));
  auto plain = crypto::aead_open({kek.reveal(), nonce}, exchange::key_of(id), sealed);
  if (!plain) return fail(Errc::store_corrupt, "data key " + std::to_string(id) + " does not open under the key of " + to_string(month));
  SecretBytes key{ByteView(*plain)};
  ::explicit_bzero(plain->data(), plain->size());
  const std::lock_guard lock(pool_mutex_);
  if (destructions == destructions_) cache_.put(id, key.clone());  // else it may have been destroyed meanwhile
  return key;
}

Result<void> DataKeys::destroy(std::span<const std::uint64_t> ids) {
  const std::lock_guard writing(write_mutex_);
  store::Txn txn;
  if (const int code = environment_->begin_write(txn); code != 0) return environment_->error(code, "destroy data keys");
  for (const auto id : ids) {
    const Bytes name = exchange::key_of(id);
    MDB_val key = store::to_val(name);
    const int code = mdb_del(txn.get(), rows_, &key, nullptr);
    if (code != 0 && code != MDB_NOTFOUND) return environment_->error(code, "destroy data keys");
  }
  LIAISON_CHECK(commit(txn));
  const std::lock_guard lock(pool_mutex_);
  ++destructions_;
  for (const auto id : ids) cache_.erase(id);
  return {};
}

void DataKeys::refill_in_background() {
  for (;;) {
    {
      std::unique_lock lock(pool_mutex_);
      wanted_.wait(lock, [this] { return refill_wanted_ || stopping_; });
      if (stopping_) return;
      refill_wanted_ = false;
    }
    // An error here is met again, and answered, by next() when the pool has run dry.
    if (const auto refilled = refill(); !refilled) continue;
  }
}

void DataKeys::drop_unused() {
  std::vector<std::uint64_t> unused;
  for (const auto& key : pool_) unused.push_back(key.id);
  // Left-over rows are harmless: their ids are never used again.
  if (const auto dropped = destroy(unused); !dropped) return;
}

}  // namespace liaison::keys
