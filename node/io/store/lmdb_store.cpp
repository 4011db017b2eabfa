// The reading half of the store and its backup. Every read is one short transaction; what is returned is copied.
#include "io/store/lmdb_store.h"

#include <algorithm>

namespace liaison::store {
using exchange::Row;
using exchange::Table;

namespace {
Row copy_row(const MDB_val& key, const MDB_val& value) { return {to_bytes(to_view(key)), to_bytes(to_view(value))}; }

bool below(ByteView key, ByteView to) {
  return to.empty() || std::lexicographical_compare(key.begin(), key.end(), to.begin(), to.end());
}
bool at_least(ByteView key, ByteView from) { return !std::lexicographical_compare(key.begin(), key.end(), from.begin(), from.end()); }

// The greatest key below `to`.
int seek_last(MDB_cursor* cursor, ByteView to, MDB_val& key, MDB_val& value) {
  if (to.empty()) return mdb_cursor_get(cursor, &key, &value, MDB_LAST);
  key = to_val(to);
  const int code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
  if (code == MDB_NOTFOUND) return mdb_cursor_get(cursor, &key, &value, MDB_LAST);
  if (code != 0) return code;
  return mdb_cursor_get(cursor, &key, &value, MDB_PREV);
}
}  // namespace

Result<std::optional<Bytes>> LmdbStore::get(Table table, ByteView key) const {
  if (key.empty() || key.size() > key_bytes_max) return std::optional<Bytes>{};
  LIAISON_TRY(const auto reader, environment_->read());
  MDB_val name = to_val(key), value;
  const int code = mdb_get(reader.get(), dbi(table), &name, &value);
  if (code == MDB_NOTFOUND) return std::optional<Bytes>{};
  if (code != 0) return environment_->error(code, "read");
  return std::optional<Bytes>(to_bytes(to_view(value)));
}

Result<std::vector<Row>> LmdbStore::scan(Table table, Range range, std::size_t rows_max) const {
  std::vector<Row> rows;
  LIAISON_TRY(const auto reader, environment_->read());
  MDB_cursor* raw = nullptr;
  if (const int code = mdb_cursor_open(reader.get(), dbi(table), &raw); code != 0) return environment_->error(code, "read");
  const Cursor cursor(raw);
  MDB_val key = to_val(range.from), value;
  int code = mdb_cursor_get(raw, &key, &value, range.from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == 0 && rows.size() < rows_max && below(to_view(key), range.to)) {
    rows.push_back(copy_row(key, value));
    code = mdb_cursor_get(raw, &key, &value, MDB_NEXT);
  }
  if (code != 0 && code != MDB_NOTFOUND) return environment_->error(code, "read");
  return rows;
}

Result<std::optional<Row>> LmdbStore::last(Table table, Range range) const {
  LIAISON_TRY(const auto reader, environment_->read());
  MDB_cursor* raw = nullptr;
  if (const int code = mdb_cursor_open(reader.get(), dbi(table), &raw); code != 0) return environment_->error(code, "read");
  const Cursor cursor(raw);
  MDB_val key, value;
  const int code = seek_last(raw, range.to, key, value);
  if (code == MDB_NOTFOUND) return std::optional<Row>{};
  if (code != 0) return environment_->error(code, "read");
  if (!at_least(to_view(key), range.from)) return std::optional<Row>{};
  return std::optional<Row>(copy_row(key, value));
}

merkle::Frontier LmdbStore::audit_frontier() const {
  const std::lock_guard lock(published_mutex_);
  return frontier_;
}

std::optional<Error> LmdbStore::last_refusal() const {
  const std::lock_guard lock(published_mutex_);
  return last_refusal_;
}

Result<void> LmdbStore::backup(const std::filesystem::path& directory) const {
  std::error_code ignored;
  if (std::filesystem::exists(directory / "data.mdb", ignored)) return fail(Errc::already_exists, directory.string() + " holds a store already: name a new directory");
  LIAISON_CHECK(make_private_directory(directory));
  if (const int code = mdb_env_copy2(environment_->get(), directory.c_str(), MDB_CP_COMPACT); code != 0) {
    std::filesystem::remove(directory / "data.mdb", ignored);  // half a copy must not look like a backup
    return environment_->error(code, "copy to " + directory.string());
  }
  LIAISON_CHECK(sync_file(directory / "data.mdb"));
  return sync_directory(directory);
}

}  // namespace liaison::store
