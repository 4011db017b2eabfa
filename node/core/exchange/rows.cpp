// Encoding of the store's rows with FlatBuffers; every decoder verifies the buffer first, so that a damaged page is reported and not followed. Pure.
#include "core/exchange/rows.h"

#include "core/exchange/row_bytes.h"

namespace liaison::exchange {

Offset<OverrideVector> put_overrides(FlatBufferBuilder& builder, const std::vector<policy::Override>& overrides) {
  std::vector<Offset<stored::Override>> offsets;
  for (const auto& one : overrides) offsets.push_back(stored::CreateOverride(builder, put_bytes(builder, one.path), static_cast<std::uint8_t>(one.effect)));
  return builder.CreateVector(offsets);
}

Result<std::vector<policy::Override>> get_overrides(const OverrideVector* list, Table table) {
  std::vector<policy::Override> overrides;
  if (list == nullptr) return overrides;
  for (const auto* one : *list) {
    const auto effect = static_cast<policy::Effect>(one->effect());
    if (effect != policy::Effect::opaque && effect != policy::Effect::withhold && effect != policy::Effect::disclose) return fail(Errc::store_corrupt, "row of table " + std::string(name(table)));
    overrides.push_back({to_bytes(get_bytes(one->path())), effect});
  }
  return overrides;
}

Bytes encode(const RecordRow& row) {
  FlatBufferBuilder builder(row.sealed.size() + 2048);
  const auto sealed = put_bytes(builder, row.sealed);
  const auto manifest = put_bytes(builder, view(row.manifest.text));
  const auto sigs = put_bytes(builder, view(row.manifest.signatures));
  const auto kind = builder.CreateString(row.kind);
  const auto person = row.own ? put_bytes(builder, row.person) : ByteVector{};
  const auto recipients = row.recipients.empty() ? Offset<flatbuffers::Vector<Offset<flatbuffers::String>>>{} : builder.CreateVectorOfStrings(row.recipients);
  const auto last = row.own ? ByteVector{} : put_bytes(builder, row.last_disclosure);
  const auto core = row.core.empty() ? ByteVector{} : put_bytes(builder, row.core);
  const auto via = builder.CreateString(row.via);
  Bytes hashes;
  Bytes paths;
  for (const auto& one : row.superseded) {
    put(hashes, ByteView(one.disclosure));
    put_u32(paths, static_cast<std::uint32_t>(one.opened.size()));
    for (const auto& path : one.opened) {
      put_u16(paths, static_cast<std::uint16_t>(path.size()));
      put(paths, ByteView(path));
    }
  }
  const auto superseded = put_bytes(builder, hashes);
  const auto superseded_opened = put_bytes(builder, paths);
  const auto facts = row.sealed_facts.empty() ? ByteVector{} : put_bytes(builder, row.sealed_facts);
  return finish(builder, stored::CreateRecord(builder, manifest, sigs, row.data_key, sealed, row.own, kind, millis(row.stored), person, recipients, last, 0, core, via, row.only_relayed,
                                              superseded, facts, superseded_opened));
}

Result<RecordRow> decode_record_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::Record>(bytes, Table::record));
  RecordRow row;
  row.manifest = {get_text(stored_row->manifest()), get_text(stored_row->manifest_sigs())};
  row.data_key = stored_row->data_key();
  row.sealed = to_bytes(get_bytes(stored_row->sealed()));
  row.own = stored_row->own();
  row.kind = get_string(stored_row->kind());
  row.stored = time_from_millis(stored_row->stored_ms());
  row.person = get_hash(stored_row->person());
  if (stored_row->recipients() != nullptr)
    for (const auto* agency : *stored_row->recipients()) row.recipients.push_back(agency->str());
  row.last_disclosure = get_hash(stored_row->last_disclosure());
  row.core = to_bytes(get_bytes(stored_row->core()));
  row.via = get_string(stored_row->via());
  row.only_relayed = stored_row->only_relayed();
  ByteReader paths(get_bytes(stored_row->superseded_opened()));
  for (ByteReader hashes(get_bytes(stored_row->superseded())); hashes.left() >= 32;) {
    RecordRow::Superseded one{hashes.hash(), {}};
    for (std::uint32_t left = stored_row->superseded_opened() == nullptr ? 0 : paths.u32(); left > 0 && paths.ok(); --left) one.opened.push_back(to_bytes(paths.take(paths.u16())));
    row.superseded.push_back(std::move(one));
  }
  if (!paths.ok()) return fail(Errc::store_corrupt, "row of table record");
  row.sealed_facts = to_bytes(get_bytes(stored_row->sealed_facts()));
  return row;
}

