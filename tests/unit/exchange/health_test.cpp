// Findings for `liaison doctor` (health.h): thresholds, peers in every state, clocks, and the node's answer as a whole.
#include "core/exchange/health.h"

#include <gtest/gtest.h>

#include "tests/unit/exchange/desk.h"

namespace liaison::exchange::test {
namespace {
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

directory::Agency neighbour() {
  directory::Agency agency;
  agency.id = "ke.ncb";
  agency.endpoints = {"192.0.2.7:4650"};
  agency.competences.push_back({{"bank records"}, {}, {}, "24/7", "+254 20 000000", "", "", "", ""});
  return agency;
}
const Finding& of(const std::vector<Finding>& all, std::string_view area) {
  return *std::find_if(all.begin(), all.end(), [area](const Finding& one) { return one.area == area; });
}
Peer::Status connected() {
  Peer::Status status;
  status.connected = true;
  status.state = "ok";
  status.since = start;
  return status;
}
}  // namespace

TEST(Health, times_are_told_in_the_unit_that_fits) {
  EXPECT_EQ(distance(start, start + days{61}), "in 61 days");
  EXPECT_EQ(distance(start, start - hours{5}), "5 hours ago");
  EXPECT_EQ(distance(start, start + minutes{3}), "in 3 minutes");
  EXPECT_EQ(distance(start, start - Seconds{59}), "59 seconds ago");
}

TEST(Health, what_ends_is_watched_a_month_before_and_bad_a_week_before) {
  const auto at = [](Time now) { return ending({"certificate", "tls", start + days{90}, "renew it"}, now); };
  EXPECT_EQ(at(start).health, Health::good);
  EXPECT_EQ(at(start).cure, "");
  EXPECT_EQ(at(start + days{61}).health, Health::watch);
  EXPECT_EQ(at(start + days{84}).health, Health::bad);
  const Finding over = at(start + days{92});
  EXPECT_EQ(over.health, Health::bad);
  EXPECT_TRUE(over.found.starts_with("has ended")) << over.found;
  EXPECT_EQ(over.cure, "renew it");
}

TEST(Health, room_on_disk) {
  EXPECT_EQ(free_room("data", 3ULL << 30).health, Health::good);
  EXPECT_EQ(free_room("data", 1ULL << 30).health, Health::watch);
  EXPECT_EQ(free_room("data", 1ULL << 20).health, Health::bad);
}

TEST(Health, a_directory_ages) {
  Party party("ke.ncb");
  const auto& directory = *party.context->directory;
  EXPECT_EQ(directory_health(directory, directory.expires() - days{31}).health, Health::good);
  EXPECT_EQ(directory_health(directory, directory.expires() - days{20}).health, Health::watch);
  EXPECT_EQ(directory_health(directory, directory.expires() + Seconds{1}).health, Health::bad);
  EXPECT_NE(directory_health(directory, directory.grace() + Seconds{1}).found.find("queues hold"), std::string::npos);
  const Time until = directory.grace() + hours{24};
  EXPECT_EQ(directory_health(directory, directory.grace() + Seconds{1}, until).health, Health::watch);
  EXPECT_EQ(directory_health(directory, until + Seconds{1}, until).health, Health::bad);
}

TEST(Health, a_peer_that_is_away_is_bad_only_when_something_waits_for_it) {
  Peer::Status status;
  status.state = "away";
  status.detail = "192.0.2.7:4650: Connection refused";
  EXPECT_EQ(of(peer_health(neighbour(), status, start), "link").health, Health::watch);
  status.waiting = {1, 2};
  const Finding waits = of(peer_health(neighbour(), status, start), "link");
  EXPECT_EQ(waits.health, Health::bad);
  EXPECT_NE(waits.found.find("3 wait to be sent (1 urgent)"), std::string::npos);
  EXPECT_NE(waits.cure.find("+254 20 000000"), std::string::npos);
  status.since = start;
  EXPECT_EQ(of(peer_health(neighbour(), status, start + minutes{5}), "link").health, Health::watch);
  status.detail = "192.0.2.7:4650: not_admitted: expired";
  EXPECT_NE(of(peer_health(neighbour(), status, start + minutes{11}), "link").cure.find("certificate"), std::string::npos);
}

TEST(Health, ledgers_stopped_and_without_receipts) {
  Peer::Status status = connected();
  EXPECT_EQ(of(peer_health(neighbour(), status, start + hours{1}), "ledger").health, Health::good);
  status.unreceipted = 4;
  EXPECT_EQ(of(peer_health(neighbour(), status, start + minutes{1}), "ledger").health, Health::good);
  EXPECT_EQ(of(peer_health(neighbour(), status, start + minutes{6}), "ledger").health, Health::watch);
  status.last_receipt = start + minutes{5};
  EXPECT_EQ(of(peer_health(neighbour(), status, start + minutes{6}), "ledger").health, Health::good);
  status.state = "stopped";
  EXPECT_EQ(of(peer_health(neighbour(), status, start), "ledger").health, Health::bad);
}

TEST(Health, clocks_are_compared_by_what_both_signed) {
  Peer::Status status = connected();
  EXPECT_EQ(peer_health(neighbour(), status, start).size(), 2U);  // nothing to compare yet
  status.clock = {-Seconds{1}, Seconds{2}};
  EXPECT_EQ(of(peer_health(neighbour(), status, start), "clock").health, Health::good);
  status.clock = {Seconds{61}, Seconds{62}};
  EXPECT_NE(of(peer_health(neighbour(), status, start), "clock").found.find("61.0 s ahead"), std::string::npos);
  status.clock = {-Seconds{90}, -Seconds{40}};
  EXPECT_NE(of(peer_health(neighbour(), status, start), "clock").found.find("40.0 s behind"), std::string::npos);
  status.clock = {-Seconds{3600}, Seconds{2}};  // an old receipt proves nothing
  EXPECT_EQ(of(peer_health(neighbour(), status, start), "clock").health, Health::good);
}

TEST(HealthRequest, names_every_peer_and_key_and_what_people_must_do) {
  Desk desk("ke.ncb");
  const auto ask = [&] { return desk.ask("admin", Desk::call([](auto& builder) { return api::CreateAskHealth(builder); })).reply_as_HealthReport(); };
  const auto find = [](const api::HealthReport& report, std::string_view area, std::string_view subject) -> const api::Finding* {
    for (const auto* one : *report.findings())
      if (one->area()->string_view() == area && one->subject()->string_view() == subject) return one;
    return nullptr;
  };
  const auto* report = ask();
  ASSERT_NE(report, nullptr);
  for (const auto* role : {"seal", "link", "box", "log"}) {
    ASSERT_NE(find(*report, "key", role), nullptr) << role;
    EXPECT_EQ(find(*report, "key", role)->level(), api::HealthLevel::good) << role;
  }
  for (const auto& [id, agency] : desk.context()->directory->agencies()) EXPECT_EQ(find(*report, "link", id) != nullptr, id != "ke.ncb") << id;
  EXPECT_EQ(find(*report, "alarm", "")->level(), api::HealthLevel::good);
  EXPECT_EQ(find(*report, "refused", ""), nullptr);

  desk.node().on_unreachable("int.gs", "192.0.2.9:4650: Connection refused");
  desk.node().on_refused_connection("certificate expired");
  desk.node().engine().alarm("rolled_back", "the store is older than what was signed", [&] { return append_audit(desk.context()->entry(audit::Event::alarm)); });
  desk.drain();
  report = ask();
  EXPECT_NE(find(*report, "link", "int.gs")->found()->str().find("Connection refused"), std::string::npos);
  EXPECT_NE(find(*report, "refused", "")->found()->str().find("certificate expired"), std::string::npos);
  EXPECT_EQ(find(*report, "alarm", "rolled_back")->level(), api::HealthLevel::watch);
}

}  // namespace liaison::exchange::test
