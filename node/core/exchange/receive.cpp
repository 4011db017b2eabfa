// Opening and verifying what a peer sent, one element after the other; whatever is wrong becomes a refusal with evidence, never an exception.
// Runs on pool threads over the context; effects are ops in the items.
#include "core/exchange/receive.h"

#include <algorithm>
#include <set>

#include "core/base/limits.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/sealed_value.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t held_r_bytes = 16;  // before the package in a stored record

class Opener {
 public:
  Opener(const Context& context, OpeningNotes& notes, const ReceiveInput& input, ReceiveResult& result)
      : context_(context), notes_(notes), input_(input), result_(result), authority_(*context.directory, context.ports.clock.now()), now_(context.ports.clock.now()) {}

  Result<void> take(std::size_t position) {
    const auto& element = input_.elements[position];
    ReceivedItem item;
    if (element.envelope) LIAISON_CHECK(take_envelope(input_.first + position, *element.envelope, item));
    else item.ops.push_back({OpKind::put, Table::ledger_body, key_of(input_.log, input_.first + position), {}});  // an empty body marks a void
    result_.items.push_back(std::move(item));
    return {};
  }

 private:
  Result<void> take_envelope(std::uint64_t index, ByteView bytes, ReceivedItem& item) {
    item.entry = context_.entry(audit::Event::received);
    item.entry->peer = input_.log.peer;
    item.entry->ledger = ledger_name(input_.log);
    item.entry->ledger_index = index;
    auto parsed = parse_envelope(bytes);
    if (!parsed) return refuse(item, nullptr, bytes, parsed.error());
    if (notes_.suspect(input_.log, index)) {
      item.alarm = "poison";
      return refuse(item, &*parsed, bytes, fail(Errc::cannot_open, "opening it ended the node twice"));
    }
    notes_.begin(input_.log, index);
    auto done = open(*parsed, bytes, item);
    notes_.end();
    return done;
  }

  Result<void> check_header(const EnvelopeHeader& header) const {
    if (header.realm != context_.realm) return fail(Errc::wrong_realm, "envelope");
    if (header.from != input_.log.peer) return fail(Errc::wrong_sender, "envelope");
    if (header.to != context_.agency) return fail(Errc::wrong_recipient, "envelope");
    if (header.urgency != input_.log.lane) return fail(Errc::bad_format, "envelope of another lane");
    // Texts only witness: were they refused because the sender's clock is ahead, a refused record would look delivered.
    if (header.content == Content::package && header.created > now_ + limits::clock_ahead_max) return fail(Errc::clock_out_of_range, "envelope from the future");
    if (header.expires < now_) return fail(Errc::expired, "envelope");
    return {};
  }

  Result<void> open(const ParsedEnvelope& envelope, ByteView bytes, ReceivedItem& item) {
    const Bytes received_key = key_of_received(envelope.header.from, envelope.header.msg_id);
    LIAISON_TRY(const auto seen, context_.ports.store.get(Table::received, received_key));
    if (seen || !in_batch_.insert(received_key).second) {
      item.entry->reason = "duplicate";
      return {};
    }
    if (auto checked = check_header(envelope.header); !checked) return refuse(item, &envelope, bytes, checked.error());
    auto hpke = context_for(envelope);
    if (!hpke && disposition(hpke.error().code) != Disposition::refuse_message) return hpke.error();
    if (!hpke) return refuse(item, &envelope, bytes, fail(Errc::cannot_open));
    auto opened = open_envelope(envelope, **hpke);
    if (!opened) return refuse(item, &envelope, bytes, fail(Errc::cannot_open));
    return envelope.header.content == Content::package ? take_package(envelope, *opened, bytes, item) : take_texts(envelope, *opened, bytes, item);
  }

