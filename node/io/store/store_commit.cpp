// Group commit: each write set is validated against the transaction before its first put, all share one flush. A put error aborts the group and every
// set is retried alone once, so that only the guilty one is refused. After a failed flush the process stops: the map may show what the disk lacks.
#include <algorithm>
#include <cerrno>

#include "core/audit/entry.h"
#include "core/base/limits.h"
#include "io/store/lmdb_store.h"

namespace liaison::store {
using exchange::Op;
using exchange::OpKind;
using exchange::Outcome;
using exchange::Table;
using exchange::WriteSet;

namespace {
constexpr std::size_t entry_bytes_min = 9;  // format and index

// These codes of a commit come from before LMDB writes its meta page: nothing of the transaction counts, older commits were flushed long ago.
bool before_meta_page(int code) { return code < 0 || code == ENOSPC || code == EDQUOT || code == EFBIG; }
bool is_log(Table table) { return table == Table::audit_entry || table == Table::audit_hash; }
}  // namespace

std::vector<Outcome> LmdbStore::commit(std::span<const WriteSet> sets) {
  const std::lock_guard lock(commit_mutex_);
  std::vector<Outcome> outcomes(sets.size(), Outcome::unknown);
  if (broken_ || sets.empty()) return outcomes;
  auto attempt = try_group(sets, outcomes);
  for (std::size_t i = 0; attempt == Attempt::retry_singly && i < sets.size(); ++i) {
    const auto single = try_group(sets.subspan(i, 1), std::span(outcomes).subspan(i, 1));
    if (single == Attempt::retry_singly) outcomes[i] = Outcome::refused;
    if (single == Attempt::fatal) attempt = single;
  }
  broken_ = attempt == Attempt::fatal;
  return outcomes;
}

LmdbStore::Attempt LmdbStore::try_group(std::span<const WriteSet> sets, std::span<Outcome> outcomes) {
  std::fill(outcomes.begin(), outcomes.end(), Outcome::unknown);
  if (!has_room(sets)) {
    std::fill(outcomes.begin(), outcomes.end(), Outcome::refused);
    return Attempt::done;
  }
  Txn txn;
  if (const int code = environment_->begin_write(txn); code != 0) return give_up(code, "begin a write", false);
  merkle::Frontier frontier = frontier_;
  std::vector<Outcome> decided(sets.size(), Outcome::committed);
  bool changed = false;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (const int code = validate(txn.get(), sets[i], decided[i]); code != 0) return give_up(code, "read before a write", false);
    if (decided[i] != Outcome::committed) continue;
    if (const int code = apply(txn.get(), sets[i], frontier); code != 0) return give_up(code, "write", false);
    changed = changed || !sets[i].ops.empty();
  }
  const auto attempt = changed ? finish_group(txn, frontier) : Attempt::done;
  if (attempt == Attempt::done) std::copy(decided.begin(), decided.end(), outcomes.begin());
  return attempt;
}

LmdbStore::Attempt LmdbStore::finish_group(Txn& txn, const merkle::Frontier& frontier) {
  if (frontier.size() != frontier_.size())
    if (const int code = put_row(txn.get(), Table::meta, view("audit_frontier"), frontier.encode()); code != 0) return give_up(code, "write", false);
  if (const int code = environment_->commit(txn); code != 0) return give_up(code, "flush a write", true);
  const std::lock_guard lock(published_mutex_);
  frontier_ = frontier;
  return Attempt::done;
}

LmdbStore::Attempt LmdbStore::give_up(int code, std::string_view doing, bool while_committing) {
  const Error why = environment_->error(code, doing);
  bool certain = !Environment::is_damage(code) && code != EIO && (!while_committing || before_meta_page(code));
  if (certain && while_committing) {
    Txn probe;  // LMDB refuses every further transaction when the meta page itself could not be written
    certain = environment_->begin_write(probe) == 0;
  }
  refuse(why);
  if (certain) return Attempt::retry_singly;
  options_.on_fatal(why.message() + "; this process stops so that nothing is believed that the disk may not have; start it again after checking the disk");
  return Attempt::fatal;
}

void LmdbStore::refuse(Error why) {
  const std::lock_guard lock(published_mutex_);
  last_refusal_ = std::move(why);
}

// Copy-on-write needs room even to delete; a full disk must be met here and not in the middle of a flush.
bool LmdbStore::has_room(std::span<const WriteSet> sets) {
  std::uint64_t bytes = 0;
  bool only_purge = true;
  for (const auto& set : sets) {
    bytes += set.bytes();
    only_purge = only_purge && set.cls == exchange::WriteClass::purge;
  }
  const auto left = free_bytes(options_.path);
  const std::uint64_t reserve = only_purge ? options_.reserve_bytes / 4 : options_.reserve_bytes;
  if (left && *left >= reserve + 4 * bytes) return true;
  refuse(left ? fail(Errc::disk_full, options_.path.string() + ": the disk has " + std::to_string(*left >> 20) + " MiB left; free space or enlarge the file system") : left.error());
  return false;
}

