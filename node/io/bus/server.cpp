// The bus thread: waits on ROUTER, ZAP and the wake-up descriptor, and is the only one to touch a socket. Other threads leave replies and
// events in the outbox. Requests are counted from receipt to reply, which bounds everything behind the bus.
#include "io/bus/server.h"

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <zmq.hpp>

#include "io/bus/zap.h"
#include "io/runtime/log.h"

namespace liaison::bus {
namespace {

using runtime::Level;
using runtime::log_line;

constexpr std::size_t request_id_bytes_max = 32;
constexpr int queue_messages_max = 64;        // per connection towards us; behind it the client's own queue and TCP hold back
constexpr int reply_messages_max = 1024;      // per connection from us
constexpr int event_messages_max = 1024;
constexpr int handshake_milliseconds = 10'000;
constexpr int linger_milliseconds = 1'000;

struct Outgoing {
  enum class Kind { reply, event } kind;
  RequestToken token;
  Status status = Status::ok;
  std::string topic;
  Bytes payload;
};

zmq::message_t to_message(ByteView bytes) { return zmq::message_t(bytes.data(), bytes.size()); }
ByteView view_of(const zmq::message_t& message) { return {static_cast<const std::uint8_t*>(message.data()), message.size()}; }

// libzmq throws when a property is not there.
std::string user_of(const zmq::message_t& message) {
  const char* user = zmq_msg_gets(message.handle(), "User-Id");
  return user ? user : "";
}

}  // namespace

std::string_view name(Status status) {
  switch (status) {
    case Status::ok: return "ok";
    case Status::busy: return "busy";
    case Status::refused: return "refused";
  }
  return "refused";
}

std::optional<Status> parse_status(std::string_view chars) {
  for (const Status status : {Status::ok, Status::busy, Status::refused})
    if (chars == name(status)) return status;
  return std::nullopt;
}

struct BusServer::State {
  State(BusSettings bus_settings, CurveKeys bus_keys, BusHooks bus_hooks)
      : settings(std::move(bus_settings)), keys(std::move(bus_keys)), hooks(std::move(bus_hooks)), wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    liaison_assert(wake >= 0 && hooks.person_of && hooks.on_request);
  }
  ~State() { ::close(wake); }

  Result<void> open();
  Result<void> bind(zmq::socket_t& socket, const std::vector<std::string>& wanted, std::vector<std::string>& bound);
  void secure(zmq::socket_t& socket, const char* domain);
  void leave(Outgoing item);
  void ring() {
    const std::uint64_t one = 1;
    (void)!::write(wake, &one, sizeof one);
  }
  void run();
  bool receive_request();
  void on_frames(std::vector<zmq::message_t>& frames);
  void send_outgoing();
  void send_reply(const RequestToken& token, Status status, ByteView payload);
  void refuse(const std::string& address, const std::string& reason);

  const BusSettings settings;
  const CurveKeys keys;
  const BusHooks hooks;
  const int wake;
  zmq::context_t context{1};
  zmq::socket_t router, events;
  std::optional<ZapHandler> zap;
  std::vector<std::string> request_endpoints, event_endpoints;
  std::mutex mutex;                              // guards the five below
  std::deque<Outgoing> outbox;
  std::size_t requests_waiting = 0, request_bytes_waiting = 0, reply_bytes_waiting = 0, events_waiting = 0;
  std::atomic<bool> stopping{false};
  runtime::LineLimit refused_lines;              // of the bus thread
  std::thread thread;
};

void BusServer::State::secure(zmq::socket_t& socket, const char* domain) {
  socket.set(zmq::sockopt::zap_domain, domain);  // the handler is bound before any endpoint: without one libzmq would let everybody in
  socket.set(zmq::sockopt::curve_server, true);
  SecretBytes secret(z85_key_chars + 1);
  std::copy(keys.secret_z85.reveal().begin(), keys.secret_z85.reveal().end(), secret.writable().begin());
  if (zmq_setsockopt(socket.handle(), ZMQ_CURVE_SECRETKEY, secret.reveal().data(), secret.reveal().size()) != 0) throw zmq::error_t();
  socket.set(zmq::sockopt::handshake_ivl, handshake_milliseconds);
  socket.set(zmq::sockopt::linger, linger_milliseconds);
  socket.set(zmq::sockopt::tcp_keepalive, 1);
}

