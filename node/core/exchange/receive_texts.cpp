// Received texts: evidence about what we disclosed, permits for what we hold, alone or passed on by a relay. What concerns a record that came from another
// agency goes on to that one in the same transaction. Runs on pool threads.
#include <algorithm>

#include "core/base/limits.h"
#include "core/base/tags.h"
#include "core/exchange/echo.h"
#include "core/exchange/held.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/receiving.h"
#include "core/exchange/relay.h"
#include "core/exchange/sealed_value.h"
#include "core/exchange/stored_record.h"
#include "core/record/permit.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t early_permits_max = 64;       // of one originator, for records that are not here yet
constexpr std::size_t permits_scanned_max = 4096;   // with so many nobody looks further

class TextTaker {
 public:
  TextTaker(Receiving& work, const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ReceivedItem& item)
      : work_(work), context_(work.context), envelope_(envelope), opened_(opened), item_(item) {}

  Result<void> take() {
    LIAISON_TRY(auto texts, decode_texts(opened_.content));
    for (const auto& one : texts)
      if (one.text.size() + one.signatures.size() > limits::evidence_bytes_max && !one.text.starts_with(tags::pass_text)) return fail(Errc::limit_exceeded, "evidence");
    passed_ = texts.size() > 1 || texts.front().text.starts_with(tags::pass_text);
    if (passed_) {
      LIAISON_CHECK(check_pass(texts));
      texts.pop_back();
      item_.entry->reason = "passed_on";
    }
    for (auto& one : texts) LIAISON_CHECK(take_one(one));
    item_.ops.push_back({OpKind::insert, Table::received, key_of_received(envelope_.header.from, envelope_.header.msg_id), encode(ReceivedRow{})});
    return keep_core();
  }

 private:
  std::string_view sender() const { return envelope_.header.from; }

  // The last text names exactly those before it, and us.
  Result<void> check_pass(const std::vector<record::SignedText>& texts) {
    LIAISON_TRY(const auto pass, parse_pass(view(texts.back().text)));
    if (pass.realm != context_.realm) return fail(Errc::wrong_realm, "pass");
    if (pass.from != sender()) return fail(Errc::wrong_sender, "pass");
    if (pass.to != context_.agency) return fail(Errc::wrong_recipient, "pass");
    LIAISON_CHECK(verify_signature(texts.back(), pass.from, pass.key, pass.at));
    std::set<Hash> named(pass.texts.begin(), pass.texts.end());
    if (named.size() + 1 != texts.size()) return fail(Errc::bad_text, "pass names other texts");
    for (std::size_t i = 0; i + 1 < texts.size(); ++i)
      if (named.erase(crypto::text_hash(view(texts[i].text))) == 0) return fail(Errc::bad_text, "pass names other texts");
    return {};
  }

  Result<void> verify_signature(const record::SignedText& one, const std::string& from, const Hash& key_hash, Time at) {
    LIAISON_TRY(const auto key, context_.directory->key(from, crypto::KeyRole::seal, key_hash, std::min(at, work_.now)));
    return crypto::verify_text(context_.realm, view(one.text), view(one.signatures), key, work_.batches);
  }

  Result<void> take_one(record::SignedText& one) {
    if (one.text.starts_with(tags::permit_text)) return take_permit(one);
    if (one.text.starts_with(tags::echo_text)) return take_echo(one);
    return take_evidence(one);
  }

  Result<void> take_evidence(record::SignedText& one) {
    LIAISON_TRY(const auto evidence, parse_evidence(view(one.text)));
    if (evidence.realm != context_.realm) return fail(Errc::wrong_realm, "evidence");
    if (!passed_ && evidence.from != sender()) return fail(Errc::wrong_sender, "evidence");
    if ((!passed_ || evidence.from == sender()) && evidence.to != context_.agency) return fail(Errc::wrong_recipient, "evidence");
    LIAISON_CHECK(verify_signature(one, evidence.from, evidence.key, evidence.at));
    if (!passed_) item_.entry->reason = evidence.event;
    LIAISON_TRY(const bool fresh, take_once(work_, evidence.from, evidence.id));
    if (!fresh) return {};
    LIAISON_TRY(const auto about, subject_of(evidence));
    if (!about) {
      keep_unplaced(evidence, one);
      return {};
    }
    // Only about what was disclosed to that agency; anything else would let a peer fill our store with words about other people's records.
    LIAISON_TRY(auto disclosed, disclosed_to_sender(*about));
    if (!disclosed) return keep_early(*about, evidence, one);
    item_.ops.push_back({OpKind::insert, Table::received, key_of_received(evidence.from, evidence.id), encode(ReceivedRow{})});
    keep_evidence(*about, evidence, one);
    if (evidence.event == "refused" && evidence.from == sender()) note_refusal(*about, *disclosed, evidence);
    if (!disclosed->row.via.empty()) hand_back(*about, disclosed->row, evidence, std::move(one));
    return {};
  }

