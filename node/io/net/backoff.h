// When to dial again and where: exponential back-off with full jitter, and the parsing of "host:port". Pure.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.h"

namespace liaison::net {

class Backoff {
 public:
  Backoff(Milliseconds first, Milliseconds max) : first_(first), max_(std::max(first, max)), ceiling_(first) {}
  // The next pause: uniform between zero and a ceiling that doubles up to the maximum.
  Milliseconds next(std::uint64_t random) {
    const Milliseconds pause(static_cast<std::int64_t>(random % static_cast<std::uint64_t>(ceiling_.count() + 1)));
    ceiling_ = std::min(max_, ceiling_ * 2);
    return pause;
  }
  void reset() { ceiling_ = first_; }
  Milliseconds ceiling() const { return ceiling_; }

 private:
  Milliseconds first_, max_, ceiling_;
};

struct Endpoint {
  std::string host;
  std::string port;
};
// "host:port", "1.2.3.4:5", "[::1]:5"; Errc::invalid_argument.
Result<Endpoint> parse_endpoint(std::string_view chars);

}  // namespace liaison::net
