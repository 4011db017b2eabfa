// One LMDB environment as a value: locked, opened with durable flags only, with pooled read transactions and plain RAII handles.
// Shared by the `node` and `keys` environments. MDB_NOTLS; never NOSYNC, WRITEMAP or NOLOCK. Write transactions: one thread at a time.
#pragma once
#include <lmdb.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include "io/store/files.h"
#include "io/store/map_guard.h"

namespace liaison::store {

struct EnvCloser { void operator()(MDB_env* env) const { mdb_env_close(env); } };
struct TxnAborter { void operator()(MDB_txn* txn) const { mdb_txn_abort(txn); } };
struct CursorCloser { void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); } };
using Env = std::unique_ptr<MDB_env, EnvCloser>;
using Txn = std::unique_ptr<MDB_txn, TxnAborter>;
using Cursor = std::unique_ptr<MDB_cursor, CursorCloser>;

inline MDB_val to_val(ByteView bytes) { return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())}; }
inline ByteView to_view(const MDB_val& val) { return {static_cast<const std::uint8_t*>(val.mv_data), val.mv_size}; }

inline constexpr std::size_t key_bytes_max = 511;  // LMDB as built by Debian

// Called with one clear line when going on could show or keep what the disk does not have. The default prints it and exits with code 3.
using FatalHook = std::function<void(std::string_view line)>;
void stop_process(std::string_view line);

struct EnvironmentOptions {
  std::filesystem::path path;
  std::uint64_t map_bytes = 64ULL << 30;
  unsigned tables_max = 64;
};

class Environment {
 public:
  // Makes the directory when missing. Errors: busy, invalid_settings, key_unprotected, store_read_only, store_corrupt, disk_full, store_failed.
  static Result<std::unique_ptr<Environment>> open(const EnvironmentOptions& options);
  ~Environment();

  MDB_env* get() const { return env_.get(); }
  const std::filesystem::path& path() const { return path_; }
  // What an LMDB or system code means here, with place and cure.
  Error error(int code, std::string_view doing) const;
  // True when the code says that the file or the environment can no longer be trusted.
  static bool is_damage(int code);

  int begin_write(Txn& txn) const;
  int commit(Txn& txn) const;  // every write of this environment ends here

  // A read transaction on the newest commit, taken from the pool and put back when it goes.
  class Reader {
   public:
    Reader(const Environment& owner, Txn txn) : owner_(&owner), txn_(std::move(txn)) {}
    Reader(Reader&& other) noexcept = default;
    Reader& operator=(Reader&&) = delete;
    ~Reader();
    MDB_txn* get() const { return txn_.get(); }

   private:
    const Environment* owner_;
    Txn txn_;
  };
  Result<Reader> read() const;

 private:
  Environment() = default;
  Result<void> check_length() const;
  Txn take_idle() const;
  Result<std::set<std::uint64_t>> read_free_pages() const;

  std::filesystem::path path_;
  DirectoryLock lock_;
  Env env_;
  MapGuard guard_;
  mutable std::atomic<std::uint64_t> commits_started_{0}, commits_ended_{0};
  mutable std::mutex idle_mutex_;
  mutable std::vector<Txn> idle_;
};

}  // namespace liaison::store
