// The ZAP handler (ZeroMQ RFC 27): decides which CURVE keys may connect. Lives on the bus thread, next to the sockets it guards.
// Known persons get their key as user id, which then comes with every message; everyone else is told 400 and nothing more.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

namespace liaison::bus {

class ZapHandler {
 public:
  using PersonOf = std::function<std::optional<std::string>(std::string_view public_z85)>;
  using OnRefused = std::function<void(const std::string& address, const std::string& reason)>;
  ZapHandler(zmq::context_t& context, PersonOf person_of, OnRefused on_refused);
  zmq::socket_t& socket() { return socket_; }
  void answer();  // every request waiting

 private:
  bool answer_one();
  zmq::socket_t socket_;
  PersonOf person_of_;
  OnRefused on_refused_;
};

}  // namespace liaison::bus
