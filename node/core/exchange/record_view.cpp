// Opening stored records for people, and the custody of what was sent. Pure over the Store and KeyHolder ports.
#include "core/exchange/record_view.h"

#include "core/base/limits.h"
#include "core/exchange/answers.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/stored_record.h"
#include "core/record/path.h"

namespace liaison::exchange {
namespace {
// The originator's seal, checked with the key registered for it when the record was made.
bool seal_holds(const Context& context, const StoredRecord& held) {
  const auto key = context.directory->key(held.manifest.from, crypto::KeyRole::seal, held.manifest.key, held.manifest.created);
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

struct Position {
  std::string state;
  Time since{};
};

// waiting -> dispatched -> delivered (covered by a countersigned receipt), or refused, expired, recalled.
Result<Position> position_of(const Context& context, const std::string& agency, const std::optional<DisclosureRow>& disclosure, Time accepted) {
  if (!disclosure) return Position{"waiting", accepted};
  switch (disclosure->state) {
    case DisclosureState::refused: return Position{"refused", disclosure->dispatched};
    case DisclosureState::expired: return Position{"expired", disclosure->dispatched};
    case DisclosureState::recalled: return Position{"recalled", disclosure->dispatched};
    case DisclosureState::voided: return Position{"recalled", disclosure->dispatched};
    case DisclosureState::dispatched: break;
  }
  LIAISON_TRY(const auto receipted, load_receipted(context.ports.store, {agency, Direction::outbound, 0, disclosure->lane, disclosure->epoch}));
  return Position{disclosure->index < receipted ? "delivered" : "dispatched", disclosure->dispatched};
}

Result<std::optional<ReceiptRow>> receipt_covering(const Context& context, const std::string& agency, const DisclosureRow& disclosure) {
  const LogKey log{agency, Direction::outbound, 0, disclosure.lane, disclosure.epoch};
  LIAISON_TRY(auto receipts, load_receipts_above(context.ports.store, log, disclosure.index, 1));
  if (receipts.empty()) return std::optional<ReceiptRow>{};
  return std::optional(std::move(receipts.front()));
}

using SignedOffsets = std::vector<flatbuffers::Offset<wire::SignedText>>;
Result<SignedOffsets> evidence_about(const Context& context, flatbuffers::FlatBufferBuilder& builder, const RecordKey& key, const std::string& agency) {
  Bytes from = key_of(key, agency);
  put_u8(from, 0);
  const Bytes to = after_prefix(from);
  LIAISON_TRY(const auto rows, context.ports.store.scan(Table::evidence, {from, to}, limits::evidence_shown_max));
  SignedOffsets offsets;
  for (const auto& row : rows) {
    LIAISON_TRY(const auto entry, decode_signed_text(row.second));
    offsets.push_back(put_signed(builder, entry));
  }
  return offsets;
}

Result<flatbuffers::Offset<api::TrackStep>> make_step(const Context& context, flatbuffers::FlatBufferBuilder& builder, const RecordKey& key, const std::string& agency,
                                                      Time accepted, TrackDetail detail) {
  LIAISON_TRY(const auto bytes, context.ports.store.get(Table::disclosure, key_of(key, agency)));
  std::optional<DisclosureRow> disclosure;
  if (bytes) {
    LIAISON_TRY(disclosure, decode_disclosure_row(*bytes));
  }
  LIAISON_TRY(Position position, position_of(context, agency, disclosure, accepted));
  flatbuffers::Offset<wire::SignedText> receipt;
  SignedOffsets evidence;
  if (detail == TrackDetail::full && disclosure && !disclosure->disclosure.text.empty()) {
    LIAISON_TRY(const auto row, receipt_covering(context, agency, *disclosure));
    if (row) {
      receipt = put_signed(builder, row->receipt);
      if (const auto parsed = link::parse_receipt(view(row->receipt.text)); parsed && position.state == "delivered") position.since = parsed->stored;
    }
    LIAISON_TRY(evidence, evidence_about(context, builder, key, agency));
  }
  const auto who = builder.CreateString(agency);
  const auto state = builder.CreateString(position.state);
  std::string place;
  if (disclosure && !disclosure->disclosure.text.empty())
    place = ledger_name({agency, Direction::outbound, 0, disclosure->lane, disclosure->epoch}) + "#" + std::to_string(disclosure->index);
  const auto ledger = builder.CreateString(place);
  const auto reason = builder.CreateString(disclosure ? disclosure->reason : "");
  const auto list = builder.CreateVector(evidence);
  return api::CreateTrackStep(builder, who, state, millis(position.since), ledger, receipt, list, reason);
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

Result<flatbuffers::Offset<api::Track>> make_track(const Context& context, flatbuffers::FlatBufferBuilder& builder, const RecordKey& key, TrackDetail detail) {
  LIAISON_TRY(const auto bytes, context.ports.store.get(Table::record, key_of(key)));
  if (!bytes) return fail(Errc::not_found, "record");
  LIAISON_TRY(const auto row, decode_record_row(*bytes));
  std::vector<flatbuffers::Offset<api::TrackStep>> steps;
  for (const auto& agency : row.recipients) {
    LIAISON_TRY(const auto step, make_step(context, builder, key, agency, row.stored, detail));
    steps.push_back(step);
  }
  if (!row.own) {
    const auto self = builder.CreateString(context.agency);
    const auto state = builder.CreateString("held");
    steps.push_back(api::CreateTrackStep(builder, self, state, millis(row.stored)));
  }
  const auto from = builder.CreateString(key.from);
  const auto id = put_bytes(builder, key.id.bytes);
  const auto list = builder.CreateVector(steps);
  return api::CreateTrack(builder, from, id, key.version, millis(row.stored), list);
}

}  // namespace liaison::exchange
