// BusServer: the node's local interface over ZeroMQ. ROUTER for requests and PUB for events, CURVE on both, on ipc:// and tcp://.
// One thread owns the context, every socket and the ZAP handler. A person is a CURVE key: it is looked up when a connection is made and
// again at every request, so a removed person is refused at once (events to a connection still open are hints without content).
//   request:  id (1 to 32 bytes, chosen by the client) | payload            reply:  id | status | payload
//   event:    topic | payload                                               status: ok, busy (retry later), refused (not a known person)
// Bounds: bytes per request and waiting, requests waiting, replies waiting; beyond them the answer is busy, events are dropped.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "io/bus/curve_keys.h"

namespace liaison::bus {

enum class Status { ok, busy, refused };
std::string_view name(Status status);
std::optional<Status> parse_status(std::string_view chars);

struct BusSettings {
  std::vector<std::string> request_endpoints;  // "ipc:///run/liaison/requests", "tcp://127.0.0.1:7500"; tcp port * : any
  std::vector<std::string> event_endpoints;
  unsigned socket_mode = 0600;                 // of ipc sockets
  std::size_t request_bytes_max = limits::request_bytes_max;
  std::size_t requests_waiting_max = limits::submissions_waiting_max;
  std::size_t request_bytes_waiting_max = limits::submission_bytes_waiting_max;
  std::size_t reply_bytes_waiting_max = limits::submission_bytes_waiting_max;
  std::size_t events_waiting_max = 4096;
};

// Where a reply goes. A value; every request is answered exactly once with it.
struct RequestToken {
  Bytes connection;
  Bytes request_id;
  std::size_t request_bytes = 0;
};

struct BusHooks {
  std::function<std::optional<std::string>(std::string_view public_z85)> person_of;                 // thread safe; called on the bus thread
  std::function<void(std::string person, RequestToken token, Bytes payload)> on_request;            // on the bus thread: hand it on, do not work
  std::function<void(const std::string& address, const std::string& reason)> on_refused;            // on the bus thread (optional; for audit)
};

class BusServer {
 public:
  // Binds and starts the thread; Errc::invalid_settings names the endpoint that cannot be bound.
  static Result<std::unique_ptr<BusServer>> start(BusSettings settings, CurveKeys keys, BusHooks hooks);
  ~BusServer();  // sends what is queued (at most a second), joins
  BusServer(const BusServer&) = delete;
  BusServer& operator=(const BusServer&) = delete;

  // Thread safe, never block.
  void reply(RequestToken token, Bytes payload);
  void reply_busy(RequestToken token);
  void publish(std::string topic, Bytes payload);  // a hint: topic and payload name no person and no content

  const std::vector<std::string>& request_endpoints() const;  // as bound, any port resolved
  const std::vector<std::string>& event_endpoints() const;

 private:
  struct State;
  explicit BusServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace liaison::bus