// Names of policy.fbs; one that is not known (any more) counts as unknown, which is the strictest reading.
template <class Enum>
Enum named(const flatbuffers::String* chars, const char* const* names, Enum last) {
  for (int value = 0; chars != nullptr && value <= static_cast<int>(last); ++value)
    if (chars->string_view() == names[value]) return static_cast<Enum>(value);
  return Enum::unknown;
}

Bytes encode(const RecordFacts& facts) {
  FlatBufferBuilder builder(512);
  const auto authorisation = builder.CreateString(policy::fb::EnumNameAuthorisation(facts.stated.authorisation));
  const auto offence = builder.CreateString(policy::fb::EnumNameOffenceClass(facts.stated.offence_class));
  const auto confidentiality = builder.CreateString(policy::fb::EnumNameConfidentiality(facts.stated.confidentiality));
  std::vector<Offset<stored::Origin>> origins;
  for (const auto& one : facts.origins) {
    const auto path = builder.CreateString(one.path);
    origins.push_back(stored::CreateOrigin(builder, path, builder.CreateString(one.words)));
  }
  std::vector<Offset<stored::Excuse>> excuses;
  for (const auto& one : facts.no_repetition) {
    const auto item = builder.CreateString(one.item);
    excuses.push_back(stored::CreateExcuse(builder, item, builder.CreateString(one.reason)));
  }
  const auto origin_list = builder.CreateVector(origins);
  return finish(builder, stored::CreateFacts(builder, authorisation, offence, confidentiality, origin_list, builder.CreateVector(excuses)));
}

Result<RecordFacts> decode_record_facts(ByteView bytes) {
  LIAISON_TRY(const auto* stored_facts, root_of<stored::Facts>(bytes, Table::record));
  RecordFacts facts;
  facts.stated.authorisation = named(stored_facts->authorisation(), policy::fb::EnumNamesAuthorisation(), policy::Authorisation::MAX);
  facts.stated.offence_class = named(stored_facts->offence_class(), policy::fb::EnumNamesOffenceClass(), policy::OffenceClass::MAX);
  facts.stated.confidentiality = named(stored_facts->confidentiality(), policy::fb::EnumNamesConfidentiality(), policy::Confidentiality::MAX);
  if (stored_facts->origins() != nullptr)
    for (const auto* one : *stored_facts->origins()) facts.origins.push_back({get_string(one->path()), get_string(one->words())});
  if (stored_facts->no_repetition() != nullptr)
    for (const auto* one : *stored_facts->no_repetition()) facts.no_repetition.push_back({get_string(one->item()), get_string(one->reason())});
  return facts;
}

Bytes encode(const SubmissionRow& row) {
  FlatBufferBuilder builder(128);
  const auto record = put_bytes(builder, row.record.bytes);
  const auto digest = put_bytes(builder, row.digest);
  return finish(builder, stored::CreateSubmission(builder, record, row.version, millis(row.accepted), digest));
}

Result<SubmissionRow> decode_submission_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::Submission>(bytes, Table::submission));
  return SubmissionRow{get_uuid(stored_row->record()), stored_row->version(), time_from_millis(stored_row->accepted_ms()), get_hash(stored_row->digest())};
}

