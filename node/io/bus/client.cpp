// DEALER and SUB sockets of a person, each watched by a monitor, so that a refused key is told at once and not by a deadline.
#include "io/bus/client.h"

#include <array>
#include <chrono>
#include <cstring>
#include <deque>
#include <zmq.hpp>

namespace liaison::bus {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
constexpr int linger_milliseconds = 200;
constexpr int queue_messages_max = 10'000;
constexpr int reconnect_first_milliseconds = 50;
constexpr int reconnect_max_milliseconds = 2'000;

Milliseconds left_until(SteadyTime when) {
  return std::max(Milliseconds(0), std::chrono::ceil<Milliseconds>(when - std::chrono::steady_clock::now()));
}

// A connecting socket and what its monitor tells.
class Connection {
 public:
  Connection(zmq::context_t& context, zmq::socket_type type, const BusClientSettings& settings, const CurveKeys& person)
      : socket_(context, type), monitor_(context, zmq::socket_type::pair) {
    SecretBytes secret(z85_key_chars + 1);
    std::copy(person.secret_z85.reveal().begin(), person.secret_z85.reveal().end(), secret.writable().begin());
    if (zmq_setsockopt(socket_.handle(), ZMQ_CURVE_SECRETKEY, secret.reveal().data(), secret.reveal().size()) != 0) throw zmq::error_t();
    socket_.set(zmq::sockopt::curve_publickey, person.public_z85);
    socket_.set(zmq::sockopt::curve_serverkey, settings.server_key_z85);
    socket_.set(zmq::sockopt::linger, linger_milliseconds);
    socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(settings.reply_bytes_max + curve_frame_overhead));
    socket_.set(zmq::sockopt::reconnect_ivl, reconnect_first_milliseconds);
    socket_.set(zmq::sockopt::reconnect_ivl_max, reconnect_max_milliseconds);
    socket_.set(zmq::sockopt::sndhwm, queue_messages_max);
    socket_.set(zmq::sockopt::rcvhwm, queue_messages_max);
    const std::string address = "inproc://liaison-monitor-" + std::to_string(static_cast<int>(type));
    if (zmq_socket_monitor(socket_.handle(), address.c_str(), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) != 0) throw zmq::error_t();
    monitor_.connect(address);
  }

  zmq::socket_t& socket() { return socket_; }

  // Waits for a message. Its frames, or why not.
  Result<std::vector<zmq::message_t>> receive(Milliseconds limit) {
    const SteadyTime end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      auto frames = take();
      if (!frames.empty()) return frames;
      std::array<zmq::pollitem_t, 2> items{{{socket_.handle(), 0, ZMQ_POLLIN, 0}, {monitor_.handle(), 0, ZMQ_POLLIN, 0}}};
      try {
        if (zmq::poll(items.data(), items.size(), left_until(end)) == 0) return fail(Errc::peer_away, "no answer from the node: is it running, and is its bus key the right one?");
      } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) throw;
      }
      if (items[1].revents & ZMQ_POLLIN && refused()) return fail(Errc::not_admitted, "the node does not know this person key");
    }
  }

 private:
  std::vector<zmq::message_t> take() {
    std::vector<zmq::message_t> frames;
    for (bool more = true; more;) {
      zmq::message_t frame;
      if (!socket_.recv(frame, zmq::recv_flags::dontwait)) break;
      more = frame.more();
      frames.push_back(std::move(frame));
    }
    return frames;
  }
  bool refused() {
    bool failed = false;
    zmq::message_t frame;
    while (monitor_.recv(frame, zmq::recv_flags::dontwait)) {
      std::uint16_t event = 0;
      if (frame.more() && frame.size() >= sizeof event) {
        std::memcpy(&event, frame.data(), sizeof event);
        failed |= event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
      }
    }
    return failed;
  }

  zmq::socket_t socket_;
  zmq::socket_t monitor_;
};

Bytes bytes_of(const zmq::message_t& message) {
  const auto* data = static_cast<const std::uint8_t*>(message.data());
  return {data, data + message.size()};
}

