// The outbound flow of a peer: what the peer lacks is sent again, then groups of outbox references go through D, in order, within the peer's credit.
// A group is prepared on the pool; ledger indexes are given here, in order, when it comes back; bytes leave only after its commit.
#include "core/base/limits.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/peer.h"
#include "core/exchange/stored_record.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t group_records_max = 32;
constexpr std::size_t groups_max = 4;
constexpr std::size_t group_bytes_max = 512 << 10;
constexpr std::size_t refill_rows = 512;
constexpr std::size_t heads_kept_max = 8192;
constexpr std::size_t hot_bytes_max = limits::hot_messages_bytes_max / 4;  // records kept from T1 to D, per lane
constexpr std::size_t sweep_rows = 512;
}  // namespace

void Peer::enqueue(Lane lane, OutboxRef ref) {
  Out& o = out(lane);
  ++o.waiting;
  // A scan may have met the row between its commit and this call; then it is on its way already. While older ones wait in the store only,
  // order is kept by reading this one from there too.
  const bool on_its_way = o.in_hand.contains(ref.seq);
  if (!on_its_way && o.started && !o.more_in_store && o.refs.size() < limits::outbox_refs_in_memory_max) {
    o.in_hand.insert(ref.seq);
    if (o.hot_bytes + ref.row.bytes > hot_bytes_max) ref.hot.reset();
    if (ref.hot != nullptr) o.hot_bytes += ref.row.bytes;
    o.refs.push_back(std::move(ref));
  } else if (!on_its_way) {
    o.more_in_store = true;
  }
  pump(lane);
  flush_output();
}

NextOutboxSeq Peer::outbox_seqs() {
  return [this](const std::string& peer, Lane lane) { return host_.next_outbox_seq(peer, lane); };
}

void Peer::look_again(Lane lane) {
  out(lane).more_in_store = true;
  pump(lane);
  flush_output();
}

Result<void> Peer::refill(Lane lane) {
  Out& o = out(lane);
  // From the beginning: commits of different classes overtake each other, so that a lower number may appear after a higher one.
  const Bytes from = key_of_outbox(id_, lane, 0);
  const Bytes to = after_prefix(ByteView(from).first(from.size() - 8));
  const std::size_t most = refill_rows + o.in_hand.size();
  LIAISON_TRY(const auto rows, host_.engine().ports().store.scan(Table::outbox, {from, to}, most));
  for (const auto& row : rows) {
    OutboxRef ref;
    LIAISON_TRY(ref.seq, parse_number(row.first));
    if (!o.in_hand.insert(ref.seq).second) continue;
    LIAISON_TRY(ref.row, decode_outbox_row(row.second));
    o.refs.push_back(std::move(ref));
  }
  o.more_in_store = rows.size() == most;
  return {};
}

void Peer::pump(Lane lane) {
  Out& o = out(lane);
  if (!session_ || !session_->ready() || !o.started || session_->stopped(out_id(lane), link::Side::sending) || !may_exchange()) return;
  while (o.resend_next < o.resend_end)
    if (!resend(lane)) return;
  send_unsent(lane);
  while (session_ && o.resend_next < o.resend_end)
    if (!resend(lane)) return;
  while (session_ && start_group(lane)) {
  }
}

