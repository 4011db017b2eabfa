// One publication among two hundred nodes, each linked to a few others over lines of some hundred milliseconds, with slow pools: counted in simulated time.
#include <gtest/gtest.h>

#include <queue>

#include "core/directory/succession.h"
#include "core/exchange/node.h"
#include "tests/sim/people.h"
#include "tests/sim/ports.h"

namespace liaison::sim {
namespace {
using exchange::Node;

constexpr std::size_t node_count = 200;
constexpr std::size_t links_each = 3;                    // dialled by each; about twice as many in all
constexpr auto line_delay = Milliseconds{120};
constexpr auto task_time = Milliseconds{200};            // of the pool for one check or one delta
constexpr auto allowed = std::chrono::seconds{10};

std::string agency_of(std::size_t number) { return "ke.a" + std::to_string(number); }

Bytes directory_of_many(std::uint64_t version, std::optional<Hash> previous, std::size_t agencies) {
  const auto authority = crypto::derive_key_pair(Bytes(32, first_authority)).value();
  std::string list;
  for (std::size_t i = 0; i < agencies; ++i)
    list += (i == 0 ? "" : ",") + std::string(R"({"id":")") + agency_of(i) + R"(","country":"ke","type":"customs","channels":["customs"],"names":[{"language":"en","text":"One"}]})";
  const std::string json = std::string(R"({"realm":")") + realm + R"(","expires":"2027-06-01T00:00:00.000Z","grace":"2027-07-01T00:00:00.000Z","authorities":{"threshold":1,"keys":[")" +
                           to_base64(authority.public_key().spki()) + R"("]},"agencies":[)" + list + R"(],"groups":[],"countries":[],"revocations":[]})";
  const Bytes file = directory::make_unsigned({json, version, previous, parse_time("2026-01-01T00:00:00.000Z").value()}).value();
  return directory::add_signature(file, authority.public_key(), [&](ByteView text) { return authority.sign(text); }).value();
}

// A node without people but an administrator, over a store in memory.
struct Place {
  Place(std::size_t number, const Time& now, const std::shared_ptr<const directory::Directory>& directory)
      : agency(agency_of(number)), clock(now), random(number), keys("int.gs"), disk(agency), guard(disk) {
    exchange::Ports ports{clock, random, keys, disk, guard};
    exchange::WriteSet admin;
    admin.ops.push_back({exchange::OpKind::insert, exchange::Table::person, to_bytes("admin-1"), exchange::encode(exchange::PersonRow{"administrator", Bytes(32, 1), false, now})});
    liaison_assert(disk.commit(std::span(&admin, 1)).front() == exchange::Outcome::committed);
    auto context = std::make_shared<exchange::Context>(exchange::Context{.realm = realm, .agency = agency, .defaults = {}, .single_signatures = false, .person_salt = {}, .process = {},
                                                                         .directory = directory, .directory_stored = false, .directory_override = {}, .policy = federation().policy,
                                                                         .policy_stored = false, .schemas = federation().schemas, .seal_key = {}, .link_key = {}, .ports = ports});
    node = std::make_unique<Node>(exchange::NodeOptions{context, "sim", 0}, ports, notes);
    liaison_assert(node->start().has_value());
  }
  std::string agency;
  SimClock clock;
  SimRandom random;
  SimKeys keys;
  Disk disk;
  Guard guard;
  Notes notes;
  std::unique_ptr<Node> node;
};

struct Many {
  Time now = scenario_start;
  std::vector<std::unique_ptr<Place>> places;
  std::map<exchange::SessionId, std::array<std::size_t, 2>> lines;
  struct Event {
    Time at;
    std::uint64_t order;
    std::function<void()> run;
    bool operator>(const Event& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
  };
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  std::uint64_t order = 0, tasks = 0;

  void after(Milliseconds time, std::function<void()> run) { events.push({now + time, order++, std::move(run)}); }

