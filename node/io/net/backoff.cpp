// Parsing of "host:port" and "[v6]:port" as a peer's endpoint stands in the directory; anything else is refused. Pure.
#include "io/net/backoff.h"

#include <charconv>

namespace liaison::net {

Result<Endpoint> parse_endpoint(std::string_view chars) {
  const auto bad = [&] { return fail(Errc::invalid_argument, "not host:port: " + std::string(chars.substr(0, 80))); };
  const auto colon = chars.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = chars.substr(0, colon);
  const std::string_view port = chars.substr(colon + 1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number > 65535) return bad();
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return bad();
  if (host.empty() || host.size() > 253) return bad();
  return Endpoint{std::string(host), std::string(port)};
}

}  // namespace liaison::net