Bytes encode(const OutboxRow& row) {
  FlatBufferBuilder builder(512);
  std::vector<Offset<wire::SignedText>> texts;
  for (const auto& entry : row.texts) {
    const auto body = put_bytes(builder, view(entry.text));
    texts.push_back(wire::CreateSignedText(builder, body, put_bytes(builder, view(entry.signatures))));
  }
  const auto text_vector = texts.empty() ? Offset<flatbuffers::Vector<Offset<wire::SignedText>>>{} : builder.CreateVector(texts);
  const auto from = builder.CreateString(row.record.from);
  const auto record = put_bytes(builder, row.record.id.bytes);
  const auto msg_id = put_bytes(builder, row.msg_id.bytes);
  const auto overrides = row.overrides.empty() ? Offset<OverrideVector>{} : put_overrides(builder, row.overrides);
  const auto supersedes = row.supersedes ? put_bytes(builder, *row.supersedes) : ByteVector{};
  const auto decision = row.decision == Hash{} ? ByteVector{} : put_bytes(builder, row.decision);
  const auto recipient = builder.CreateString(row.recipient);
  const auto envelope = row.envelope.empty() ? ByteVector{} : put_bytes(builder, row.envelope);
  return finish(builder, stored::CreateOutbox(builder, from, record, row.record.version, msg_id, millis(row.expires), text_vector, row.bytes, millis(row.accepted), overrides, supersedes,
                                              decision, row.approved, recipient, envelope, row.hops));
}

Result<OutboxRow> decode_outbox_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::Outbox>(bytes, Table::outbox));
  OutboxRow row;
  row.record = {get_string(stored_row->record_from()), get_uuid(stored_row->record()), stored_row->version()};
  row.msg_id = get_uuid(stored_row->msg_id());
  row.expires = time_from_millis(stored_row->expires_ms());
  row.accepted = time_from_millis(stored_row->accepted_ms());
  row.bytes = stored_row->bytes();
  row.recipient = get_string(stored_row->recipient());
  row.envelope = to_bytes(get_bytes(stored_row->envelope()));
  row.hops = stored_row->hops();
  if (stored_row->texts() != nullptr)
    for (const auto* entry : *stored_row->texts()) row.texts.push_back({get_text(entry->text()), get_text(entry->sigs())});
  LIAISON_TRY(row.overrides, get_overrides(stored_row->overrides(), Table::outbox));
  if (stored_row->supersedes() != nullptr) row.supersedes = get_hash(stored_row->supersedes());
  row.decision = get_hash(stored_row->decision());
  row.approved = stored_row->approved();
  return row;
}

Bytes encode(const DisclosureRow& row) {
  FlatBufferBuilder builder(row.disclosure.text.size() + 1024);
  const auto body = put_bytes(builder, view(row.disclosure.text));
  const auto sigs = put_bytes(builder, view(row.disclosure.signatures));
  const auto policy_name = builder.CreateString(row.policy.name);
  const auto policy = put_bytes(builder, row.policy.fingerprint);
  const auto msg_id = put_bytes(builder, row.msg_id.bytes);
  const auto reason = builder.CreateString(row.reason);
  const auto via = builder.CreateString(row.via);
  const auto effects = row.effects.empty() ? ByteVector{} : builder.CreateVector(reinterpret_cast<const std::uint8_t*>(row.effects.data()), row.effects.size());
  const auto over = builder.CreateString(row.over);
  return finish(builder, stored::CreateDisclosure(builder, body, sigs, policy_name, row.policy.version, policy, msg_id, static_cast<std::uint8_t>(row.lane), row.epoch,
                                                  row.index, millis(row.dispatched), static_cast<std::uint8_t>(row.state), reason, via, effects, over));
}

Result<DisclosureRow> decode_disclosure_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::Disclosure>(bytes, Table::disclosure));
  if (stored_row->state() < 1 || stored_row->state() > 7 || stored_row->lane() > 2) return fail(Errc::store_corrupt, "row of table disclosure");
  DisclosureRow row;
  row.disclosure = {get_text(stored_row->disclosure()), get_text(stored_row->disclosure_sigs())};
  row.policy = {get_string(stored_row->policy_name()), stored_row->policy_version(), get_hash(stored_row->policy())};
  row.msg_id = get_uuid(stored_row->msg_id());
  row.lane = static_cast<Lane>(stored_row->lane());
  row.epoch = stored_row->epoch();
  row.index = stored_row->index();
  row.dispatched = time_from_millis(stored_row->dispatched_ms());
  row.state = static_cast<DisclosureState>(stored_row->state());
  row.reason = get_string(stored_row->reason());
  row.via = get_string(stored_row->via());
  row.over = get_string(stored_row->over());
  for (const std::uint8_t effect : get_bytes(stored_row->effects())) {
    if (effect > static_cast<std::uint8_t>(record::LeafEffect::opaque)) return fail(Errc::store_corrupt, "row of table disclosure");
    row.effects.push_back(static_cast<record::LeafEffect>(effect));
  }
  return row;
}