  void drain(std::size_t at) {
    Node& node = *places[at]->node;
    for (auto actions = node.take_actions(); !actions.empty(); actions = node.take_actions())
      for (auto& action : actions) act(at, action);
  }
  void act(std::size_t at, exchange::Action& action) {
    if (auto* job = std::get_if<exchange::CommitSet>(&action)) {
      places[at]->node->on_committed(job->job, places[at]->disk.commit(std::span(&job->set, 1)).front());
    } else if (auto* task = std::get_if<exchange::RunTask>(&action)) {
      ++tasks;
      after(task_time, [this, at, finish = task->work()] { finish(); drain(at); });
    } else if (auto* send = std::get_if<exchange::SendBytes>(&action)) {
      const auto& ends = lines.at(send->session);
      const std::size_t to = ends[0] == at ? ends[1] : ends[0];
      after(line_delay, [this, at, to, session = send->session, bytes = std::move(send->bytes)] {
        places[to]->node->on_session_bytes(session, bytes);
        drain(to);
        places[at]->node->on_session_writable(session);
        drain(at);
      });
    } else {
      EXPECT_FALSE(std::holds_alternative<exchange::CloseSession>(action)) << places[at]->agency << ": " << std::get<exchange::CloseSession>(action).reason;
    }
  }
  void link(std::size_t a, std::size_t b) {
    const exchange::SessionId session = lines.size() + 1;
    lines[session] = {a, b};
    places[a]->node->on_session_open(session, places[b]->agency);
    places[b]->node->on_session_open(session, places[a]->agency);
    drain(a);
    drain(b);
  }
  // Everything that happens up to that time.
  void run_until(Time end) {
    while (!events.empty() && events.top().at <= end) {
      const auto event = events.top();
      events.pop();
      now = std::max(now, event.at);
      event.run();
    }
    now = end;
    for (std::size_t i = 0; i < places.size(); ++i) {
      places[i]->node->on_tick();
      drain(i);
    }
  }
  std::size_t with_version(std::uint64_t version) const {
    return static_cast<std::size_t>(std::count_if(places.begin(), places.end(), [&](const auto& place) { return place->node->context()->directory->version() == version; }));
  }
};

TEST(DirectorySpread, a_publication_reaches_two_hundred_nodes_within_ten_seconds) {
  seed_openssl(7);
  const directory::AuthorityPins pins{1, {crypto::derive_key_pair(Bytes(32, first_authority)).value().public_key().hash()}};
  const Bytes v1 = directory_of_many(1, std::nullopt, node_count);
  const auto first = directory::Directory::load(v1, pins).value();
  Many many;
  Chance chance(11);
  for (std::size_t i = 0; i < node_count; ++i) many.places.push_back(std::make_unique<Place>(i, many.now, first));
  std::set<std::pair<std::size_t, std::size_t>> linked;
  for (std::size_t i = 0; i < node_count; ++i)
    for (std::size_t n = 0; n < links_each; ++n) {
      const std::size_t other = n == 0 ? (i + 1) % node_count : chance.below(node_count);
      if (other != i && linked.insert(std::minmax(i, other)).second) many.link(i, other);
    }
  many.run_until(many.now + Seconds{1});
  const std::uint64_t tasks_before = many.tasks;

  flatbuffers::FlatBufferBuilder builder;
  const Bytes v2 = directory_of_many(2, first->hash(), node_count + 1);
  const auto request = api::CreatePublishDirectory(builder, builder.CreateVector(v2));
  builder.Finish(api::CreateCall(builder, api::Request::PublishDirectory, request.Union()));
  const Time published = many.now;
  many.places[0]->node->on_request(1, "admin-1", {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
  many.drain(0);
  while (many.with_version(2) < node_count && many.now < published + std::chrono::minutes{1}) many.run_until(many.now + Milliseconds{100});
  EXPECT_EQ(many.with_version(2), node_count);
  EXPECT_LE(many.now - published, allowed);
  RecordProperty("simulated_ms", static_cast<int>(std::chrono::duration_cast<Milliseconds>(many.now - published).count()));
  // Everybody checks it once, and makes at most one delta of it: nobody is asked twice by one peer, nobody pulls from two.
  EXPECT_LE(many.tasks - tasks_before, 2 * node_count);
  for (const auto& place : many.places) {
    std::size_t taken = 0;
    for (const auto& row : place->disk.memory.scan(exchange::Table::audit_entry, {}, 1000).value()) taken += audit::decode(row.second)->event == audit::Event::directory ? 1 : 0;
    EXPECT_EQ(taken, 1U) << place->agency;
  }
}

}  // namespace
}  // namespace liaison::sim
