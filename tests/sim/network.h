// Byte pipes between agencies: chunks of any size, delays by being scheduled late, lost connections that swallow a tail, partitions without a word,
// several connections of one pair opened in any order. The world asks which moves are possible and runs one at a time. One thread.
#pragma once
#include <functional>
#include <map>
#include <memory>

#include "core/exchange/engine.h"
#include "tests/sim/chance.h"
#include "tests/sim/tamper.h"

namespace liaison::sim {

using exchange::SessionId;

struct NetworkHooks {
  std::function<void(std::size_t site, SessionId, std::size_t peer)> on_open;
  std::function<void(std::size_t site, SessionId, ByteView)> on_bytes;
  std::function<void(std::size_t site, SessionId)> on_writable;
  std::function<void(std::size_t site, SessionId)> on_closed;
};

class Network {
 public:
  enum class Step : std::uint8_t { open, deliver, closed, writable };
  struct Move {
    Step step{};
    std::uint64_t connection = 0;
    std::size_t side = 0;
  };

  Network(Chance& chance, NetworkHooks hooks) : chance_(chance), hooks_(std::move(hooks)) {}

  void dial(std::size_t from, std::size_t to, Tampering tampering = {});
  bool linked(std::size_t a, std::size_t b) const;  // a connection lives, or is being set up
  std::size_t connections(std::size_t a, std::size_t b) const;
  void send(SessionId session, Bytes bytes);
  void close(SessionId session);                    // asked for by the node; on_closed follows
  void site_down(std::size_t site);
  void lose_connection();                           // any one
  void cut(std::size_t a, std::size_t b, bool cut);
  bool is_cut(std::size_t a, std::size_t b) const { return cut_.contains(std::minmax(a, b)); }
  void heal() { cut_.clear(); }
  void lose_tampered();

  std::vector<Move> moves() const;
  void run(const Move& move);
  void forget_finished();
  std::uint64_t tampered() const { return tampered_; }

 private:
  struct Pipe {
    Bytes bytes;
    bool ended = false;
    bool owes_writable = false;
  };
  struct Connection {
    std::array<std::size_t, 2> site{};
    std::array<Pipe, 2> from;          // bytes written by that side
    std::array<bool, 2> open{}, leaving{}, gone{};
    std::unique_ptr<Tamper> tamper;    // of what side 0 writes
    bool alive() const { return !gone[0] && !gone[1] && !from[0].ended && !from[1].ended; }
  };
  void end_pipe(Pipe& pipe);           // keeps a random beginning of what was under way
  bool possible(const Connection& connection, std::size_t side, Step step) const;

  Chance& chance_;
  NetworkHooks hooks_;
  std::map<std::uint64_t, Connection> connections_;
  std::set<std::pair<std::size_t, std::size_t>> cut_;
  std::uint64_t next_ = 1, tampered_ = 0;
};

}  // namespace liaison::sim
