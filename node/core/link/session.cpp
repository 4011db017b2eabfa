// The session's outside: bytes to frames to handlers, deadlines, output. After the first error every further input answers that error.
#include "core/link/session.h"

#include <algorithm>

#include "core/link/session_state.h"

namespace liaison::link {

void WrittenLog::remember(const SignedText& head, std::uint64_t size) {
  heads.push_back({crypto::text_hash(view(head.text)), size});
  if (heads.size() > sent_heads_max) heads.pop_front();
}

Session::State::State(SessionConfig settings, Time now) : config(std::move(settings)), started(now), heard(now) {
  for (const LogState& state : config.sending) {
    WrittenLog log{state, state.stopped ? LogPhase::stopped : LogPhase::idle, state.frontier.size(), state.frontier.size(), 0, 0, {}, {}, {}};
    if (!state.head.empty()) log.remember(state.head, state.frontier.size());
    liaison_assert(writing.emplace(state.log, std::move(log)).second);
  }
  for (const LogState& state : config.receiving) {
    KeptLog log{state, state.stopped ? LogPhase::stopped : LogPhase::idle, state.frontier.size(), 0, false, {}};
    liaison_assert(keeping.emplace(state.log, std::move(log)).second);
  }
  liaison_assert(writing.size() + keeping.size() <= limits::link_logs_max);
  output.push(Channel::control, encode(own_hello()));
}

WrittenLog* Session::State::written(const LogId& log) {
  const auto found = writing.find(log);
  return found == writing.end() ? nullptr : &found->second;
}

KeptLog* Session::State::kept(const LogId& log) {
  const auto found = keeping.find(log);
  return found == keeping.end() ? nullptr : &found->second;
}

// A peer that makes us answer and never reads the answers.
void Session::State::push_control(EncodedFrame frame) {
  if (output.bytes(Channel::control) + frame.size() > limits::output_control_bytes_max) {
    if (!failed) failed = fail(Errc::protocol_violation, "peer does not read");
    return;
  }
  output.push(Channel::control, std::move(frame));
}

Result<void> Session::State::on_bytes(ByteView bytes, Time now) {
  while (!failed && !bytes.empty()) {
    // Until the peer's Hello nothing else may take memory.
    const std::array<bool, channels> open{true, ready, ready, false};
    const std::uint64_t segments = reader.segments();
    auto frame = reader.next(bytes, open);
    if (reader.segments() != segments) heard = std::max(heard, now);
    if (!frame) {
      failed = frame.error();
    } else if (*frame) {
      const auto handled = on_frame(**frame);
      if (!handled && !failed) failed = handled.error();
    }
  }
  if (failed) return *failed;
  return {};
}

Result<void> Session::State::on_frame(const SegmentReader::Frame& frame) {
  LIAISON_TRY(Frame decoded, decode_frame(frame.bytes));
  if (peer_said_bye) return fail(Errc::protocol_violation, "frame after Bye");
  if (const auto* hello = std::get_if<HelloFrame>(&decoded)) {
    if (ready) return fail(Errc::protocol_violation, "second Hello");
    return on_hello(*hello);
  }
  if (!ready) return fail(Errc::protocol_violation, "frame before Hello");
  const auto* batch = std::get_if<BatchFrame>(&decoded);
  if (frame.channel != (batch == nullptr ? Channel::control : channel_of(batch->log.lane))) return fail(Errc::protocol_violation, "frame on a wrong channel");
  return std::visit(
      [this]<class T>(T&& body) -> Result<void> {
        if constexpr (std::is_same_v<std::decay_t<T>, HelloFrame>) {
          return fail(Errc::protocol_violation, "second Hello");
        } else {
          return on(std::forward<T>(body));
        }
      },
      std::move(decoded));
}

Result<void> Session::State::on_tick(Time now) {
  if (failed) return *failed;
  // The wall clock was set back: what was due in a moment must not be due in hours.
  started = std::min(started, now);
  heard = std::min(heard, now);
  if (!ready && now >= started + limits::hello_deadline) {
    failed = fail(Errc::peer_away, "no Hello in time");
  } else if (ready && now >= heard + limits::idle_close_after) {
    failed = fail(Errc::peer_away, "nothing heard in time");
  } else if (ready && !ping_open && now >= heard + limits::idle_ping_after) {
    ping_open = true;
    push_control(encode(PingFrame{++pings}));
  }
  if (failed) return *failed;
  return {};
}

Time Session::State::next_deadline() const {
  if (!ready) return started + limits::hello_deadline;
  return heard + (ping_open ? Milliseconds(limits::idle_close_after) : Milliseconds(limits::idle_ping_after));
}

Session::Session(SessionConfig config, Time now) : state_(std::make_unique<State>(std::move(config), now)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;

Result<void> Session::on_bytes(ByteView bytes, Time now) { return state_->on_bytes(bytes, now); }
Result<void> Session::on_tick(Time now) { return state_->on_tick(now); }
Time Session::next_deadline() const { return state_->next_deadline(); }
Bytes Session::take_output(std::size_t bytes_max) { return state_->output.take(bytes_max); }
std::size_t Session::output_bytes() const { return state_->output.bytes(); }

std::vector<Event> Session::take_events() {
  std::vector<Event> out(std::make_move_iterator(state_->events.begin()), std::make_move_iterator(state_->events.end()));
  state_->events.clear();
  return out;
}

bool Session::ready() const { return state_->ready && !state_->failed; }

bool Session::stopped(const LogId& log, Side side) const {
  if (side == Side::sending) {
    const WrittenLog* found = state_->written(log);
    return found != nullptr && found->phase == LogPhase::stopped;
  }
  const KeptLog* found = state_->kept(log);
  return found != nullptr && found->phase == LogPhase::stopped;
}

}  // namespace liaison::link
