// Server and clients over real sockets: who may ask, what is answered, what is bounded. Answers are awaited, never slept for.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <zmq.hpp>

#include "io/bus/client.h"
#include "tests/support/temporary_directory.h"

namespace liaison::bus {
namespace {

using namespace std::chrono_literals;
constexpr Milliseconds patience = 20s;

// A server that answers every request with "person:payload", or holds it back.
class Bus {
 public:
  explicit Bus(BusSettings settings = {}) {
    if (settings.request_endpoints.empty()) {
      settings.request_endpoints = {"ipc://" + (folder_ / "requests").string(), "tcp://127.0.0.1:*"};
      settings.event_endpoints = {"ipc://" + (folder_ / "events").string(), "tcp://127.0.0.1:*"};
    }
    CurveKeys keys = make_keys("ke.customs");
    public_key_ = keys.public_z85;
    BusHooks hooks;
    hooks.person_of = [this](std::string_view key) { return person_of(key); };
    hooks.on_request = [this](std::string person, RequestToken token, Bytes payload) { on_request(std::move(person), std::move(token), std::move(payload)); };
    hooks.on_refused = [this](const std::string&, const std::string& reason) {
      std::lock_guard lock(mutex_);
      refused_.push_back(reason);
    };
    auto started = BusServer::start(std::move(settings), std::move(keys), std::move(hooks));
    liaison_assert(started.has_value());
    server_ = std::move(*started);
    std::lock_guard lock(mutex_);
    ready_ = true;
    changed_.notify_all();
  }

  CurveKeys add(const std::string& person) {
    CurveKeys keys = make_keys(person);
    std::lock_guard lock(mutex_);
    persons_[keys.public_z85] = person;
    return keys;
  }
  void remove(const CurveKeys& keys) {
    std::lock_guard lock(mutex_);
    persons_.erase(keys.public_z85);
  }
  std::unique_ptr<BusClient> connect(const CurveKeys& person, std::size_t endpoint = 0) {
    BusClientSettings settings;
    settings.request_endpoint = server_->request_endpoints().at(endpoint);
    settings.event_endpoint = server_->event_endpoints().at(endpoint);
    settings.server_key_z85 = public_key_;
    auto client = BusClient::open(settings, CurveKeys{person.name, person.public_z85, person.secret_z85.clone()});
    liaison_assert(client.has_value());
    return std::move(*client);
  }
  void hold(bool on) {
    std::vector<std::pair<RequestToken, Bytes>> held;
    {
      std::lock_guard lock(mutex_);
      holding_ = on;
      if (!on) held.swap(held_);
    }
    for (auto& [token, payload] : held) server_->reply(std::move(token), std::move(payload));
  }
  [[nodiscard]] bool wait_for_held(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return held_.size() >= count; });
  }
  std::vector<std::string> refused() {
    std::lock_guard lock(mutex_);
    return refused_;
  }
  BusServer& server() { return *server_; }
  const std::string& public_key() const { return public_key_; }
  const support::TemporaryDirectory& folder() const { return folder_; }

 private:
  std::optional<std::string> person_of(std::string_view key) {
    std::lock_guard lock(mutex_);
    const auto found = persons_.find(key);
    return found == persons_.end() ? std::nullopt : std::optional(found->second);
  }
  void on_request(std::string person, RequestToken token, Bytes payload) {
    Bytes answer = to_bytes(person + ":");
    put(answer, payload);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_; });
    if (holding_) {
      held_.emplace_back(std::move(token), std::move(answer));
      changed_.notify_all();
      return;
    }
    lock.unlock();
    server_->reply(std::move(token), std::move(answer));
  }

  support::TemporaryDirectory folder_;
  std::string public_key_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool holding_ = false, ready_ = false;
  std::map<std::string, std::string, std::less<>> persons_;
  std::vector<std::pair<RequestToken, Bytes>> held_;
  std::vector<std::string> refused_;
  std::unique_ptr<BusServer> server_;  // last: goes first
};

std::string ask(BusClient& client, const std::string& payload) {
  auto reply = client.request(view(payload), patience);
  return reply ? std::string(text(*reply)) : "error " + reply.error().message();
}

TEST(Bus, a_known_person_is_answered_by_name_over_ipc_and_tcp) {
  Bus bus;
  const CurveKeys officer = bus.add("wanjiru");
  EXPECT_EQ(ask(*bus.connect(officer, 0), "hello"), "wanjiru:hello");
  EXPECT_EQ(ask(*bus.connect(officer, 1), ""), "wanjiru:");
}

TEST(Bus, an_unknown_key_is_refused_at_once) {
  Bus bus;
  const auto client = bus.connect(make_keys("stranger"));
  const auto reply = client->request(view("hello"), patience);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::not_admitted);
  ASSERT_FALSE(bus.refused().empty());
  EXPECT_TRUE(bus.refused()[0].starts_with("unknown person key"));
}

