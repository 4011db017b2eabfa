// What the parts of Network share: settings, hooks, the sessions and the connections not yet admitted. Kept alive by every coroutine that
// uses it, so that Network may go while operations are still ending; `stopped` then silences the hooks.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <map>

#include "io/net/backoff.h"
#include "io/net/session.h"
#include "io/runtime/log.h"

namespace liaison::net {

// One wanted agency.
struct Dial {
  Dial(const asio::any_io_executor& executor, std::string name, const NetSettings& settings)
      : agency(std::move(name)), backoff(settings.backoff_first, settings.backoff_max), wake(executor), resolver(executor) {}
  const std::string agency;
  std::vector<std::string> endpoints;
  Backoff backoff;
  SteadyTime next{};                  // not before
  asio::steady_timer wake;            // cancelled whenever something changed
  tcp::resolver resolver;
  std::shared_ptr<Session> attempt;   // under way
  bool wanted = true;
};

struct Network::State final : SessionEvents, std::enable_shared_from_this<Network::State> {
  State(asio::io_context& context, NetSettings net_settings, Hooks net_hooks)
      : io(context), settings(std::move(net_settings)), hooks(std::move(net_hooks)), acceptor(context), accept_pause(context) {}

  void on_session_bytes(Session& session, ByteView bytes) noexcept override { hooks.on_bytes(session.id(), bytes); }
  void on_session_writable(Session& session) noexcept override { hooks.on_writable(session.id()); }

  std::shared_ptr<Session> make_session(Session::Role role, tcp::socket socket, const std::string& expected);
  std::shared_ptr<Session> find(SessionId id) const;
  bool connected(const std::string& agency) const { return per_agency.contains(agency); }
  // on_open to on_closed; the session has passed its handshake.
  static asio::awaitable<void> serve(std::shared_ptr<State> self, std::shared_ptr<Session> session);
  void refused(const std::string& remote, bool dialled, const std::string& reason);

  // --- listener (listener.cpp) ---
  Result<std::uint16_t> open_listener();
  static asio::awaitable<void> accept_loop(std::shared_ptr<State> self);
  static asio::awaitable<void> welcome(std::shared_ptr<State> self, std::shared_ptr<Session> session, std::string address);
  void on_connection(tcp::socket socket);

  // --- dialer (dialer.cpp) ---
  static asio::awaitable<void> dial_loop(std::shared_ptr<State> self, std::shared_ptr<Dial> dial);
  static asio::awaitable<std::shared_ptr<Session>> try_endpoints(std::shared_ptr<State> self, std::shared_ptr<Dial> dial);
  static asio::awaitable<std::shared_ptr<Session>> try_endpoint(std::shared_ptr<State> self, std::shared_ptr<Dial> dial, std::string chars);
  static asio::awaitable<std::vector<tcp::endpoint>> resolve(std::shared_ptr<Dial> dial, Endpoint endpoint);
  void start_dialing(const std::string& agency, std::vector<std::string> endpoints);
  void forget(Dial& dial);
  void dial_now(const std::string& agency);
  void unreachable(const Dial& dial, const std::string& reason);
  void wake_dials();

  asio::io_context& io;
  const NetSettings settings;
  Hooks hooks;
  std::shared_ptr<asio::ssl::context> tls;
  tcp::acceptor acceptor;
  asio::steady_timer accept_pause;
  std::map<SessionId, std::shared_ptr<Session>> open;
  std::map<std::string, std::size_t> per_agency;         // open sessions
  runtime::LineLimit refused_lines;
  std::list<std::shared_ptr<Session>> strangers;         // accepted, handshake under way, oldest first
  std::map<std::string, std::size_t> per_address;        // strangers
  std::map<std::string, std::shared_ptr<Dial>> dials;
  std::size_t dials_active = 0;
  SessionId last_id = 0;
  bool stopped = false;
};

}  // namespace liaison::net
