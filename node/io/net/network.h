// Network: mutually authenticated TLS 1.3 connections to peers: a listener, a dialer and the sessions they open. Moves bytes for core/link
// and knows nothing of their meaning. Every call and every hook runs on the io_context's one thread; no hook is called from inside a call
// except `admit`; hooks must not throw. A peer's mistake closes its session, never the node; a stranger learns nothing but an alert.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/limits.h"
#include "core/crypto/keys.h"

namespace liaison::net {

using SessionId = std::uint64_t;  // never used twice in one run; 0 is none

// Who we are to peers. `chain`: DER, own certificate first, at most limits::certificate_chain_max.
struct Identity {
  std::vector<Bytes> chain;
  crypto::EvpKey key;
};
crypto::EvpKey share_key(EVP_PKEY* key);                  // a further reference to the same key

struct NetSettings {
  std::string listen;                  // "0.0.0.0:7443", "[::]:7443"; port 0: any; empty: does not listen
  std::size_t sessions_max = limits::sessions_max;
  std::size_t dials_max = limits::handshakes_max;               // own handshakes at once
  std::size_t strangers_max = 4 * limits::handshakes_max;       // connections not yet admitted; beyond it the oldest goes
  std::size_t strangers_per_address_max = limits::handshakes_max;
  std::size_t send_queue_bytes = limits::segment_bytes_max;     // more would delay urgent segments on a slow line
  Milliseconds connect_deadline = std::chrono::seconds(5);
  Milliseconds handshake_deadline = limits::hello_deadline;
  Milliseconds first_bytes_deadline = limits::hello_deadline;   // from admission to the first bytes of the peer
  Milliseconds idle_deadline = limits::idle_close_after;        // nothing received, or nothing of a write taken by the peer
  Milliseconds linger_deadline = std::chrono::seconds(2);       // for the last queued bytes after close()
  Milliseconds backoff_first = Milliseconds(250);
  Milliseconds backoff_max = limits::reconnect_max;
};

struct Hooks {
  // The agency a chain of DER certificates (leaf first, bounded) stands for, or not_admitted. Called during the handshake: must not call Network.
  std::function<Result<std::string>(std::span<const Bytes> chain)> admit;
  std::function<void(SessionId, const std::string& agency, bool dialled)> on_open;
  std::function<void(SessionId, ByteView bytes)> on_bytes;                    // the view ends with the call
  std::function<void(SessionId)> on_writable;                                 // the queue is empty again: pull the next output
  // Exactly once per on_open. Reasons: what close() was given, or closed_by_peer, reset, silent, idle, stalled, queue_overflow.
  std::function<void(SessionId, const std::string& reason)> on_closed;
  std::function<void(const std::string& remote_address, const std::string& reason)> on_refused;  // somebody failed the handshake or admission
  std::function<void(const std::string& agency, const std::string& reason)> on_unreachable;      // one failed attempt to dial (optional)
  std::function<std::uint64_t()> random;                                      // for jitter
};

class Network {
 public:
  Network(boost::asio::io_context& io, NetSettings settings, Hooks hooks);
  ~Network();  // no hook is called any more
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Own certificate and key for connections made from now on; must succeed once before listen() or dial().
  Result<void> set_identity(Identity identity);
  Result<std::uint16_t> listen();                                // answers the port
  // Keeps a session with `agency`: dials while there is none. Endpoints "host:port" are tried in order. Again: replaces the endpoints.
  void dial(const std::string& agency, std::vector<std::string> endpoints);
  void stop_dialing(const std::string& agency);                  // its session stays
  void reset_backoff(const std::string& agency);                 // dial now

  std::size_t room(SessionId session) const;                     // bytes send() takes without overflowing; 0 for an unknown session
  // Queues for sending. Sending while room() is 0 breaks the contract and closes the session (queue_overflow).
  void send(SessionId session, Bytes bytes);
  void close(SessionId session, const std::string& reason);      // sends what is queued first; no on_bytes any more
  void drop(SessionId session, const std::string& reason);       // at once, nothing more is sent; on_closed follows
  // Open sessions whose peer `admit` refuses by now, for the same certificates, with the reason. They stay open until they are dropped.
  std::vector<std::pair<SessionId, std::string>> no_longer_admitted() const;
  bool connected(const std::string& agency) const;
  void pause_reading(SessionId session);
  void resume_reading(SessionId session);
  std::size_t sessions() const;
  void stop();                                                   // closes everything; on_closed still follows while the io_context runs

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace liaison::net