  Result<void> take_echo(record::SignedText& one) {
    LIAISON_TRY(auto echo, parse_echo(view(one.text)));
    if (echo.realm != context_.realm) return fail(Errc::wrong_realm, "echo");
    if (!passed_) return fail(Errc::bad_text, "echo without pass");
    LIAISON_CHECK(verify_signature(one, echo.from, echo.key, echo.at));
    LIAISON_TRY(const bool fresh, take_once(work_, echo.from, echo.id));
    if (!fresh) return {};
    item_.ops.push_back({OpKind::insert, Table::received, key_of_received(echo.from, echo.id), encode(ReceivedRow{})});
    const auto taken = exchange::take_echo(context_, echo, one, sender(), work_.now, work_.reports);
    item_.entry->reason = taken.reason;
    if (taken.for_us) item_.echoes.push_back(std::move(echo));
    return {};
  }

  // A store that was rolled back has its record, and gets the disclosure back with the ledger entry, which may come later (peer_recovery.cpp).
  Result<void> keep_early(const RecordKey& about, const Evidence& evidence, const record::SignedText& one) {
    const auto held = load_record(context_, about);
    if (!held && held.error().code != Errc::not_found) return held.error();
    if (!held || !held->row.own) {
      item_.entry->reason = "evidence_unrelated";
      return {};
    }
    item_.ops.push_back({OpKind::insert, Table::received, key_of_received(evidence.from, evidence.id), encode(ReceivedRow{})});
    keep_evidence(about, evidence, one);
    return {};
  }

  // It names an envelope of ours that this store knows nothing of, which may come back in the same way.
  void keep_unplaced(const Evidence& evidence, const record::SignedText& one) {
    if (!evidence.core || evidence.from != sender()) return;
    item_.ops.push_back({OpKind::put, Table::evidence, key_of_unplaced_evidence(context_.agency, *evidence.core, sender()), encode(link::SignedText{one.text, one.signatures})});
  }

  struct Disclosed {
    std::string to;
    DisclosureRow row;
  };
  // What we disclosed to the sender, or sealed for somebody behind it when it forwards unopened.
  Result<std::optional<Disclosed>> disclosed_to_sender(const RecordKey& about) const {
    const Bytes prefix = key_of(about);
    LIAISON_TRY(const auto bytes, context_.ports.store.get(Table::disclosure, key_of(about, sender())));
    if (bytes) {
      LIAISON_TRY(auto row, decode_disclosure_row(*bytes));
      return std::optional(Disclosed{std::string(sender()), std::move(row)});
    }
    LIAISON_TRY(const auto rows, context_.ports.store.scan(Table::disclosure, {prefix, after_prefix(prefix)}, limits::recipients_max));
    for (const auto& [key, value] : rows) {
      LIAISON_TRY(auto row, decode_disclosure_row(value));
      if (row.over == sender()) return std::optional(Disclosed{std::string(text(ByteView(key).subspan(prefix.size()))), std::move(row)});
    }
    return std::optional<Disclosed>{};
  }

  // By who says it and when it came, so that nobody's words hide another's.
  void keep_evidence(const RecordKey& about, const Evidence& evidence, const record::SignedText& one) {
    item_.entry->record_from = about.from;
    item_.entry->record = about.id;
    item_.entry->version = about.version;
    Bytes key = key_of(about, evidence.from);
    put_u8(key, 0);
    put_u64(key, static_cast<std::uint64_t>(millis(work_.now)));
    put(key, ByteView(crypto::text_hash(view(one.text))));
    item_.ops.push_back({OpKind::put, Table::evidence, key, encode(link::SignedText{one.text, one.signatures})});
  }

  // A refusal changes what we know of our own disclosure to its sender, nothing else.
  void note_refusal(const RecordKey& about, Disclosed& disclosed, const Evidence& evidence) {
    disclosed.row.state = DisclosureState::refused;
    disclosed.row.reason = evidence.reason;
    item_.ops.push_back({OpKind::put, Table::disclosure, key_of(about, disclosed.to), encode(disclosed.row)});
  }

