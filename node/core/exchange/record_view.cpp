// Opening stored records for people. Pure over the Store and KeyHolder ports.
#include "core/exchange/record_view.h"

#include "core/exchange/answers.h"
#include "core/exchange/stored_record.h"
#include "core/record/path.h"

namespace liaison::exchange {
namespace {
// The originator's seal, checked with the key registered for it when the record was made. That we stored and receipted it then outlives a key stolen later.
bool seal_holds(const Context& context, const StoredRecord& held) {
  const auto key = context.directory->key_witnessed(held.manifest.from, crypto::KeyRole::seal, held.manifest.key, held.manifest.created, held.row.stored);
  crypto::VerifiedBatches batches;
  return key && crypto::verify_text(context.realm, view(held.row.manifest.text), view(held.row.manifest.signatures), *key, batches);
}

// Derived leaves whose base is not open: the rebuilt message has no place for them.
std::vector<flatbuffers::Offset<api::DerivedValue>> derived_alone(flatbuffers::FlatBufferBuilder& builder, const record::Openings& openings) {
  std::vector<flatbuffers::Offset<api::DerivedValue>> out;
  for (std::size_t i = 0; i < openings.size(); ++i) {
    const auto leaf = openings[i];
    if (!record::is_derived(leaf.path) || openings.find(record::base_of(leaf.path))) continue;
    const auto path = put_bytes(builder, leaf.path);
    out.push_back(api::CreateDerivedValue(builder, path, static_cast<std::uint8_t>(leaf.type), put_bytes(builder, leaf.value)));
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const HotMessage>> load_message(const Context& context, const RecordKey& key) {
  LIAISON_TRY(const auto held, load_record(context, key));
  LIAISON_TRY(const auto schema, schema_of(context, held.manifest));
  LIAISON_TRY(Bytes message, record::rebuild(*schema, held.package.openings));
  return std::make_shared<const HotMessage>(HotMessage{key, std::move(message), held.row.manifest.text});
}

Result<Bytes> make_record_answer(const Context& context, const RecordKey& key) {
  LIAISON_TRY(const auto held, load_record(context, key));
  LIAISON_TRY(const auto schema, schema_of(context, held.manifest));
  LIAISON_TRY(const Bytes message, record::rebuild(*schema, held.package.openings));
  flatbuffers::FlatBufferBuilder builder(message.size() + 8192);
  std::vector<flatbuffers::Offset<wire::SignedText>> disclosures;
  std::size_t opaque = 0;
  for (const auto& hop : held.package.opaque) opaque += hop.size();
  for (const auto& entry : held.package.disclosures) disclosures.push_back(put_signed(builder, entry));
  const auto from = builder.CreateString(key.from);
  const auto id = put_bytes(builder, key.id.bytes);
  const auto kind = builder.CreateString(held.row.kind);
  const auto body = put_bytes(builder, message);
  const auto manifest = put_signed(builder, held.row.manifest);
  const auto disclosure_list = builder.CreateVector(disclosures);
  const auto derived = builder.CreateVector(derived_alone(builder, held.package.openings));
  return finish_answer(builder, api::CreateRecord(builder, from, id, key.version, kind, body, manifest, disclosure_list, held.row.own, seal_holds(context, held), derived,
                                                  static_cast<std::uint32_t>(opaque), millis(held.row.stored)));
}

}  // namespace liaison::exchange