Result<void> BusServer::State::bind(zmq::socket_t& socket, const std::vector<std::string>& wanted, std::vector<std::string>& bound) {
  for (const auto& endpoint : wanted) {
    const bool ipc = endpoint.starts_with("ipc://");
    if (!ipc && !endpoint.starts_with("tcp://")) return fail(Errc::invalid_settings, "bus endpoint must be ipc:// or tcp://: " + endpoint);
    try {
      socket.bind(endpoint);
    } catch (const zmq::error_t& error) {
      return fail(Errc::invalid_settings, "cannot bind bus endpoint " + endpoint + ": " + error.what());
    }
    if (ipc && ::chmod(endpoint.c_str() + 6, settings.socket_mode) != 0) return fail(Errc::invalid_settings, "cannot protect bus socket " + endpoint);
    bound.push_back(socket.get(zmq::sockopt::last_endpoint));
  }
  return {};
}

Result<void> BusServer::State::open() {
  try {
    zap.emplace(context, hooks.person_of, [this](const std::string& address, const std::string& reason) { refuse(address, reason); });
    router = zmq::socket_t(context, zmq::socket_type::router);
    router.set(zmq::sockopt::router_mandatory, true);
    router.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(settings.request_bytes_max + curve_frame_overhead));
    router.set(zmq::sockopt::rcvhwm, queue_messages_max);
    router.set(zmq::sockopt::sndhwm, reply_messages_max);
    secure(router, "requests");
    events = zmq::socket_t(context, zmq::socket_type::pub);
    events.set(zmq::sockopt::maxmsgsize, std::int64_t{4096});  // subscriptions only
    events.set(zmq::sockopt::sndhwm, event_messages_max);
    secure(events, "events");
    LIAISON_CHECK(bind(router, settings.request_endpoints, request_endpoints));
    return bind(events, settings.event_endpoints, event_endpoints);
  } catch (const zmq::error_t& error) {
    return fail(Errc::invalid_settings, std::string("bus: ") + error.what());
  }
}

void BusServer::State::refuse(const std::string& address, const std::string& reason) {
  if (const auto left_out = refused_lines.pass(std::chrono::steady_clock::now()))
    log_line(Level::warning, "bus_refused", {{"remote", address}, {"why", reason}, {"not_logged_before", *left_out}});
  if (hooks.on_refused) hooks.on_refused(address, reason);
}

void BusServer::State::run() {
  std::array<zmq::pollitem_t, 3> items{{{router.handle(), 0, ZMQ_POLLIN, 0}, {zap->socket().handle(), 0, ZMQ_POLLIN, 0}, {nullptr, wake, ZMQ_POLLIN, 0}}};
  while (!stopping.load()) {
    try {
      zmq::poll(items.data(), items.size(), std::chrono::milliseconds(-1));
      if (items[2].revents & ZMQ_POLLIN) {
        std::uint64_t count = 0;
        (void)!::read(wake, &count, sizeof count);
      }
      if (items[1].revents & ZMQ_POLLIN) zap->answer();
      // Replies between requests, so that a busy client cannot hold back the others' answers.
      for (int i = 0; i < queue_messages_max && receive_request(); ++i) send_outgoing();
      send_outgoing();
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) log_line(Level::error, "bus_error", {{"why", error.what()}});
    }
  }
  send_outgoing();
}

bool BusServer::State::receive_request() {
  std::vector<zmq::message_t> frames;
  for (bool more = true; more;) {
    zmq::message_t frame;
    const auto got = router.recv(frame, zmq::recv_flags::dontwait);
    if (!got) return false;
    more = frame.more();
    if (frames.size() < 4) frames.push_back(std::move(frame));  // whatever comes after the fourth is dropped here
  }
  on_frames(frames);
  return true;
}

