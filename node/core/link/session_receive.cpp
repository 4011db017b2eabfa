// Frames of a ready session. State changes only after every check of a frame has passed; the first failing check ends the connection.
#include <algorithm>

#include "core/link/session_state.h"

namespace liaison::link {
namespace {

Error violation(const std::string& what, const LogId& log) { return fail(Errc::protocol_violation, what + " on " + to_string(log)); }

}  // namespace

Result<void> Session::State::on(BatchFrame frame) {
  KeptLog* log = kept(frame.log);
  if (log == nullptr || log->phase != LogPhase::running) return violation("batch", frame.log);
  merkle::Frontier& frontier = log->copy.frontier;
  if (frame.first != frontier.size()) {
    return violation("batch from " + std::to_string(frame.first) + " instead of " + std::to_string(frontier.size()), frame.log);
  }
  LaneWindow& lane = lanes[frame.log.lane];
  const BatchLoad load = load_of(frame.elements);
  if (load.bytes > limits::batch_bytes_max) return fail(Errc::limit_exceeded, "batch of " + std::to_string(load.bytes) + " bytes");
  const std::uint64_t entries = frontier.size() + frame.elements.size() - log->committed;
  if (!fits_window(load, config.window_bytes, lane.used) || entries > limits::lane_window_entries) return violation("window overrun", frame.log);

  LIAISON_TRY(CheckedBatch checked, check_batch(peer_as_writer(), {frontier, log->copy.opening}, frame.log, frame.elements, frame.head, batches));
  lane.used += load.bytes;
  frontier = checked.frontier;
  log->copy.head = frame.head;
  log->heads.push_back(crypto::text_hash(view(frame.head.text)));
  if (log->heads.size() > received_heads_max) log->heads.pop_front();
  events.push_back(BatchReceived{frame.log, frame.first, std::move(frame.elements), std::move(frame.head), std::move(checked.frontier),
                                 std::move(checked.completed)});
  return {};
}

Result<void> Session::State::on(const AckFrame& frame) {
  WrittenLog* log = written(frame.log);
  if (log == nullptr || log->phase != LogPhase::running) return violation("ack", frame.log);
  LaneWindow& lane = lanes[frame.log.lane];
  if (frame.size < log->acked || frame.size > log->next) return violation("ack of " + std::to_string(frame.size), frame.log);
  if (frame.credit > lane.in_flight) return violation("credit beyond the window", frame.log);
  if (frame.size == log->acked && frame.credit == 0) return violation("empty ack", frame.log);
  log->acked = frame.size;
  lane.in_flight -= frame.credit;
  events.push_back(Acked{frame.log, frame.size});
  return {};
}

Result<void> Session::State::on(const ReceiptsFrame& frame) {
  WrittenLog* log = written(frame.log);
  // The keeper of a shorter copy cannot see a fork, so it goes on sending receipts; they prove nothing about our log any more.
  if (log != nullptr && log->phase == LogPhase::stopped) return {};
  if (log == nullptr || log->phase != LogPhase::running) return violation("receipt", frame.log);
  for (const ReceiptsFrame::Item& item : frame.items) LIAISON_CHECK(on_receipt(*log, item));
  return {};
}

Result<void> Session::State::on_receipt(WrittenLog& log, const ReceiptsFrame::Item& item) {
  LIAISON_TRY(Receipt receipt, check_receipt({config.realm, config.peer_link_key}, item.receipt, batches));
  LIAISON_TRY(const std::uint64_t size, receipted_size(log, receipt.head, item.head));
  if (size > log.next || receipt.first >= size) return violation("receipt for " + std::to_string(size), log.own.log);
  if (!receipt.voids.empty() && (receipt.voids.front() < receipt.first || receipt.voids.back() >= size)) return violation("void outside the receipt", log.own.log);
  if (size <= log.own.receipted) return {};  // crossed with the Hello that told of it
  // A gap would let the size covered by receipts claim entries nobody testified for.
  if (receipt.first > log.own.receipted) return violation("receipt from " + std::to_string(receipt.first), log.own.log);
  log.own.receipted = size;
  log.own.receipt = item.receipt;
  events.push_back(ReceiptReceived{log.own.log, item.receipt, receipt.first, size, std::move(receipt.voids), item.head});
  return {};
}

Result<std::uint64_t> Session::State::receipted_size(const WrittenLog& log, const Hash& named, const SignedText& head) {
  const auto sent = std::find_if(log.heads.rbegin(), log.heads.rend(), [&](const WrittenLog::Sent& item) { return item.head == named; });
  if (sent != log.heads.rend()) return sent->size;
  if (head.empty() || crypto::text_hash(view(head.text)) != named) return violation("receipt for an unknown head", log.own.log);
  LIAISON_TRY(const Head stated, parse_head(view(head.text)));
  if (stated.size > log.recovered) return violation("receipt for an unknown head", log.own.log);
  Hash root = stated.root;
  // What was taken back in this session may not be stored yet; it came from this peer under our own signature.
  if (stated.size <= log.stored) {
    LIAISON_TRY(root, config.root_at(Side::sending, log.own.log, stated.size));
  }
  LIAISON_CHECK(check_head(self_as_writer(), {log.own.log, stated.size, root}, head, batches));
  return stated.size;
}

Result<void> Session::State::on(const EntriesRequestFrame& frame) {
  KeptLog* log = kept(frame.log);
  // Answered on a stopped log too: so a writer that was rolled back finds the fork and has both heads.
  const bool open = log != nullptr && (log->phase == LogPhase::recovering || log->phase == LogPhase::stopped);
  if (!open || log->entries_wanted) return violation("entries request", frame.log);
  const std::uint64_t size = log->copy.frontier.size();
  if (frame.count == 0 || frame.count > limits::entries_answer_max || frame.first > size || frame.count > size - frame.first) {
    return violation("entries request from " + std::to_string(frame.first), frame.log);
  }
  log->entries_wanted = true;
  events.push_back(EntriesWanted{frame.log, frame.first, frame.count});
  return {};
}

Result<void> Session::State::on(const EntriesFrame& frame) {
  WrittenLog* log = written(frame.log);
  if (log != nullptr && log->question) return on_answer(*log, frame);
  if (log == nullptr || log->phase != LogPhase::recovering) return violation("entries", frame.log);
  WrittenLog::Recovery& recovery = *log->recovery;
  const std::uint64_t wanted = std::min<std::uint64_t>(recovery.target - recovery.frontier.size(), limits::entries_answer_max);
  if (frame.first != recovery.frontier.size() || frame.entries.size() != wanted) return violation("entries not asked for", frame.log);
  for (const EntryBytes& entry : frame.entries) {
    LIAISON_CHECK(decode_entry(entry));
    recovery.frontier.append(merkle::leaf_hash(entry), &recovery.completed);
    recovery.entries.push_back(entry);
  }
  if (recovery.frontier.size() == recovery.target) return finish_recovery(*log);
  request_entries(*log);
  return {};
}

Result<void> Session::State::on_answer(WrittenLog& log, const EntriesFrame& frame) {
  if (frame.first != log.question->first || frame.entries.size() != log.question->count) return violation("entries not asked for", frame.log);
  log.question.reset();
  for (const EntryBytes& entry : frame.entries) LIAISON_CHECK(decode_entry(entry));
  events.push_back(EntriesShown{frame.log, frame.first, frame.entries});
  return {};
}

Result<void> Session::State::finish_recovery(WrittenLog& log) {
  WrittenLog::Recovery recovery = std::move(*log.recovery);
  log.recovery.reset();
  if (recovery.frontier.root() != recovery.root) {
    // We signed both: our stored head and the one the peer showed, and no entries join them.
    log.phase = LogPhase::stopped;
    events.push_back(LaneStopped{log.own.log, Side::sending, StopReason::fork, log.own.head, recovery.head, {}});
    return {};
  }
  const std::uint64_t first = log.own.frontier.size();
  log.phase = recovery.peer_stopped ? LogPhase::stopped : LogPhase::running;
  log.own.frontier = recovery.frontier;
  log.own.head = recovery.head;
  log.next = log.acked = log.recovered = recovery.target;
  log.remember(recovery.head, recovery.target);
  events.push_back(EntriesReceived{log.own.log, first, std::move(recovery.entries), std::move(recovery.head), std::move(recovery.frontier),
                                   std::move(recovery.completed)});
  return {};
}

Result<void> Session::State::on(const PingFrame& frame) {
  push_control(encode(PongFrame{frame.number}));
  return {};
}

Result<void> Session::State::on(const PongFrame& frame) {
  if (!ping_open || frame.number != pings) return fail(Errc::protocol_violation, "pong without ping");
  ping_open = false;
  return {};
}

Result<void> Session::State::on(const ByeFrame& frame) {
  peer_said_bye = true;
  events.push_back(PeerSaidBye{frame.code});
  return {};
}

}  // namespace liaison::link
