// Opening and verifying what a peer sent, one element after the other; whatever is wrong becomes a refusal with evidence, never an exception.
// Runs on pool threads over the context; effects are ops in the items.
#include "core/base/limits.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/receiving.h"
#include "core/exchange/sealed_value.h"

namespace liaison::exchange {
namespace {
class Opener {
 public:
  Opener(const Context& context, OpeningNotes& notes, const ReceiveInput& input, ReceiveResult& result)
      : context_(context), notes_(notes), input_(input), result_(result),
        work_{context, input.log, context.ports.clock.now(), DirectoryAuthority(*context.directory, context.ports.clock.now()), {}, {}, {}} {}

  Result<void> take(std::size_t position) {
    const auto& element = input_.elements[position];
    ReceivedItem item;
    const auto entry = link::decode_entry(element.entry);
    hops_ = entry ? entry->hops : 0;
    const std::uint64_t index = input_.first + position;
    if (element.envelope) LIAISON_CHECK(take_envelope(index, *element.envelope, item));
    else if (element.entry[0] == static_cast<std::uint8_t>(link::EntryType::epoch_open)) start_entry(index, item, "epoch_open");
    else item.ops.push_back({OpKind::put, Table::ledger_body, key_of(input_.log, index), {}});  // an empty body marks a void
    result_.items.push_back(std::move(item));
    return {};
  }
  Result<void> finish() {
    LIAISON_TRY(result_.reports, std::move(work_.reports).finish(context_));
    return {};
  }

 private:
  void start_entry(std::uint64_t index, ReceivedItem& item, std::string reason) {
    item.entry = context_.entry(audit::Event::received);
    item.entry->peer = input_.log.peer;
    item.entry->ledger = ledger_name(input_.log);
    item.entry->ledger_index = index;
    item.entry->reason = std::move(reason);
  }

  Result<void> take_envelope(std::uint64_t index, ByteView bytes, ReceivedItem& item) {
    start_entry(index, item, "");
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
    const bool came_forwarded = hops_ > 0 && forwards_blind(*context_.directory, input_.log.peer, header.from, context_.agency);
    if (header.from != input_.log.peer && !came_forwarded) return fail(Errc::wrong_sender, "envelope");
    if (header.to != context_.agency) return fail(Errc::wrong_recipient, "envelope");
    if (header.urgency != input_.log.lane) return fail(Errc::bad_format, "envelope of another lane");
    // Texts only witness: were they refused because the sender's clock is ahead, a refused record would look delivered.
    if (header.content == Content::package && header.created > work_.now + limits::clock_ahead_max) return fail(Errc::clock_out_of_range, "envelope from the future");
    if (header.expires < work_.now) return fail(Errc::expired, "envelope");
    return {};
  }

  Result<void> open(const ParsedEnvelope& envelope, ByteView bytes, ReceivedItem& item) {
    LIAISON_TRY(const bool fresh, take_once(work_, envelope.header.from, envelope.header.msg_id));
    if (!fresh) {
      item.entry->reason = "duplicate";
      return {};
    }
    if (envelope.header.to != context_.agency && forwards_blind(*context_.directory, context_.agency, envelope.header.from, envelope.header.to)) {
      auto done = forward(envelope, bytes, item);
      return done ? Result<void>{} : refuse(item, &envelope, bytes, done.error());
    }
    if (auto checked = check_header(envelope.header); !checked) return refuse(item, &envelope, bytes, checked.error());
    auto hpke = context_for(envelope);
    if (!hpke && disposition(hpke.error().code) != Disposition::refuse_message) return hpke.error();
    if (!hpke) {
      // Sealed to a key the directory registers for us: ours to put right.
      if (hpke.error().code == Errc::unknown_key && context_.directory->key(context_.agency, crypto::KeyRole::box, envelope.box_key, work_.now)) item.alarm = "box_key_missing";
      return refuse(item, &envelope, bytes, fail(Errc::cannot_open));
    }
    auto opened = open_envelope(envelope, **hpke);
    if (!opened) return refuse(item, &envelope, bytes, fail(Errc::cannot_open));
    auto taken = envelope.header.content == Content::package ? take_package(work_, envelope, *opened, item) : take_texts(work_, envelope, *opened, item);
    if (!taken && disposition(taken.error().code) != Disposition::refuse_message) return taken.error();
    if (!taken) return refuse(item, &envelope, bytes, taken.error());
    return {};
  }

