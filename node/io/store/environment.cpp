// Opening, checking and error texts of an LMDB environment; the pool of read transactions.
#include "io/store/environment.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>

#include "io/store/page_check.h"

namespace liaison::store {
namespace {
constexpr unsigned readers_max = 256;
constexpr std::size_t idle_readers_max = 64;
constexpr std::string_view restore_cure = "stop, check the disk, restore the last backup";

struct Map {
  const void* address;
  std::size_t bytes;
};

// LMDB tells the address only of fixed maps; the kernel lists all of them: "begin-end access offset device inode path".
std::optional<Map> find_map(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return std::nullopt;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::string access, offset, device;
    std::uint64_t inode = 0;
    fields >> std::hex >> begin >> dash >> end >> access >> offset >> device >> std::dec >> inode;
    if (fields && inode == info.st_ino && line.ends_with("/data.mdb")) return Map{reinterpret_cast<const void*>(begin), end - begin};
  }
  return std::nullopt;
}

// LMDB found its own structure broken: nothing it would write afterwards can be trusted.
void on_lmdb_assert(MDB_env* env, const char*) {
  const char* path = nullptr;
  mdb_env_get_path(env, &path);
  stop_process("store_corrupt: " + std::string(path ? path : "?") + ": the structure of the file is broken; " + std::string(restore_cure));
}
}  // namespace