Bytes encode(const HeadRow& row) {
  FlatBufferBuilder builder(2048);
  const auto frontier = put_bytes(builder, row.frontier.encode());
  const auto head = put_bytes(builder, view(row.head.text));
  const auto sigs = put_bytes(builder, view(row.head.signatures));
  const auto other = row.other_head.empty() ? ByteVector{} : put_bytes(builder, view(row.other_head.text));
  const auto other_sigs = row.other_head.empty() ? ByteVector{} : put_bytes(builder, view(row.other_head.signatures));
  const auto opening = row.opening ? put_bytes(builder, *row.opening) : ByteVector{};
  return finish(builder, stored::CreateLedgerHead(builder, frontier, head, sigs, row.stop ? static_cast<std::uint8_t>(*row.stop) : 0, other, other_sigs, opening));
}

Result<HeadRow> decode_head_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::LedgerHead>(bytes, Table::ledger_head));
  auto frontier = merkle::Frontier::decode(get_bytes(stored_row->frontier()));
  if (!frontier) return fail(Errc::store_corrupt, "frontier of a ledger");
  if (stored_row->stop() > static_cast<std::uint8_t>(link::StopReason::we_lost_entries)) return fail(Errc::store_corrupt, "row of table ledger_head");
  HeadRow row{std::move(*frontier), {get_text(stored_row->head()), get_text(stored_row->head_sigs())}, {}, {}, {}};
  if (stored_row->stop() != 0) row.stop = static_cast<link::StopReason>(stored_row->stop());
  row.other_head = {get_text(stored_row->other_head()), get_text(stored_row->other_head_sigs())};
  if (stored_row->opening() != nullptr) row.opening = get_hash(stored_row->opening());
  return row;
}

Bytes encode(const InboundBodyRow& row) {
  FlatBufferBuilder builder(row.sealed.size() + 1024);
  const auto core = put_bytes(builder, row.core);
  const auto sealed = put_bytes(builder, row.sealed);
  return finish(builder, stored::CreateInboundBody(builder, core, row.data_key, sealed));
}

Result<InboundBodyRow> decode_inbound_body_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::InboundBody>(bytes, Table::ledger_body));
  return InboundBodyRow{to_bytes(get_bytes(stored_row->core())), stored_row->data_key(), to_bytes(get_bytes(stored_row->sealed()))};
}

Bytes encode(const InboxRow& row) {
  FlatBufferBuilder builder(256);
  const auto record = put_bytes(builder, key_of(row.record));
  const auto kind = builder.CreateString(row.kind);
  const auto purpose = builder.CreateString(row.purpose);
  const auto level = builder.CreateString(row.level);
  const auto relayed_by = row.relayed_by.empty() ? 0 : builder.CreateString(row.relayed_by);
  return finish(builder, stored::CreateInboxItem(builder, record, kind, static_cast<std::uint8_t>(row.urgency), purpose, level, millis(row.received), relayed_by, row.partial));
}

Result<InboxRow> decode_inbox_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::InboxItem>(bytes, Table::inbox));
  InboxRow row;
  LIAISON_TRY(row.record, parse_record_key(get_bytes(stored_row->record())));
  row.kind = get_string(stored_row->kind());
  row.purpose = get_string(stored_row->purpose());
  row.level = get_string(stored_row->level());
  row.urgency = stored_row->urgency() == 1 ? Lane::urgent : Lane::routine;
  row.received = time_from_millis(stored_row->received_ms());
  row.relayed_by = get_string(stored_row->relayed_by());
  row.partial = stored_row->partial();
  return row;
}

Bytes encode(const ReceivedRow& row) {
  Bytes out;
  put_u8(out, row.record ? 1 : 0);
  if (row.record) put(out, ByteView(key_of(*row.record)));
  else put(out, row.refusal);
  return out;
}

Result<ReceivedRow> decode_received_row(ByteView bytes) {
  if (bytes.empty()) return fail(Errc::store_corrupt, "row of table received");
  ReceivedRow row;
  if (bytes[0] == 1) {
    LIAISON_TRY(row.record, parse_record_key(bytes.subspan(1)));
  } else {
    row.refusal = std::string(text(bytes.subspan(1)));
  }
  return row;
}

