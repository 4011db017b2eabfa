// What exchange does in a ready session: batches within the peer's credit, acks, receipts, entries for a peer that was rolled back.
// Nothing here looks into an envelope; what is sent was made durable before.
#include <algorithm>

#include "core/link/session_state.h"

namespace liaison::link {
namespace {

std::size_t queue_bytes_max(Lane lane) { return lane == Lane::urgent ? limits::output_urgent_bytes_max : limits::output_routine_bytes_max; }

Error refuse(Errc code, const std::string& what, const LogId& log) { return fail(code, what + " on " + to_string(log)); }

}  // namespace

Channel channel_of(Lane lane) { return lane == Lane::urgent ? Channel::urgent : Channel::routine; }

BatchLoad load_of(const std::vector<Element>& elements) {
  BatchLoad load;
  for (const Element& element : elements) {
    if (!element.envelope) continue;
    load.bytes += element.envelope->size();
    ++load.envelopes;
  }
  return load;
}

bool fits_window(const BatchLoad& load, std::size_t window, std::size_t in_flight) {
  if (in_flight <= window && load.bytes <= window - in_flight) return true;
  return in_flight == 0 && load.envelopes == 1 && load.bytes > window / 2;
}

std::size_t Session::State::room(const WrittenLog& log) const {
  const auto lane = lanes.find(log.own.log.lane);
  if (log.phase != LogPhase::running || lane == lanes.end()) return 0;
  if (output.bytes(channel_of(log.own.log.lane)) >= queue_bytes_max(log.own.log.lane)) return 0;
  if (log.next - log.acked >= limits::lane_window_entries) return 0;
  const LaneWindow& window = lane->second;
  return window.granted > window.in_flight ? window.granted - window.in_flight : 0;
}

Result<void> Session::State::send_batch(WrittenLog& log, std::uint64_t first, const std::vector<Element>& elements, const SignedText& head) {
  const LogId& id = log.own.log;
  if (!ready || log.phase != LogPhase::running) return refuse(Errc::conflict, "not running", id);
  if (first != log.next) return refuse(Errc::invalid_argument, "batch from " + std::to_string(first) + " instead of " + std::to_string(log.next), id);
  if (elements.empty() || elements.size() > limits::batch_elements_max) return refuse(Errc::invalid_argument, "number of elements", id);
  const BatchLoad load = load_of(elements);
  if (load.bytes > limits::batch_bytes_max) return refuse(Errc::invalid_argument, "bytes of batch", id);
  LIAISON_TRY(const Head stated, parse_head(view(head.text)));
  if (stated.log != id || stated.size != first + elements.size()) return refuse(Errc::invalid_argument, "head of another batch", id);

  LaneWindow& lane = lanes[id.lane];
  if (room(log) == 0 || !fits_window(load, lane.granted, lane.in_flight)) return refuse(Errc::busy, "no credit", id);
  if (stated.size - log.acked > limits::lane_window_entries) return refuse(Errc::busy, "too many in flight", id);
  output.push(channel_of(id.lane), encode_batch(id, first, elements, head));
  lane.in_flight += load.bytes;
  log.next = stated.size;
  log.remember(head, stated.size);
  return {};
}

std::size_t Session::room(const LogId& log) const {
  const WrittenLog* found = state_->written(log);
  return found == nullptr || !state_->ready ? 0 : state_->room(*found);
}

Result<void> Session::send_batch(const LogId& log, std::uint64_t first, const std::vector<Element>& elements, const SignedText& head) {
  WrittenLog* found = state_->written(log);
  if (found == nullptr) return refuse(Errc::conflict, "no such log", log);
  return state_->send_batch(*found, first, elements, head);
}

void Session::committed(const LogId& log, std::uint64_t size, std::size_t envelope_bytes) {
  KeptLog* found = state_->kept(log);
  liaison_assert(found != nullptr && state_->ready);
  LaneWindow& lane = state_->lanes[log.lane];
  liaison_assert(size >= found->committed && size <= found->copy.frontier.size() && envelope_bytes <= lane.used);
  if (size == found->committed && envelope_bytes == 0) return;
  found->committed = size;
  lane.used -= envelope_bytes;
  state_->push_control(encode(AckFrame{log, size, static_cast<std::uint32_t>(envelope_bytes)}));
}

void Session::send_receipt(const LogId& log, const SignedText& receipt, const SignedText& head) {
  KeptLog* found = state_->kept(log);
  liaison_assert(found != nullptr && state_->ready);
  // A writer under recovery could not place it; WriterRecovered asks for it again.
  if (found->phase != LogPhase::running) return;
  ReceiptsFrame frame{log, {{receipt, {}}}};
  const Hash named = crypto::text_hash(view(head.text));
  if (std::find(found->heads.rbegin(), found->heads.rend(), named) == found->heads.rend()) frame.items.front().head = head;
  state_->push_control(encode(frame));
}

Result<void> Session::ask_entries(const LogId& log, std::uint64_t first, std::uint64_t count) {
  WrittenLog* found = state_->written(log);
  if (found == nullptr || !state_->ready || found->phase != LogPhase::stopped || found->question) return refuse(Errc::conflict, "no question now", log);
  if (count == 0 || count > limits::entries_answer_max) return refuse(Errc::invalid_argument, "number of entries", log);
  found->question = WrittenLog::Question{first, count};
  state_->push_control(encode(EntriesRequestFrame{log, first, static_cast<std::uint32_t>(count)}));
  return {};
}

Result<void> Session::send_entries(const LogId& log, std::uint64_t first, const std::vector<EntryBytes>& entries, const SignedText& head) {
  KeptLog* found = state_->kept(log);
  if (found == nullptr || !found->entries_wanted) return refuse(Errc::conflict, "entries not wanted", log);
  const std::uint64_t size = found->copy.frontier.size();
  if (entries.empty() || entries.size() > limits::entries_answer_max || first > size || entries.size() > size - first) {
    return refuse(Errc::invalid_argument, "entries", log);
  }
  found->entries_wanted = false;
  state_->push_control(encode(EntriesFrame{log, first, entries, head}));
  if (found->phase == LogPhase::recovering && first + entries.size() == size) {
    found->phase = LogPhase::running;
    state_->events.push_back(WriterRecovered{log, found->peer_receipted});
  }
  return {};
}

void Session::send_bye(std::string_view code) { state_->push_control(encode(ByeFrame{std::string(code)})); }

}  // namespace liaison::link
