// The signed directory in the running node: learns of newer versions from peers, pulls them, checks them on the pool, stores them, and replaces the context
// between two messages; hands versions on; decides whether records may flow to a peer. A peer's word counts for nothing here: only signatures do.
// One thread (the engine's). What is half done is forgotten with the process; the store says which version is in force.
#pragma once
#include <map>
#include <set>

#include "core/exchange/directory_store.h"
#include "core/link/session.h"

namespace liaison::exchange {

class Node;

class DirectoryKeeper {
 public:
  explicit DirectoryKeeper(Node& node) : node_(node) {}
  Result<void> start();

  // --- links ---
  void on_mark(const std::string& peer, const link::DirectoryMark& held, bool first);  // first: of the Hello, the link is ready
  void on_asked(const std::string& peer, const link::DirectoryQuestion& question);
  void on_came(const std::string& peer, link::DirectoryPiece piece);
  void on_link_down(const std::string& peer);
  void on_tick();
  Time next_deadline() const;

  // May records go to and come from this peer? Not past the grace, not with an agency that is no member; and after its link came up not before somebody else
  // whose link is up holds nothing newer than we do, or limits::directory_wait has passed and nobody else says to hold a newer one that we have not seen: so a node
  // that was away hears of a removal first.
  bool may_exchange(const std::string& peer);

  // --- people ---
  struct Published {
    std::shared_ptr<const directory::Directory> directory;  // in force now
    std::vector<std::string> changes;
    bool known = false;                                     // it was in force already
  };
  using Done = std::function<void(Result<Published>)>;
  void publish(Bytes file, const std::string& person, Done done);
  // Uses the directory past its grace; `reason` is shown with the alarm.
  void allow(std::uint32_t hours, const std::string& person, const std::string& reason, std::function<void(Result<Time>)> done);

 private:
  struct Link {
    link::DirectoryMark held;
    Time since{};               // ready
    bool open = false;          // records flow
    bool asked_for_proof = false;
  };
  struct Pull {
    std::string peer;
    link::DirectoryMark base, to;
    std::uint32_t total = 0;
    Bytes bytes;
    Time began{}, heard{};
  };
  struct Origin {               // of a file under way
    std::string peer, person;
  };
  struct Offer {
    link::DirectoryMark from, to;
    std::shared_ptr<const Bytes> delta;
  };
  struct Checked {
    Result<NewDirectory> next;
    std::optional<Op> proof;
    Hash hash{};                // of the file's text; zero: it has none
  };

  link::DirectoryMark mark() const;
  bool asked_in_vain(const std::string& peer) const;
  void look_for_news();
  void ask(const std::string& peer, Link& link);
  void give_up_pull();
  void take_delta(Pull pull);
  void check(const Origin& origin, std::function<Result<Bytes>(const Context&)> file, Done done);
  void on_checked(const Origin& origin, Checked checked, const Done& done);
  void refuse(const Origin& origin, const Checked& checked);
  void commit(const Origin& origin, NewDirectory next, const Done& done);
  void use(const std::shared_ptr<const directory::Directory>& next, std::vector<std::uint64_t> steps);
  void shut_out(const directory::Directory& before);
  void tell_everybody();
  void count_reachable();
  void warn_of_age();
  void send_piece(const std::string& peer, const Offer& offer, std::uint32_t offset);
  const Offer* find_offer(const link::DirectoryQuestion& question) const;
  void make_offer(const std::string& peer, const link::DirectoryQuestion& question);

  Node& node_;
  std::map<std::string, Link> links_;
  std::map<std::string, Time> ask_from_;  // agencies whose last answer was refused or never came are not asked before; outlives their sessions
  std::optional<Pull> pull_;
  bool checking_ = false;
  Time look_again_{};           // after a commit that failed
  std::vector<std::uint64_t> steps_;
  std::deque<Offer> offers_;
  std::set<std::string> leaving_;  // agencies that left and for whom something waits
  std::size_t reachable_ = 0;   // other members with an endpoint
  Time asked_around_{}, returned_{};
};

}  // namespace liaison::exchange