// One batch of what was dispatched before this session and the peer does not hold. False: no credit now, or the session ended.
bool Peer::resend(Lane lane) {
  Out& o = out(lane);
  const auto& store = host_.engine().ports().store;
  const std::size_t room = session_->room(out_id(lane));
  if (room == 0) return false;
  const std::size_t count = std::min<std::uint64_t>(o.resend_end - o.resend_next, group_records_max);
  auto entries = load_entries(store, o.log.key, o.resend_next, count);
  if (!entries) {
    close(entries.error());
    return false;
  }
  std::vector<link::Element> elements;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    auto body = store.get(Table::ledger_body, key_of(o.log.key, o.resend_next + i));
    if (!body) {
      close(body.error());
      return false;
    }
    const std::size_t size = *body ? (*body)->size() : 0;
    if (!elements.empty() && bytes + size > std::min(room, group_bytes_max)) break;
    bytes += size;
    elements.push_back({(*entries)[i], std::move(*body)});
  }
  const std::uint64_t end = o.resend_next + elements.size();
  auto frontier = merkle::frontier_at(end, [&](std::uint64_t index) { return load_node(store, o.log.key, index); });
  auto head = end == o.resend_end ? Result<link::SignedText>(o.log.head.head)
              : frontier           ? sign_head(*host_.context(), o.log.key, *frontier)
                                   : Result<link::SignedText>(frontier.error());
  if (!head) {
    close(head.error());
    return false;
  }
  auto sent = session_->send_batch(out_id(lane), o.resend_next, elements, *head);
  if (!sent) {
    if (disposition(sent.error().code) != Disposition::retry_later) close(sent.error());
    return false;
  }
  o.resend_next = end;
  o.heads.emplace_back(end, std::move(*head));
  return true;
}

Result<std::shared_ptr<const SealingContext>> Peer::sealing_context() {
  const auto context = host_.context();
  const Time now = host_.engine().now();
  LIAISON_TRY(const auto box, context->directory->current_key(id_, crypto::KeyRole::box, now));
  const bool fresh = sealing_ && sealing_->box_key == box.hash() && now >= sealing_->made && now - sealing_->made < limits::context_age_max &&
                     sealed_with_context_ + group_records_max < limits::context_uses_max;
  if (fresh) return sealing_;
  LIAISON_TRY(sealing_, make_sealing_context(context->realm, context->agency, box, now, host_.engine().ports().random));
  sealed_with_context_ = 0;
  return sealing_;
}

bool Peer::start_group(Lane lane) {
  Out& o = out(lane);
  if (o.groups.size() + o.committing >= groups_max || !o.unsent.empty()) return false;
  if (o.refs.empty() && o.more_in_store) {
    if (auto filled = refill(lane); !filled) {
      close(filled.error());
      return false;
    }
  }
  if (o.refs.empty()) return false;
  std::size_t bytes_before = 0;
  for (const auto& group : o.groups) bytes_before += group->bytes;
  const std::size_t room = session_->room(out_id(lane));
  if (room <= bytes_before) return false;
  auto sealing = sealing_context();
  if (!sealing) {
    close(sealing.error());
    return false;
  }
  auto group = std::make_shared<Group>();
  std::vector<OutboxRef> refs;
  while (!o.refs.empty() && refs.size() < group_records_max && (refs.empty() || bytes_before + group->bytes + o.refs.front().row.bytes <= room) && group->bytes < group_bytes_max) {
    group->bytes += o.refs.front().row.bytes;
    if (o.refs.front().hot != nullptr) o.hot_bytes -= o.refs.front().row.bytes;
    refs.push_back(std::move(o.refs.front()));
    o.refs.pop_front();
  }
  sealed_with_context_ += static_cast<std::uint32_t>(refs.size());
  group->refs = refs;
  o.groups.push_back(group);
  begin_work();
  host_.engine().run(lane == Lane::urgent, [this, lane, group, generation = generation_, context = host_.context(), peer = id_, sealing = *sealing,
                                            refs = std::make_shared<std::vector<OutboxRef>>(std::move(refs))]() -> Finish {
    auto prepared = std::make_shared<Result<Prepared>>(prepare_dispatch(*context, peer, *sealing, std::move(*refs)));
    return [this, lane, group, generation, prepared] { on_prepared(lane, generation, group, std::move(*prepared)); };
  });
  return true;
}

void Peer::on_prepared(Lane lane, std::uint64_t generation, const std::shared_ptr<Group>& group, Result<Prepared> prepared) {
  if (generation == generation_ && session_) {
    if (!prepared) {
      close(prepared.error());
    } else {
      group->done = true;
      group->prepared = std::move(*prepared);
      commit_groups(lane);
      after_events();
    }
  }
  end_work();
}

