// One peer: its outbox, its ledgers of both lanes and directions, and the session while there is one. Drives D and T2 and keeps their order.
// Everything in memory can be thrown away at any time: a lost session or a failed commit restarts from the store. One thread (the engine's).
#pragma once
#include <array>
#include <set>

#include "core/exchange/dispatch.h"
#include "core/exchange/engine.h"
#include "core/exchange/receive.h"
#include "core/exchange/repair.h"

namespace liaison::exchange {

// What all peers share.
class PeerHost {
 public:
  virtual ~PeerHost() = default;
  virtual Engine& engine() = 0;
  virtual ContextPtr context() const = 0;
  virtual OpeningNotes& notes() = 0;
  virtual std::uint64_t& inbox_next() = 0;
  // First numbers of batches given inbox numbers and not yet committed: a cursor must not pass them.
  virtual std::multiset<std::uint64_t>& inbox_under_way() = 0;
  virtual void on_inbox(Lane lane, std::vector<std::pair<std::uint64_t, std::shared_ptr<const HotMessage>>> messages) = 0;  // after T2 is durable
  virtual std::size_t sessions_open() const = 0;
  // Outboxes of other peers, for what one peer's transaction makes for another.
  virtual std::uint64_t next_outbox_seq(const std::string& peer, Lane lane) = 0;
  // What became of outbox rows that a commit put: durable ones are sent; where the outcome is unknown their peers look into the store.
  virtual void on_queued(std::vector<Queued> queued, Outcome outcome) = 0;
  virtual NextHeldSeq held_seqs() = 0;
  virtual void on_held(std::vector<Holding> held, Outcome outcome) = 0;  // likewise for rows of table held
  virtual void on_echoes(const std::vector<Echo>& echoes) = 0;            // said about questions of ours
  virtual bool may_decide() const = 0;                   // no: a new policy or directory is about to come into force
  // The directory (directory_keeper.h): whether records may go to and come from this peer now, and what its link says about versions.
  virtual bool may_exchange(const std::string& peer) = 0;
  virtual void on_directory_mark(const std::string& peer, const link::DirectoryMark& held, bool first) = 0;
  virtual void on_directory_asked(const std::string& peer, const link::DirectoryQuestion& question) = 0;
  virtual void on_directory_came(const std::string& peer, link::DirectoryPiece piece) = 0;
  virtual void on_link_down(const std::string& peer) = 0;
};

class Peer {
 public:
  Peer(PeerHost& host, std::string id) : host_(host), id_(std::move(id)) {}
  Result<void> start();                                   // reads how much waits

  // --- outbox ---
  std::uint64_t next_seq(Lane lane) { return out(lane).next_seq++; }
  void enqueue(Lane lane, OutboxRef ref);                 // its row is durable
  void look_again(Lane lane);                             // a row may be there

  // --- session ---
  void on_open(SessionId session);
  void on_bytes(SessionId session, ByteView bytes);
  void on_writable(SessionId session);
  void on_closed(SessionId session);
  void on_tick();
  void on_policy();                                       // another policy or directory is in force, or the old one stays: go on
  Time next_deadline() const;
  void sweep_expired(Lane lane);                          // with or without a session

  // --- the directory ---
  void look_at_gate();                                    // goes on with records that waited, if they may flow now
  Result<void> tell_directory(const link::DirectoryMark& held);
  Result<void> ask_directory(const link::DirectoryQuestion& question);
  void send_directory(link::DirectoryPiece piece);
  void shut_out(const Error& error);                      // a new directory ended this session: audited, at once
  // The agency has left: records that wait for it are given up, a part at a time; false: none do. Evidence waits on, should it come back, and expires.
  bool return_waiting(std::string_view reason);
  bool anything_waits() const { return out_[0].waiting + out_[1].waiting > 0; }

