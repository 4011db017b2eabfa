// ZAP requests: version, request id, domain, address, identity, mechanism, then for CURVE the client's 32-byte public key.
#include "io/bus/zap.h"

#include <array>

namespace liaison::bus {

ZapHandler::ZapHandler(zmq::context_t& context, PersonOf person_of, OnRefused on_refused)
    : socket_(context, zmq::socket_type::router), person_of_(std::move(person_of)), on_refused_(std::move(on_refused)) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind("inproc://zeromq.zap.01");
}

void ZapHandler::answer() {
  while (answer_one()) {
  }
}

bool ZapHandler::answer_one() {
  std::vector<std::string> frames;
  for (bool more = true; more;) {
    zmq::message_t frame;
    if (!socket_.recv(frame, zmq::recv_flags::dontwait)) return false;
    more = frame.more();
    frames.push_back(frame.to_string());
  }
  // return path, empty delimiter, then the request
  constexpr std::size_t first = 2;
  if (frames.size() < first + 2) return true;
  const bool curve = frames.size() == first + 7 && frames[first] == "1.0" && frames[first + 5] == "CURVE" && frames[first + 6].size() == 32;
  std::string key;
  std::optional<std::string> person;
  if (curve) {
    std::array<char, 41> z85{};
    zmq_z85_encode(z85.data(), reinterpret_cast<const std::uint8_t*>(frames[first + 6].data()), 32);
    key = z85.data();
    person = person_of_(key);
  }
  if (!person) on_refused_(frames.size() > first + 3 ? frames[first + 3] : "", curve ? "unknown person key " + key : "not CURVE");
  const std::array<std::string, 8> reply{frames[0], "", "1.0", frames[first + 1], person ? "200" : "400", person ? "OK" : "refused", person ? key : "", ""};
  for (std::size_t i = 0; i < reply.size(); ++i)
    socket_.send(zmq::buffer(reply[i]), i + 1 < reply.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
  return true;
}

}  // namespace liaison::bus