  // To the agency the record came from. It cannot know which record an envelope of ours held that could not be opened: that we say ourselves.
  void hand_back(const RecordKey& about, const DisclosureRow& disclosed, const Evidence& evidence, record::SignedText one) {
    if (!evidence.record_from) {
      const auto disclosure = crypto::text_hash(view(disclosed.disclosure.text));
      work_.reports.say({disclosed.via, about, std::nullopt, disclosure, std::nullopt, "not_relayed", evidence.reason + ":" + std::string(sender())});
      return;
    }
    work_.reports.pass(disclosed.via, std::move(one));
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

  // It overtook its record, which finds it when it comes. So many of one originator, and no older than what it permits can be under way.
  Result<void> keep_early_permit(const RecordKey& about, const record::Permit& permit, const record::SignedText& one) {
    item_.entry->reason = "permit_unrelated";
    if (permit.at + limits::envelope_life_max < work_.now) return {};
    const Bytes key = key_of_permit(about, crypto::text_hash(view(one.text)));
    LIAISON_TRY(const auto known, context_.ports.store.get(Table::permit, key));
    LIAISON_TRY(const std::size_t waiting, early_permits(about.from));
    if (known || waiting >= early_permits_max) return {};
    item_.entry->reason = "permit_early";
    item_.early = about;
    item_.ops.push_back({OpKind::insert, Table::permit, key, encode(link::SignedText{one.text, one.signatures})});
    return {};
  }

  Result<std::size_t> early_permits(const std::string& from) const {
    Bytes prefix = key_of(RecordKey{from, {}, 0});
    prefix.resize(from.size() + 1);
    LIAISON_TRY(const auto rows, context_.ports.store.scan(Table::permit, {prefix, after_prefix(prefix)}, permits_scanned_max));
    std::size_t count = 0;
    for (const auto& row : rows) {
      LIAISON_TRY(const auto record, context_.ports.store.get(Table::record, ByteView(row.first).first(row.first.size() - 32)));
      count += record ? 0 : 1;
    }
    return rows.size() == permits_scanned_max ? early_permits_max : count;
  }

  // The originator's permission for a record we hold: kept, and whatever waited for it goes on now.
  Result<void> take_permit(const record::SignedText& one) {
    LIAISON_TRY(const auto permit, record::parse_permit(view(one.text)));
    if (permit.realm != context_.realm) return fail(Errc::wrong_realm, "permit");
    if (permit.from != permit.record_from || (!passed_ && permit.from != sender())) return fail(Errc::wrong_sender, "permit");
    if (!passed_ && permit.to != context_.agency) return fail(Errc::wrong_recipient, "permit");
    LIAISON_CHECK(verify_signature(one, permit.from, permit.key, permit.at));
    item_.entry->reason = "permit";
    const RecordKey about{permit.record_from, permit.record.id, permit.record.version};
    auto held = load_record(context_, about);
    if (!held && held.error().code == Errc::not_found) {
      return keep_early_permit(about, permit, one);
    }
    if (!held) return held.error();
    if (held->manifest_hash() != permit.manifest) return fail(Errc::permit_missing, "for another manifest");
    item_.entry->record_from = about.from;
    item_.entry->record = about.id;
    item_.entry->version = about.version;
    const Bytes key = key_of_permit(about, crypto::text_hash(view(one.text)));
    LIAISON_TRY(const auto known, context_.ports.store.get(Table::permit, key));
    if (known) return {};
    item_.ops.push_back({OpKind::insert, Table::permit, key, encode(link::SignedText{one.text, one.signatures})});
    LIAISON_TRY(const auto plan, plan_relay(context_, held->manifest, held->package, held->row.via));
    std::vector<std::string> next;
    for (const auto& agency : plan.waiting)
      if (std::find(permit.recipients.begin(), permit.recipients.end(), agency) != permit.recipients.end() && context_.policy->relays()) next.push_back(agency);
    const auto hot = std::make_shared<HotRecord>(HotRecord{std::move(held->manifest), std::move(held->package), held->row.via, {}});
    LIAISON_TRY(auto passed, pass_on(context_, about, hot, work_.now + limits::envelope_life_max - std::chrono::hours{1}, next));
    item_.onwards = std::move(passed.onwards);
    item_.held = std::move(passed.held);
    return {};
  }

  Result<void> keep_core() {
    LIAISON_TRY(const auto data_key, context_.ports.keys.new_data_key());
    const Bytes key = key_of(work_.log, item_.entry->ledger_index);
    Bytes plain = opened_.r;
    put(plain, ByteView(opened_.content));
    LIAISON_TRY(Bytes sealed, seal_value({Table::ledger_body, key}, data_key, plain, context_.ports.random));
    item_.ops.push_back({OpKind::put, Table::ledger_body, key, encode(InboundBodyRow{envelope_.core, data_key.id, std::move(sealed)})});
    return {};
  }

  Receiving& work_;
  const Context& context_;
  const ParsedEnvelope& envelope_;
  const OpenedEnvelope& opened_;
  ReceivedItem& item_;
  bool passed_ = false;
};
}  // namespace

Result<void> take_texts(Receiving& work, const ParsedEnvelope& envelope, const OpenedEnvelope& opened, ReceivedItem& item) {
  return TextTaker(work, envelope, opened, item).take();
}

}  // namespace liaison::exchange
