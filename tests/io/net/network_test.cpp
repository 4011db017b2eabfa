// Two or three Networks on one io_context, real certificates, real sockets on loopback. Conditions are awaited, never slept for.
#include "io/net/network.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <map>

#include "core/crypto/certificate.h"
#include "io/runtime/log.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_directory.h"

namespace liaison::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using namespace std::chrono_literals;

const support::CertificateAuthority& kenya() {
  static const support::CertificateAuthority authority;
  return authority;
}

support::Issued issue(const std::string& agency) {
  support::LeafOptions options;
  options.agency = agency;
  return kenya().issue(options);
}

Identity identity_of(const support::Issued& issued) {
  Identity identity;
  identity.chain = {issued.certificate};
  identity.key = share_key(issued.key.evp());
  return identity;
}

Result<std::string> admit(std::span<const Bytes> chain) {
  const std::vector<Bytes> anchors{kenya().certificate()};
  LIAISON_TRY(const auto facts, crypto::check_chain({"demo", "ke", crypto::KeyRole::tls, support::certificate_time}, chain, anchors));
  return facts.agency;
}

// A Network and everything its hooks told.
struct Party {
  struct Open {
    std::string agency;
    bool dialled;
    Bytes received;
    std::size_t received_bytes = 0;
  };
  Party(asio::io_context& io, const std::string& agency, NetSettings settings = {}) : network(io, with_listen(std::move(settings)), hooks()) {
    const auto identified = network.set_identity(identity_of(issue(agency)));
    liaison_assert(identified.has_value());
    port = *network.listen();
  }
  static NetSettings with_listen(NetSettings settings) {
    settings.listen = "127.0.0.1:0";
    settings.backoff_first = 10ms;
    return settings;
  }
  Hooks hooks() {
    Hooks all;
    all.admit = admit;
    all.on_open = [this](SessionId id, const std::string& agency, bool dialled) { open[id] = {agency, dialled, {}, 0}; last = id; ++opened; };
    all.on_bytes = [this](SessionId id, ByteView bytes) {
      open[id].received_bytes += bytes.size();
      if (keep) put(open[id].received, bytes);
      if (echo) network.send(id, to_bytes(bytes));
    };
    all.on_writable = [this](SessionId id) { if (pull) pull(id); };
    all.on_closed = [this](SessionId id, const std::string& reason) { open.erase(id); closed.push_back(reason); };
    all.on_refused = [this](const std::string&, const std::string& reason) { refused.push_back(reason); };
    all.on_unreachable = [this](const std::string&, const std::string& reason) { unreachable.push_back(reason); };
    all.random = [this] { return random += 0x9E3779B97F4A7C15ull; };
    return all;
  }
  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port); }

  std::map<SessionId, Open> open;
  SessionId last = 0;
  int opened = 0;
  std::vector<std::string> closed, refused, unreachable;
  std::function<void(SessionId)> pull;
  bool keep = true, echo = false;
  std::uint64_t random = 1;
  std::uint16_t port = 0;
  Network network;
};

class NetworkTest : public testing::Test {
 protected:
  template <class Condition>
  [[nodiscard]] bool until(Condition condition, std::chrono::seconds limit = 20s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      if (io.stopped()) io.restart();
      io.run_one_for(20ms);
    }
    return true;
  }
  asio::io_context io;
};

// A client that is not a Network: what a stranger or a broken peer might do.
struct Stranger {
  Stranger(asio::io_context& io, asio::ssl::context& context, std::uint16_t port) : stream(io, context) {
    stream.lowest_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  }
  void shake_hands() {
    stream.async_handshake(asio::ssl::stream_base::client, [this](auto error) {
      handshake = error;
      if (!error) read();
    });
  }
  void read() {
    stream.async_read_some(asio::buffer(buffer), [this](auto error, auto) { ended = error; });
  }
  void read_raw() {
    stream.next_layer().async_read_some(asio::buffer(buffer), [this](auto error, auto count) {
      raw.append(buffer.data(), count);
      if (error) ended = error;
      else read_raw();
    });
  }
  asio::ssl::stream<tcp::socket> stream;
  std::array<char, 4096> buffer{};
  std::string raw;
  std::optional<boost::system::error_code> handshake, ended;
};

