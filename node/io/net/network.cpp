// Network's calls and the life of an admitted session. on_open and on_closed are called here only, once each.
#include "io/net/network.h"

#include "io/net/state.h"
#include "io/runtime/log.h"

namespace liaison::net {
using runtime::Level;
using runtime::log_line;

Network::Network(asio::io_context& io, NetSettings settings, Hooks hooks)
    : state_(std::make_shared<State>(io, std::move(settings), std::move(hooks))) {
  liaison_assert(state_->hooks.admit && state_->hooks.on_open && state_->hooks.on_bytes && state_->hooks.on_writable &&
                 state_->hooks.on_closed && state_->hooks.random);
}

Network::~Network() {
  stop();
  for (const auto& [id, session] : state_->open) session->abort();
  const auto ignore = [](auto&&...) {};
  state_->hooks = Hooks{[](std::span<const Bytes>) -> Result<std::string> { return fail(Errc::not_admitted, "stopping"); },
                        ignore, ignore, ignore, ignore, ignore, ignore, [] { return std::uint64_t{0}; }};
}

Result<void> Network::set_identity(Identity identity) {
  LIAISON_TRY(SslContext context, make_tls_context(identity));
  state_->tls = std::make_shared<asio::ssl::context>(context.release());
  return {};
}

Result<std::uint16_t> Network::listen() { return state_->open_listener(); }

void Network::dial(const std::string& agency, std::vector<std::string> endpoints) { state_->start_dialing(agency, std::move(endpoints)); }

void Network::stop_dialing(const std::string& agency) {
  if (const auto found = state_->dials.find(agency); found != state_->dials.end()) {
    const auto dial = found->second;
    state_->dials.erase(found);
    state_->forget(*dial);
  }
}

void Network::reset_backoff(const std::string& agency) { state_->dial_now(agency); }

std::size_t Network::room(SessionId session) const {
  const auto found = state_->find(session);
  return found ? found->room() : 0;
}

void Network::send(SessionId session, Bytes bytes) {
  if (const auto found = state_->find(session)) found->send(std::move(bytes));
}

void Network::close(SessionId session, const std::string& reason) {
  if (const auto found = state_->find(session)) found->close(reason);
}

void Network::drop(SessionId session, const std::string& reason) {
  if (const auto found = state_->find(session)) found->drop(reason);
}

std::vector<std::pair<SessionId, std::string>> Network::no_longer_admitted() const {
  std::vector<std::pair<SessionId, std::string>> refused;
  for (const auto& [id, session] : state_->open) {
    const auto agency = state_->hooks.admit(session->chain());
    if (!agency) refused.emplace_back(id, agency.error().message());
    else if (*agency != session->agency()) refused.emplace_back(id, "its certificate is of " + *agency + " now");
  }
  return refused;
}

bool Network::connected(const std::string& agency) const { return state_->connected(agency); }

void Network::pause_reading(SessionId session) {
  if (const auto found = state_->find(session)) found->pause();
}

void Network::resume_reading(SessionId session) {
  if (const auto found = state_->find(session)) found->resume();
}

std::size_t Network::sessions() const { return state_->open.size(); }

void Network::stop() {
  State& state = *state_;
  if (std::exchange(state.stopped, true)) return;
  boost::system::error_code error;
  state.acceptor.close(error);
  state.accept_pause.cancel();
  for (const auto& stranger : state.strangers) stranger->abort();
  for (const auto& [agency, dial] : std::exchange(state.dials, {})) state.forget(*dial);
  for (const auto& [id, session] : state.open) session->close("stopping");
}

std::shared_ptr<Session> Network::State::make_session(Session::Role role, tcp::socket socket, const std::string& expected) {
  Admission admission;
  admission.admit = &hooks.admit;
  admission.expected = expected;
  return std::make_shared<Session>(++last_id, role, std::move(socket), *tls, settings, std::move(admission));
}

std::shared_ptr<Session> Network::State::find(SessionId id) const {
  const auto found = open.find(id);
  return found == open.end() ? nullptr : found->second;
}

void Network::State::refused(const std::string& remote, bool dialled, const std::string& reason) {
  if (stopped) return;
  if (const auto left_out = refused_lines.pass(std::chrono::steady_clock::now()))
    log_line(Level::warning, "connection_refused", {{"remote", remote}, {"dialled", dialled ? "yes" : "no"}, {"why", reason}, {"not_logged_before", *left_out}});
  if (hooks.on_refused) hooks.on_refused(remote, reason);
}

asio::awaitable<void> Network::State::serve(std::shared_ptr<State> self, std::shared_ptr<Session> session) {
  const std::string agency = session->agency();
  self->open.emplace(session->id(), session);
  ++self->per_agency[agency];
  log_line(Level::info, "session_open", {{"session", session->id()}, {"peer", agency}, {"remote", session->remote()}, {"dialled", session->dialled() ? "yes" : "no"}});
  if (!session->dialled()) self->dial_now(agency);  // the peer is there: the next dial after this session starts afresh
  self->hooks.on_open(session->id(), agency, session->dialled());
  auto running = session->run(*self);
  const std::string reason = co_await std::move(running);
  self->open.erase(session->id());
  if (--self->per_agency[agency] == 0) self->per_agency.erase(agency);
  log_line(Level::info, "session_closed", {{"session", session->id()}, {"peer", agency}, {"why", reason}});
  self->hooks.on_closed(session->id(), reason);
  if (const auto dial = self->dials.find(agency); dial != self->dials.end()) dial->second->wake.cancel();
}

}  // namespace liaison::net