  Result<std::shared_ptr<const crypto::HpkeContext>> context_for(const ParsedEnvelope& envelope) {
    Bytes id = envelope.enc;
    put(id, ByteView(envelope.box_key));
    if (const auto known = input_.cache.find(id); known != input_.cache.end()) return known->second;
    if (const auto known = result_.opened.find(id); known != result_.opened.end()) return known->second;
    LIAISON_TRY(const auto secret, context_.ports.keys.decapsulate(envelope.box_key, envelope.enc));
    const Bytes info = envelope_info(context_.realm, envelope.header.from, envelope.box_key);
    LIAISON_TRY(auto hpke, crypto::HpkeContext::from_shared_secret(secret.reveal(), info, crypto::HpkeAead::aes_256_gcm));
    auto shared = std::make_shared<const crypto::HpkeContext>(std::move(hpke));
    result_.opened.emplace(std::move(id), shared);
    return shared;
  }

  Result<void> take_package(const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ByteView bytes, ReceivedItem& item) {
    auto package = record::decode_package(opened.content);
    if (!package) return refuse(item, &envelope, bytes, package.error());
    auto manifest = record::parse_manifest(view(package->manifest.text));
    if (!manifest) return refuse(item, &envelope, bytes, manifest.error());
    const RecordKey key{manifest->from, manifest->record.id, manifest->record.version};
    item.about = key;
    item.entry->record_from = key.from;
    item.entry->record = key.id;
    item.entry->version = key.version;
    item.entry->purpose = manifest->purpose;
    LIAISON_TRY(const auto held, held_row(key));
    const Hash manifest_hash = crypto::text_hash(view(package->manifest.text));
    item.entry->manifest = manifest_hash;
    const bool same_manifest = held && crypto::text_hash(view(held->manifest.text)) == manifest_hash;
    LIAISON_TRY(const auto tombstone, context_.ports.store.get(Table::tombstone, key_of(RecordKey{key.from, key.id, 0})));
    if (tombstone && ByteReader(*tombstone).u32() >= key.version) return refuse(item, &envelope, bytes, fail(Errc::superseded, "erased or recalled"));
    const record::VerifyContext verify{context_.realm, context_.agency, input_.log.peer, now_, same_manifest, *context_.schemas, authority_};
    auto verified = record::verify(std::move(*package), verify, batches_);
    if (!verified) return refuse(item, &envelope, bytes, verified.error());
    if (held && !same_manifest) {  // both carry the originator's seal: proof of two stories, and an alarm
      item.alarm = "conflicting_version";
      return refuse(item, &envelope, bytes, fail(Errc::conflicting_version));
    }
    if (held && !held->own) LIAISON_CHECK(check_superseding(key, *held, *verified, envelope, bytes, item));
    if (item.entry->event == audit::Event::refused) return {};
    return store_record(envelope, opened, *verified, held, item);
  }

  Result<std::optional<RecordRow>> held_row(const RecordKey& key) const {
    LIAISON_TRY(const auto bytes, context_.ports.store.get(Table::record, key_of(key)));
    if (!bytes) return std::optional<RecordRow>{};
    LIAISON_TRY(auto row, decode_record_row(*bytes));
    return std::optional(std::move(row));
  }

  // A package that supersedes must come from the same sender and open everything that was open before (formats 2.4).
  Result<void> check_superseding(const RecordKey& key, const RecordRow& held, const record::VerifiedPackage& next, const ParsedEnvelope& envelope, ByteView bytes,
                                 ReceivedItem& item) {
    if (next.disclosures().back().supersedes != held.last_disclosure) return {};
    LIAISON_TRY(auto data_key, context_.ports.keys.data_key(held.data_key));
    LIAISON_TRY(const Bytes plain, open_value({Table::record, key_of(key)}, {held.data_key, std::move(data_key)}, held.sealed));
    LIAISON_TRY(const auto before, record::decode_package(ByteView(plain).subspan(held_r_bytes)));
    LIAISON_TRY(const auto last, record::parse_disclosure(view(before.disclosures.back().text)));
    if (last.relay != next.disclosures().back().relay) return refuse(item, &envelope, bytes, fail(Errc::superseded, "by another sender"));
    for (std::size_t i = 0; i < before.openings.size(); ++i)
      if (!next.package().openings.find(before.openings.path(i))) return refuse(item, &envelope, bytes, fail(Errc::superseded, "opens less than before"));
    return {};
  }

