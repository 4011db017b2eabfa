// The inbound flow of a peer: batches are opened in parts on the pool, committed in ledger order (T2), then acknowledged and receipted.
#include "core/base/limits.h"
#include "core/exchange/ledger_rows.h"
#include "core/exchange/peer.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t part_elements = 32;
constexpr std::size_t opening_cache_max = 64;
constexpr std::size_t receipts_at_once = 128;
constexpr std::size_t receipts_output_bytes = 512 << 10;

std::string alarm_text(const ReceivedItem& item, const LogKey& log) {
  if (item.alarm == "box_key_missing")
    return "envelopes on " + ledger_name(log) + " were sealed to a box key of ours that is not here; they are refused. Put the key file back into keys_dir, restart, and ask " + log.peer +
           " to send what its track shows as refused";
  return log.peer + " sent it on " + ledger_name(log) + ": " + item.entry->reason + "; it is kept; see: liaison audit list";
}
}  // namespace

void Peer::on_event(link::BatchReceived& event) {
  const Lane lane = event.log.lane;
  In& i = in(lane);
  auto batch = std::make_shared<Batch>();
  batch->batch.log = i.key;
  batch->batch.first = event.first;
  batch->batch.before = i.next;
  batch->batch.after = {event.frontier, event.head, {}, {}, i.next.opening};
  batch->batch.completed = std::move(event.completed);
  for (const auto& element : event.elements) {
    batch->batch.entries.push_back(element.entry);
    if (element.envelope) batch->envelope_bytes += element.envelope->size();
  }
  i.next = batch->batch.after;
  i.batches.push_back(batch);
  start_batch(lane, batch, std::move(event.elements));
}

void Peer::start_batch(Lane lane, const std::shared_ptr<Batch>& batch, std::vector<link::Element> elements) {
  const std::size_t parts = (elements.size() + part_elements - 1) / part_elements;
  batch->parts.resize(parts);
  for (std::size_t part = 0; part < parts; ++part) {
    auto input = std::make_shared<ReceiveInput>();
    input->log = batch->batch.log;
    input->first = batch->batch.first + part * part_elements;
    const auto from = elements.begin() + static_cast<std::ptrdiff_t>(part * part_elements);
    const auto to = elements.begin() + static_cast<std::ptrdiff_t>(std::min(elements.size(), (part + 1) * part_elements));
    input->elements.assign(std::make_move_iterator(from), std::make_move_iterator(to));
    input->cache = opening_;
    input->quarantine_room = limits::quarantine_bytes_max - std::min(limits::quarantine_bytes_max, quarantined_bytes_);
    batch->inputs.push_back(std::move(input));
    receive_part(lane, batch, part);
  }
}

void Peer::receive_part(Lane lane, const std::shared_ptr<Batch>& batch, std::size_t part) {
  begin_work();
  host_.engine().run(lane == Lane::urgent, [this, lane, batch, part, input = batch->inputs[part], generation = generation_, context = host_.context(), &notes = host_.notes()]() -> Finish {
    auto result = std::make_shared<Result<ReceiveResult>>(receive_elements(*context, notes, *input));
    return [this, lane, batch, part, generation, context, result] { on_received(lane, generation, batch, part, *context, std::move(*result)); };
  });
}

void Peer::on_received(Lane lane, std::uint64_t generation, const std::shared_ptr<Batch>& batch, std::size_t part, const Context& under, Result<ReceiveResult> result) {
  if (generation == generation_ && session_) {
    if (!result) {
      close(result.error());
    } else {
      if (opening_.size() + result->opened.size() > opening_cache_max) opening_.clear();
      opening_.merge(result->opened);
      quarantined_bytes_ += result->quarantined_bytes;
      batch->parts[part] = ReceivedWork{std::move(result->items), std::move(result->reports), under.policy->ref().fingerprint, under.directory->hash(), result->quarantined_bytes};
      commit_batches(lane);
      after_events();
    }
  }
  end_work();
}

// Parts that were taken under a policy or directory no longer in force are opened, verified, screened and passed on anew; and permits whose record was
// committed meanwhile.
bool Peer::take_again(Lane lane, const std::shared_ptr<Batch>& batch) {
  const auto context = host_.context();
  bool again = false;
  const auto came = [this](const ReceivedItem& item) {
    const auto record = item.early ? host_.engine().ports().store.get(Table::record, key_of(*item.early)) : Result<std::optional<Bytes>>(std::optional<Bytes>{});
    return record && record->has_value();
  };
  for (std::size_t part = 0; part < batch->parts.size(); ++part) {
    const auto& items = batch->parts[part]->items;
    const bool in_force = batch->parts[part]->policy == context->policy->ref().fingerprint && batch->parts[part]->directory == context->directory->hash();
    if (in_force && std::none_of(items.begin(), items.end(), came)) continue;
    quarantined_bytes_ -= batch->parts[part]->quarantined_bytes;
    batch->parts[part].reset();
    receive_part(lane, batch, part);
    again = true;
  }
  return again;
}