void Peer::commit_groups(Lane lane) {
  Out& o = out(lane);
  while (session_ && host_.may_decide() && !o.groups.empty() && o.groups.front()->done && may_exchange()) {
    const Prepared& first = o.groups.front()->prepared;
    if (first.policy != host_.context()->policy->ref().fingerprint || first.directory != host_.context()->directory->hash()) return take_back(o);
    const auto group = std::move(o.groups.front());
    o.groups.pop_front();
    std::vector<std::uint64_t> seqs;
    for (const auto& item : group->prepared.items) seqs.push_back(item.seq);
    auto dispatched = finish_dispatch(*host_.context(), o.log, std::move(group->prepared), {outbox_seqs(), host_.held_seqs()});
    if (!dispatched) {
      close(dispatched.error());
      return;
    }
    ++o.committing;
    begin_work();
    WriteSet set = std::move(dispatched->set);
    auto batch = std::make_shared<Dispatched>(std::move(*dispatched));
    host_.engine().commit(std::move(set), [this, lane, batch, seqs, generation = generation_](Outcome outcome) {
      Out& lane_out = out(lane);
      if (outcome == Outcome::committed) lane_out.waiting -= std::min<std::uint64_t>(lane_out.waiting, seqs.size());
      host_.on_held(std::move(batch->held), outcome);
      host_.on_queued(std::move(batch->queued), outcome);
      if (generation == generation_ && session_) {
        for (const std::uint64_t seq : seqs) lane_out.in_hand.erase(seq);
        --lane_out.committing;
        if (outcome != Outcome::committed) {
          close(fail(Errc::outcome_unknown, "dispatch was not committed; the link restarts from the store"));
        } else {
          if (!batch->elements.empty()) lane_out.unsent.push_back(std::move(*batch));
          send_unsent(lane);
          after_events();
        }
      }
      end_work();
    });
  }
}

// Prepared under a policy or directory that is no longer in force: everything that has no ledger position yet is decided anew, in order.
void Peer::take_back(Out& o) {
  for (auto group = o.groups.rbegin(); group != o.groups.rend(); ++group) {
    for (auto ref = (*group)->refs.rbegin(); ref != (*group)->refs.rend(); ++ref) {
      if (ref->hot != nullptr) o.hot_bytes += ref->row.bytes;
      o.refs.push_front(std::move(*ref));
    }
  }
  o.groups.clear();
}

void Peer::on_policy() {
  if (!session_) return;
  for (const Lane lane : {Lane::urgent, Lane::routine}) {
    commit_batches(lane);
    commit_groups(lane);
  }
  after_events();
}

void Peer::send_unsent(Lane lane) {
  Out& o = out(lane);
  while (session_ && !o.unsent.empty()) {
    const Dispatched& batch = o.unsent.front();
    auto sent = session_->send_batch(out_id(lane), batch.first, batch.elements, batch.head);
    if (!sent) {
      if (disposition(sent.error().code) != Disposition::retry_later) return close(sent.error());
      // Cut by estimates it may never fit the peer's window; sending it again from the store cuts by real sizes.
      if (o.committing == 0 && o.groups.empty()) {
        o.resend_next = batch.first;
        o.resend_end = o.log.head.frontier.size();
        o.unsent.clear();
      }
      return;
    }
    o.heads.emplace_back(batch.first + batch.elements.size(), batch.head);
    if (o.heads.size() > heads_kept_max) o.heads.pop_front();
    o.unsent.pop_front();
  }
}

// What expired while it waited is given up here too, since no session may ever come (a peer away, a stopped lane, an agency that left).
void Peer::sweep_expired(Lane lane) { (void)sweep(lane, std::nullopt); }