  Result<void> store_record(const ParsedEnvelope& envelope, const OpenedEnvelope& opened, const record::VerifiedPackage& verified, const std::optional<RecordRow>& held,
                            ReceivedItem& item) {
    const RecordKey& key = *item.about;
    const auto& last = verified.disclosures().back();
    item.entry->disclosure = verified.last_disclosure_hash();
    item.ops.push_back({OpKind::insert, Table::received, key_of_received(envelope.header.from, envelope.header.msg_id), encode(ReceivedRow{key, {}})});
    if (held && (held->own || held->last_disclosure != last.supersedes.value_or(Hash{}))) {
      item.entry->reason = "duplicate";
      return {};
    }
    LIAISON_TRY(const auto data_key, context_.ports.keys.new_data_key());
    const Bytes record_key = key_of(key);
    RecordRow row;
    row.manifest = verified.package().manifest;
    row.data_key = data_key.id;
    Bytes plain = opened.r;
    put(plain, ByteView(opened.content));
    LIAISON_TRY(row.sealed, seal_value({Table::record, record_key}, data_key, plain, context_.ports.random));
    row.kind = verified.manifest().kind;
    row.stored = now_;
    row.last_disclosure = verified.last_disclosure_hash();
    row.core = envelope.core;
    item.ops.push_back({held ? OpKind::put : OpKind::insert, Table::record, record_key, encode(row)});
    const auto& manifest = verified.manifest();
    item.inbox = InboxRow{key, manifest.kind, manifest.purpose, manifest.level, manifest.urgent ? Lane::urgent : Lane::routine, now_, verified.disclosures().size() > 1 ? last.relay : "",
                          std::any_of(verified.disclosures().begin(), verified.disclosures().end(), [](const auto& hop) { return !hop.withheld.empty(); })};
    item.hot = std::make_shared<const HotMessage>(HotMessage{key, verified.message(), row.manifest.text});
    return {};
  }

  Result<Evidence> verify_evidence(const record::SignedText& entry) {
    LIAISON_TRY(auto evidence, parse_evidence(view(entry.text)));
    if (evidence.realm != context_.realm) return fail(Errc::wrong_realm, "evidence");
    if (evidence.from != input_.log.peer) return fail(Errc::wrong_sender, "evidence");
    if (evidence.to != context_.agency) return fail(Errc::wrong_recipient, "evidence");
    LIAISON_TRY(const auto key, context_.directory->key(evidence.from, crypto::KeyRole::seal, evidence.key, std::min(evidence.at, now_)));
    LIAISON_CHECK(crypto::verify_text(context_.realm, view(entry.text), view(entry.signatures), key, batches_));
    return evidence;
  }

  Result<void> take_texts(const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ByteView bytes, ReceivedItem& item) {
    auto texts = decode_texts(opened.content);
    if (!texts) return refuse(item, &envelope, bytes, texts.error());
    if (texts->size() != 1) return refuse(item, &envelope, bytes, fail(Errc::bad_format, "number of texts"));
    if (texts->front().text.size() + texts->front().signatures.size() > limits::evidence_bytes_max) return refuse(item, &envelope, bytes, fail(Errc::limit_exceeded, "evidence"));
    auto evidence = verify_evidence(texts->front());
    if (!evidence) return refuse(item, &envelope, bytes, evidence.error());
    item.entry->reason = evidence->event;
    item.ops.push_back({OpKind::insert, Table::received, key_of_received(envelope.header.from, envelope.header.msg_id), encode(ReceivedRow{})});
    LIAISON_CHECK(keep_core(envelope, opened, item));
    LIAISON_TRY(const auto about, subject_of(*evidence));
    if (!about) return {};
    const RecordKey& key = *about;
    // Only about what was disclosed to that peer; anything else would let a peer fill our store with words about other people's records.
    LIAISON_TRY(const auto disclosed, context_.ports.store.get(Table::disclosure, key_of(key, input_.log.peer)));
    if (!disclosed) {
      item.entry->reason = "evidence_unrelated";
      return {};
    }
    item.entry->record_from = key.from;
    item.entry->record = key.id;
    item.entry->version = key.version;
    Bytes row_key = key_of(key, input_.log.peer);  // by who says it and when it came, so that nobody's words hide another's
    put_u8(row_key, 0);
    put_u64(row_key, static_cast<std::uint64_t>(millis(now_)));
    put(row_key, ByteView(crypto::text_hash(view(texts->front().text))));
    item.ops.push_back({OpKind::put, Table::evidence, row_key, encode(link::SignedText{texts->front().text, texts->front().signatures})});
    if (evidence->event == "refused") LIAISON_CHECK(note_refusal(key, *disclosed, *evidence, item));
    return {};
  }

