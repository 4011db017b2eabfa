// Write sets and rows for the tests of the store: short to write, nothing of the exchange's meaning.
// Values are small and readable so that a failing comparison explains itself.
#pragma once
#include "core/audit/entry.h"
#include "core/exchange/ports.h"

namespace liaison::store::test {
using exchange::Op;
using exchange::OpKind;
using exchange::Outcome;
using exchange::Table;
using exchange::WriteClass;
using exchange::WriteSet;

inline Op put_op(Table table, std::string_view key, std::string_view value) { return {OpKind::put, table, to_bytes(key), to_bytes(value)}; }
inline Op insert_op(Table table, std::string_view key, std::string_view value) { return {OpKind::insert, table, to_bytes(key), to_bytes(value)}; }
inline Op del_op(Table table, std::string_view key) { return {OpKind::del, table, to_bytes(key), {}}; }
inline Op audit_op(std::string reason) {
  audit::Entry entry;
  entry.event = audit::Event::accepted;
  entry.reason = std::move(reason);
  return {OpKind::append, Table::audit_entry, {}, audit::encode(entry)};
}
inline WriteSet set_of(std::vector<Op> ops, WriteClass cls = WriteClass::accept) { return {cls, {}, std::move(ops)}; }
inline Outcome commit_one(exchange::Store& store, WriteSet set) { return store.commit(std::span(&set, 1)).at(0); }
inline std::string get_text(const exchange::Store& store, Table table, std::string_view key) {
  const auto row = store.get(table, view(key));
  if (!row) return "error " + row.error().message();
  return *row ? std::string(text(**row)) : "(absent)";
}
}  // namespace liaison::store::test