TEST(Bus, a_client_without_curve_is_not_heard) {
  Bus bus;
  const CurveKeys officer = bus.add("wanjiru");
  zmq::context_t context;
  zmq::socket_t plain(context, zmq::socket_type::dealer), monitor(context, zmq::socket_type::pair);
  plain.set(zmq::sockopt::linger, 0);
  ASSERT_EQ(zmq_socket_monitor(plain.handle(), "inproc://watch", ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED), 0);
  monitor.set(zmq::sockopt::rcvtimeo, 20'000);
  monitor.connect("inproc://watch");
  plain.connect(bus.server().request_endpoints()[1]);
  plain.send(zmq::buffer(std::string("1")), zmq::send_flags::sndmore);
  plain.send(zmq::buffer(std::string("hello")), zmq::send_flags::none);
  zmq::message_t event;
  ASSERT_TRUE(monitor.recv(event));  // the server ended the connection
  EXPECT_EQ(ask(*bus.connect(officer), "still works"), "wanjiru:still works");
}

TEST(Bus, a_wrong_server_key_gets_no_answer) {
  Bus bus;
  const CurveKeys officer = bus.add("wanjiru");
  BusClientSettings settings;
  settings.request_endpoint = bus.server().request_endpoints()[0];
  settings.server_key_z85 = make_keys("other").public_z85;
  auto client = BusClient::open(settings, CurveKeys{officer.name, officer.public_z85, officer.secret_z85.clone()});
  ASSERT_TRUE(client);
  const auto reply = (*client)->request(view("hello"), 300ms);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::peer_away);
  settings.server_key_z85 = "short";
  EXPECT_EQ(BusClient::open(settings, make_keys("x")).error().code, Errc::invalid_argument);
}

TEST(Bus, a_person_removed_while_connected_is_refused_at_the_next_request) {
  Bus bus;
  const CurveKeys officer = bus.add("wanjiru");
  const auto client = bus.connect(officer);
  EXPECT_EQ(ask(*client, "one"), "wanjiru:one");
  bus.remove(officer);
  const auto reply = client->request(view("two"), patience);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::not_permitted);
  // The client's event connection may still be shaking hands when the person goes; then that is refused too.
  const auto refused = bus.refused();
  EXPECT_EQ(std::count(refused.begin(), refused.end(), "request by a person no longer known"), 1);
}

