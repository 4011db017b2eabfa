// The listening side: accepts strangers under three bounds (in all, per address, per handshake in time) and serves those admitted.
#include <boost/asio/ip/v6_only.hpp>

#include "io/net/state.h"

namespace liaison::net {
using runtime::Level;
using runtime::log_line;

Result<std::uint16_t> Network::State::open_listener() {
  LIAISON_TRY(const Endpoint endpoint, parse_endpoint(settings.listen));
  boost::system::error_code error;
  const auto host = asio::ip::make_address(endpoint.host, error);
  if (error) return fail(Errc::invalid_settings, "listen address must be an IP address and a port: " + settings.listen);
  if (!tls) return fail(Errc::key_missing, "tls: no identity");
  const tcp::endpoint address(host, static_cast<std::uint16_t>(std::stoi(endpoint.port)));
  acceptor.open(address.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(address, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(Errc::invalid_settings, "cannot listen on " + settings.listen + ": " + error.message());
  const std::uint16_t port = acceptor.local_endpoint(error).port();
  log_line(Level::info, "listening", {{"address", settings.listen}, {"port", port}});
  auto loop = accept_loop(shared_from_this());
  runtime::supervise(io.get_executor(), "accept", std::move(loop), {});
  return port;
}

asio::awaitable<void> Network::State::accept_loop(std::shared_ptr<State> self) {
  while (!self->stopped) {
    auto outcome = co_await self->acceptor.async_accept(runtime::as_values);
    if (self->stopped) co_return;
    if (!std::get<0>(outcome)) {
      self->on_connection(std::move(std::get<1>(outcome)));
      continue;
    }
    // Out of descriptors, most likely: the connection stays in the queue of the kernel.
    log_line(Level::error, "accept_failed", {{"why", std::get<0>(outcome).message()}});
    self->accept_pause.expires_after(std::chrono::milliseconds(100));
    auto waited = co_await self->accept_pause.async_wait(runtime::as_values);
    (void)waited;
  }
}

void Network::State::on_connection(tcp::socket socket) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;
  const std::string address = remote.address().to_string();
  const auto count = per_address.find(address);
  const bool crowded = count != per_address.end() && count->second >= settings.strangers_per_address_max;
  if (crowded || open.size() >= settings.sessions_max) {
    return refused(address, false, crowded ? "too many unfinished handshakes" : "too many sessions");
  }
  if (strangers.size() >= settings.strangers_max) strangers.front()->abort();  // who is admitted at all is so within milliseconds
  auto session = make_session(Session::Role::accepted, std::move(socket), {});
  strangers.push_back(session);
  ++per_address[address];
  auto task = welcome(shared_from_this(), std::move(session), address);
  runtime::supervise(io.get_executor(), "accepted session", std::move(task), {});
}

asio::awaitable<void> Network::State::welcome(std::shared_ptr<State> self, std::shared_ptr<Session> session, std::string address) {
  auto shaking = session->shake_hands();
  const std::string failure = co_await std::move(shaking);
  self->strangers.remove(session);
  if (--self->per_address[address] == 0) self->per_address.erase(address);
  if (!failure.empty()) {
    self->refused(session->remote(), false, failure);
    co_return;
  }
  if (self->stopped) co_return;
  auto serving = serve(self, session);
  co_await std::move(serving);
}

}  // namespace liaison::net