  struct Status {
    bool connected = false;
    Time since{};
    std::array<std::uint64_t, 2> waiting{};               // urgent, routine
    std::uint64_t unreceipted = 0;
    std::string state, detail;
    std::optional<Time> last_receipt;                     // when the peer stored what its newest receipt says, by its clock
    std::optional<std::pair<std::chrono::nanoseconds, std::chrono::nanoseconds>> clock;  // the peer's clock less ours lies between these
  };
  Status status() const;
  void on_unreachable(const std::string& reason) { last_reason_ = reason; }  // one failed attempt to dial it
  const std::string& id() const { return id_; }

  // --- what two administrators decide (repair.h); `done` hears what came of it, at once or later ---
  using Done = std::function<void(Result<std::string>)>;
  void reopen(Lane lane, const Approved& approved, Done done);
  void resend(Lane lane, const Approved& approved, Done done);
  const OutboundLog& written(Lane lane) const { return out_[lane == Lane::urgent ? 0 : 1].log; }

 private:
  struct Group { bool done = false; std::size_t bytes = 0; std::vector<OutboxRef> refs; Prepared prepared; };  // one D under preparation
  struct Out {
    OutboundLog log;
    std::uint64_t receipted = 0;
    std::optional<Precondition> last_receipt;             // what the next receipt follows: none may be left out
    std::deque<OutboxRef> refs;
    std::set<std::uint64_t> in_hand;                      // of refs and of groups whose dispatch is not durable: their rows are still in the store
    bool more_in_store = true;
    std::uint64_t next_seq = 0, waiting = 0;
    bool started = false;                                 // Ready named it
    std::uint64_t resend_next = 0, resend_end = 0;
    std::deque<std::shared_ptr<Group>> groups;
    std::deque<Dispatched> unsent;                        // durable, waiting for credit
    std::deque<std::pair<std::uint64_t, link::SignedText>> heads;  // of batches sent in this session, by size, until a receipt names a later one
    std::size_t committing = 0;
    std::size_t hot_bytes = 0;                            // of records kept in memory with `refs`
  };
  struct Batch {
    InboundBatch batch;
    std::size_t envelope_bytes = 0;
    std::vector<std::shared_ptr<const ReceiveInput>> inputs;
    std::vector<std::optional<ReceivedWork>> parts;       // of each input
    bool committing = false;
  };
  struct In {
    LogKey key;
    HeadRow next;                                         // after everything received
    HeadRow durable;                                      // after everything committed
    std::uint64_t receipted = 0;
    std::vector<std::uint64_t> voids;                     // since the last receipt
    std::deque<std::shared_ptr<Batch>> batches;
    bool receipt_in_flight = false;
    std::optional<Time> receipt_due;
    std::optional<std::uint64_t> receipts_from;           // the peer lacks receipts above this size; sent again as it reads them
  };
  Out& out(Lane lane) { return out_[lane == Lane::urgent ? 0 : 1]; }
  In& in(Lane lane) { return in_[lane == Lane::urgent ? 0 : 1]; }
  LogKey key_of_log(Direction direction, const link::LogId& log) const { return {id_, direction, log.stream, log.lane, log.epoch}; }
  static link::LogId id_of(const LogKey& key) { return {key.stream, key.lane, key.epoch}; }
  link::LogId out_id(Lane lane) { return id_of(out(lane).log.key); }
  link::LogId in_id(Lane lane) { return id_of(in(lane).key); }

  Result<void> open_session();
  Result<void> load_written(Lane lane, std::vector<link::LogState>& states);
  Result<void> load_kept(Lane lane, std::vector<link::LogState>& states);
  Result<void> add_epoch_before(LogKey log, std::vector<link::LogState>& states) const;
  Result<void> load_voids(In& in);
  void begin_work() { ++under_way_; }
  void end_work();
  void close(const Error& error);
  void restart_session(const std::string& why);
  void after_events();
  void handle_events();
  void flush_output();