TEST(Bus, an_oversized_request_ends_the_connection_and_harms_nobody) {
  BusSettings settings;
  settings.request_bytes_max = 10'000;
  support::TemporaryDirectory folder;
  settings.request_endpoints = {"ipc://" + (folder / "r").string()};
  settings.event_endpoints = {"ipc://" + (folder / "e").string()};
  Bus bus(settings);
  const auto client = bus.connect(bus.add("wanjiru")), other = bus.connect(bus.add("otieno"));
  EXPECT_EQ(ask(*client, std::string(10'000, 'x')).size(), 10'000u + 8);
  EXPECT_EQ(client->request(view(std::string(10'001, 'x')), 300ms).error().code, Errc::peer_away);
  EXPECT_EQ(ask(*other, "fine"), "otieno:fine");
  // Reconnects by itself; what is posted before it has noticed the end of the old connection is lost with that.
  Result<Bytes> again = fail(Errc::peer_away);
  for (int i = 0; i < 40 && !again; ++i) again = client->request(view("again"), 500ms);
  ASSERT_TRUE(again);
  EXPECT_EQ(text(*again), "wanjiru:again");
}

TEST(Bus, many_clients_with_many_requests_each_get_their_own_replies) {
  Bus bus;
  constexpr int clients = 16, requests = 200;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0}, right{0};
  for (int c = 0; c < clients; ++c) {
    threads.emplace_back([&, c, keys = bus.add("person" + std::to_string(c))] {
      const auto client = bus.connect(keys, static_cast<std::size_t>(c % 2));
      std::map<std::uint64_t, std::string> expected;
      for (int r = 0; r < requests; ++r) {
        const std::string payload = std::to_string(r) + std::string(static_cast<std::size_t>(r), 'p');
        const auto id = client->post(view(payload));
        if (id) expected[*id] = keys.name + ":" + payload;
      }
      for (int r = 0; r < requests; ++r) {
        const auto reply = client->next_reply(patience);
        const bool good = reply && reply->status == Status::ok && text(reply->payload) == expected[reply->id];
        ++(good ? right : wrong);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, clients * requests);
  EXPECT_EQ(wrong, 0);
}

TEST(Bus, requests_beyond_the_bounds_are_answered_busy) {
  BusSettings settings;
  support::TemporaryDirectory folder;
  settings.request_endpoints = {"ipc://" + (folder / "r").string()};
  settings.event_endpoints = {"ipc://" + (folder / "e").string()};
  settings.requests_waiting_max = 3;
  settings.request_bytes_waiting_max = 1000;
  settings.reply_bytes_waiting_max = 500;
  Bus bus(settings);
  const auto client = bus.connect(bus.add("wanjiru"));
  bus.hold(true);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->post(view("held")));
  ASSERT_TRUE(bus.wait_for_held(3));
  EXPECT_EQ(client->request(view("one too many"), patience).error().code, Errc::busy);
  bus.hold(false);
  for (int i = 0; i < 3; ++i) {
    const auto reply = client->next_reply(patience);
    ASSERT_TRUE(reply);
    EXPECT_EQ(text(reply->payload), "wanjiru:held");
  }
  EXPECT_EQ(client->request(view(std::string(1001, 'x')), patience).error().code, Errc::busy);  // bytes waiting
  EXPECT_EQ(client->request(view(std::string(600, 'x')), patience).error().code, Errc::busy);   // reply too large for the queue
  EXPECT_EQ(ask(*client, "room again"), "wanjiru:room again");
}

TEST(Bus, an_event_reaches_those_who_subscribed_to_its_topic) {
  Bus bus;
  const auto client = bus.connect(bus.add("wanjiru")), other = bus.connect(bus.add("otieno"), 1);
  ASSERT_TRUE(client->subscribe("inbox"));
  ASSERT_TRUE(other->subscribe("alarm"));
  // A subscription takes a moment to arrive: hints are repeated until the first is seen.
  const auto first_event = [&](BusClient& who, const std::string& topic) {
    for (int i = 0; i < 400; ++i) {
      bus.server().publish("noise", {});
      bus.server().publish(topic, to_bytes("7"));
      auto event = who.next_event(50ms);
      if (event) return *event;
    }
    return BusClient::Event{"none", {}};
  };
  const auto inbox = first_event(*client, "inbox");
  EXPECT_EQ(inbox.topic, "inbox");
  EXPECT_EQ(text(inbox.payload), "7");
  EXPECT_EQ(first_event(*other, "alarm").topic, "alarm");
}

TEST(Bus, a_stranger_gets_no_events) {
  Bus bus;
  const auto stranger = bus.connect(make_keys("stranger"));
  ASSERT_TRUE(stranger->subscribe(""));
  EXPECT_EQ(stranger->next_event(patience).error().code, Errc::not_admitted);
}

TEST(Bus, sockets_are_private_and_a_bad_endpoint_is_named) {
  Bus bus;
  struct stat facts {};
  ASSERT_EQ(::stat((bus.folder() / "requests").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  for (const std::string wrong : {"tcp://300.1.1.1:5", "udp://127.0.0.1:5", "ipc:///no/such/folder/x", bus.server().request_endpoints()[1].c_str()}) {
    BusSettings settings;
    settings.request_endpoints = {wrong};
    BusHooks hooks{[](std::string_view) { return std::nullopt; }, [](std::string, RequestToken, Bytes) {}, {}};
    const auto started = BusServer::start(settings, make_keys("x"), hooks);
    ASSERT_FALSE(started) << wrong;
    EXPECT_EQ(started.error().code, Errc::invalid_settings);
    EXPECT_NE(started.error().detail.find(wrong), std::string::npos);
  }
}

TEST(Bus, malformed_requests_are_dropped) {
  Bus bus;
  const CurveKeys officer = bus.add("wanjiru");
  zmq::context_t context;
  zmq::socket_t raw(context, zmq::socket_type::dealer);
  raw.set(zmq::sockopt::linger, 0);
  raw.set(zmq::sockopt::rcvtimeo, 20'000);
  raw.set(zmq::sockopt::curve_serverkey, bus.public_key());
  raw.set(zmq::sockopt::curve_publickey, officer.public_z85);
  raw.set(zmq::sockopt::curve_secretkey, std::string(text(officer.secret_z85.reveal())));
  raw.connect(bus.server().request_endpoints()[1]);
  const auto send = [&](std::vector<std::string> frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) raw.send(zmq::buffer(frames[i]), i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
  };
  send({"alone"});
  send({"", "empty id"});
  send({std::string(33, 'i'), "long id"});
  send({"id", "a", "b"});
  send(std::vector<std::string>(50, "many"));
  send({"good", "payload"});
  std::vector<std::string> reply;
  for (bool more = true; more;) {
    zmq::message_t frame;
    ASSERT_TRUE(raw.recv(frame));
    more = frame.more();
    reply.push_back(frame.to_string());
  }
  EXPECT_EQ(reply, (std::vector<std::string>{"good", "ok", "wanjiru:payload"}));
}

}  // namespace
}  // namespace liaison::bus
