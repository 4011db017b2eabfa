// Everything of one agency that ends, soonest first, with a cure; and each warning once, at its day.
#include "core/directory/expiry.h"

#include <gtest/gtest.h>

#include "core/directory/authoring.h"
#include "tests/support/chains.h"
#include "tests/unit/directory/fixture.h"

namespace liaison::directory {
namespace {

using test::at;
using test::now;
constexpr auto day = std::chrono::hours(24);

struct Country {
  support::MadeCertificate root, issuing, leaf;
  Country() {
    const auto spec = support::good_chain(now);
    root = make_certificate(spec.root, nullptr);
    issuing = make_certificate(spec.issuing, &root);
    leaf = make_certificate(spec.leaf, &issuing);
  }
};

std::shared_ptr<const Directory> directory_with(const Country& country) {
  test::Federation federation;
  federation.countries = "[" + entry_json(CountryAuthority{"ke", {country.root.der}, {make_revocation_list({now - day, now + 6 * day, {}, 1, false}, country.issuing)}, day}) + "]";
  return Directory::load(federation.signed_file(), federation.pins()).value();
}

const Expiry* find(const std::vector<Expiry>& all, std::string_view area, std::string_view subject) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Expiry& one) { return one.area == area && one.subject == subject; });
  return found == all.end() ? nullptr : &*found;
}

TEST(Expiries, NameEverythingThatEndsSoonestFirst) {
  const Country country;
  const std::vector<Bytes> chain{country.leaf.der, country.issuing.der};
  const auto all = expiries(*directory_with(country), "ke.customs", chain);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.ends < b.ends; }));
  EXPECT_EQ(find(all, "directory", "test-exercise")->ends, at("2026-12-01T00:00:00.000Z"));
  EXPECT_EQ(find(all, "key", "seal")->ends, at("2027-05-01T00:00:00.000Z")) << "the next key is registered already";
  EXPECT_EQ(find(all, "key", "link")->ends, at("2027-01-01T00:00:00.000Z"));
  EXPECT_EQ(find(all, "certificate", "tls")->ends, now + 89 * day);
  EXPECT_EQ(find(all, "certificate", "issuing CA of ke")->ends, now + 700 * day);
  EXPECT_EQ(find(all, "certificate", "CA of ke")->ends, now + 3650 * day);
  EXPECT_EQ(all.front().area, "list");
  EXPECT_EQ(all.front().subject, "CN=Issuing CA of ke");
  EXPECT_EQ(all.front().ends, now + 6 * day);
  for (const auto& one : all) EXPECT_FALSE(one.cure.empty()) << one.subject;
  EXPECT_EQ(expiries(*directory_with(country), "ke.unknown", {}).size(), 1u);
}

TEST(ExpiryText, SaysHowLong) {
  const Expiry one{"key", "seal", now + 30 * day, {}};
  EXPECT_EQ(ends_text(one, now), "ends in 30 days (" + to_string(one.ends) + ")");
  EXPECT_EQ(ends_text(one, now + 29 * day), "ends in 1 day (" + to_string(one.ends) + ")");
  EXPECT_EQ(ends_text(one, now + 30 * day - Seconds(1)), "ends within a day (" + to_string(one.ends) + ")");
  EXPECT_EQ(ends_text(one, now + 31 * day), "has ended (" + to_string(one.ends) + ")");
}

TEST(ExpiryWatch, GivesEachWarningOnce) {
  ExpiryWatch watch;
  const Expiry one{"key", "seal", now + 100 * day, {}};
  std::vector<std::pair<int, unsigned>> told;
  for (int hour = 0; hour <= 24 * 102; ++hour)
    if (const auto days = watch.due(one, now + std::chrono::hours(hour))) told.emplace_back(hour / 24, *days);
  EXPECT_EQ(told, (std::vector<std::pair<int, unsigned>>{{40, 60}, {70, 30}, {86, 14}, {93, 7}, {99, 1}, {100, 0}}));
}

TEST(ExpiryWatch, ALateStartGivesTheNearestAndARenewalBeginsAnew) {
  ExpiryWatch watch;
  EXPECT_EQ(watch.due({"certificate", "tls", now + 5 * day, {}}, now), 7u);
  EXPECT_EQ(watch.due({"certificate", "tls", now + 5 * day, {}}, now), std::nullopt);
  EXPECT_EQ(watch.due({"key", "tls", now + 5 * day, {}}, now), 7u) << "another thing";
  EXPECT_EQ(watch.due({"certificate", "tls", now + 90 * day, {}}, now), std::nullopt);
  EXPECT_EQ(watch.due({"certificate", "tls", now + 90 * day, {}}, now + 31 * day), 60u);
  EXPECT_EQ(watch.due({"certificate", "tls", now - day, {}}, now), 0u);
}

}  // namespace
}  // namespace liaison::directory
