// The TLS of Liaison: 1.3 only, both sides show certificates, no tickets, no 0-RTT, no session cache, no renegotiation (formats 4).
// Certificates are not judged by a trust store: the peer's chain goes to an admission function. OpenSSL only, no sockets.
#pragma once
#include <openssl/ssl.h>

#include <functional>
#include <memory>

#include "io/net/network.h"

namespace liaison::net {

struct SslContextDeleter { void operator()(SSL_CTX* context) const { SSL_CTX_free(context); } };
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

// One handshake's admission: filled in while it runs. Outlives the SSL it is attached to.
struct Admission {
  const std::function<Result<std::string>(std::span<const Bytes>)>* admit = nullptr;
  std::string expected;  // agency dialled; empty: whoever is admitted
  std::string agency;    // who it is, once admitted
  std::string refusal;   // why not
  std::vector<Bytes> chain;  // what it showed, once admitted: asked again when the rules of admission change
};

Result<SslContext> make_tls_context(const Identity& identity);
void attach(SSL* ssl, Admission* admission);

}  // namespace liaison::net
