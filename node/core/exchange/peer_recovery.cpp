// When two copies of a ledger do not agree: giving entries back to a peer that was rolled back, taking ours back, stopping a lane for good until people
// decide, following the peer into a new epoch. On the engine's thread; whatever is decided here is one transaction.
#include "core/base/limits.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/peer.h"

namespace liaison::exchange {
namespace {
std::string_view reason_of(link::StopReason reason) {
  switch (reason) {
    case link::StopReason::fork: return "ledger_fork";
    case link::StopReason::peer_lost_entries: return "peer_lost_entries";
    case link::StopReason::we_lost_entries: break;
  }
  return "we_lost_entries";
}

// Our head, the peer's, and the receipt for more than the copy holds.
Bytes encode_proof(const link::LaneStopped& stop) {
  Bytes row;
  for (const link::SignedText* part : {&stop.ours, &stop.theirs, &stop.receipt}) {
    const Bytes bytes = encode(*part);
    put_u32(row, static_cast<std::uint32_t>(bytes.size()));
    put(row, ByteView(bytes));
  }
  return row;
}

struct Recovered {
  const RecordKey& record;
  const Uuid& msg_id;
  const link::EntryBytes& bytes;
  std::uint64_t index = 0;
  std::string recipient = {};          // for whom it was sealed; empty: the peer
};

// The peer's refusal of what we sent, if its evidence came before the entry it is about.
Result<std::optional<std::string>> refusal_before(const Context& context, const RecordKey& record, const Hash& core, const std::string& peer) {
  Bytes from = key_of(record, peer);
  put_u8(from, 0);
  LIAISON_TRY(auto rows, context.ports.store.scan(Table::evidence, {from, after_prefix(from)}, limits::evidence_shown_max));
  Bytes unplaced = key_of_unplaced_evidence(context.agency, core, peer);
  LIAISON_TRY(auto about_envelope, context.ports.store.get(Table::evidence, unplaced));
  if (about_envelope) rows.emplace_back(std::move(unplaced), std::move(*about_envelope));
  for (const auto& row : rows) {
    LIAISON_TRY(const auto text, decode_signed_text(row.second));
    const auto evidence = parse_evidence(view(text.text));
    if (evidence && evidence->event == "refused") return std::optional(evidence->reason);
  }
  return std::optional<std::string>{};
}

// What D wrote about an envelope and was lost, as far as the entry tells it.
Result<void> add_recovered(const Context& context, const LogKey& log, const Recovered& sent, std::vector<Op>& ops) {
  LIAISON_TRY(const link::Entry entry, link::decode_entry(sent.bytes));
  LIAISON_TRY(const auto refused, refusal_before(context, sent.record, entry.core, log.peer));
  DisclosureRow disclosure;
  disclosure.msg_id = sent.msg_id;
  disclosure.lane = log.lane;
  disclosure.epoch = log.epoch;
  disclosure.index = sent.index;
  disclosure.dispatched = context.ports.clock.now();
  disclosure.state = refused ? DisclosureState::refused : DisclosureState::dispatched;
  disclosure.reason = refused.value_or("recovered");
  if (!sent.recipient.empty()) disclosure.over = log.peer;
  ops.push_back({OpKind::put, Table::disclosure, key_of(sent.record, sent.recipient.empty() ? log.peer : sent.recipient), encode(disclosure)});
  ops.push_back({OpKind::put, Table::received, key_of_dispatched(context.agency, sent.bytes), encode(ReceivedRow{sent.record, {}})});
  return {};
}

Op audit_alarm(const Context& context, const LogKey& log, std::string reason) {
  audit::Entry entry = context.entry(audit::Event::alarm);
  entry.peer = log.peer;
  entry.ledger = ledger_name(log);
  entry.reason = std::move(reason);
  return append_audit(entry);
}
}  // namespace

void Peer::on_event(link::EntriesWanted& event) {
  const auto& store = host_.engine().ports().store;
  const LogKey key = key_of_log(Direction::inbound, event.log);
  auto entries = load_entries(store, key, event.first, event.count);
  auto head = load_head(store, key);
  if (!entries || !head) return close(entries ? head.error() : entries.error());
  auto sent = session_->send_entries(event.log, event.first, *entries, head->head);
  if (!sent) close(sent.error());
}

// The peer gave back entries we had signed and lost. What they name was sent: it must not be sent again from the outbox.
void Peer::on_event(link::EntriesReceived& event) {
  Out& o = out(event.log.lane);
  WriteSet set;
  set.cls = WriteClass::dispatch;
  std::vector<link::Element> elements;
  std::map<Uuid, std::uint64_t> sent;  // index by msg_id
  for (const auto& bytes : event.entries) {
    if (auto entry = link::decode_entry(bytes)) sent.emplace(entry->msg_id, event.first + elements.size());
    elements.push_back({bytes, std::nullopt});
  }
  HeadRow next{event.frontier, event.head, {}, {}, o.log.head.opening};
  set.preconditions.push_back({Table::ledger_head, key_of(o.log.key), stored_head(o.log.head)});
  add_ledger_rows(o.log.key, event.first, elements, event.completed, set.ops);
  set.ops.push_back({OpKind::put, Table::ledger_head, key_of(o.log.key), encode(next)});
  const Bytes from = key_of_outbox(id_, event.log.lane, 0);
  const Bytes to = after_prefix(ByteView(from).first(from.size() - 8));
  auto rows = host_.engine().ports().store.scan(Table::outbox, {from, to}, 1'000'000);
  if (!rows) return close(rows.error());
  for (const auto& row : *rows) {
    auto waiting = decode_outbox_row(row.second);
    const auto known = waiting ? sent.find(waiting->msg_id) : sent.end();
    if (known == sent.end()) continue;
    set.ops.push_back({OpKind::del, Table::outbox, row.first, {}});
    if (o.waiting > 0) --o.waiting;
    if (!waiting->of_record()) continue;
    auto added = add_recovered(*host_.context(), o.log.key, {waiting->record, waiting->msg_id, event.entries[known->second - event.first], known->second, waiting->recipient}, set.ops);
    if (!added) return close(added.error());
  }
  audit::Entry entry = host_.context()->entry(audit::Event::alarm);
  entry.peer = id_;
  entry.reason = "entries_recovered";
  entry.ledger = ledger_name(o.log.key);
  entry.ledger_index = event.first;
  set.ops.push_back(append_audit(entry));
  o.log.head = std::move(next);
  begin_work();
  host_.engine().commit(std::move(set), [this, lane = event.log.lane, generation = generation_](Outcome outcome) {
    if (generation == generation_) {
      if (outcome != Outcome::committed) {
        close(fail(Errc::outcome_unknown, "recovered entries"));
      } else {
        out(lane).started = true;
        out(lane).resend_next = out(lane).resend_end = out(lane).log.head.frontier.size();
        after_events();
      }
    }
    end_work();
  });
}

// The stop, its proof and the alarm are one transaction: a restart finds the lane stopped.
void Peer::on_event(link::LaneStopped& event) {
  const bool sending = event.side == link::Side::sending;
  const LogKey key = key_of_log(sending ? Direction::outbound : Direction::inbound, event.log);
  HeadRow& head = sending ? out(event.log.lane).log.head : in(event.log.lane).durable;
  WriteSet set;
  set.preconditions.push_back({Table::ledger_head, key_of(key), stored_head(head)});
  head.stop = event.reason;
  head.other_head = event.theirs;
  if (!sending) in(event.log.lane).next = head;
  set.ops.push_back(put_head(key, head));
  Bytes proof_key = key_of(key, ~std::uint64_t{0});  // one row per story the peer tells
  put(proof_key, ByteView(crypto::text_hash(view(event.theirs.text))));
  set.ops.push_back({OpKind::put, Table::quarantine, std::move(proof_key), encode_proof(event)});
  const std::string reason(reason_of(event.reason));
  host_.engine().alarm(reason, "ledger " + ledger_name(key) + " stopped; both signed heads are kept as proof; " + advice(key, head),
                       [&] { return audit_alarm(*host_.context(), key, reason); }, std::move(set));
}

// We had lost entries of the peer's log, and it sends them again.
void Peer::on_event(link::LaneResumed& event) {
  In& i = in(event.log.lane);
  WriteSet set;
  set.cls = event.log.lane == Lane::urgent ? WriteClass::urgent : WriteClass::receive;  // of T2, so that no batch overtakes it
  set.preconditions.push_back({Table::ledger_head, key_of(i.key), stored_head(i.durable)});
  i.durable.stop.reset();
  i.durable.other_head = {};
  i.next = i.durable;
  set.ops.push_back(put_head(i.key, i.durable));
  set.ops.push_back(audit_alarm(*host_.context(), i.key, "lane_resumed"));
  begin_work();
  host_.engine().commit(std::move(set), [this, generation = generation_](Outcome outcome) {
    if (outcome != Outcome::committed && generation == generation_ && session_) close(fail(Errc::outcome_unknown, "the end of a stop was not stored"));
    end_work();
  });
}

// Only a word about two heads we hold ourselves makes us keep a copy of the new epoch; it begins with the next session.
void Peer::on_event(link::EpochOffered& event) {
  In& i = in(event.log.lane);
  const LogKey offered = key_of_log(Direction::inbound, event.log);
  if (!event.agreed)
    return raise("epoch_conflict", id_ + " opened " + ledger_name(offered) + " over heads that are not the ones both sides hold; call its duty desk");
  WriteSet set;
  set.preconditions.push_back({Table::ledger_head, key_of(i.key), stored_head(i.durable)});
  set.preconditions.push_back({Table::ledger_head, key_of(offered), std::nullopt});
  HeadRow before = i.durable;
  before.stop = link::StopReason::fork;
  before.other_head = event.head_before;
  HeadRow opened;
  opened.opening = event.opening;
  set.ops.push_back(put_head(i.key, before));
  set.ops.push_back(put_head(offered, opened));
  set.ops.push_back(audit_alarm(*host_.context(), offered, "epoch_opened"));
  begin_work();
  host_.engine().commit(std::move(set), [this, generation = generation_](Outcome outcome) {
    if (generation == generation_ && session_) {
      if (outcome == Outcome::committed) restart_session("a new epoch");
      else close(fail(Errc::outcome_unknown, "a new epoch was not stored"));
    }
    end_work();
  });
}

void Peer::on_event(link::WeWereRolledBack& event) {
  raise("rolled_back", id_ + " shows heads we signed for " + std::to_string(event.theirs) + " entries of lane " + std::string(name(event.log.lane)) + ", the store holds " +
                           std::to_string(event.ours) + ": an old backup was restored; taking the missing entries from the peer");
}

void Peer::on_event(link::PeerRolledBack& event) {
  raise("peer_rolled_back", id_ + " lost entries it had signed on lane " + std::string(name(event.log.lane)) + "; giving them back");
}

void Peer::on_event(link::WriterRecovered& event) {
  In& i = in(event.log.lane);
  i.receipts_from = event.peer_receipted;
  if (i.durable.frontier.size() > i.receipted) issue_receipt(event.log.lane);
}

}  // namespace liaison::exchange