bool Peer::return_waiting(std::string_view reason) {
  const Why why{DisclosureState::refused, reason};
  const bool urgent = sweep(Lane::urgent, why), routine = sweep(Lane::routine, why);
  return urgent || routine;
}

// True: there is more to look at soon.
bool Peer::sweep(Lane lane, const std::optional<Why>& all) {
  Out& o = out(lane);
  const Time now = host_.engine().now();
  Bytes from = key_of_outbox(id_, lane, 0);
  const Bytes to = after_prefix(ByteView(from).first(from.size() - 8));
  bool more = false;
  for (;;) {
    auto rows = host_.engine().ports().store.scan(Table::outbox, {from, to}, sweep_rows);
    if (!rows) {
      host_.engine().log(Severity::error, "the outbox of " + id_ + " cannot be read: " + rows.error().message());
      return true;
    }
    for (const auto& row : *rows) {
      auto seq = parse_number(row.first);
      auto waiting = decode_outbox_row(row.second);
      if (!seq || !waiting) continue;
      const bool returned = all && waiting->texts.empty();
      if (!returned && waiting->expires > now) continue;
      more = true;
      if (!o.in_hand.contains(*seq)) give_up(lane, row, *waiting, waiting->expires > now ? *all : Why{DisclosureState::expired, "expired"});
    }
    if (!all || more || rows->size() < sweep_rows) return more;
    from = rows->back().first;  // only evidence so far: records may wait behind it
    put_u8(from, 0);
  }
}

// With evidence to the agency it came from, if it was to be passed on.
void Peer::give_up(Lane lane, const Row& row, const OutboxRow& waiting, const Why& why) {
  const std::string reason(why.reason);
  const auto context = host_.context();
  DisclosureRow given_up;
  given_up.msg_id = waiting.msg_id;
  given_up.lane = lane;
  given_up.dispatched = host_.engine().now();
  given_up.state = why.state;
  given_up.reason = reason;
  audit::Entry entry = context->entry(audit::Event::refused);
  entry.peer = id_;
  entry.reason = reason;
  entry.record_from = waiting.record.from;
  entry.record = waiting.record.id;
  entry.version = waiting.record.from.empty() ? 0 : waiting.record.version;
  Reports reports;
  if (waiting.of_record() && waiting.record.from != context->agency) {
    auto via = load_via(context->ports.store, waiting.record);
    if (!via) return host_.engine().log(Severity::error, "what waited for " + id_ + " cannot be read: " + via.error().message());
    given_up.via = *via;
    if (!via->empty()) reports.say({*via, waiting.record, std::nullopt, std::nullopt, std::nullopt, "not_relayed", reason + ":" + (waiting.recipient.empty() ? id_ : waiting.recipient)});
  }
  if (!waiting.envelope.empty()) say_not_forwarded(waiting, id_, reason, reports);
  auto signed_reports = std::move(reports).finish(*context);
  if (!signed_reports) return host_.engine().log(Severity::error, "what waited for " + id_ + " cannot be reported: " + signed_reports.error().message());
  WriteSet set;
  set.cls = WriteClass::purge;
  set.preconditions.push_back({Table::outbox, row.first, row.second});
  set.ops.push_back({OpKind::del, Table::outbox, row.first, {}});
  if (waiting.of_record()) set.ops.push_back({OpKind::put, Table::disclosure, key_of(waiting.record, waiting.recipient.empty() ? id_ : waiting.recipient), encode(given_up)});
  set.ops.push_back(append_audit(entry));
  auto queued = std::make_shared<std::vector<Queued>>();
  const NextOutboxSeq seqs = outbox_seqs();
  for (auto& report : *signed_reports) queue_report(std::move(report), seqs, set.ops, *queued);
  begin_work();
  host_.engine().commit(std::move(set), [this, lane, queued](Outcome outcome) {
    if (outcome == Outcome::committed && out(lane).waiting > 0) --out(lane).waiting;
    host_.on_queued(std::move(*queued), outcome);
    end_work();
  });
}

}  // namespace liaison::exchange