Bytes encode(const PersonRow& row) {
  FlatBufferBuilder builder(128);
  const auto role = builder.CreateString(row.role);
  const auto key = put_bytes(builder, row.public_key);
  return finish(builder, stored::CreatePerson(builder, role, key, row.disabled, millis(row.since)));
}

Result<PersonRow> decode_person_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::Person>(bytes, Table::person));
  return PersonRow{get_string(stored_row->role()), to_bytes(get_bytes(stored_row->public_key())), stored_row->disabled(), time_from_millis(stored_row->since_ms())};
}

Bytes encode(const PolicyRow& row) {
  FlatBufferBuilder builder(row.json.size() + 1024);
  const auto json = put_bytes(builder, row.json);
  std::vector<Offset<wire::SignedText>> texts;
  for (const auto& entry : row.signatures) {
    const auto body = put_bytes(builder, view(entry.text));
    texts.push_back(wire::CreateSignedText(builder, body, put_bytes(builder, view(entry.signatures))));
  }
  return finish(builder, stored::CreatePolicy(builder, json, builder.CreateVector(texts), millis(row.loaded)));
}

Result<PolicyRow> decode_policy_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::Policy>(bytes, Table::policy));
  PolicyRow row{to_bytes(get_bytes(stored_row->json())), {}, time_from_millis(stored_row->loaded_ms())};
  if (stored_row->signatures() != nullptr)
    for (const auto* entry : *stored_row->signatures()) row.signatures.push_back({get_text(entry->text()), get_text(entry->sigs())});
  return row;
}

Bytes encode(const AlarmRow& row) {
  FlatBufferBuilder builder(256);
  const auto code = builder.CreateString(row.code);
  const auto body = builder.CreateString(row.text);
  return finish(builder, stored::CreateAlarm(builder, code, body));
}

Result<AlarmRow> decode_alarm_row(ByteView bytes) {
  LIAISON_TRY(const auto* stored_row, root_of<stored::Alarm>(bytes, Table::alarm));
  return AlarmRow{get_string(stored_row->code()), get_string(stored_row->text())};
}

Bytes encode(const link::SignedText& signed_text) {
  Bytes out;
  put_u32(out, static_cast<std::uint32_t>(signed_text.text.size()));
  put(out, signed_text.text);
  put(out, signed_text.signatures);
  return out;
}

Result<link::SignedText> decode_signed_text(ByteView bytes) {
  ByteReader reader(bytes);
  const std::uint32_t length = reader.u32();
  const ByteView body = reader.take(length);
  if (!reader.ok()) return fail(Errc::store_corrupt, "stored signed text");
  return link::SignedText{std::string(text(body)), std::string(text(reader.take(reader.left())))};
}

Bytes encode(const SeenPolicy& row) {
  Bytes out;
  put_u64(out, row.version);
  put_u64(out, static_cast<std::uint64_t>(millis(row.at)));
  put(out, ByteView(row.disclosure));
  return out;
}

Result<SeenPolicy> decode_seen_policy(ByteView bytes) {
  ByteReader reader(bytes);
  SeenPolicy row;
  row.version = reader.u64();
  row.at = time_from_millis(static_cast<std::int64_t>(reader.u64()));
  row.disclosure = reader.hash();
  if (!reader.at_end()) return fail(Errc::store_corrupt, "row of table meta");
  return row;
}

Bytes encode(const ReceiptRow& row) {
  const Bytes receipt = encode(row.receipt);
  Bytes out;
  put_u32(out, static_cast<std::uint32_t>(receipt.size()));
  put(out, ByteView(receipt));
  put(out, ByteView(encode(row.head)));
  return out;
}

Result<ReceiptRow> decode_receipt_row(ByteView bytes) {
  ByteReader reader(bytes);
  const std::uint32_t length = reader.u32();
  const ByteView receipt = reader.take(length);
  if (!reader.ok()) return fail(Errc::store_corrupt, "row of table ledger_receipt");
  ReceiptRow row;
  LIAISON_TRY(row.receipt, decode_signed_text(receipt));
  LIAISON_TRY(row.head, decode_signed_text(reader.take(reader.left())));
  return row;
}

}  // namespace liaison::exchange