void stop_process(std::string_view line) {
  std::fprintf(stderr, "liaison: %.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(stderr);
  ::_exit(3);
}

bool Environment::is_damage(int code) {
  return code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_PANIC || code == MDB_INVALID || code == MDB_BAD_TXN || code == MDB_INCOMPATIBLE;
}

Error Environment::error(int code, std::string_view doing) const {
  const std::string place = path_.string() + ": cannot " + std::string(doing) + ": " + mdb_strerror(code);
  switch (code) {
    case MDB_MAP_FULL: return fail(Errc::disk_full, place + "; raise map_bytes in the settings");
    case ENOSPC:
    case EDQUOT: return fail(Errc::disk_full, place + "; free space or enlarge the file system");
    case EROFS: return fail(Errc::store_read_only, place + "; mount the file system writable or move data_dir");
    case EACCES: return fail(Errc::store_read_only, place + "; give the files to the user of the node (chown)");
    case MDB_READERS_FULL: return fail(Errc::busy, place);
    case MDB_VERSION_MISMATCH: return fail(Errc::store_failed, place + "; written by another version of LMDB");
    default: break;
  }
  if (is_damage(code)) return fail(Errc::store_corrupt, place + "; " + std::string(restore_cure));
  return fail(Errc::store_failed, place);
}

Result<std::unique_ptr<Environment>> Environment::open(const EnvironmentOptions& options) {
  LIAISON_CHECK(make_private_directory(options.path));
  LIAISON_TRY(auto lock, DirectoryLock::acquire(options.path));
  std::unique_ptr<Environment> self(new Environment);
  self->path_ = options.path;
  self->lock_ = std::move(lock);
  LIAISON_CHECK(check_pages(options.path / "data.mdb"));
  MDB_env* env = nullptr;
  if (const int code = mdb_env_create(&env); code != 0) return self->error(code, "make the environment");
  self->env_.reset(env);
  mdb_env_set_assert(env, on_lmdb_assert);
  const std::uint64_t page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  mdb_env_set_mapsize(env, (options.map_bytes + page - 1) / page * page);
  mdb_env_set_maxdbs(env, options.tables_max);
  mdb_env_set_maxreaders(env, readers_max);
  if (const int code = mdb_env_open(env, options.path.c_str(), MDB_NOTLS, 0600); code != 0) return self->error(code, "open the store");
  if (const auto map = find_map(options.path / "data.mdb")) self->guard_ = MapGuard(map->address, map->bytes, options.path.string());
  LIAISON_CHECK(self->check_length());
  int dead = 0;
  mdb_reader_check(env, &dead);  // readers of a killed process would keep old pages for ever
  LIAISON_CHECK(sync_directory(options.path));
  return self;
}

// A file that ends before a page in use would only be noticed when that page is touched. Free pages may never have been written.
Result<void> Environment::check_length() const {
  const auto file = path_ / "data.mdb";
  struct stat info {};
  MDB_envinfo env_info{};
  MDB_stat stat{};
  if (::stat(file.c_str(), &info) != 0 || mdb_env_stat(env_.get(), &stat) != 0 || mdb_env_info(env_.get(), &env_info) != 0)
    return fail(Errc::store_failed, file.string() + ": cannot look at the file");
  const std::uint64_t pages = static_cast<std::uint64_t>(info.st_size) / stat.ms_psize;
  if (pages > env_info.me_last_pgno) return {};
  LIAISON_TRY(const auto free_pages, read_free_pages());
  for (std::uint64_t page = pages; page <= env_info.me_last_pgno; ++page)
    if (!free_pages.contains(page))
      return fail(Errc::store_corrupt, file.string() + " is cut off after " + std::to_string(info.st_size) + " bytes; " + std::string(restore_cure));
  return {};
}

// LMDB's list of free pages: table 0, each value a count and that many page numbers.
Result<std::set<std::uint64_t>> Environment::read_free_pages() const {
  std::set<std::uint64_t> pages;
  LIAISON_TRY(const auto reader, read());
  MDB_cursor* raw = nullptr;
  if (const int code = mdb_cursor_open(reader.get(), 0, &raw); code != 0) return error(code, "read the free pages");
  const Cursor cursor(raw);
  MDB_val key, value;
  while (mdb_cursor_get(raw, &key, &value, MDB_NEXT) == 0) {
    for (std::size_t at = sizeof(std::size_t); at + sizeof(std::size_t) <= value.mv_size; at += sizeof(std::size_t)) {
      std::size_t page = 0;
      std::memcpy(&page, static_cast<const std::uint8_t*>(value.mv_data) + at, sizeof page);
      pages.insert(page);
    }
  }
  return pages;
}

Environment::~Environment() {
  const std::lock_guard lock(idle_mutex_);
  idle_.clear();
}

int Environment::begin_write(Txn& txn) const {
  MDB_txn* raw = nullptr;
  const int code = mdb_txn_begin(env_.get(), nullptr, 0, &raw);
  txn.reset(raw);
  return code;
}

Txn Environment::take_idle() const {
  const std::lock_guard lock(idle_mutex_);
  if (idle_.empty()) return nullptr;
  Txn txn = std::move(idle_.back());
  idle_.pop_back();
  return txn;
}

int Environment::commit(Txn& txn) const {
  ++commits_started_;
  const int code = mdb_txn_commit(txn.release());
  ++commits_ended_;
  return code;
}

// LMDB's two meta pages take turns. A reader that is held up between learning the newest commit and copying its meta page could copy the commit after
// next, while that is not flushed yet, and see it vanish again. Only two commits in that time can do this, so then it begins anew.
Result<Environment::Reader> Environment::read() const {
  Txn txn = take_idle();
  for (;;) {
    const std::uint64_t ended = commits_ended_;
    MDB_txn* raw = txn.get();
    const int code = raw != nullptr ? mdb_txn_renew(raw) : mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &raw);
    if (code != 0) return error(code, "read");
    if (!txn) txn.reset(raw);
    if (commits_started_ - ended < 2) return Reader(*this, std::move(txn));
    mdb_txn_reset(raw);
  }
}

Environment::Reader::~Reader() {
  if (!txn_) return;
  mdb_txn_reset(txn_.get());
  const std::lock_guard lock(owner_->idle_mutex_);
  if (owner_->idle_.size() < idle_readers_max) owner_->idle_.push_back(std::move(txn_));
}

}  // namespace liaison::store