  void on_event(link::Ready& event);
  void on_event(link::BatchReceived& event);
  void on_event(link::Acked& event);
  void on_event(link::ReceiptReceived& event);
  void on_event(link::PeerSaidBye& event);
  void compare_clocks(const link::ReceiptReceived& event);
  void on_event(link::DirectoryTold& event) { host_.on_directory_mark(id_, event.held, false); }
  void on_event(link::DirectoryAsked& event) { host_.on_directory_asked(id_, event.question); }
  void on_event(link::DirectoryCame& event) { host_.on_directory_came(id_, std::move(event.piece)); }
  bool may_exchange();

  // peer_recovery.cpp
  void on_event(link::EntriesWanted& event);
  void on_event(link::EntriesReceived& event);
  void on_event(link::LaneStopped& event);
  void on_event(link::LaneResumed& event);
  void on_event(link::EpochOffered& event);
  void on_event(link::WeWereRolledBack& event);
  void on_event(link::PeerRolledBack& event);
  void on_event(link::WriterRecovered& event);

  // peer_repair.cpp
  void on_event(link::EntriesShown& event);
  void compare_further_back();
  void ask_next_entries();
  void finish_reopening(std::uint64_t common);
  void end_reopening(Result<std::string> answer);

  // peer_out.cpp
  void pump(Lane lane);
  bool resend(Lane lane);
  Result<void> refill(Lane lane);
  bool start_group(Lane lane);
  void on_prepared(Lane lane, std::uint64_t generation, const std::shared_ptr<Group>& group, Result<Prepared> prepared);
  void commit_groups(Lane lane);
  void take_back(Out& o);
  void send_unsent(Lane lane);
  struct Why { DisclosureState state; std::string_view reason; };
  bool sweep(Lane lane, const std::optional<Why>& all);
  void give_up(Lane lane, const Row& row, const OutboxRow& waiting, const Why& why);
  Result<std::shared_ptr<const SealingContext>> sealing_context();
  void raise(std::string code, std::string text);
  NextOutboxSeq outbox_seqs();

  // peer_in.cpp
  void start_batch(Lane lane, const std::shared_ptr<Batch>& batch, std::vector<link::Element> elements);
  void receive_part(Lane lane, const std::shared_ptr<Batch>& batch, std::size_t part);
  bool take_again(Lane lane, const std::shared_ptr<Batch>& batch);
  void on_received(Lane lane, std::uint64_t generation, const std::shared_ptr<Batch>& batch, std::size_t part, const Context& under, Result<ReceiveResult> result);
  void commit_batches(Lane lane);
  void on_batch_committed(Lane lane, const std::shared_ptr<Batch>& batch, ReceivedBatch& received, Outcome outcome, std::uint64_t generation);
  void issue_receipt(Lane lane);
  void send_receipts_again(Lane lane);

  PeerHost& host_;
  std::string id_;
  std::array<Out, 2> out_;
  std::array<In, 2> in_;
  SessionId session_id_ = 0;
  std::optional<link::Session> session_;
  SessionId waiting_session_ = 0;                         // opens when the work of the last one has ended
  Bytes waiting_bytes_;
  std::uint64_t generation_ = 0;
  std::size_t under_way_ = 0;
  bool writable_ = true;
  bool gate_closed_ = false;                              // records waited for the directory
  link::DirectoryMark said_;                              // in our Hello
  Time since_{};
  struct Reopening {
    Lane lane{};
    Approved approved;
    Done done;
    std::uint64_t first = 0, target = 0, window = 0;      // the peer's entries [first, target) are asked for
    std::vector<link::EntryBytes> theirs;
  };
  std::optional<Reopening> reopening_;
  std::string last_reason_;
  std::optional<std::pair<std::chrono::nanoseconds, std::chrono::nanoseconds>> clock_;
  std::shared_ptr<const SealingContext> sealing_;
  std::uint32_t sealed_with_context_ = 0;
  OpeningCache opening_;
  std::size_t quarantined_bytes_ = 0;
};

}  // namespace liaison::exchange
