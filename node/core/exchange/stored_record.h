// Reading a record back as this agency holds it: its row, its manifest and the opened package, whoever wrote it. Pure over the Store and KeyHolder ports.
// Errors: not_found, store_corrupt, cannot_open; nothing is verified again here, since only what was verified is stored.
#pragma once
#include "core/exchange/context.h"
#include "core/exchange/rows.h"

namespace liaison::exchange {

struct StoredRecord {
  RecordRow row;
  record::Manifest manifest;
  record::Package package;               // own records: all openings, no disclosures
  RecordFacts facts;                     // what people here stated beside it
  Hash manifest_hash() const { return crypto::text_hash(view(row.manifest.text)); }
};
Result<StoredRecord> load_record(const Context& context, const RecordKey& key);
// Where a received record came from; empty: own, or no longer held.
Result<std::string> load_via(const Store& store, const RecordKey& key);
// The stated facts of a record as they are stored: sealed under its data key.
Result<Bytes> seal_facts(const RecordKey& key, const KeyHolder::DataKey& data_key, const RecordFacts& facts, Random& random);
Result<std::shared_ptr<const record::Schema>> schema_of(const Context& context, const record::Manifest& manifest);

}  // namespace liaison::exchange
