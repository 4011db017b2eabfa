// One authenticated connection to one peer as a state machine: Hello, batches, heads, acks, receipts, windows, pings (formats 4).
// Bytes and time in, bytes and events out: no I/O, no store, no private key. Every error returned means: close the connection for that reason.
// Memory is bounded by limits.h whatever the peer sends. Events carry owned values.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <variant>

#include "core/base/limits.h"
#include "core/link/ledger.h"

namespace liaison::link {

enum class Side : std::uint8_t { sending, receiving };  // of a log, seen from self

struct SessionConfig {
  std::string realm, self, peer;
  std::uint64_t directory_version = 0;
  Hash directory_hash{};
  std::vector<LogState> sending, receiving;  // durable snapshots; both lanes of stream 0, the current epoch and the one before, always present
  // The peer's registered link key of that hash, valid at that time.
  std::function<Result<crypto::PublicKey>(const Hash& key, Time at)> peer_link_key;
  std::function<Result<crypto::PublicKey>(const Hash& key, Time at)> own_link_key;  // to check heads the peer shows as ours
  std::function<bool(std::string_view to)> forwards;                                // do we forward what the peer seals for this agency? Empty: never
  // Root of our stored tree of that log at a smaller size, from the stored hashes (merkle::root_at); asked during Hello
  // and for receipts of earlier sessions.
  std::function<Result<Hash>(Side side, const LogId& log, std::uint64_t size)> root_at;
  std::uint32_t window_bytes = limits::lane_window_bytes;                           // credit granted per lane
};

// One element as sent or received; no envelope means void (recalled or erased after dispatch).
struct Element {
  EntryBytes entry{};
  std::optional<Bytes> envelope;
};

// --- events ---
struct Ready {                     // Hello exchanged and compared; stopped logs are in neither list, a log under recovery not in `starts`
  struct Start {
    LogId log;
    std::uint64_t resume_at = 0;   // the peer holds [0, resume_at): send again from here, then new ones
  };
  struct Copy {
    LogId log;
    std::uint64_t peer_receipted = 0;  // the writer has our receipts up to here: send it every later one again
  };
  std::vector<Start> starts;       // logs we write
  std::vector<Copy> receiving;     // logs we keep a copy of
  std::uint64_t peer_directory_version = 0;
  Hash peer_directory_hash{};
};
struct BatchReceived {             // root compared, head signature verified, entries match their envelopes
  LogId log;
  std::uint64_t first = 0;
  std::vector<Element> elements;
  SignedText head;
  merkle::Frontier frontier;       // after this batch
  std::vector<Hash> completed;     // tree hashes in stored order, first index = stored_count(first)
};
struct Acked { LogId log; std::uint64_t size = 0; };          // the peer has it durably; flow control only
// Signature verified. `head` is the one it names where it travelled with it; of a batch sent in this session the sender of the batch knows it by `size`.
struct ReceiptReceived { LogId log; SignedText receipt; std::uint64_t first = 0; std::uint64_t size = 0; std::vector<std::uint64_t> voids; SignedText head; };
struct EntriesShown { LogId log; std::uint64_t first = 0; std::vector<EntryBytes> entries; };  // the answer to ask_entries, not yet compared with anything
struct EntriesWanted { LogId log; std::uint64_t first = 0; std::uint64_t count = 0; };  // the peer was rolled back: give it its own entries (from our receiving copy)
struct EntriesReceived {           // we were rolled back: our own entries from the peer, checked against our own signed head; the log goes on after them
  LogId log;
  std::uint64_t first = 0;
  std::vector<EntryBytes> entries;
  SignedText head;
  merkle::Frontier frontier;
  std::vector<Hash> completed;
};
struct LaneStopped {               // found in this session; exchange makes it last, keeps the proof and raises the alarm
  LogId log;
  Side side{};
  StopReason reason{};
  SignedText ours, theirs;         // both heads, verified; empty at size 0
  SignedText receipt;              // not for a fork: the keeper's word for more than the copy holds
};
struct LaneResumed { LogId log; };  // we lost entries, and the writer sends them again
// The writer opened the epoch after the one we hold. `agreed`: it names the two heads that both sides hold of the one before; then the copy may begin with
// `opening`, from the next session on.
struct EpochOffered { LogId log; Hash opening{}; SignedText head_before; bool agreed = false; };
struct WeWereRolledBack { LogId log; std::uint64_t ours = 0; std::uint64_t theirs = 0; };     // alarm; recovery runs by itself
struct PeerRolledBack { LogId log; std::uint64_t ours = 0; std::uint64_t theirs = 0; };
struct WriterRecovered { LogId log; std::uint64_t peer_receipted = 0; };  // after PeerRolledBack: it has its entries back; now the receipts as in Ready
struct PeerSaidBye { std::string code; };
// --- the signed directory: nothing here looks into it ---
struct DirectoryMark {             // one version
  std::uint64_t version = 0;
  Hash hash{};
  bool operator==(const DirectoryMark&) const = default;
};
struct DirectoryQuestion {
  DirectoryMark held;
  std::uint64_t step = 0;          // version whose delta is wanted from `offset` on; 0 with offset 0: whatever follows
  std::uint32_t offset = 0;
};
struct DirectoryPiece {
  DirectoryMark to;
  std::uint32_t total = 0;         // of the whole delta; 0: nothing follows
  std::uint32_t offset = 0;
  Bytes bytes;
};
struct DirectoryTold { DirectoryMark held; };                  // the peer holds another version now
struct DirectoryAsked { DirectoryQuestion question; };         // answer with send_directory, once
struct DirectoryCame { DirectoryPiece piece; };                // the answer to ask_directory, whole only in form
using Event = std::variant<Ready, BatchReceived, Acked, ReceiptReceived, EntriesShown, EntriesWanted, EntriesReceived, LaneStopped, LaneResumed, EpochOffered,
                           WeWereRolledBack, PeerRolledBack, WriterRecovered, PeerSaidBye, DirectoryTold, DirectoryAsked, DirectoryCame>;

class Session {
 public:
  Session(SessionConfig config, Time now);
  ~Session();
  Session(Session&&) noexcept;

