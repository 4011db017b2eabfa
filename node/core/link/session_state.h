// What a Session holds, and its handlers by file: session_hello.cpp (comparison and recovery start), session_receive.cpp (frames of a ready
// session), session_directory.cpp, session.cpp (bytes, time, output), session_send.cpp (what exchange does). Every handler's error ends the connection.
#pragma once
#include <map>

#include "core/link/check.h"
#include "core/link/compare.h"
#include "core/link/frames.h"
#include "core/link/segments.h"
#include "core/link/session.h"

namespace liaison::link {

// The writer remembers its heads longer than the keeper of the copy relies on it, by as much as may be in flight.
inline constexpr std::size_t received_heads_max = 1024;
inline constexpr std::size_t sent_heads_max = limits::lane_window_entries + received_heads_max;

enum class LogPhase : std::uint8_t {
  idle,        // before Hello, or the peer does not have this log
  running,
  recovering,  // the writer takes entries back from the copy
  stopped,     // needs people
};

struct WrittenLog {
  LogState own;
  LogPhase phase = LogPhase::idle;
  std::uint64_t stored = 0;     // size whose hashes root_at can read
  std::uint64_t recovered = 0;  // size after a recovery in this session, else `stored`; heads beyond it were sent in this session
  std::uint64_t next = 0;       // index of the next element to send
  std::uint64_t acked = 0;
  struct Sent { Hash head; std::uint64_t size; };
  std::deque<Sent> heads;       // the latest, newest last
  struct Recovery {
    std::uint64_t target = 0;
    SignedText head;            // our own, for `target`
    bool peer_stopped = false;  // the peer will not go on with the log; this only finds out why
    Hash root{};
    merkle::Frontier frontier;
    std::vector<EntryBytes> entries;
    std::vector<Hash> completed;
  };
  std::optional<Recovery> recovery;
  struct Question { std::uint64_t first, count; };
  std::optional<Question> question;  // of a stopped log: entries asked for and not yet shown

  void remember(const SignedText& head, std::uint64_t size);
};

struct KeptLog {
  LogState copy;
  LogPhase phase = LogPhase::idle;
  std::uint64_t committed = 0;
  std::uint64_t peer_receipted = 0;
  bool entries_wanted = false;  // asked for and not yet answered
  std::deque<Hash> heads;       // received in this session, newest last
};

struct LaneWindow {
  std::size_t granted = 0;      // by the peer
  std::size_t in_flight = 0;    // envelope bytes sent and not yet renewed
  std::size_t used = 0;         // envelope bytes received and not yet renewed
};

struct Session::State {
  State(SessionConfig settings, Time now);

  // session.cpp
  Result<void> on_bytes(ByteView bytes, Time now);
  Result<void> on_frame(const SegmentReader::Frame& frame);
  Result<void> on_tick(Time now);
  Time next_deadline() const;
  void push_control(EncodedFrame frame);

  // session_hello.cpp
  HelloFrame own_hello() const;
  Result<void> on_hello(const HelloFrame& hello);
  Result<void> start_writing(WrittenLog& log, const LogReport& shown, Ready& ready);
  Result<void> check_receipted(const LogReport& shown);
  Result<void> start_keeping(KeptLog& log, const LogReport& shown, Ready& ready);
  Result<void> find_offers(const HelloFrame& hello);
  Result<void> start_recovery(WrittenLog& log, const LogReport& shown);
  void request_entries(const WrittenLog& log);

  // session_receive.cpp
  Result<void> on(BatchFrame frame);
  Result<void> on(const AckFrame& frame);
  Result<void> on(const ReceiptsFrame& frame);
  Result<void> on_receipt(WrittenLog& log, const ReceiptsFrame::Item& item);
  Result<std::uint64_t> receipted_size(const WrittenLog& log, const Hash& named, const SignedText& head);
  Result<void> on(const EntriesRequestFrame& frame);
  Result<void> on(const EntriesFrame& frame);
  Result<void> on_answer(WrittenLog& log, const EntriesFrame& frame);
  Result<void> finish_recovery(WrittenLog& log);
  Result<void> on(const PingFrame& frame);
  Result<void> on(const PongFrame& frame);
  Result<void> on(const ByeFrame& frame);

  // session_directory.cpp
  Result<void> on(const DirectoryNoticeFrame& frame);
  Result<void> on(const DirectoryRequestFrame& frame);
  Result<void> on(DirectoryPieceFrame frame);

  // session_send.cpp
  std::size_t room(const WrittenLog& log) const;
  Result<void> send_batch(WrittenLog& log, std::uint64_t first, const std::vector<Element>& elements, const SignedText& head);

  Writer self_as_writer() const { return {config.realm, config.self, config.peer, config.own_link_key, {}}; }
  Writer peer_as_writer() const { return {config.realm, config.peer, config.self, config.peer_link_key, config.forwards}; }
  WrittenLog* written(const LogId& log);
  KeptLog* kept(const LogId& log);

  SessionConfig config;
  std::map<LogId, WrittenLog> writing;
  std::map<LogId, KeptLog> keeping;
  std::map<Lane, LaneWindow> lanes;
  SegmentReader reader;
  SegmentQueue output;
  std::deque<Event> events;
  crypto::VerifiedBatches batches;
  std::optional<Error> failed;
  bool ready = false;
  bool peer_said_bye = false;
  bool directories = false;     // the peer's Hello has the feature
  bool directory_asked = false, directory_wanted = false;  // by us, by the peer; not yet answered
  Time started, heard;
  std::uint64_t pings = 0;
  bool ping_open = false;       // sent and not answered
};

// A batch that is one envelope of more than half the window may go when nothing is in flight; both sides apply this one rule.
struct BatchLoad { std::size_t bytes = 0; std::size_t envelopes = 0; };
bool fits_window(const BatchLoad& load, std::size_t window, std::size_t in_flight);
BatchLoad load_of(const std::vector<Element>& elements);
Channel channel_of(Lane lane);

}  // namespace liaison::link