void BusServer::State::on_frames(std::vector<zmq::message_t>& frames) {
  if (frames.size() != 3 || frames[1].size() == 0 || frames[1].size() > request_id_bytes_max) return;  // no id to answer to
  RequestToken token{to_bytes(view_of(frames[0])), to_bytes(view_of(frames[1])), frames[2].size()};
  const auto person = hooks.person_of(user_of(frames[2]));
  if (!person) {
    const char* address = zmq_msg_gets(frames[2].handle(), "Peer-Address");
    refuse(address && *address ? address : "local", "request by a person no longer known");
    send_reply(token, Status::refused, {});
    return;
  }
  bool room = false;
  {
    std::lock_guard lock(mutex);
    room = requests_waiting < settings.requests_waiting_max && request_bytes_waiting + token.request_bytes <= settings.request_bytes_waiting_max;
    if (room) {
      ++requests_waiting;
      request_bytes_waiting += token.request_bytes;
    }
  }
  if (room)
    hooks.on_request(*person, std::move(token), to_bytes(view_of(frames[2])));
  else
    send_reply(token, Status::busy, {});
}

void BusServer::State::leave(Outgoing item) {
  {
    std::lock_guard lock(mutex);
    if (item.kind == Outgoing::Kind::event) {
      if (events_waiting >= settings.events_waiting_max) return;  // a hint: subscribers also fetch by cursor
      ++events_waiting;
    } else {
      liaison_assert(requests_waiting > 0 && request_bytes_waiting >= item.token.request_bytes);
      --requests_waiting;
      request_bytes_waiting -= item.token.request_bytes;
      if (reply_bytes_waiting + item.payload.size() > settings.reply_bytes_waiting_max) {
        item.status = Status::busy;
        item.payload.clear();
      }
      reply_bytes_waiting += item.payload.size();
    }
    outbox.push_back(std::move(item));
  }
  ring();
}

void BusServer::State::send_outgoing() {
  std::deque<Outgoing> batch;
  {
    std::lock_guard lock(mutex);
    batch.swap(outbox);
    reply_bytes_waiting = events_waiting = 0;
  }
  for (const auto& item : batch) {
    if (item.kind == Outgoing::Kind::reply) {
      send_reply(item.token, item.status, item.payload);
      continue;
    }
    events.send(to_message(view(item.topic)), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
    events.send(to_message(item.payload), zmq::send_flags::dontwait);
  }
}

void BusServer::State::send_reply(const RequestToken& token, Status status, ByteView payload) {
  try {
    if (!router.send(to_message(token.connection), zmq::send_flags::sndmore | zmq::send_flags::dontwait)) {
      log_line(Level::warning, "bus_reply_dropped", {{"why", "the client does not read its replies"}});
      return;
    }
    router.send(to_message(token.request_id), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
    router.send(to_message(view(name(status))), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
    router.send(to_message(payload), zmq::send_flags::dontwait);
  } catch (const zmq::error_t& error) {
    if (error.num() != EHOSTUNREACH) throw;  // the client has gone
  }
}

BusServer::BusServer(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->thread = std::thread([inner = state_.get()] { inner->run(); });
}

Result<std::unique_ptr<BusServer>> BusServer::start(BusSettings settings, CurveKeys keys, BusHooks hooks) {
  auto state = std::make_unique<State>(std::move(settings), std::move(keys), std::move(hooks));
  LIAISON_CHECK(state->open());
  return std::unique_ptr<BusServer>(new BusServer(std::move(state)));
}

BusServer::~BusServer() {
  state_->stopping = true;
  state_->ring();
  state_->thread.join();
}

void BusServer::reply(RequestToken token, Bytes payload) { state_->leave({Outgoing::Kind::reply, std::move(token), Status::ok, {}, std::move(payload)}); }
void BusServer::reply_busy(RequestToken token) { state_->leave({Outgoing::Kind::reply, std::move(token), Status::busy, {}, {}}); }
void BusServer::publish(std::string topic, Bytes payload) { state_->leave({Outgoing::Kind::event, {}, Status::ok, std::move(topic), std::move(payload)}); }
const std::vector<std::string>& BusServer::request_endpoints() const { return state_->request_endpoints; }
const std::vector<std::string>& BusServer::event_endpoints() const { return state_->event_endpoints; }

}  // namespace liaison::bus