  // --- the connection ---
  Result<void> on_bytes(ByteView bytes, Time now);
  Result<void> on_tick(Time now);                       // deadlines (hello, idle) and pings
  Time next_deadline() const;
  // Next bytes for the stream, at most `bytes_max`, whole segments, control before urgent before routine. Empty: nothing to send.
  Bytes take_output(std::size_t bytes_max);
  std::size_t output_bytes() const;                     // queued, bounded by limits::output_queue_bytes_max plus one frame per channel
  std::vector<Event> take_events();

  // --- what exchange does in a ready session ---
  bool ready() const;
  bool stopped(const LogId& log, Side side) const;
  // Envelope bytes that may be sent now on the lane: the peer's credit less what is in flight, and room in the output queue.
  std::size_t room(const LogId& log) const;
  // A durable batch (D committed, or read back for sending again): elements from `first`, head of size first + elements.size().
  // busy: no credit or room now (one envelope above half the window goes once nothing is in flight); conflict: the log is stopped,
  // under recovery or the session not ready; invalid_argument: not the next index or not a batch.
  Result<void> send_batch(const LogId& log, std::uint64_t first, const std::vector<Element>& elements, const SignedText& head);
  // T2 of received entries is durable up to `size`: sends the ack and renews credit for `envelope_bytes`. Acks and receipts of a
  // peer that does not read them pile up to a limit; then the next on_bytes or on_tick answers protocol_violation.
  void committed(const LogId& log, std::uint64_t size, std::size_t envelope_bytes);
  // `head` is the one the receipt names; it travels only where the writer may have forgotten it (not received in this session).
  void send_receipt(const LogId& log, const SignedText& receipt, const SignedText& head);
  // Asks the peer for entries of its copy of a log of ours that is stopped, at most limits::entries_answer_max; one question at a time.
  Result<void> ask_entries(const LogId& log, std::uint64_t first, std::uint64_t count);
  // The answer to EntriesWanted, whole; the last one makes the event WriterRecovered, so take events afterwards.
  Result<void> send_entries(const LogId& log, std::uint64_t first, const std::vector<EntryBytes>& entries, const SignedText& head);
  void send_bye(std::string_view code);
  // The directory, with a peer whose Hello has the feature; one question at a time in each direction. Else conflict; nothing is sent.
  bool passes_directories() const;
  Result<void> tell_directory(const DirectoryMark& held);
  Result<void> ask_directory(const DirectoryQuestion& question);
  Result<void> send_directory(DirectoryPiece piece);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace liaison::link