  // Unopened, by the directory's word for this pair: at most two hops, never back. Who can open it answers its sender.
  Result<void> forward(const ParsedEnvelope& envelope, ByteView bytes, ReceivedItem& item) {
    constexpr std::uint8_t hops_max = 2;
    const auto& header = envelope.header;
    const std::string& peer = input_.log.peer;
    if (header.realm != context_.realm) return fail(Errc::wrong_realm, "envelope");
    if (hops_ == 0 ? header.from != peer : !forwards_blind(*context_.directory, peer, header.from, header.to)) return fail(Errc::wrong_sender, "envelope");
    if (header.expires < work_.now) return fail(Errc::expired, "envelope");
    if (hops_ >= hops_max) return fail(Errc::route_not_allowed, "forwarded too often");
    LIAISON_TRY(const auto path, make_path(*context_.directory, {context_.agency, "interpol", {}, header.from, work_.now}, header.to));
    if (path[1] == peer || path[1] == header.from) return fail(Errc::route_not_allowed, "back to where it came from");
    OutboxRow row;
    row.accepted = work_.now;
    row.msg_id = header.msg_id;
    row.expires = header.expires;
    row.bytes = static_cast<std::uint32_t>(bytes.size());
    row.envelope = to_bytes(bytes);
    row.hops = static_cast<std::uint8_t>(hops_ + 1);
    item.onwards.push_back({path[1], header.urgency, std::move(row), nullptr});
    item.ops.push_back({OpKind::insert, Table::received, key_of_received(header.from, header.msg_id), encode(ReceivedRow{})});
    item.ops.push_back({OpKind::put, Table::ledger_body, key_of(input_.log, item.entry->ledger_index), encode(InboundBodyRow{envelope.core, 0, {}})});
    item.entry->reason = "unopened";
    return {};
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

  // Ledgered, kept under the quarantine key, answered with evidence (never evidence about evidence).
  Result<void> refuse(ReceivedItem& item, const ParsedEnvelope* envelope, ByteView bytes, const Error& error) {
    item.entry->event = audit::Event::refused;
    item.entry->reason = std::string(name(error.code));
    item.log = error.message();
    item.ops.clear();
    item.early.reset();
    item.supersedes.reset();
    item.held.clear();
    item.onwards.clear();
    item.inbox.reset();
    item.hot.reset();
    LIAISON_CHECK(quarantine(item, bytes));
    if (envelope == nullptr) return {};
    item.ops.push_back({OpKind::put, Table::received, key_of_received(input_.log.peer, envelope->header.msg_id), encode(ReceivedRow{std::nullopt, std::string(name(error.code))})});
    if (envelope->header.content != Content::texts) answer(item, *envelope, error);
    return {};
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

  // What could not be opened is one code to the outside; details stay in the local log.
  void answer(const ReceivedItem& item, const ParsedEnvelope& envelope, const Error& error) {
    const bool came_forwarded = hops_ > 0 && envelope.header.from != input_.log.peer && forwards_blind(*context_.directory, input_.log.peer, envelope.header.from, context_.agency);
    Statement statement{came_forwarded ? envelope.header.from : input_.log.peer, std::nullopt, std::nullopt, std::nullopt, envelope.core_hash, "refused",
                        item.public_reason.empty() ? std::string(name(error.code)) : item.public_reason};
    if (!item.entry->record_from.empty()) {
      statement.record = RecordKey{item.entry->record_from, item.entry->record, item.entry->version};
      statement.manifest = item.entry->manifest;
    }
    work_.reports.say(std::move(statement));
  }

  const Context& context_;
  OpeningNotes& notes_;
  const ReceiveInput& input_;
  ReceiveResult& result_;
  Receiving work_;
  std::uint8_t hops_ = 0;  // of the element in hand: how often it was forwarded unopened
};

}  // namespace

Result<bool> take_once(Receiving& work, std::string_view from, const Uuid& id) {
  Bytes key = key_of_received(from, id);
  LIAISON_TRY(const auto seen, work.context.ports.store.get(Table::received, key));
  return !seen && work.taken.insert(std::move(key)).second;
}

Result<ReceiveResult> receive_elements(const Context& context, OpeningNotes& notes, const ReceiveInput& input) {
  ReceiveResult result;
  Opener opener(context, notes, input, result);
  for (std::size_t i = 0; i < input.elements.size(); ++i) LIAISON_CHECK(opener.take(i));
  LIAISON_CHECK(opener.finish());
  return result;
}

}  // namespace liaison::exchange
