// The whole node as a pure state machine: requests of people, sessions with peers, time and finished work in; actions out.
// One thread. The shell (node/app) and the simulator run the same object. After any crash a new Node over the same store goes on.
#pragma once
#include <map>

#include "core/exchange/directory_keeper.h"
#include "core/exchange/held_book.h"
#include "core/exchange/peer.h"
#include "core/exchange/rights.h"

namespace liaison::exchange {

struct NodeOptions {
  ContextPtr context;
  std::string version;                               // of the program, for status
  std::uint16_t link_port = 0;
};

class Node final : public PeerHost {
 public:
  Node(NodeOptions options, Ports ports, OpeningNotes& notes);
  ~Node() override;
  // Reads the store and writes the audit entry of this start. Errors stop the node.
  Result<void> start();

  // --- inputs ---
  void on_request(RequestToken token, std::string_view person, Bytes call);
  void on_session_open(SessionId session, const std::string& peer);
  void on_session_bytes(SessionId session, ByteView bytes);
  void on_session_writable(SessionId session);
  void on_session_closed(SessionId session);
  void on_session_refused(SessionId session, const std::string& reason);  // the directory does not admit its certificate any more
  void on_refused_connection(const std::string& reason);  // audited, at most one entry a second; the shell logs it
  void on_unreachable(const std::string& agency, const std::string& reason);
  void on_tick();
  void on_committed(JobId job, Outcome outcome) { engine_.on_committed(job, outcome); }
  void replace_context(ContextPtr context) { context_ = std::move(context); }
  void hold_decisions(bool hold);                    // while a new policy or directory is being stored; as often true as false
  void set_link_port(std::uint16_t port) { options_.link_port = port; }

  // --- outputs ---
  std::vector<Action> take_actions() { return engine_.take_actions(); }
  Time next_deadline() const;
  // Persons with a right to connect: name -> 32-byte key; changes when persons are added or disabled (see persons_version).
  const std::map<std::string, PersonRow>& persons() const { return persons_; }
  std::uint64_t persons_version() const { return persons_version_; }
  bool idle() const { return engine_.idle() && tasks_ == 0; }

  // --- PeerHost ---
  Engine& engine() override { return engine_; }
  ContextPtr context() const override { return context_; }
  OpeningNotes& notes() override { return notes_; }
  std::uint64_t& inbox_next() override { return inbox_next_; }
  std::multiset<std::uint64_t>& inbox_under_way() override { return inbox_under_way_; }
  void on_inbox(Lane lane, std::vector<std::pair<std::uint64_t, std::shared_ptr<const HotMessage>>> messages) override;
  std::size_t sessions_open() const override { return sessions_.size(); }
  std::uint64_t next_outbox_seq(const std::string& id, Lane lane) override { return peer(id).next_seq(lane); }
  void on_queued(std::vector<Queued> queued, Outcome outcome) override;
  NextHeldSeq held_seqs() override { return [this] { return held_.next(); }; }
  void on_held(std::vector<Holding> held, Outcome outcome) override;
  void on_echoes(const std::vector<Echo>& echoes) override;
  bool may_decide() const override { return decisions_held_ == 0; }
  bool may_exchange(const std::string& id) override { return directories_.may_exchange(id); }
  void on_directory_mark(const std::string& id, const link::DirectoryMark& held, bool first) override { directories_.on_mark(id, held, first); }
  void on_directory_asked(const std::string& id, const link::DirectoryQuestion& question) override { directories_.on_asked(id, question); }
  void on_directory_came(const std::string& id, link::DirectoryPiece piece) override { directories_.on_came(id, std::move(piece)); }
  void on_link_down(const std::string& id) override { directories_.on_link_down(id); }

 private:
  friend class Requests;
  friend class DirectoryKeeper;
  Peer& peer(const std::string& id);
  Result<void> load_persons();
  Result<void> adopt_orphans();
  Result<void> add_peer(const std::string& id);
  void add_peers();                                  // those a new directory brought
  void announce_inbox(std::uint64_t seq, Lane lane);
  void expire_held_items();

  NodeOptions options_;
  ContextPtr context_;
  Engine engine_;
  OpeningNotes& notes_;
  std::map<std::string, std::unique_ptr<Peer>> peers_;
  std::map<SessionId, std::string> sessions_;
  std::map<std::string, PersonRow> persons_;
  std::uint64_t persons_version_ = 0;
  std::uint64_t inbox_next_ = 1;
  std::multiset<std::uint64_t> inbox_under_way_;
  HeldBook held_;
  DirectoryKeeper directories_{*this};
  std::size_t decisions_held_ = 0;
  bool peers_missing_ = false;                       // a new one could not be read from the store yet
  Time started_{}, refused_logged_{}, swept_{}, held_swept_{};
  struct { std::uint64_t count = 0; Time last{}; std::string reason; } refused_;  // connections, since the start
  std::size_t tasks_ = 0;
  std::unique_ptr<class Requests> requests_;
  // Messages verified lately, by inbox number, for subscribers who follow closely.
  std::map<std::uint64_t, std::shared_ptr<const HotMessage>> hot_;
  std::size_t hot_bytes_ = 0;
};

}  // namespace liaison::exchange
