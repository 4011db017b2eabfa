// exchange::Store on LMDB: the `node` environment, one database per table, one write transaction and one flush per group of write sets.
// Keeps the audit log's frontier and tree hashes in the same transaction as its entries. commit() belongs to the store thread (it is serialised
// anyway); reads come from any thread. A store that cannot know what the disk holds stops the process (FatalHook).
#pragma once
#include <map>

#include "core/exchange/ports.h"
#include "core/merkle/tree.h"
#include "io/store/environment.h"

namespace liaison::store {

inline constexpr std::uint32_t format_number = 1;

struct StoreOptions {
  std::filesystem::path path;               // a directory of its own, mode 0700
  std::uint64_t map_bytes = 64ULL << 30;    // address space, not disk
  std::string agency, realm;                // a store belongs to one agency in one realm for ever
  std::uint64_t reserve_bytes = 64ULL << 20;  // disk space left untouched; purging may use three quarters of it
  FatalHook on_fatal = stop_process;
};

class LmdbStore final : public exchange::Store {
 public:
  // Checks before anything else: directory, owner, lock, free space, format, agency and realm, length of the file, audit log's edge; raises the term.
  // Errors as Environment::open, and invalid_settings (another agency's store), store_corrupt.
  static Result<std::unique_ptr<LmdbStore>> open(const StoreOptions& options);

  Result<std::optional<Bytes>> get(exchange::Table table, ByteView key) const override;
  Result<std::vector<exchange::Row>> scan(exchange::Table table, Range range, std::size_t rows_max) const override;
  Result<std::optional<exchange::Row>> last(exchange::Table table, Range range) const override;
  std::vector<exchange::Outcome> commit(std::span<const exchange::WriteSet> sets) override;

  std::uint64_t term() const { return term_; }           // of this opening; meta row "term", 8 bytes
  merkle::Frontier audit_frontier() const;               // as of the last commit; thread safe
  std::uint64_t audit_size() const { return audit_frontier().size(); }
  Hash audit_root() const { return audit_frontier().root(); }
  std::optional<Error> last_refusal() const;             // why a set was refused most recently: for the operator
  // A compacted copy in a new directory while the node works. Errors: already_exists, disk_full, store_failed.
  Result<void> backup(const std::filesystem::path& directory) const;

 private:
  explicit LmdbStore(StoreOptions options) : options_(std::move(options)) {}
  MDB_dbi dbi(exchange::Table table) const { return dbis_[static_cast<std::size_t>(table)]; }

  // open (store_open.cpp)
  Result<void> open_tables(MDB_txn* txn);
  Result<void> check_meta(MDB_txn* txn);
  Result<void> raise_term(MDB_txn* txn);
  Result<void> load_audit(MDB_txn* txn);
  Result<std::optional<Bytes>> meta(MDB_txn* txn, std::string_view row) const;
  Result<void> put_meta(MDB_txn* txn, std::string_view row, ByteView value);

  // commit (store_commit.cpp)
  enum class Attempt { done, retry_singly, fatal };
  Attempt try_group(std::span<const exchange::WriteSet> sets, std::span<exchange::Outcome> outcomes);
  Attempt finish_group(Txn& txn, const merkle::Frontier& frontier);
  Attempt give_up(int code, std::string_view doing, bool while_committing);
  bool has_room(std::span<const exchange::WriteSet> sets);
  int validate(MDB_txn* txn, const exchange::WriteSet& set, exchange::Outcome& outcome);
  using Touched = std::map<std::pair<exchange::Table, std::string_view>, exchange::OpKind>;  // rows named by a set so far, views into it
  int validate_op(MDB_txn* txn, const exchange::Op& op, Touched& touched, exchange::Outcome& outcome);
  int apply(MDB_txn* txn, const exchange::WriteSet& set, merkle::Frontier& frontier);
  int append_audit(MDB_txn* txn, const Bytes& value, merkle::Frontier& frontier);
  int put_row(MDB_txn* txn, exchange::Table table, ByteView key, ByteView value);
  void refuse(Error why);

  StoreOptions options_;
  std::unique_ptr<Environment> environment_;
  std::array<MDB_dbi, exchange::table_count> dbis_{};
  std::uint64_t term_ = 0;

  std::mutex commit_mutex_;
  bool broken_ = false;                  // guarded by commit_mutex_: the fatal hook returned (tests)
  mutable std::mutex published_mutex_;   // guards what follows
  merkle::Frontier frontier_;
  std::optional<Error> last_refusal_;
};

}  // namespace liaison::store