  // The record that the evidence names, or, when its sender could not open the envelope, the one we dispatched in it.
  Result<std::optional<RecordKey>> subject_of(const Evidence& evidence) const {
    if (evidence.record_from) return std::optional(RecordKey{*evidence.record_from, evidence.record.id, evidence.record.version});
    if (!evidence.core) return std::optional<RecordKey>{};
    LIAISON_TRY(const auto bytes, context_.ports.store.get(Table::received, key_of_dispatched(context_.agency, *evidence.core)));
    if (!bytes) return std::optional<RecordKey>{};
    LIAISON_TRY(auto row, decode_received_row(*bytes));
    return std::move(row.record);
  }

  Result<void> keep_core(const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ReceivedItem& item) {
    LIAISON_TRY(const auto data_key, context_.ports.keys.new_data_key());
    const Bytes key = key_of(input_.log, item.entry->ledger_index);
    Bytes plain = opened.r;
    put(plain, ByteView(opened.content));
    LIAISON_TRY(Bytes sealed, seal_value({Table::ledger_body, key}, data_key, plain, context_.ports.random));
    item.ops.push_back({OpKind::put, Table::ledger_body, key, encode(InboundBodyRow{envelope.core, data_key.id, std::move(sealed)})});
    return {};
  }

  // A refusal changes what we know of our own disclosure to its sender, nothing else.
  Result<void> note_refusal(const RecordKey& key, ByteView disclosed, const Evidence& evidence, ReceivedItem& item) {
    LIAISON_TRY(auto row, decode_disclosure_row(disclosed));
    row.state = DisclosureState::refused;
    row.reason = evidence.reason;
    item.ops.push_back({OpKind::put, Table::disclosure, key_of(key, input_.log.peer), encode(row)});
    return {};
  }

  // Ledgered, kept under the quarantine key, answered with evidence (never evidence about evidence).
  Result<void> refuse(ReceivedItem& item, const ParsedEnvelope* envelope, ByteView bytes, const Error& error) {
    item.entry->event = audit::Event::refused;
    item.entry->reason = std::string(name(error.code));
    item.log = error.message();
    LIAISON_CHECK(quarantine(item, bytes));
    if (envelope == nullptr) return {};
    item.ops.push_back({OpKind::put, Table::received, key_of_received(input_.log.peer, envelope->header.msg_id), encode(ReceivedRow{std::nullopt, std::string(name(error.code))})});
    if (envelope->header.content == Content::texts) return {};
    return answer(item, *envelope, error);
  }

  // Kept whole within the peer's budget; beyond it the ledger entry, which commits to it, is all that stays.
  Result<void> quarantine(ReceivedItem& item, ByteView bytes) {
    if (result_.quarantined_bytes + bytes.size() > input_.quarantine_room) return {};
    result_.quarantined_bytes += bytes.size();
    const Bytes key = key_of(input_.log, item.entry->ledger_index);
    LIAISON_TRY(const auto data_key, context_.ports.keys.new_data_key());
    Bytes row;
    put_u64(row, data_key.id);
    LIAISON_TRY(const Bytes sealed, seal_value({Table::quarantine, key}, data_key, bytes, context_.ports.random));
    put(row, ByteView(sealed));
    item.ops.push_back({OpKind::put, Table::quarantine, key, std::move(row)});
    return {};
  }

  Result<void> answer(ReceivedItem& item, const ParsedEnvelope& envelope, const Error& error) {
    Evidence evidence;
    evidence.realm = context_.realm;
    std::array<std::uint8_t, 10> random{};
    context_.ports.random.fill(random);
    evidence.id = make_uuid(now_, random);
    evidence.from = context_.agency;
    evidence.key = context_.seal_key;
    evidence.to = input_.log.peer;
    if (item.about) {
      evidence.record_from = item.about->from;
      evidence.record = {item.about->id, item.about->version};
      evidence.manifest = item.entry->manifest;
    }
    evidence.core = envelope.core_hash;
    evidence.event = "refused";
    // What could not be opened is one code to the outside; details stay in the local log.
    evidence.reason = std::string(name(error.code));
    evidence.at = now_;
    const std::string body = make_text(evidence);
    LIAISON_TRY(auto blocks, context_.seal_texts(std::span(&body, 1)));
    item.evidence = record::SignedText{body, std::move(blocks.front())};
    return {};
  }

