// Wiring of peers and requests inside the pure node.
#include "core/exchange/node.h"

#include "core/base/limits.h"
#include "core/exchange/held.h"
#include "core/exchange/requests.h"

namespace liaison::exchange {
namespace {
constexpr auto sweep_every = std::chrono::minutes{10};
constexpr auto held_sweep_every = std::chrono::seconds{1};  // when an item has come to its end
}

Node::Node(NodeOptions options, Ports ports, OpeningNotes& notes)
    : options_(std::move(options)), context_(options_.context), engine_(ports), notes_(notes), requests_(std::make_unique<Requests>(*this)) {}
Node::~Node() = default;

Result<void> Node::start() {
  started_ = engine_.now();
  const auto& store = engine_.ports().store;
  LIAISON_TRY(const auto last, store.last(Table::inbox, {}));
  if (last) {
    LIAISON_TRY(inbox_next_, parse_number(last->first));
    ++inbox_next_;
  }
  LIAISON_CHECK(load_persons());
  LIAISON_CHECK(held_.load(store));
  for (const auto& [id, agency] : context_->directory->agencies()) {
    if (id != context_->agency) LIAISON_CHECK(add_peer(id));
  }
  LIAISON_CHECK(adopt_orphans());
  LIAISON_CHECK(directories_.start());
  swept_ = started_;
  WriteSet set;
  set.cls = WriteClass::urgent;
  set.ops.push_back(append_audit(context_->entry(audit::Event::started)));
  engine_.commit(std::move(set), [this](Outcome outcome) {
    if (outcome != Outcome::committed) engine_.log(Severity::error, "the start could not be audited; is the disk full?");
  });
  return {};
}

// What waits for an agency that has left the directory must expire in order, not be forgotten.
Result<void> Node::adopt_orphans() {
  for (Bytes from;;) {
    LIAISON_TRY(const auto rows, engine_.ports().store.scan(Table::outbox, {from, {}}, 1));
    if (rows.empty()) return {};
    const std::string id(text(rows.front().first).substr(0, text(rows.front().first).find('\0')));
    LIAISON_CHECK(add_peer(id));
    from = to_bytes(id);
    put_u8(from, 1);  // after every key of this agency, which go on with a zero
  }
}

Result<void> Node::add_peer(const std::string& id) {
  if (peers_.contains(id)) return {};
  auto added = std::make_unique<Peer>(*this, id);
  LIAISON_CHECK(added->start());
  peers_.emplace(id, std::move(added));
  return {};
}

void Node::add_peers() {
  peers_missing_ = false;
  for (const auto& [id, agency] : context_->directory->agencies()) {
    if (id == context_->agency) continue;
    if (auto added = add_peer(id); !added) {
      peers_missing_ = true;
      engine_.log(Severity::error, "what is stored for " + id + " cannot be read: " + added.error().message());
    }
  }
}

Result<void> Node::load_persons() {
  LIAISON_TRY(const auto rows, engine_.ports().store.scan(Table::person, {}, limits::persons_max));
  persons_.clear();
  for (const auto& row : rows) {
    LIAISON_TRY(auto person, decode_person_row(row.second));
    persons_.emplace(std::string(text(row.first)), std::move(person));
  }
  ++persons_version_;
  return {};
}

Peer& Node::peer(const std::string& id) {
  auto& entry = peers_[id];
  if (!entry) entry = std::make_unique<Peer>(*this, id);
  return *entry;
}

void Node::on_request(RequestToken token, std::string_view person, Bytes call) { requests_->on_call(token, person, std::move(call)); }

void Node::on_session_open(SessionId session, const std::string& id) {
  if (!peers_.contains(id)) return engine_.emit(CloseSession{session, "not known yet"});
  sessions_[session] = id;
  peer(id).on_open(session);
}

void Node::on_session_bytes(SessionId session, ByteView bytes) {
  if (const auto found = sessions_.find(session); found != sessions_.end()) peer(found->second).on_bytes(session, bytes);
}

void Node::on_session_writable(SessionId session) {
  if (const auto found = sessions_.find(session); found != sessions_.end()) peer(found->second).on_writable(session);
}

void Node::on_session_closed(SessionId session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  const std::string id = found->second;
  sessions_.erase(found);
  peer(id).on_closed(session);
}

void Node::on_session_refused(SessionId session, const std::string& reason) {
  if (const auto found = sessions_.find(session); found != sessions_.end()) peer(found->second).shut_out(fail(Errc::not_admitted, reason));
}

void Node::on_echoes(const std::vector<Echo>& echoes) { requests_->on_echoes(echoes); }

void Node::on_unreachable(const std::string& agency, const std::string& reason) {
  if (const auto found = peers_.find(agency); found != peers_.end()) found->second->on_unreachable(reason);
}

void Node::on_refused_connection(const std::string& reason) {
  const Time now = engine_.now();
  refused_ = {refused_.count + 1, now, reason};
  if (now >= refused_logged_ && now - refused_logged_ < Seconds{1}) return;
  refused_logged_ = now;
  WriteSet set;
  set.cls = WriteClass::hand_over;
  audit::Entry entry = context_->entry(audit::Event::refused);
  entry.reason = "not_admitted";
  set.ops.push_back(append_audit(entry));
  engine_.commit(std::move(set), [](Outcome) {});
}

void Node::on_tick() {
  engine_.store_alarms_again();
  requests_->on_tick();
  for (auto& [id, one] : peers_) one->on_tick();
  if (peers_missing_) add_peers();
  directories_.on_tick();
  const Time now = engine_.now();
  if (held_.next_end() && *held_.next_end() <= now && (now < held_swept_ || now - held_swept_ >= held_sweep_every)) expire_held_items();
  if (now >= swept_ && now - swept_ < sweep_every) return;
  swept_ = now;
  for (auto& [id, one] : peers_)
    for (const Lane lane : {Lane::urgent, Lane::routine}) one->sweep_expired(lane);
  expire_held_items();
}

Time Node::next_deadline() const {
  Time next = std::min({swept_ + sweep_every, requests_->next_deadline(), directories_.next_deadline()});
  if (held_.next_end()) next = std::min(next, std::max(*held_.next_end(), held_swept_ + held_sweep_every));
  for (const auto& [id, one] : peers_) next = std::min(next, one->next_deadline());
  return next;
}

void Node::on_inbox(Lane lane, std::vector<std::pair<std::uint64_t, std::shared_ptr<const HotMessage>>> messages) {
  Bytes payload;
  put_u64(payload, messages.back().first);
  for (auto& [seq, message] : messages) {
    hot_bytes_ += message->message.size() + message->manifest.size();
    hot_.emplace(seq, std::move(message));
  }
  while (hot_bytes_ > limits::hot_messages_bytes_max && !hot_.empty()) {
    hot_bytes_ -= hot_.begin()->second->message.size() + hot_.begin()->second->manifest.size();
    hot_.erase(hot_.begin());
  }
  if (lane == Lane::urgent) engine_.emit(PublishHint{"urgent", payload});
  engine_.emit(PublishHint{"inbox", std::move(payload)});
}

void Node::on_queued(std::vector<Queued> queued, Outcome outcome) {
  for (auto& one : queued) {
    if (outcome == Outcome::committed) peer(one.peer).enqueue(one.lane, std::move(one.ref));
    else if (outcome == Outcome::unknown) peer(one.peer).look_again(one.lane);
  }
}

void Node::on_held(std::vector<Holding> held, Outcome outcome) {
  if (outcome != Outcome::committed && outcome != Outcome::unknown) return;
  for (auto& one : held) {
    if (outcome == Outcome::unknown) {  // the store says what became of it
      const auto bytes = engine_.ports().store.get(Table::held, key_of(one.seq));
      const auto row = bytes && *bytes ? decode_held_row(**bytes) : Result<HeldRow>(fail(Errc::not_found, "held item"));
      if (!row) continue;
      one.row = *row;
    }
    held_.note(one.seq, one.row);
    engine_.emit(PublishHint{"held", key_of(one.seq)});
  }
}

void Node::announce_inbox(std::uint64_t seq, Lane lane) {
  if (lane == Lane::urgent) engine_.emit(PublishHint{"urgent", key_of(seq)});
  engine_.emit(PublishHint{"inbox", key_of(seq)});
}

void Node::hold_decisions(bool hold) {
  liaison_assert(hold || decisions_held_ > 0);
  if (hold) ++decisions_held_;
  else --decisions_held_;
  if (decisions_held_ == 0)
    for (auto& [id, one] : peers_) one->on_policy();
}

// The clocks run while something waits for a person: its end is told to whoever sent it, a late review to everybody who looks at the alarms.
void Node::expire_held_items() {
  held_swept_ = engine_.now();
  for (const std::uint64_t seq : held_.late_reviews(engine_.now()))
    engine_.alarm("review_overdue", "the emergency release " + std::to_string(seq) + " was not reviewed in time; see: liaison held list", [this] {
      audit::Entry entry = context_->entry(audit::Event::alarm);
      entry.reason = "review_overdue";
      return append_audit(entry);
    });
  for (const std::uint64_t seq : held_.ended(engine_.now())) {
    auto bytes = engine_.ports().store.get(Table::held, key_of(seq));
    auto row = bytes && *bytes ? decode_held_row(**bytes) : Result<HeldRow>(fail(Errc::not_found, "held item"));
    if (!row) {
      engine_.log(Severity::error, "held item " + std::to_string(seq) + " cannot be read: " + row.error().message());
      continue;
    }
    HeldStep step = expire_held(*context_, seq, *row);
    auto reports = report_step(*context_, step);
    if (!reports) {
      engine_.log(Severity::error, "the end of held item " + std::to_string(seq) + " cannot be reported: " + reports.error().message());
      continue;
    }
    auto queued = std::make_shared<std::vector<Queued>>();
    const NextOutboxSeq seqs = [this](const std::string& id, Lane lane) { return next_outbox_seq(id, lane); };
    for (auto& report : *reports) queue_report(std::move(report), seqs, step.set.ops, *queued);
    engine_.commit(std::move(step.set), [this, seq, row = step.row, queued](Outcome outcome) {
      on_held({{seq, row}}, outcome);
      on_queued(std::move(*queued), outcome);
    });
  }
}

}  // namespace liaison::exchange