int LmdbStore::validate(MDB_txn* txn, const WriteSet& set, Outcome& outcome) {
  for (const auto& condition : set.preconditions) {
    MDB_val key = to_val(condition.key), value;
    const int code = condition.key.empty() || condition.key.size() > key_bytes_max ? MDB_NOTFOUND : mdb_get(txn, dbi(condition.table), &key, &value);
    if (code != 0 && code != MDB_NOTFOUND) return code;
    const bool holds = code == MDB_NOTFOUND ? !condition.expected : condition.expected && equal(to_view(value), *condition.expected);
    if (!holds) outcome = Outcome::conflict;
    if (!holds) return 0;
  }
  Touched touched;
  for (std::size_t i = 0; i < set.ops.size() && outcome == Outcome::committed; ++i)
    if (const int code = validate_op(txn, set.ops[i], touched, outcome); code != 0) return code;
  return 0;
}

int LmdbStore::validate_op(MDB_txn* txn, const Op& op, Touched& touched, Outcome& outcome) {
  if (op.kind == OpKind::append) {
    liaison_assert(op.table == Table::audit_entry && op.key.empty() && op.value.size() >= entry_bytes_min);
    if (op.value.size() > limits::audit_entry_bytes_max) outcome = Outcome::refused;
    if (outcome == Outcome::refused) refuse(fail(Errc::limit_exceeded, "audit entry of " + std::to_string(op.value.size()) + " bytes"));
    return 0;
  }
  liaison_assert(!is_log(op.table));  // only append changes the log
  if (op.key.empty() || op.key.size() > key_bytes_max || op.value.size() > limits::directory_bytes_max) {
    outcome = Outcome::refused;
    refuse(fail(Errc::limit_exceeded, "row of table " + std::string(exchange::name(op.table)) + ": key " + std::to_string(op.key.size()) + ", value " + std::to_string(op.value.size()) + " bytes"));
    return 0;
  }
  const auto [earlier, first] = touched.try_emplace({op.table, text(op.key)}, op.kind);
  const bool deleted_before = !first && earlier->second == OpKind::del;
  earlier->second = op.kind;
  if (op.kind != OpKind::insert || deleted_before) return 0;
  if (!first) outcome = Outcome::conflict;  // the set's own earlier word about this row counts
  if (!first) return 0;
  MDB_val key = to_val(op.key), value;
  const int code = mdb_get(txn, dbi(op.table), &key, &value);
  if (code == 0) outcome = Outcome::conflict;
  return code == MDB_NOTFOUND ? 0 : code;
}

int LmdbStore::apply(MDB_txn* txn, const WriteSet& set, merkle::Frontier& frontier) {
  for (const auto& op : set.ops) {
    int code = 0;
    if (op.kind == OpKind::append) {
      code = append_audit(txn, op.value, frontier);
    } else if (op.kind == OpKind::del) {
      MDB_val key = to_val(op.key);
      code = mdb_del(txn, dbi(op.table), &key, nullptr);
      if (code == MDB_NOTFOUND) code = 0;
    } else {
      code = put_row(txn, op.table, op.key, op.value);
    }
    if (code != 0) return code;
  }
  return 0;
}

int LmdbStore::append_audit(MDB_txn* txn, const Bytes& value, merkle::Frontier& frontier) {
  Bytes entry = value;
  const std::uint64_t index = frontier.size();
  audit::place(entry, index);
  const std::uint64_t first_hash = merkle::stored_count(index);
  std::vector<Hash> completed;
  frontier.append(merkle::leaf_hash(entry), &completed);
  if (const int code = put_row(txn, Table::audit_entry, exchange::key_of(index), entry); code != 0) return code;
  for (std::size_t i = 0; i < completed.size(); ++i)
    if (const int code = put_row(txn, Table::audit_hash, exchange::key_of(first_hash + i), completed[i]); code != 0) return code;
  return 0;
}

int LmdbStore::put_row(MDB_txn* txn, Table table, ByteView key_bytes, ByteView value_bytes) {
  MDB_val key = to_val(key_bytes), value = to_val(value_bytes);
  if (is_log(table)) return mdb_put(txn, dbi(table), &key, &value, MDB_APPEND);
  if (table != Table::inbox) return mdb_put(txn, dbi(table), &key, &value, 0);
  // Ascending keys: told so, LMDB fills its pages instead of splitting them in halves.
  const int code = mdb_put(txn, dbi(table), &key, &value, MDB_APPEND);
  return code == MDB_KEYEXIST ? mdb_put(txn, dbi(table), &key, &value, 0) : code;
}

}  // namespace liaison::store
