// BusClient: a person's side of the bus, for the command line, tests and bench: requests with ids (many may be under way) and events.
// Blocking, for one thread. Errors: not_admitted (the node does not know this key), peer_away (no answer in time), busy and
// not_permitted as answered by the node.
#pragma once
#include <memory>
#include <string>

#include "core/base/ids.h"
#include "io/bus/server.h"

namespace liaison::bus {

struct BusClientSettings {
  std::string request_endpoint;
  std::string event_endpoint;   // empty: no events
  std::string server_key_z85;   // the node's public bus key
  std::size_t reply_bytes_max = limits::request_bytes_max;
};

class BusClient {
 public:
  struct Reply {
    std::uint64_t id = 0;
    Status status = Status::ok;
    Bytes payload;
  };
  struct Event {
    std::string topic;
    Bytes payload;
  };
  // Errc::invalid_argument for an endpoint or key that is none; does not wait for the node.
  static Result<std::unique_ptr<BusClient>> open(BusClientSettings settings, CurveKeys person);
  ~BusClient();

  // One request, its reply. Replies to requests posted before stay for next_reply().
  Result<Bytes> request(ByteView payload, Milliseconds limit);
  // Pipelining: Errc::busy when the local queue is full.
  Result<std::uint64_t> post(ByteView payload);
  Result<Reply> next_reply(Milliseconds limit);

  Result<void> subscribe(const std::string& topic_prefix);
  Result<Event> next_event(Milliseconds limit);

 private:
  struct State;
  explicit BusClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace liaison::bus
