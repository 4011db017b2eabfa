// Disclosure over relays under real policies: every item of the form withheld alone by a bureau, different items by each hop, and what the recipient
// behind three more signatures can still prove and see.
#include <gtest/gtest.h>

#include <random>

#include "core/record/path.h"
#include "tests/support/messages.h"
#include "tests/unit/exchange/chain.h"

namespace liaison::exchange::test {
namespace {
using Items = std::set<std::string>;

std::shared_ptr<const policy::Policy> withholding(const Items& items, const std::string& country) {
  std::string list;
  for (const auto& item : items) list += (list.empty() ? "\"" : ", \"") + item + "\"";
  std::string rules = R"({ "id": "OPEN", "effect": "disclose", "paths": ["**"], "basis": "LAW" })";
  if (!items.empty()) rules += R"(, { "id": "KEPT", "effect": "withhold", "items": [)" + list + R"(], "basis": "LAW" })";
  auto made = policy::Policy::compile(R"({ "policy": "test-)" + country + R"(", "version": 1, "default_basis": "LAW", "bases": [{ "id": "LAW", "text": "A law", "public": ")" + country +
                                      R"(.LAW" }], "rules": [)" + rules + R"(], "relays": true })");
  if (!made) assertion_failed(made.error().message().c_str(), __FILE__, __LINE__);
  return *made;
}

struct ChainItems : testing::Test {
  Chain chain;
  std::shared_ptr<const record::Schema> schema = support::ecomessage_schema();

  void use(const std::string& agency, const Items& items) {
    Party& party = chain.at(agency);
    auto changed = std::make_shared<Context>(*party.context);
    changed->policy = withholding(items, agency == "int.gs" ? "INT" : "KE");
    party.context = changed;
  }
  Submission form(std::uint8_t number) {
    auto what = over_bureaus({"de.ncb"});
    what.id = make_uuid(start, std::array<std::uint8_t, 10>{0, 0, 0, number});
    what.message = support::typical_ecomessage();
    return what;
  }
  Items items_of(const record::Openings& openings) {
    Items found;
    for (std::size_t i = 0; i < openings.size(); ++i)
      if (!record::is_audience(openings.path(i)) && !record::is_decoy(openings.path(i))) found.insert(schema->describe(openings.path(i))->item);
    found.erase("");
    return found;
  }
  Items withheld_at(const record::Package& package, std::size_t hop) {
    Items found;
    const auto disclosure = record::parse_disclosure(view(package.disclosures[hop].text)).value();
    for (const auto& one : disclosure.withheld)
      if (const auto facts = schema->describe(one.path)) found.insert(facts->item.empty() ? facts->twin : facts->item);
    found.erase("");
    return found;
  }
  record::Package carried(const RecordKey& key) {
    for (const auto& [from, to] : {std::pair{"ke.customs", "ke.ncb"}, {"ke.ncb", "int.gs"}, {"int.gs", "de.ncb"}}) {
      const auto done = chain.carry(from, to);
      EXPECT_EQ(done.items.size(), 1U) << (done.dropped.empty() ? "" : done.dropped.front().disclosure.reason);
      for (const auto& item : done.items) EXPECT_EQ(item.entry->event, audit::Event::received) << item.log;
    }
    return chain.held("de.ncb", key);
  }
};
}  // namespace

TEST_F(ChainItems, each_one_withheld_alone_by_the_bureau_is_gone_at_the_end_and_all_others_are_there) {
  Submission probe = form(1);
  use("ke.ncb", {});
  const auto all = items_of(carried(chain.accept("ke.customs", probe)).openings);
  ASSERT_GT(all.size(), 30U);
  std::uint8_t number = 1;
  for (const auto& item : all) {
    use("ke.ncb", {item});
    const auto package = carried(chain.accept("ke.customs", form(++number)));
    Items gone;  // "5" is all of 5.a to 5.l
    for (const auto& one : all)
      if (one.starts_with(item + ".")) gone.insert(one);
    if (gone.empty()) gone.insert(item);
    Items left;
    std::set_difference(all.begin(), all.end(), gone.begin(), gone.end(), std::inserter(left, left.end()));
    EXPECT_EQ(items_of(package.openings), left) << item;
    EXPECT_EQ(withheld_at(package, 1), gone);
    EXPECT_TRUE(withheld_at(package, 0).empty());
    EXPECT_TRUE(withheld_at(package, 2).empty());
  }
}

TEST_F(ChainItems, each_hop_answers_for_what_it_withheld) {
  std::mt19937 random(7);
  use("ke.ncb", {});
  const auto all = items_of(carried(chain.accept("ke.customs", form(1))).openings);
  for (std::uint8_t round = 2; round < 42; ++round) {
    std::array<Items, 3> kept;
    Items open = all;
    std::size_t hop = 0;
    for (const char* agency : {"ke.customs", "ke.ncb", "int.gs"}) {
      for (const auto& item : open)
        if (item != "5" && item != "6" && random() % 6 == 0) kept[hop].insert(item);
      for (const auto& item : kept[hop]) open.erase(item);
      use(agency, kept[hop++]);
    }
    const auto package = carried(chain.accept("ke.customs", form(round)));
    EXPECT_EQ(items_of(package.openings), open);
    for (hop = 0; hop < 3; ++hop) EXPECT_EQ(withheld_at(package, hop), kept[hop]) << "hop " << hop;
  }
}

}  // namespace liaison::exchange::test