TEST_F(NetworkTest, agencies_admit_each_other_and_exchange_bytes) {
  Party customs(io, "ke.customs"), bureau(io, "ke.ncb");
  customs.network.dial("ke.ncb", {bureau.endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 1 && bureau.opened == 1; }));
  EXPECT_EQ(customs.open[customs.last].agency, "ke.ncb");
  EXPECT_TRUE(customs.open[customs.last].dialled);
  EXPECT_EQ(bureau.open[bureau.last].agency, "ke.customs");
  EXPECT_FALSE(bureau.open[bureau.last].dialled);
  customs.network.send(customs.last, to_bytes("hello"));
  bureau.network.send(bureau.last, to_bytes("good day"));
  ASSERT_TRUE(until([&] { return bureau.open[bureau.last].received.size() == 5 && customs.open[customs.last].received.size() == 8; }));
  EXPECT_EQ(text(bureau.open[bureau.last].received), "hello");
  EXPECT_EQ(text(customs.open[customs.last].received), "good day");
}

TEST_F(NetworkTest, closing_sends_what_is_queued_and_tells_both_sides) {
  Party customs(io, "ke.customs"), bureau(io, "ke.ncb");
  customs.network.dial("ke.ncb", {bureau.endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 1 && bureau.opened == 1; }));
  customs.network.stop_dialing("ke.ncb");
  std::size_t received = 0;
  bureau.network.send(bureau.last, Bytes(20'000, 7));
  customs.network.send(customs.last, Bytes(10'000, 9));
  customs.network.close(customs.last, "directory_changed");
  ASSERT_TRUE(until([&] {
    if (!bureau.open.empty()) received = bureau.open.begin()->second.received.size();
    return customs.closed.size() == 1 && bureau.closed.size() == 1;
  }));
  EXPECT_EQ(customs.closed[0], "directory_changed");
  EXPECT_EQ(bureau.closed[0], "closed_by_peer");
  EXPECT_EQ(received, 10'000u);
  EXPECT_EQ(customs.network.room(customs.last), 0u);
}

TEST_F(NetworkTest, tls_1_2_is_refused) {
  Party customs(io, "ke.customs");
  asio::ssl::context context(asio::ssl::context::tls_client);
  SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_2_VERSION);
  Stranger stranger(io, context, customs.port);
  stranger.shake_hands();
  ASSERT_TRUE(until([&] { return stranger.handshake && customs.refused.size() == 1; }));
  EXPECT_TRUE(*stranger.handshake);
  EXPECT_NE(customs.refused[0].find("unsupported protocol"), std::string::npos) << customs.refused[0];
  EXPECT_EQ(customs.opened, 0);
}

TEST_F(NetworkTest, a_client_without_certificate_is_refused_and_gets_no_ticket) {
  Party customs(io, "ke.customs");
  asio::ssl::context context(asio::ssl::context::tls_client);
  Stranger stranger(io, context, customs.port);
  stranger.shake_hands();
  ASSERT_TRUE(until([&] { return stranger.ended && customs.refused.size() == 1; }));
  EXPECT_TRUE(*stranger.ended);
  EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get0_session(stranger.stream.native_handle())), 0);
  EXPECT_NE(customs.refused[0].find("peer did not return a certificate"), std::string::npos) << customs.refused[0];
  EXPECT_EQ(customs.opened, 0);
}

void use(asio::ssl::context& context, const support::Issued& issued) {
  context.use_certificate(asio::buffer(issued.certificate), asio::ssl::context::asn1);
  liaison_assert(SSL_CTX_use_PrivateKey(context.native_handle(), issued.key.evp()) == 1);
}

TEST_F(NetworkTest, a_certificate_of_another_ca_is_refused_without_telling_why) {
  Party customs(io, "ke.customs");
  const support::CertificateAuthority other;  // the same names, another key
  asio::ssl::context context(asio::ssl::context::tls_client);
  use(context, other.issue({}));
  Stranger stranger(io, context, customs.port);
  stranger.shake_hands();
  ASSERT_TRUE(until([&] { return stranger.ended && customs.refused.size() == 1; }));
  EXPECT_TRUE(customs.refused[0].starts_with("not_admitted")) << customs.refused[0];
  EXPECT_EQ(stranger.ended->message().find("not_admitted"), std::string::npos);
  EXPECT_EQ(customs.opened, 0);
}

TEST_F(NetworkTest, whoever_else_answers_than_the_agency_dialled_is_refused) {
  Party customs(io, "ke.customs"), wildlife(io, "ke.wildlife");
  customs.network.dial("ke.ncb", {wildlife.endpoint()});
  ASSERT_TRUE(until([&] { return !customs.refused.empty() && !wildlife.refused.empty(); }));
  EXPECT_NE(customs.refused[0].find("dialled ke.ncb but ke.wildlife answered"), std::string::npos) << customs.refused[0];
  EXPECT_EQ(customs.opened, 0);
  EXPECT_EQ(wildlife.opened, 0);
}

TEST_F(NetworkTest, garbage_is_refused_with_an_alert_at_most) {
  Party customs(io, "ke.customs");
  asio::ssl::context context(asio::ssl::context::tls_client);
  Stranger stranger(io, context, customs.port);
  asio::write(stranger.stream.next_layer(), asio::buffer(std::string("GET / HTTP/1.1\r\nHost: customs\r\n\r\n")));
  stranger.read_raw();
  ASSERT_TRUE(until([&] { return stranger.ended && customs.refused.size() == 1; }));
  EXPECT_LE(stranger.raw.size(), 7u);
  EXPECT_EQ(customs.opened, 0);
}

TEST_F(NetworkTest, a_crowd_of_strangers_does_not_flood_the_log) {
  support::TemporaryDirectory folder;
  const std::string path = (folder / "node.log").string();
  ASSERT_TRUE(runtime::start_logging({path, runtime::Level::warning}));
  const auto began = std::chrono::steady_clock::now();
  Party customs(io, "ke.customs");
  asio::ssl::context context(asio::ssl::context::tls_client);
  for (std::size_t n = 1; n <= 60; ++n) {
    Stranger stranger(io, context, customs.port);
    asio::write(stranger.stream.next_layer(), asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
    ASSERT_TRUE(until([&] { return customs.refused.size() == n; }));
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();
  runtime::stop_logging();
  std::ifstream file(path);
  std::int64_t lines = 0;
  for (std::string line; std::getline(file, line);)
    if (line.find("connection_refused") != std::string::npos) ++lines;
  EXPECT_GE(lines, 1);
  EXPECT_LE(lines, seconds + 1);
}

TEST_F(NetworkTest, silence_before_and_after_the_handshake_is_closed_by_deadline) {
  NetSettings settings;
  settings.handshake_deadline = 150ms;
  settings.first_bytes_deadline = 200ms;
  Party customs(io, "ke.customs", settings);
  asio::ssl::context context(asio::ssl::context::tls_client);
  Stranger mute(io, context, customs.port);
  mute.read_raw();
  ASSERT_TRUE(until([&] { return mute.ended && customs.refused.size() == 1; }));
  EXPECT_EQ(customs.refused[0], "handshake deadline passed");

  use(context, issue("ke.ncb"));
  Stranger shy(io, context, customs.port);
  shy.shake_hands();
  ASSERT_TRUE(until([&] { return shy.ended && customs.closed.size() == 1; }));
  EXPECT_EQ(customs.closed[0], "silent");
}

TEST_F(NetworkTest, a_peer_that_falls_silent_is_closed_as_idle) {
  NetSettings settings;
  settings.idle_deadline = 300ms;
  Party customs(io, "ke.customs", settings);
  asio::ssl::context context(asio::ssl::context::tls_client);
  use(context, issue("ke.ncb"));
  Stranger peer(io, context, customs.port);
  peer.shake_hands();
  ASSERT_TRUE(until([&] { return customs.opened == 1; }));
  bool written = false;
  const std::string bytes = "x";
  peer.stream.async_write_some(asio::buffer(bytes), [&](auto, auto) { written = true; });
  ASSERT_TRUE(until([&] { return written && customs.closed.size() == 1; }));
  EXPECT_EQ(customs.closed[0], "idle");
}

TEST_F(NetworkTest, unfinished_handshakes_are_bounded_per_address) {
  NetSettings settings;
  settings.strangers_per_address_max = 3;
  Party customs(io, "ke.customs", settings);
  asio::ssl::context context(asio::ssl::context::tls_client);
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 5; ++i) {
    crowd.push_back(std::make_unique<Stranger>(io, context, customs.port));
    crowd.back()->read_raw();
  }
  const auto gone = [&] { return std::count_if(crowd.begin(), crowd.end(), [](const auto& s) { return s->ended.has_value(); }); };
  ASSERT_TRUE(until([&] { return gone() == 2; }));
  EXPECT_EQ(customs.refused, std::vector<std::string>(2, "too many unfinished handshakes"));
}

TEST_F(NetworkTest, the_oldest_stranger_makes_room_for_a_peer) {
  NetSettings settings;
  settings.strangers_max = 3;
  Party customs(io, "ke.customs", settings), bureau(io, "ke.ncb");
  asio::ssl::context context(asio::ssl::context::tls_client);
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 3; ++i) {
    crowd.push_back(std::make_unique<Stranger>(io, context, customs.port));
    crowd.back()->read_raw();
  }
  bureau.network.dial("ke.customs", {customs.endpoint()});
  ASSERT_TRUE(until([&] { return bureau.opened == 1 && customs.opened == 1 && crowd[0]->ended; }));
  EXPECT_FALSE(crowd[2]->ended);
}

// Sends `total` bytes as the link would: as much as there is room for, more when told so.
std::function<void(SessionId)> sender(Party& party, std::size_t& left, std::size_t& queued_max) {
  return [&](SessionId id) {
    while (left > 0 && party.network.room(id) > 0) {
      const std::size_t size = std::min({left, party.network.room(id), std::size_t{9'000}});
      Bytes bytes(size);
      for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>((left - i) * 31);
      left -= size;
      party.network.send(id, std::move(bytes));
      queued_max = std::max(queued_max, NetSettings{}.send_queue_bytes - party.network.room(id));
    }
  };
}

TEST_F(NetworkTest, big_transfers_go_both_ways_at_once_through_bounded_queues) {
  constexpr std::size_t total = 24 << 20;
  Party customs(io, "ke.customs"), bureau(io, "ke.ncb");
  std::size_t left_c = total, left_b = total, queued_c = 0, queued_b = 0;
  customs.pull = sender(customs, left_c, queued_c);
  bureau.pull = sender(bureau, left_b, queued_b);
  customs.network.dial("ke.ncb", {bureau.endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 1 && bureau.opened == 1; }));
  customs.pull(customs.last);
  bureau.pull(bureau.last);
  ASSERT_TRUE(until([&] { return customs.open[customs.last].received_bytes == total && bureau.open[bureau.last].received_bytes == total; }, 60s));
  EXPECT_LE(queued_c, NetSettings{}.send_queue_bytes);
  EXPECT_LE(queued_b, NetSettings{}.send_queue_bytes);
  const Bytes& received = bureau.open[bureau.last].received;
  std::size_t at = 0;
  for (std::size_t left = total; left > 0; --left, ++at)
    if (received[at] != static_cast<std::uint8_t>(left * 31)) FAIL() << "byte " << at << " differs";
}

TEST_F(NetworkTest, a_peer_that_does_not_read_delays_nobody_else_and_is_closed) {
  NetSettings settings;
  settings.idle_deadline = 700ms;
  Party customs(io, "ke.customs", settings), bureau(io, "ke.ncb"), wildlife(io, "ke.wildlife");
  customs.network.dial("ke.ncb", {bureau.endpoint()});
  customs.network.dial("ke.wildlife", {wildlife.endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 2 && bureau.opened == 1 && wildlife.opened == 1; }));
  bureau.network.pause_reading(bureau.last);
  wildlife.keep = false;
  std::map<std::string, SessionId> by_agency;
  for (const auto& [id, open] : customs.open) by_agency[open.agency] = id;
  std::size_t left = 64 << 20, queued = 0;
  const auto flood = sender(customs, left, queued);
  std::size_t echoed = 0;
  wildlife.echo = true;
  customs.pull = [&](SessionId id) { if (id == by_agency["ke.ncb"]) flood(id); };
  flood(by_agency["ke.ncb"]);
  // While the slow peer is stuck, the other one answers time and again.
  while (customs.closed.empty()) {
    customs.network.send(by_agency["ke.wildlife"], to_bytes("ping"));
    echoed += 4;
    ASSERT_TRUE(until([&] { return !customs.closed.empty() || customs.open[by_agency["ke.wildlife"]].received_bytes == echoed; }));
  }
  EXPECT_GT(echoed, 40u);
  EXPECT_EQ(customs.open.count(by_agency["ke.wildlife"]), 1u);
  EXPECT_GT(left, 0u);
}

TEST_F(NetworkTest, a_paused_session_reads_nothing_until_resumed) {
  Party customs(io, "ke.customs"), bureau(io, "ke.ncb");
  customs.network.dial("ke.ncb", {bureau.endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 1 && bureau.opened == 1; }));
  std::size_t left = 8 << 20, queued = 0;
  customs.pull = sender(customs, left, queued);
  bureau.network.pause_reading(bureau.last);
  customs.pull(customs.last);
  std::size_t seen = left;
  // The sender stops when every buffer between the two is full.
  ASSERT_TRUE(until([&] { const bool moved = left != seen; seen = left; return !moved && io.run_one_for(300ms) == 0; }));
  const std::size_t before = bureau.open[bureau.last].received_bytes;
  EXPECT_LE(before, std::size_t{16} << 10);  // the read under way when it was paused
  EXPECT_GT(left, 0u);
  bureau.network.resume_reading(bureau.last);
  ASSERT_TRUE(until([&] { return bureau.open[bureau.last].received_bytes == std::size_t{8} << 20; }));
}

TEST_F(NetworkTest, overflowing_the_queue_closes_the_session) {
  Party customs(io, "ke.customs"), bureau(io, "ke.ncb");
  customs.network.dial("ke.ncb", {bureau.endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 1 && bureau.opened == 1; }));
  customs.network.send(customs.last, Bytes(NetSettings{}.send_queue_bytes, 1));
  EXPECT_EQ(customs.network.room(customs.last), 0u);
  customs.network.send(customs.last, Bytes(1, 1));
  ASSERT_TRUE(until([&] { return customs.closed.size() == 1; }));
  EXPECT_EQ(customs.closed[0], "queue_overflow");
}

