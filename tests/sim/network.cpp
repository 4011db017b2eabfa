// Connections in the order of their numbers, so that a seed replays.
#include "tests/sim/network.h"

#include <set>

namespace liaison::sim {
namespace {
constexpr std::size_t pipe_bytes_full = 64 << 10;
constexpr std::array steps{Network::Step::open, Network::Step::deliver, Network::Step::closed, Network::Step::writable};
std::uint64_t connection_of(SessionId session) { return session / 2; }
std::size_t side_of(SessionId session) { return session % 2; }
SessionId session_of(std::uint64_t connection, std::size_t side) { return connection * 2 + side; }
}  // namespace

void Network::dial(std::size_t from, std::size_t to, Tampering tampering) {
  Connection made;
  made.site = {from, to};
  if (tampering.kind != Tampering::Kind::none) made.tamper = std::make_unique<Tamper>(std::move(tampering));
  connections_.emplace(next_++, std::move(made));
}

bool Network::linked(std::size_t a, std::size_t b) const { return connections(a, b) != 0; }

std::size_t Network::connections(std::size_t a, std::size_t b) const {
  std::size_t count = 0;
  for (const auto& [number, one] : connections_)
    if (one.alive() && std::minmax(one.site[0], one.site[1]) == std::minmax(a, b)) ++count;
  return count;
}

void Network::send(SessionId session, Bytes bytes) {
  const auto found = connections_.find(connection_of(session));
  if (found == connections_.end()) return;
  auto& connection = found->second;
  const std::size_t side = side_of(session);
  if (connection.gone[side] || connection.leaving[side]) return;
  Pipe& pipe = connection.from[side];
  pipe.owes_writable = true;
  if (pipe.ended) return;
  if (side == 0 && connection.tamper) {
    const std::uint64_t before = connection.tamper->done();
    bytes = connection.tamper->pass(bytes);
    tampered_ += connection.tamper->done() - before;
  }
  put(pipe.bytes, bytes);
}

void Network::close(SessionId session) {
  const auto found = connections_.find(connection_of(session));
  if (found == connections_.end() || found->second.gone[side_of(session)]) return;
  found->second.leaving[side_of(session)] = true;
  found->second.from[side_of(session)].ended = true;
}

void Network::end_pipe(Pipe& pipe) {
  if (!pipe.ended && !pipe.bytes.empty()) pipe.bytes.resize(chance_.below(pipe.bytes.size() + 1));
  pipe.ended = true;
}

void Network::site_down(std::size_t site) {
  for (auto& [number, connection] : connections_)
    for (std::size_t side = 0; side < 2; ++side) {
      if (connection.site[side] != site || connection.gone[side]) continue;
      connection.gone[side] = true;
      end_pipe(connection.from[side]);
      connection.from[1 - side].bytes.clear();
    }
}

void Network::lose_connection() {
  std::vector<std::uint64_t> alive;
  for (const auto& [number, connection] : connections_)
    if (connection.alive()) alive.push_back(number);
  if (alive.empty()) return;
  auto& connection = connections_.at(chance_.pick(alive));
  for (auto& pipe : connection.from) end_pipe(pipe);
}

void Network::lose_tampered() {
  for (auto& [number, connection] : connections_)
    if (connection.tamper && connection.alive())
      for (auto& pipe : connection.from) end_pipe(pipe);
}

void Network::cut(std::size_t a, std::size_t b, bool cut) {
  if (cut) cut_.insert(std::minmax(a, b));
  else cut_.erase(std::minmax(a, b));
}

bool Network::possible(const Connection& connection, std::size_t side, Step step) const {
  if (connection.gone[side]) return false;
  if (connection.leaving[side]) return step == Step::closed;
  const bool quiet = is_cut(connection.site[0], connection.site[1]);
  const Pipe& in = connection.from[1 - side];
  const Pipe& out = connection.from[side];
  switch (step) {
    case Step::open: return !connection.open[side] && !quiet;
    case Step::deliver: return connection.open[side] && !in.bytes.empty() && !quiet;
    case Step::closed: return in.ended && (in.bytes.empty() || !connection.open[side]) && !quiet;
    case Step::writable: return connection.open[side] && out.owes_writable && out.bytes.size() < pipe_bytes_full;
  }
  return false;
}

std::vector<Network::Move> Network::moves() const {
  std::vector<Move> all;
  for (const auto& [number, connection] : connections_)
    for (std::size_t side = 0; side < 2; ++side)
      for (const Step step : steps)
        if (possible(connection, side, step)) all.push_back({step, number, side});
  return all;
}

void Network::run(const Move& move) {
  auto& connection = connections_.at(move.connection);
  const std::size_t site = connection.site[move.side];
  const SessionId session = session_of(move.connection, move.side);
  switch (move.step) {
    case Step::open:
      connection.open[move.side] = true;
      return hooks_.on_open(site, session, connection.site[1 - move.side]);
    case Step::deliver: {
      Bytes& bytes = connection.from[1 - move.side].bytes;
      const std::size_t most = chance_.per_mille(300) ? std::min<std::size_t>(bytes.size(), 200) : bytes.size();
      const std::size_t count = chance_.between(1, most);
      const Bytes chunk(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
      bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
      return hooks_.on_bytes(site, session, chunk);
    }
    case Step::closed: {
      const bool told = connection.open[move.side];
      connection.gone[move.side] = true;
      end_pipe(connection.from[move.side]);
      connection.from[1 - move.side].bytes.clear();
      if (told) hooks_.on_closed(site, session);
      return;
    }
    case Step::writable:
      connection.from[move.side].owes_writable = false;
      return hooks_.on_writable(site, session);
  }
}

void Network::forget_finished() {
  std::erase_if(connections_, [](const auto& entry) { return entry.second.gone[0] && entry.second.gone[1]; });
}

}  // namespace liaison::sim