Result<Bytes> accepted(BusClient::Reply reply) {
  if (reply.status == Status::busy) return fail(Errc::busy, "the node is busy: try again later");
  if (reply.status == Status::refused) return fail(Errc::not_permitted, "the node no longer knows this person key");
  return std::move(reply.payload);
}

}  // namespace

struct BusClient::State {
  State(BusClientSettings client_settings, const CurveKeys& person)
      : settings(std::move(client_settings)), requests(context, zmq::socket_type::dealer, settings, person) {
    requests.socket().connect(settings.request_endpoint);
    if (settings.event_endpoint.empty()) return;
    events.emplace(context, zmq::socket_type::sub, settings, person);
    events->socket().connect(settings.event_endpoint);
  }
  Result<Reply> receive(Milliseconds limit);

  BusClientSettings settings;
  zmq::context_t context{1};
  Connection requests;
  std::optional<Connection> events;
  std::uint64_t last_id = 0;
  std::deque<Reply> waiting;  // replies to posted requests that came while request() waited for its own
};

BusClient::BusClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
BusClient::~BusClient() = default;

Result<std::unique_ptr<BusClient>> BusClient::open(BusClientSettings settings, CurveKeys person) {
  if (!is_z85_key(settings.server_key_z85)) return fail(Errc::invalid_argument, "the node's bus key must be 40 characters of Z85");
  const std::string endpoint = settings.request_endpoint;
  try {
    return std::unique_ptr<BusClient>(new BusClient(std::make_unique<State>(std::move(settings), person)));
  } catch (const zmq::error_t& error) {
    return fail(Errc::invalid_argument, "cannot connect to " + endpoint + ": " + error.what());
  }
}

Result<std::uint64_t> BusClient::post(ByteView payload) {
  Bytes id;
  put_u64(id, state_->last_id + 1);
  auto& socket = state_->requests.socket();
  if (!socket.send(zmq::buffer(id), zmq::send_flags::sndmore | zmq::send_flags::dontwait)) return fail(Errc::busy, "too many requests under way");
  socket.send(zmq::buffer(payload.data(), payload.size()), zmq::send_flags::dontwait);
  return ++state_->last_id;
}

Result<BusClient::Reply> BusClient::State::receive(Milliseconds limit) {
  LIAISON_TRY(const auto frames, requests.receive(limit));
  if (frames.size() != 3 || frames[0].size() != 8) return fail(Errc::bad_frame, "reply of the node has a wrong form");
  const auto status = parse_status(frames[1].to_string_view());
  if (!status) return fail(Errc::bad_frame, "reply of the node has an unknown status");
  return Reply{ByteReader(ByteView(static_cast<const std::uint8_t*>(frames[0].data()), 8)).u64(), *status, bytes_of(frames[2])};
}

Result<BusClient::Reply> BusClient::next_reply(Milliseconds limit) {
  if (!state_->waiting.empty()) {
    Reply reply = std::move(state_->waiting.front());
    state_->waiting.pop_front();
    return reply;
  }
  return state_->receive(limit);
}

Result<Bytes> BusClient::request(ByteView payload, Milliseconds limit) {
  const SteadyTime end = std::chrono::steady_clock::now() + limit;
  LIAISON_TRY(const std::uint64_t id, post(payload));
  for (;;) {
    LIAISON_TRY(Reply reply, state_->receive(left_until(end)));
    if (reply.id == id) return accepted(std::move(reply));
    state_->waiting.push_back(std::move(reply));
  }
}

Result<void> BusClient::subscribe(const std::string& topic_prefix) {
  if (!state_->events) return fail(Errc::invalid_argument, "no event endpoint");
  state_->events->socket().set(zmq::sockopt::subscribe, topic_prefix);
  return {};
}

Result<BusClient::Event> BusClient::next_event(Milliseconds limit) {
  if (!state_->events) return fail(Errc::invalid_argument, "no event endpoint");
  LIAISON_TRY(const auto frames, state_->events->receive(limit));
  if (frames.size() != 2) return fail(Errc::bad_frame, "event of the node has a wrong form");
  return Event{frames[0].to_string(), bytes_of(frames[1])};
}

}  // namespace liaison::bus