void Peer::commit_batches(Lane lane) {
  In& i = in(lane);
  for (const auto& batch : i.batches) {
    if (batch->committing) continue;
    for (const auto& part : batch->parts)
      if (!part) return;
    if (!host_.may_decide() || !may_exchange() || take_again(lane, batch)) return;
    batch->committing = true;
    ReceivedWork work;
    work.policy = host_.context()->policy->ref().fingerprint;
    work.directory = host_.context()->directory->hash();
    for (auto& part : batch->parts) {
      std::move(part->items.begin(), part->items.end(), std::back_inserter(work.items));
      std::move(part->reports.begin(), part->reports.end(), std::back_inserter(work.reports));
    }
    const auto& items = work.items;
    for (std::size_t n = 0; n < items.size(); ++n) {
      if (!items[n].entry) i.voids.push_back(batch->batch.first + n);
      if (!items[n].alarm.empty()) raise(items[n].alarm, alarm_text(items[n], i.key));
      if (!items[n].log.empty()) host_.engine().log(Severity::warning, "refused " + ledger_name(i.key) + "#" + std::to_string(batch->batch.first + n) + ": " + items[n].log);
    }
    ReceiveNumbers numbers{host_.inbox_next(), outbox_seqs(), host_.held_seqs()};
    auto received = std::make_shared<ReceivedBatch>(finish_receive(*host_.context(), batch->batch, std::move(work), numbers));
    if (!received->inbox.empty()) host_.inbox_under_way().insert(received->inbox.front().first);
    host_.inbox_next() = numbers.inbox_next;
    begin_work();
    WriteSet set = std::move(received->set);
    host_.engine().commit(std::move(set), [this, lane, batch, received, generation = generation_](Outcome outcome) {
      on_batch_committed(lane, batch, *received, outcome, generation);
      end_work();
    });
  }
}

void Peer::on_batch_committed(Lane lane, const std::shared_ptr<Batch>& batch, ReceivedBatch& received, Outcome outcome, std::uint64_t generation) {
  if (!received.inbox.empty()) host_.inbox_under_way().extract(received.inbox.front().first);
  if (outcome == Outcome::committed) {
    if (!received.inbox.empty()) host_.on_inbox(lane, std::move(received.inbox));
    host_.on_echoes(received.echoes);
  }
  host_.on_held(std::move(received.held), outcome);
  host_.on_queued(std::move(received.queued), outcome);
  if (generation != generation_ || !session_) return;
  if (outcome != Outcome::committed) {
    close(fail(Errc::outcome_unknown, "a received batch was not committed; the link restarts from the store"));
    return;
  }
  In& i = in(lane);
  liaison_assert(!i.batches.empty() && i.batches.front() == batch);
  i.batches.pop_front();
  i.durable = batch->batch.after;
  session_->committed(in_id(lane), i.durable.frontier.size(), batch->envelope_bytes);
  if (i.durable.frontier.size() - i.receipted >= limits::receipt_entries_max) issue_receipt(lane);
  else if (!i.receipt_due) i.receipt_due = host_.engine().now() + limits::receipt_delay_max;
  after_events();
}

// The signed word that everything up to the committed head is stored. Stored before it is sent, so that it can be sent again.
void Peer::issue_receipt(Lane lane) {
  In& i = in(lane);
  const std::uint64_t size = i.durable.frontier.size();
  if (i.receipt_in_flight || size == i.receipted || i.durable.head.empty()) return;
  const auto context = host_.context();
  link::Receipt receipt{context->realm, crypto::text_hash(view(i.durable.head.text)), context->link_key, i.receipted, i.voids, host_.engine().now()};
  std::erase_if(receipt.voids, [size](std::uint64_t index) { return index >= size; });
  const std::string body = link::make_text(receipt);
  const auto sign = [&context](ByteView bytes) { return context->ports.keys.sign(crypto::KeyRole::link, bytes); };
  auto blocks = crypto::sign_texts(context->realm, context->link_key, std::span(&body, 1), sign);
  if (!blocks) {
    close(blocks.error());
    return;
  }
  const ReceiptRow row{{body, blocks->front()}, i.durable.head};
  WriteSet set;
  set.cls = WriteClass::hand_over;
  set.ops.push_back({OpKind::insert, Table::ledger_receipt, key_of(i.key, size), encode(row)});
  audit::Entry entry = context->entry(audit::Event::receipt_issued);
  entry.peer = id_;
  entry.ledger = ledger_name(i.key);
  entry.ledger_index = size;
  set.ops.push_back(append_audit(entry));
  i.receipt_in_flight = true;
  i.receipt_due.reset();
  begin_work();
  host_.engine().commit(std::move(set), [this, lane, row, size, generation = generation_](Outcome outcome) {
    if (generation == generation_ && session_) {
      In& lane_in = in(lane);
      lane_in.receipt_in_flight = false;
      if (outcome != Outcome::committed) {
        close(fail(Errc::outcome_unknown, "a receipt was not committed"));
      } else {
        lane_in.receipted = size;
        std::erase_if(lane_in.voids, [size](std::uint64_t index) { return index < size; });
        if (!lane_in.receipts_from) session_->send_receipt(in_id(lane), row.receipt, row.head);  // else it has its turn after the older ones
        if (lane_in.durable.frontier.size() > size && !lane_in.receipt_due) lane_in.receipt_due = host_.engine().now() + limits::receipt_delay_max;
        flush_output();
      }
    }
    end_work();
  });
}

// Receipts the peer lost or never got, a few at a time as it reads them.
void Peer::send_receipts_again(Lane lane) {
  In& i = in(lane);
  while (session_ && i.receipts_from && session_->output_bytes() < receipts_output_bytes) {
    auto receipts = load_receipts_above(host_.engine().ports().store, i.key, *i.receipts_from, receipts_at_once);
    if (!receipts) return close(receipts.error());
    for (const auto& row : *receipts) {
      const auto head = link::parse_head(view(row.head.text));
      if (!head) return close(fail(Errc::store_corrupt, "head of a receipt"));
      session_->send_receipt(in_id(lane), row.receipt, row.head);
      i.receipts_from = head->size;
    }
    if (receipts->size() < receipts_at_once) i.receipts_from.reset();
  }
}

}  // namespace liaison::exchange
