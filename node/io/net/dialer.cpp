// The dialling side: one loop per wanted agency that dials while there is no session with it, at most dials_max at once, with back-off.
// The back-off starts again when the peer proves that it is there: it dials in, or sends bytes on a session we dialled.
#include "io/net/state.h"

namespace liaison::net {
using runtime::Level;
using runtime::log_line;

void Network::State::start_dialing(const std::string& agency, std::vector<std::string> endpoints) {
  liaison_assert(tls != nullptr);
  if (stopped) return;
  auto& dial = dials[agency];
  if (dial) {
    dial->endpoints = std::move(endpoints);
    dial_now(agency);
    return;
  }
  dial = std::make_shared<Dial>(io.get_executor(), agency, settings);
  dial->endpoints = std::move(endpoints);
  auto loop = dial_loop(shared_from_this(), dial);
  runtime::supervise(io.get_executor(), "dial", std::move(loop), {});
}

void Network::State::forget(Dial& dial) {
  dial.wanted = false;
  dial.resolver.cancel();
  if (dial.attempt) dial.attempt->abort();
  dial.wake.cancel();
}

void Network::State::dial_now(const std::string& agency) {
  const auto found = dials.find(agency);
  if (found == dials.end()) return;
  found->second->backoff.reset();
  found->second->next = {};
  found->second->wake.cancel();
}

void Network::State::wake_dials() {
  for (const auto& [agency, dial] : dials) dial->wake.cancel();
}

void Network::State::unreachable(const Dial& dial, const std::string& reason) {
  if (stopped || !dial.wanted) return;
  log_line(Level::info, "dial_failed", {{"peer", dial.agency}, {"why", reason}});
  if (hooks.on_unreachable) hooks.on_unreachable(dial.agency, reason);
}

asio::awaitable<void> Network::State::dial_loop(std::shared_ptr<State> self, std::shared_ptr<Dial> dial) {
  while (dial->wanted) {
    const bool must_wait = self->connected(dial->agency) || self->dials_active >= self->settings.dials_max;
    if (must_wait || std::chrono::steady_clock::now() < dial->next) {
      dial->wake.expires_at(must_wait ? SteadyTime::max() : dial->next);
      auto woken = co_await dial->wake.async_wait(runtime::as_values);
      (void)woken;
      continue;
    }
    ++self->dials_active;
    auto attempt = try_endpoints(self, dial);
    auto session = co_await std::move(attempt);
    dial->attempt.reset();
    if (self->dials_active-- == self->settings.dials_max) self->wake_dials();
    if (session && dial->wanted) {
      auto serving = serve(self, session);
      co_await std::move(serving);
      if (session->heard()) dial->backoff.reset();
    }
    dial->next = std::chrono::steady_clock::now() + dial->backoff.next(self->hooks.random());
  }
}

asio::awaitable<std::shared_ptr<Session>> Network::State::try_endpoints(std::shared_ptr<State> self, std::shared_ptr<Dial> dial) {
  const std::vector<std::string> endpoints = dial->endpoints;  // a copy: dial() may replace them meanwhile
  for (std::size_t i = 0; i < endpoints.size() && dial->wanted; ++i) {
    auto attempt = try_endpoint(self, dial, endpoints[i]);
    auto session = co_await std::move(attempt);
    if (session) co_return session;
  }
  co_return nullptr;
}

asio::awaitable<std::vector<tcp::endpoint>> Network::State::resolve(std::shared_ptr<Dial> dial, Endpoint endpoint) {
  std::vector<tcp::endpoint> addresses;
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(endpoint.host, error);
  if (!error) {
    addresses.emplace_back(literal, static_cast<std::uint16_t>(std::stoi(endpoint.port)));
    co_return addresses;
  }
  auto outcome = co_await dial->resolver.async_resolve(endpoint.host, endpoint.port, runtime::as_values);
  for (const auto& entry : std::get<1>(outcome))
    if (addresses.size() < 4) addresses.push_back(entry.endpoint());
  co_return addresses;
}

asio::awaitable<std::shared_ptr<Session>> Network::State::try_endpoint(std::shared_ptr<State> self, std::shared_ptr<Dial> dial, std::string chars) {
  auto endpoint = parse_endpoint(chars);
  if (!endpoint) {
    self->unreachable(*dial, endpoint.error().message());
    co_return nullptr;
  }
  auto resolving = resolve(dial, *endpoint);
  auto addresses = co_await runtime::with_deadline(std::move(resolving), self->settings.connect_deadline);
  if (!addresses || addresses->empty()) {
    self->unreachable(*dial, "cannot resolve " + chars);
    co_return nullptr;
  }
  for (std::size_t i = 0; i < addresses->size() && dial->wanted; ++i) {
    auto session = self->make_session(Session::Role::dialled, tcp::socket(self->io), dial->agency);
    dial->attempt = session;
    auto connecting = session->connect((*addresses)[i]);
    auto connected = co_await runtime::with_deadline(std::move(connecting), self->settings.connect_deadline);
    if (!connected || *connected) {
      self->unreachable(*dial, chars + ": " + (connected ? connected->message() : "connect deadline passed"));
      continue;
    }
    auto shaking = session->shake_hands();
    const std::string failure = co_await std::move(shaking);
    if (failure.empty()) co_return session;
    if (!session->refusal().empty()) self->refused(session->remote(), session->dialled(), failure);
    self->unreachable(*dial, chars + ": " + failure);
  }
  co_return nullptr;
}

}  // namespace liaison::net
