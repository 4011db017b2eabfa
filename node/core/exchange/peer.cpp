// A peer's session: opening from the store, bytes in and out, receipts, status. The flows of the lanes are in peer_out and peer_in; what happens when two
// copies of a ledger do not agree is in peer_recovery and peer_repair.
#include "core/exchange/peer.h"

#include "core/base/limits.h"
#include "core/exchange/directory_store.h"
#include "core/exchange/ledger_rows.h"

namespace liaison::exchange {
namespace {
constexpr std::array lanes{Lane::urgent, Lane::routine};
// What is handed to the shell at once cannot be overtaken any more; with what the kernel holds this is half a second of a 1 Mbit/s line.
constexpr std::size_t output_chunk_bytes = 16 << 10;

link::LogState state_of(const LogKey& log, const HeadRow& head) {
  link::LogState state;
  state.log = {log.stream, log.lane, log.epoch};
  state.frontier = head.frontier;
  state.head = head.head;
  state.stopped = head.stop;
  state.opening = head.opening;
  return state;
}
}  // namespace

Result<void> Peer::start() {
  for (const Lane lane : lanes) {
    Out& o = out(lane);
    const auto& store = host_.engine().ports().store;
    LIAISON_TRY(o.log.key, current_log(store, {id_, Direction::outbound, 0, lane, 0}));
    LIAISON_TRY(in(lane).key, current_log(store, {id_, Direction::inbound, 0, lane, 0}));
    LIAISON_TRY(in(lane).durable, load_head(store, in(lane).key));
    Bytes from = key_of_outbox(id_, lane, 0);
    const Bytes to = after_prefix(ByteView(from).first(from.size() - 8));
    for (;;) {
      LIAISON_TRY(const auto rows, host_.engine().ports().store.scan(Table::outbox, {from, to}, 1024));
      o.waiting += rows.size();
      if (rows.empty()) break;
      LIAISON_TRY(const auto last, parse_number(rows.back().first));
      o.next_seq = last + 1;
      from = key_of_outbox(id_, lane, o.next_seq);
    }
    LIAISON_TRY(o.receipted, load_receipted(host_.engine().ports().store, o.log.key));
    LIAISON_TRY(o.log.head, load_head(host_.engine().ports().store, o.log.key));
  }
  return {};
}

void Peer::raise(std::string code, std::string text) {
  const auto context = host_.context();
  const std::string reason = code;
  host_.engine().alarm(std::move(code), std::move(text), [&] {
    audit::Entry entry = context->entry(audit::Event::alarm);
    entry.peer = id_;
    entry.reason = reason;
    return append_audit(entry);
  });
}

Result<void> Peer::load_written(Lane lane, std::vector<link::LogState>& states) {
  const auto& store = host_.engine().ports().store;
  Out& o = out(lane);
  LIAISON_TRY(o.log.key, current_log(store, {id_, Direction::outbound, 0, lane, 0}));
  LIAISON_TRY(o.log.head, load_head(store, o.log.key));
  LIAISON_TRY(const auto receipt, load_last_receipt(store, o.log.key));
  LIAISON_TRY(o.receipted, load_receipted(store, o.log.key));
  o.last_receipt.reset();
  if (receipt) o.last_receipt = Precondition{Table::ledger_receipt, key_of(o.log.key, o.receipted), encode(*receipt)};
  o.refs.clear();
  o.groups.clear();
  o.unsent.clear();
  o.heads.clear();
  o.hot_bytes = 0;
  o.in_hand.clear();
  o.more_in_store = true;
  o.started = false;
  o.resend_next = o.resend_end = 0;
  o.committing = 0;
  states.push_back(state_of(o.log.key, o.log.head));
  states.back().receipted = o.receipted;
  if (receipt) {
    states.back().receipt = receipt->receipt;
    states.back().receipt_head = receipt->head;
  }
  return add_epoch_before(o.log.key, states);
}

Result<void> Peer::load_kept(Lane lane, std::vector<link::LogState>& states) {
  const auto& store = host_.engine().ports().store;
  In& i = in(lane);
  LIAISON_TRY(i.key, current_log(store, {id_, Direction::inbound, 0, lane, 0}));
  LIAISON_TRY(i.durable, load_head(store, i.key));
  LIAISON_TRY(i.receipted, load_receipted(store, i.key));
  i.next = i.durable;
  i.batches.clear();
  i.receipt_in_flight = false;
  i.receipt_due.reset();
  i.receipts_from.reset();
  LIAISON_CHECK(load_voids(i));
  states.push_back(state_of(i.key, i.durable));
  return add_epoch_before(i.key, states);
}

// The epoch before the newest is stopped for good; its heads prove what the newest one begins with.
Result<void> Peer::add_epoch_before(LogKey log, std::vector<link::LogState>& states) const {
  if (log.epoch == 0) return {};
  --log.epoch;
  LIAISON_TRY(const HeadRow head, load_head(host_.engine().ports().store, log));
  states.push_back(state_of(log, head));
  return {};
}

Result<void> Peer::load_voids(In& i) {
  i.voids.clear();
  const Bytes from = key_of(i.key, i.receipted);
  const Bytes to = after_prefix(key_of(i.key));
  LIAISON_TRY(const auto rows, host_.engine().ports().store.scan(Table::ledger_body, {from, to}, 100'000));
  for (const auto& row : rows) {
    if (!row.second.empty()) continue;
    LIAISON_TRY(const auto index, parse_number(row.first));
    i.voids.push_back(index);
  }
  return {};
}

void Peer::on_open(SessionId session) {
  if (session_id_ != 0 || waiting_session_ != 0) {
    // The later one stays (formats 4); the shell closes whichever this peer gives up.
    host_.engine().emit(CloseSession{session_id_ != 0 ? session_id_ : waiting_session_, "replaced by a newer session"});
    on_closed(session_id_ != 0 ? session_id_ : waiting_session_);
  }
  waiting_session_ = session;
  waiting_bytes_.clear();
  if (under_way_ == 0)
    if (auto opened = open_session(); !opened) close(opened.error());
}

Result<void> Peer::open_session() {
  session_id_ = std::exchange(waiting_session_, 0);
  ++generation_;
  writable_ = true;
  const auto context = host_.context();
  const Time now = host_.engine().now();
  gate_closed_ = false;
  // Past the grace the link comes up all the same: a newer directory may come over it, and records wait.
  if (!is_member(*context->directory, id_)) return fail(Errc::not_admitted, id_ + " is not a member of the federation in directory version " + std::to_string(context->directory->version()));
  link::SessionConfig config;
  config.realm = context->realm;
  config.self = context->agency;
  config.peer = id_;
  said_ = {context->directory->version(), context->directory->hash()};
  config.directory_version = said_.version;
  config.directory_hash = said_.hash;
  for (const Lane lane : lanes) {
    LIAISON_CHECK(load_written(lane, config.sending));
    LIAISON_CHECK(load_kept(lane, config.receiving));
  }
  // Asked of the directory of that moment: a session outlives versions.
  config.peer_link_key = [this](const Hash& key, Time at) { return host_.context()->directory->key(id_, crypto::KeyRole::link, key, at); };
  config.own_link_key = [this](const Hash& key, Time at) { return host_.context()->directory->key(host_.context()->agency, crypto::KeyRole::link, key, at); };
  config.forwards = [this](std::string_view to) { return forwards_blind(*host_.context()->directory, host_.context()->agency, id_, to); };
  config.root_at = [this](link::Side side, const link::LogId& log, std::uint64_t size) {
    return load_root(host_.engine().ports().store, key_of_log(side == link::Side::sending ? Direction::outbound : Direction::inbound, log), size);
  };
  // Every agency of the directory may connect, so the node-wide budget is shared among them all from the start.
  const std::size_t share = limits::inbound_budget_bytes / (2 * std::max<std::size_t>(1, context->directory->agencies().size() - 1));
  config.window_bytes = static_cast<std::uint32_t>(std::min<std::size_t>(limits::lane_window_bytes, std::max<std::size_t>(share, 64 << 10)));
  session_.emplace(std::move(config), now);
  since_ = now;
  WriteSet set;
  set.cls = WriteClass::hand_over;
  audit::Entry entry = context->entry(audit::Event::link_up);
  entry.peer = id_;
  set.ops.push_back(append_audit(entry));
  host_.engine().commit(std::move(set), [](Outcome) {});
  host_.engine().log(Severity::info, "link to " + id_ + " open");
  const Bytes bytes = std::exchange(waiting_bytes_, {});
  if (!bytes.empty()) on_bytes(session_id_, bytes);
  else flush_output();
  return {};
}

void Peer::on_bytes(SessionId session, ByteView bytes) {
  if (session == waiting_session_ && session != 0) {
    if (waiting_bytes_.size() + bytes.size() > limits::hello_waiting_bytes_max) {
      close(fail(Errc::protocol_violation, "frames before the handshake"));
      return;
    }
    put(waiting_bytes_, bytes);
    return;
  }
  if (session != session_id_ || !session_) return;
  auto taken = session_->on_bytes(bytes, host_.engine().now());
  handle_events();
  if (!taken && session_) close(taken.error());
  after_events();
}

void Peer::handle_events() {
  const std::uint64_t generation = generation_;
  while (session_ && generation == generation_) {
    auto events = session_->take_events();
    if (events.empty()) return;
    for (auto& event : events) {
      std::visit([this](auto& e) { on_event(e); }, event);
      if (!session_ || generation != generation_) return;
    }
  }
}

void Peer::after_events() {
  if (!session_) return;
  for (const Lane lane : lanes) {
    send_receipts_again(lane);
    pump(lane);
  }
  flush_output();
}

void Peer::flush_output() {
  if (!session_ || !writable_) return;
  Bytes bytes = session_->take_output(output_chunk_bytes);
  if (bytes.empty()) return;
  writable_ = false;
  host_.engine().emit(SendBytes{session_id_, std::move(bytes)});
}

void Peer::on_writable(SessionId session) {
  if (session != session_id_ || !session_) return;
  writable_ = true;
  after_events();
}

void Peer::on_closed(SessionId session) {
  if (session == waiting_session_ && session != 0) {
    waiting_session_ = 0;
    waiting_bytes_.clear();
    return;
  }
  if (session != session_id_ || session == 0) return;
  session_.reset();
  session_id_ = 0;
  ++generation_;
  for (const Lane lane : lanes) {
    out(lane).started = false;
    out(lane).groups.clear();
    out(lane).unsent.clear();
    out(lane).refs.clear();
    in(lane).batches.clear();
  }
  opening_.clear();
  host_.on_link_down(id_);
  if (reopening_) end_reopening(fail(Errc::peer_away, "the link to " + id_ + " ended before its copy was compared; ask again when it is up"));
  host_.engine().log(Severity::info, "link to " + id_ + " closed");
}

// The next session starts from what the store says now.
void Peer::restart_session(const std::string& why) {
  if (session_id_ == 0) return;
  host_.engine().log(Severity::info, "restarting the link to " + id_ + ": " + why);
  host_.engine().emit(CloseSession{session_id_, why});
  on_closed(session_id_);
  host_.engine().emit(RedialPeer{id_});
}

void Peer::close(const Error& error) {
  const SessionId session = session_id_ != 0 ? session_id_ : waiting_session_;
  if (session == 0) return;
  last_reason_ = error.message();
  const auto context = host_.context();
  if (disposition(error.code) == Disposition::close_link || disposition(error.code) == Disposition::refuse_message) {
    WriteSet set;
    set.cls = WriteClass::hand_over;
    audit::Entry entry = context->entry(audit::Event::refused);
    entry.peer = id_;
    entry.reason = std::string(name(error.code));
    set.ops.push_back(append_audit(entry));
    host_.engine().commit(std::move(set), [](Outcome) {});
  }
  host_.engine().log(Severity::warning, "closing the link to " + id_ + ": " + error.message());
  host_.engine().emit(CloseSession{session, std::string(name(error.code))});
  on_closed(session);
}

void Peer::end_work() {
  liaison_assert(under_way_ > 0);
  --under_way_;
  if (under_way_ != 0) return;
  if (session_id_ == 0)
    for (Out& o : out_) o.in_hand.clear();  // nothing of the last session is under way: the rows in the store are all there is
  if (waiting_session_ != 0)
    if (auto opened = open_session(); !opened) close(opened.error());
}

void Peer::on_tick() {
  if (!session_) return;
  const Time now = host_.engine().now();
  auto ticked = session_->on_tick(now);
  handle_events();
  if (!session_) return;
  if (!ticked) {
    close(ticked.error());
    return;
  }
  for (const Lane lane : lanes) {
    auto& due = in(lane).receipt_due;
    if (due && *due > now + limits::receipt_delay_max) due = now;  // the wall clock was set back
    if (due && *due <= now) issue_receipt(lane);
  }
  look_at_gate();
  after_events();
}

Time Peer::next_deadline() const {
  if (!session_) return Time::max();
  Time next = session_->next_deadline();
  for (const auto& i : in_)
    if (i.receipt_due && !i.receipt_in_flight) next = std::min(next, *i.receipt_due);
  return next;
}

void Peer::on_event(link::Ready& event) {
  for (const auto& start : event.starts) {
    Out& o = out(start.log.lane);
    o.started = true;
    o.resend_next = start.resume_at;
    o.resend_end = o.log.head.frontier.size();
  }
  for (const auto& copy : event.receiving) {
    in(copy.log.lane).receipts_from = copy.peer_receipted;
    if (in(copy.log.lane).durable.frontier.size() > in(copy.log.lane).receipted) issue_receipt(copy.log.lane);
  }
  const auto& directory = *host_.context()->directory;
  if (const link::DirectoryMark held{directory.version(), directory.hash()}; held != said_) (void)tell_directory(held).has_value();  // it changed since our Hello was written
  host_.on_directory_mark(id_, {event.peer_directory_version, event.peer_directory_hash}, true);
}

void Peer::on_event(link::Acked&) {}

void Peer::on_event(link::ReceiptReceived& event) {
  Out& o = out(event.log.lane);
  if (event.size <= o.receipted) return;
  while (!o.heads.empty() && o.heads.front().first < event.size) o.heads.pop_front();
  if (event.head.empty() && !o.heads.empty() && o.heads.front().first == event.size) event.head = o.heads.front().second;
  compare_clocks(event);
  WriteSet set;
  set.cls = WriteClass::hand_over;
  if (o.last_receipt) set.preconditions.push_back(*o.last_receipt);
  o.last_receipt = Precondition{Table::ledger_receipt, key_of(o.log.key, event.size), encode(ReceiptRow{event.receipt, event.head})};
  set.ops.push_back({OpKind::put, Table::ledger_receipt, o.last_receipt->key, *o.last_receipt->expected});
  audit::Entry entry = host_.context()->entry(audit::Event::receipt_stored);
  entry.peer = id_;
  entry.ledger = ledger_name(o.log.key);
  entry.ledger_index = event.size;
  set.ops.push_back(append_audit(entry));
  begin_work();
  host_.engine().commit(std::move(set), [this, lane = event.log.lane, size = event.size, generation = generation_](Outcome outcome) {
    if (outcome == Outcome::committed) out(lane).receipted = std::max(out(lane).receipted, size);
    else if (generation == generation_ && session_) close(fail(Errc::outcome_unknown, "a receipt was not stored; the peer sends it again"));
    end_work();
  });
}

// The peer stored the batch after we signed its head and before its receipt came: so its clock at that moment lies between two times of ours.
void Peer::compare_clocks(const link::ReceiptReceived& event) {
  const auto receipt = link::parse_receipt(view(event.receipt.text));
  const auto head = link::parse_head(view(event.head.text));
  if (receipt && head) clock_ = {receipt->stored - host_.engine().now(), receipt->stored - head->time};
}

void Peer::on_event(link::PeerSaidBye& event) { last_reason_ = "peer said: " + event.code; }

Peer::Status Peer::status() const {
  Status status;
  status.connected = session_ && session_->ready();
  status.since = since_;
  status.waiting = {out_[0].waiting, out_[1].waiting};
  for (const auto& o : out_) status.unreceipted += o.log.head.frontier.size() - std::min(o.receipted, o.log.head.frontier.size());
  status.clock = clock_;
  for (const auto& o : out_) {
    const auto row = load_last_receipt(host_.engine().ports().store, o.log.key);
    const auto receipt = row && *row ? link::parse_receipt(view((*row)->receipt.text)) : Result<link::Receipt>(fail(Errc::not_found, "receipt"));
    if (receipt) status.last_receipt = std::max(status.last_receipt.value_or(Time{}), receipt->stored);
  }
  status.state = status.connected ? "ok" : "away";
  status.detail = status.connected ? "" : last_reason_;
  const auto stopped = [&status](std::string what) {
    status.detail = (status.state == "stopped" ? status.detail + "; " : "") + std::move(what);
    status.state = "stopped";
  };
  for (const Lane lane : lanes) {
    const std::size_t n = lane == Lane::urgent ? 0 : 1;
    if (out_[n].log.head.stop) stopped(advice(out_[n].log.key, out_[n].log.head));
    else if (session_ && session_->stopped(id_of(out_[n].log.key), link::Side::sending)) stopped(id_ + " stopped " + ledger_name(out_[n].log.key) + "; call its duty desk");
    if (in_[n].durable.stop) stopped(advice(in_[n].key, in_[n].durable));
    else if (session_ && session_->stopped(id_of(in_[n].key), link::Side::receiving)) stopped(id_ + " stopped " + ledger_name(in_[n].key) + "; call its duty desk");
  }
  return status;
}

}  // namespace liaison::exchange