  const Context& context_;
  OpeningNotes& notes_;
  const ReceiveInput& input_;
  ReceiveResult& result_;
  DirectoryAuthority authority_;
  Time now_;
  crypto::VerifiedBatches batches_;
  std::set<Bytes> in_batch_;
};

}  // namespace

Result<ReceiveResult> receive_elements(const Context& context, OpeningNotes& notes, const ReceiveInput& input) {
  ReceiveResult result;
  Opener opener(context, notes, input, result);
  for (std::size_t i = 0; i < input.elements.size(); ++i) LIAISON_CHECK(opener.take(i));
  return result;
}

ReceivedBatch finish_receive(const Context& context, const InboundBatch& batch, std::vector<ReceivedItem> items, ReceiveNumbers& numbers) {
  ReceivedBatch done;
  done.set.cls = batch.log.lane == Lane::urgent ? WriteClass::urgent : WriteClass::receive;
  auto& ops = done.set.ops;
  const Bytes head_key = key_of(batch.log);
  done.set.preconditions.push_back({Table::ledger_head, head_key, batch.before.head.empty() ? std::nullopt : std::optional(encode(batch.before))});
  Bytes entries;
  for (const auto& entry : batch.entries) put(entries, ByteView(entry));
  Bytes hashes;
  for (const auto& hash : batch.completed) put(hashes, ByteView(hash));
  ops.push_back({OpKind::insert, Table::ledger_entry, key_of(batch.log, batch.first), std::move(entries)});
  ops.push_back({OpKind::insert, Table::ledger_hash, key_of(batch.log, merkle::stored_count(batch.first)), std::move(hashes)});
  ops.push_back({OpKind::put, Table::ledger_head, head_key, encode(batch.after)});
  std::set<std::pair<Table, Bytes>> inserted;
  for (auto& item : items) {
    // Two copies of one record in one batch: the second is a duplicate like any other, and must not make the whole batch conflict.
    const bool twice = std::any_of(item.ops.begin(), item.ops.end(), [&](const Op& op) { return op.kind == OpKind::insert && inserted.contains({op.table, op.key}); });
    if (twice) {
      std::erase_if(item.ops, [](const Op& op) { return op.table == Table::record; });
      std::erase_if(item.ops, [&](const Op& op) { return inserted.contains({op.table, op.key}); });
      item.inbox.reset();
      item.hot.reset();
      item.entry->reason = "duplicate";
    }
    for (const auto& op : item.ops)
      if (op.kind == OpKind::insert) inserted.emplace(op.table, op.key);
    for (auto& op : item.ops) ops.push_back(std::move(op));
    if (item.inbox) {
      const std::uint64_t seq = numbers.inbox_next++;
      ops.push_back({OpKind::insert, Table::inbox, key_of(seq), encode(*item.inbox)});
      done.inbox.emplace_back(seq, item.hot);
    }
    if (item.entry) ops.push_back(append_audit(*item.entry));
    if (!item.evidence) continue;
    OutboxRow out;
    if (item.about) out.record = *item.about;
    std::array<std::uint8_t, 10> random{};
    context.ports.random.fill(random);
    out.accepted = context.ports.clock.now();
    out.msg_id = make_uuid(out.accepted, random);
    out.expires = out.accepted + limits::envelope_life_max - std::chrono::hours{1};
    out.bytes = 2048;
    out.texts.push_back(std::move(*item.evidence));
    const std::uint64_t seq = numbers.outbox_next++;
    ops.push_back({OpKind::insert, Table::outbox, key_of_outbox(batch.log.peer, Lane::routine, seq), encode(out)});
    done.evidence.emplace_back(seq, std::move(out));
  }
  return done;
}

}  // namespace liaison::exchange