TEST_F(NetworkTest, the_dialer_comes_back_when_the_peer_does) {
  Party customs(io, "ke.customs");
  auto bureau = std::make_unique<Party>(io, "ke.ncb");
  const std::uint16_t port = bureau->port;
  customs.network.dial("ke.ncb", {"127.0.0.1:1", bureau->endpoint()});  // the first endpoint is dead
  ASSERT_TRUE(until([&] { return customs.opened == 1; }));
  bureau.reset();
  ASSERT_TRUE(until([&] { return customs.closed.size() == 1 && customs.unreachable.size() > 4; }));
  EXPECT_EQ(customs.network.sessions(), 0u);
  customs.network.dial("ke.ncb", {"127.0.0.1:" + std::to_string(port)});
  bureau = std::make_unique<Party>(io, "ke.ncb");
  customs.network.dial("ke.ncb", {bureau->endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 2; }));
}

TEST_F(NetworkTest, a_long_backoff_ends_when_an_operator_says_so) {
  NetSettings settings;
  settings.backoff_first = 10ms;
  settings.backoff_max = 1h;
  Party customs(io, "ke.customs", settings);
  customs.random = 0;
  asio::io_context unused;
  auto closed_port = std::make_unique<Party>(io, "ke.ncb");
  const std::string endpoint = closed_port->endpoint();
  closed_port.reset();
  customs.network.dial("ke.ncb", {endpoint});
  ASSERT_TRUE(until([&] { return !customs.unreachable.empty(); }));
  Party bureau(io, "ke.ncb");
  customs.network.dial("ke.ncb", {bureau.endpoint()});  // new endpoints dial at once
  ASSERT_TRUE(until([&] { return customs.opened == 1 && bureau.opened == 1; }));
  bureau.network.close(bureau.last, "test");
  ASSERT_TRUE(until([&] { return customs.closed.size() == 1; }));
  customs.network.reset_backoff("ke.ncb");
  ASSERT_TRUE(until([&] { return customs.opened == 2; }));
}

