// See stored_record.h. The 16 bytes before a received package prove its envelope's core and are of no use to readers.
#include "core/exchange/stored_record.h"

#include "core/exchange/sealed_value.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t r_bytes = 16;

// Beside the record's own value under the same key: the name keeps the two from being exchanged.
Bytes facts_name(const RecordKey& key) {
  Bytes name = key_of(key);
  put(name, "facts");
  return name;
}
}  // namespace

Result<Bytes> seal_facts(const RecordKey& key, const KeyHolder::DataKey& data_key, const RecordFacts& facts, Random& random) {
  return seal_value({Table::record, facts_name(key)}, data_key, encode(facts), random);
}

Result<StoredRecord> load_record(const Context& context, const RecordKey& key) {
  const Bytes record_key = key_of(key);
  LIAISON_TRY(const auto bytes, context.ports.store.get(Table::record, record_key));
  if (!bytes) return fail(Errc::not_found, "record");
  StoredRecord held;
  LIAISON_TRY(held.row, decode_record_row(*bytes));
  LIAISON_TRY(held.manifest, record::parse_manifest(view(held.row.manifest.text)));
  LIAISON_TRY(auto secret, context.ports.keys.data_key(held.row.data_key));
  const KeyHolder::DataKey data_key{held.row.data_key, std::move(secret)};
  LIAISON_TRY(Bytes plain, open_value({Table::record, record_key}, data_key, held.row.sealed));
  if (!held.row.sealed_facts.empty()) {
    LIAISON_TRY(const Bytes facts, open_value({Table::record, facts_name(key)}, data_key, held.row.sealed_facts));
    LIAISON_TRY(held.facts, decode_record_facts(facts));
  }
  if (!held.row.own) {
    if (plain.size() < r_bytes) return fail(Errc::store_corrupt, "stored package");
    LIAISON_TRY(held.package, record::decode_package(ByteView(plain).subspan(r_bytes)));
    return held;
  }
  held.package.manifest = held.row.manifest;
  LIAISON_TRY(held.package.openings, record::Openings::parse({key.id, key.version}, std::move(plain)));
  return held;
}

Result<std::string> load_via(const Store& store, const RecordKey& key) {
  LIAISON_TRY(const auto bytes, store.get(Table::record, key_of(key)));
  if (!bytes) return std::string{};
  LIAISON_TRY(auto row, decode_record_row(*bytes));
  return std::move(row.via);
}

Result<std::shared_ptr<const record::Schema>> schema_of(const Context& context, const record::Manifest& manifest) {
  auto schema = context.schemas->find(manifest.kind, manifest.schema_number, manifest.schema);
  if (schema == nullptr) return fail(Errc::unknown_schema, manifest.kind);
  return schema;
}

}  // namespace liaison::exchange
