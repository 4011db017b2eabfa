// One TLS connection: handshake, then reading, writing and watching its deadlines until one of them ends; then the socket is closed.
// Kept alive by its coroutine. All on the io_context's one thread. Tells its owner only through SessionEvents and what run() returns.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "io/net/tls.h"
#include "io/runtime/async.h"

namespace liaison::net {
namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;

class Session;
class SessionEvents {  // outlives the session's coroutine; a closing session calls none of them; an exception would leave half a session
 public:
  virtual ~SessionEvents() = default;
  virtual void on_session_bytes(Session& session, ByteView bytes) noexcept = 0;
  virtual void on_session_writable(Session& session) noexcept = 0;
};

class Session {
 public:
  enum class Role { dialled, accepted };
  Session(SessionId id, Role role, tcp::socket socket, asio::ssl::context& tls, const NetSettings& settings, Admission admission);

  asio::awaitable<boost::system::error_code> connect(tcp::endpoint address);
  // Empty: admitted. Otherwise the reason for logs and audit.
  asio::awaitable<std::string> shake_hands();
  // From admission to the end; answers why it ended.
  asio::awaitable<std::string> run(SessionEvents& events);

  void send(Bytes bytes);
  std::size_t room() const;
  void close(const std::string& reason);
  void drop(const std::string& reason);  // at once: what is queued is not sent any more
  void pause();
  void resume();
  void abort();  // closes the socket at once; whatever is under way fails

  SessionId id() const { return id_; }
  bool dialled() const { return role_ == Role::dialled; }
  bool heard() const { return heard_; }  // the peer sent at least one byte: it has admitted us
  const std::string& agency() const { return admission_.agency; }
  const std::string& remote() const { return remote_; }
  const std::string& refusal() const { return admission_.refusal; }
  const std::vector<Bytes>& chain() const { return admission_.chain; }

 private:
  asio::awaitable<boost::system::error_code> handshake();
  asio::awaitable<void> read_loop(SessionEvents& events);
  asio::awaitable<void> write_loop(SessionEvents& events);
  asio::awaitable<void> watch_loop();
  asio::awaitable<void> say_goodbye();
  SteadyTime next_deadline() const;
  std::string overdue() const;  // which deadline has passed
  void end(const std::string& reason);
  void tune_socket();

  const SessionId id_;
  const Role role_;
  const NetSettings settings_;
  Admission admission_;
  asio::ssl::stream<tcp::socket> stream_;
  asio::steady_timer wake_read_, wake_write_, wake_watch_;
  std::string remote_, reason_;
  Bytes read_buffer_, queued_, writing_;
  SteadyTime opened_{}, last_read_{}, write_started_{}, closing_since_{};
  bool heard_ = false, paused_ = false, closing_ = false, ended_ = false, busy_writing_ = false;
};

}  // namespace liaison::net