TEST_F(NetworkTest, the_dialer_does_not_dial_while_the_peer_has_dialled_in) {
  Party customs(io, "ke.customs"), bureau(io, "ke.ncb");
  bureau.network.dial("ke.customs", {customs.endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 1; }));
  customs.network.dial("ke.ncb", {bureau.endpoint()});
  customs.network.send(customs.last, to_bytes("still here"));
  ASSERT_TRUE(until([&] { return bureau.open[bureau.last].received.size() == 10; }));
  EXPECT_EQ(customs.opened, 1);
  bureau.network.stop_dialing("ke.customs");
  bureau.network.close(bureau.last, "test");
  ASSERT_TRUE(until([&] { return customs.opened == 2; }));  // now it dials
  EXPECT_TRUE(customs.open[customs.last].dialled);
}

TEST_F(NetworkTest, stopping_closes_every_session) {
  Party customs(io, "ke.customs"), bureau(io, "ke.ncb");
  customs.network.dial("ke.ncb", {bureau.endpoint()});
  ASSERT_TRUE(until([&] { return customs.opened == 1 && bureau.opened == 1; }));
  bureau.network.stop();
  customs.network.stop();
  ASSERT_TRUE(until([&] { return customs.closed.size() == 1 && bureau.closed.size() == 1; }));
  io.restart();
  EXPECT_TRUE(until([&] { return io.poll() == 0 && io.stopped(); }));  // no operation is left
}

TEST_F(NetworkTest, an_identity_whose_key_is_another_is_refused) {
  Party customs(io, "ke.customs");
  Identity identity = identity_of(issue("ke.ncb"));
  const auto other = issue("ke.ncb");
  identity.key = share_key(other.key.evp());
  const auto result = customs.network.set_identity(std::move(identity));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::key_missing);
}

}  // namespace
}  // namespace liaison::net
