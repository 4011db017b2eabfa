// Opening the store: whose it is, which format, whether the audit log's edge agrees with its stored hashes. Every refusal names place and cure.
// One write transaction: either all checks pass and the term is raised, or nothing changed.
#include "io/store/lmdb_store.h"

namespace liaison::store {
using exchange::Table;

namespace {
constexpr std::string_view restore_cure = "stop, check the disk, restore the last backup";
Bytes number_bytes(std::uint64_t value) { return exchange::key_of(value); }
}  // namespace

Result<std::unique_ptr<LmdbStore>> LmdbStore::open(const StoreOptions& options) {
  std::unique_ptr<LmdbStore> self(new LmdbStore(options));
  LIAISON_TRY(self->environment_, Environment::open({options.path, options.map_bytes, 64}));
  LIAISON_TRY(const auto left, free_bytes(options.path));
  if (left < options.reserve_bytes)
    return fail(Errc::disk_full, options.path.string() + ": the disk has " + std::to_string(left >> 20) + " MiB left, " + std::to_string(options.reserve_bytes >> 20) +
                                     " MiB are kept in reserve; free space or enlarge the file system");
  Txn txn;
  if (const int code = self->environment_->begin_write(txn); code != 0) return self->environment_->error(code, "open the tables");
  LIAISON_CHECK(self->open_tables(txn.get()));
  LIAISON_CHECK(self->check_meta(txn.get()));
  LIAISON_CHECK(self->load_audit(txn.get()));
  LIAISON_CHECK(self->raise_term(txn.get()));
  if (const int code = self->environment_->commit(txn); code != 0) return self->environment_->error(code, "write the term of this start");
  return self;
}

Result<void> LmdbStore::open_tables(MDB_txn* txn) {
  for (std::size_t i = 0; i < exchange::table_count; ++i) {
    const std::string table(exchange::name(static_cast<Table>(i)));
    if (const int code = mdb_dbi_open(txn, table.c_str(), MDB_CREATE, &dbis_[i]); code != 0) return environment_->error(code, "open the table " + table);
    // The way from the root to the last row: damage there would otherwise show up only with the first message.
    MDB_cursor* raw = nullptr;
    if (const int code = mdb_cursor_open(txn, dbis_[i], &raw); code != 0) return environment_->error(code, "open the table " + table);
    const Cursor cursor(raw);
    MDB_val key, value;
    const int code = mdb_cursor_get(raw, &key, &value, MDB_LAST);
    if (code != 0 && code != MDB_NOTFOUND) return environment_->error(code, "read the table " + table);
  }
  return {};
}

Result<std::optional<Bytes>> LmdbStore::meta(MDB_txn* txn, std::string_view row) const {
  MDB_val key = to_val(view(row)), value;
  const int code = mdb_get(txn, dbi(Table::meta), &key, &value);
  if (code == MDB_NOTFOUND) return std::optional<Bytes>{};
  if (code != 0) return environment_->error(code, "read the table meta");
  return std::optional<Bytes>(to_bytes(to_view(value)));
}

Result<void> LmdbStore::put_meta(MDB_txn* txn, std::string_view row, ByteView bytes) {
  MDB_val key = to_val(view(row)), value = to_val(bytes);
  if (const int code = mdb_put(txn, dbi(Table::meta), &key, &value, 0); code != 0) return environment_->error(code, "write the table meta");
  return {};
}

Result<void> LmdbStore::check_meta(MDB_txn* txn) {
  LIAISON_TRY(const auto format, meta(txn, "format"));
  if (!format) {
    for (const auto dbi : dbis_) {
      MDB_stat stat{};
      mdb_stat(txn, dbi, &stat);
      if (stat.ms_entries != 0) return fail(Errc::store_corrupt, options_.path.string() + " has rows but no format number; " + std::string(restore_cure));
    }
    LIAISON_CHECK(put_meta(txn, "format", number_bytes(format_number)));
    LIAISON_CHECK(put_meta(txn, "agency", view(options_.agency)));
    LIAISON_CHECK(put_meta(txn, "realm", view(options_.realm)));
    return put_meta(txn, "term", number_bytes(0));
  }
  if (*format != number_bytes(format_number))
    return fail(Errc::store_failed, options_.path.string() + " has format " + to_hex(*format) + ", this program reads " + std::to_string(format_number) + "; start the version that wrote it");
  for (const auto& [row, mine] : {std::pair<std::string_view, std::string_view>{"agency", options_.agency}, {"realm", options_.realm}}) {
    LIAISON_TRY(const auto stored, meta(txn, row));
    if (!stored || text(*stored) != mine)
      return fail(Errc::invalid_settings, options_.path.string() + " is the store of " + std::string(row) + " " + (stored ? std::string(text(*stored)) : "(none)") + ", the settings say " +
                                              std::string(mine) + "; correct '" + std::string(row) + "' or 'data_dir'");
  }
  return {};
}

Result<void> LmdbStore::raise_term(MDB_txn* txn) {
  LIAISON_TRY(const auto stored, meta(txn, "term"));
  if (!stored || stored->size() != 8) return fail(Errc::store_corrupt, options_.path.string() + ": no term in the table meta; " + std::string(restore_cure));
  term_ = ByteReader(*stored).u64() + 1;
  return put_meta(txn, "term", number_bytes(term_));
}

// The frontier is kept three times: in meta, in the stored hashes, and in the last entry. They must agree before anything is appended.
Result<void> LmdbStore::load_audit(MDB_txn* txn) {
  const auto broken = [&](std::string_view what) { return fail(Errc::store_corrupt, options_.path.string() + ": audit log: " + std::string(what) + "; " + std::string(restore_cure)); };
  LIAISON_TRY(const auto stored, meta(txn, "audit_frontier"));
  if (stored) {
    auto decoded = merkle::Frontier::decode(*stored);
    if (!decoded) return broken("frontier unreadable");
    frontier_ = std::move(*decoded);
  }
  MDB_stat entries{}, hashes{};
  mdb_stat(txn, dbi(Table::audit_entry), &entries);
  mdb_stat(txn, dbi(Table::audit_hash), &hashes);
  if (entries.ms_entries != frontier_.size() || hashes.ms_entries != merkle::stored_count(frontier_.size())) return broken("number of entries and hashes does not agree with the frontier");
  const auto read_row = [&](Table table, std::uint64_t number) -> Result<ByteView> {
    const Bytes name = exchange::key_of(number);
    MDB_val key = to_val(name), value;
    if (const int code = mdb_get(txn, dbi(table), &key, &value); code != 0) return environment_->error(code, "read the audit log");
    return to_view(value);
  };
  const auto read_hash = [&](std::uint64_t number) -> Result<Hash> {
    LIAISON_TRY(const ByteView row, read_row(Table::audit_hash, number));
    if (row.size() != 32) return broken("a hash has the wrong size");
    return ByteReader(row).hash();
  };
  if (frontier_.size() == 0) return {};
  const auto rebuilt = merkle::frontier_at(frontier_.size(), read_hash);
  if (!rebuilt || !(*rebuilt == frontier_)) return broken("stored hashes and frontier differ");
  LIAISON_TRY(const ByteView entry, read_row(Table::audit_entry, frontier_.size() - 1));
  LIAISON_TRY(const Hash leaf, read_hash(merkle::stored_index(0, frontier_.size() - 1)));
  if (merkle::leaf_hash(entry) != leaf) return broken("the last entry is not the one that was hashed");
  return {};
}

}  // namespace liaison::store
