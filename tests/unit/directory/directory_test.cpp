// Questions to a loaded directory: key at a time, revocation, channels, relays, audiences, succession, admission by certificate.
#include <gtest/gtest.h>

#include "fixture.h"

namespace liaison::directory {
namespace {

using test::at;
using test::federation;
using test::now;
using crypto::KeyRole;

std::shared_ptr<const Directory> loaded() { return Directory::load(federation().signed_file(), federation().pins()).value(); }

std::shared_ptr<const Directory> loaded_with_revocation(const Hash& key, const std::string& since, const std::string& kind) {
  auto changed = R"([{"key":")" + to_base64(key) + R"(","since":")" + since + R"(","kind":")" + kind + "\"}]";
  std::string json = federation().json();
  json.replace(json.find("\"revocations\":[]"), 16, "\"revocations\":" + changed);
  const auto file = make_unsigned({json, 1, std::nullopt, at("2026-05-20T00:00:00.000Z")}).value();
  return Directory::load(test::Federation::sign(file, federation().authority_a), federation().pins()).value();
}

TEST(Directory, FactsOfTheSignedText) {
  const auto directory = loaded();
  EXPECT_EQ(directory->realm(), "test-exercise");
  EXPECT_EQ(directory->version(), 1u);
  EXPECT_EQ(directory->expires(), at("2026-12-01T00:00:00.000Z"));
  EXPECT_EQ(directory->agencies().size(), 3u);
  EXPECT_EQ(directory->authorities().keys.size(), 2u);
  EXPECT_FALSE(directory->previous());
}

TEST(Directory, EntriesKeepEverythingAuthored) {
  const auto directory = loaded();
  const Agency* customs = directory->find("ke.customs");
  ASSERT_NE(customs, nullptr);
  EXPECT_EQ(customs->names.at("ar"), "جمارك كينيا");
  EXPECT_EQ(customs->endpoints, std::vector<std::string>{"customs.example:7001"});
  EXPECT_EQ(customs->competences.at(0).telephone, "+254 20 0000000");
  EXPECT_EQ(customs->competences.at(0).languages, (std::vector<std::string>{"en", "sw"}));
  EXPECT_TRUE(customs->witness);
  EXPECT_EQ(directory->find("ke.ncb")->blind_pairs, std::vector<std::string>{"ke.customs"});
  EXPECT_EQ(directory->find("ke.ncb")->suites, std::vector<std::uint16_t>{1});
  EXPECT_EQ(directory->find("ke.police"), nullptr);
}

TEST(Directory, KeyOnlyForItsAgencyRoleAndTime) {
  const auto directory = loaded();
  const Hash seal = federation().seal.public_key().hash();
  const auto key = directory->key("ke.customs", KeyRole::seal, seal, now);
  ASSERT_TRUE(key) << key.error().message();
  EXPECT_EQ(key->hash(), seal);
  EXPECT_EQ(directory->key("ke.ncb", KeyRole::seal, seal, now).error().code, Errc::unknown_key);
  EXPECT_EQ(directory->key("ke.customs", KeyRole::link, seal, now).error().code, Errc::unknown_key);
  EXPECT_EQ(directory->key("ke.police", KeyRole::seal, seal, now).error().code, Errc::unknown_key);
  EXPECT_EQ(directory->key("ke.customs", KeyRole::seal, seal, at("2025-12-31T23:59:59.999Z")).error().code, Errc::key_not_valid);
  EXPECT_TRUE(directory->key("ke.customs", KeyRole::seal, seal, at("2026-01-01T00:00:00.000Z")));
  EXPECT_EQ(directory->key("ke.customs", KeyRole::seal, seal, at("2027-01-01T00:00:00.001Z")).error().code, Errc::key_not_valid);
}

TEST(Directory, CurrentKeyIsTheYoungestValidOne) {
  const auto directory = loaded();
  EXPECT_EQ(directory->current_key("ke.customs", KeyRole::seal, at("2026-04-30T00:00:00.000Z"))->hash(), federation().seal.public_key().hash());
  EXPECT_EQ(directory->current_key("ke.customs", KeyRole::seal, now)->hash(), federation().next_seal.public_key().hash());
  EXPECT_EQ(directory->current_key("ke.customs", KeyRole::seal, at("2028-01-01T00:00:00.000Z")).error().code, Errc::key_not_valid);
  EXPECT_EQ(directory->current_key("ke.ncb", KeyRole::box, now).error().code, Errc::key_not_valid);
  EXPECT_EQ(directory->current_key("ke.customs", KeyRole::log, now)->type(), crypto::KeyType::ed25519);
}

TEST(Directory, SupersededKeyCountsUpToSince) {
  const Hash seal = federation().next_seal.public_key().hash();
  const auto directory = loaded_with_revocation(seal, "2026-05-15T00:00:00.000Z", "superseded");
  EXPECT_TRUE(directory->key("ke.customs", KeyRole::seal, seal, at("2026-05-15T00:00:00.000Z")));
  EXPECT_EQ(directory->key("ke.customs", KeyRole::seal, seal, at("2026-05-15T00:00:00.001Z")).error().code, Errc::key_not_valid);
  EXPECT_EQ(directory->current_key("ke.customs", KeyRole::seal, now)->hash(), federation().seal.public_key().hash());
}

TEST(Directory, CompromisedKeyNeverCounts) {
  const Hash seal = federation().next_seal.public_key().hash();
  const auto directory = loaded_with_revocation(seal, "2026-05-15T00:00:00.000Z", "compromised");
  EXPECT_EQ(directory->key("ke.customs", KeyRole::seal, seal, at("2026-05-02T00:00:00.000Z")).error().code, Errc::key_not_valid);
  ASSERT_EQ(directory->revocations().size(), 1u);
  EXPECT_EQ(directory->revocations()[0].kind, RevocationKind::compromised);
  // Unless somebody else's word proves that the signature was there before.
  const auto witnessed = [&](std::string_view time, std::string_view word) { return directory->key_witnessed("ke.customs", KeyRole::seal, seal, at(time), at(word)).has_value(); };
  EXPECT_TRUE(witnessed("2026-05-02T00:00:00.000Z", "2026-05-03T00:00:00.000Z"));
  EXPECT_FALSE(witnessed("2026-05-02T00:00:00.000Z", "2026-05-15T00:00:00.000Z")) << "the word came too late";
  EXPECT_FALSE(witnessed("2026-05-16T00:00:00.000Z", "2026-05-03T00:00:00.000Z")) << "a time after the theft";
}

TEST(Directory, StaleAfterGrace) {
  const auto directory = loaded();
  EXPECT_TRUE(directory->check_fresh(directory->grace()));
  EXPECT_EQ(directory->check_fresh(directory->grace() + Milliseconds(1)).error().code, Errc::directory_stale);
}

TEST(Directory, ChannelsAndRelays) {
  const auto directory = loaded();
  EXPECT_TRUE(directory->has_channel("ke.customs", "customs"));
  EXPECT_FALSE(directory->has_channel("ke.customs", "interpol"));
  EXPECT_FALSE(directory->has_channel("ke.police", "customs"));
  EXPECT_TRUE(directory->relays("interpol", "ke.ncb", "ke.customs"));
  EXPECT_TRUE(directory->relays("interpol", "int.gs", "ke.ncb"));
  EXPECT_FALSE(directory->relays("interpol", "int.gs", "ke.customs"));
  EXPECT_FALSE(directory->relays("customs", "ke.ncb", "ke.customs"));
  EXPECT_FALSE(directory->relays("interpol", "ke.customs", "ke.ncb"));
}

TEST(Directory, AudiencesCoverAgenciesGroupsAndCountries) {
  const auto directory = loaded();
  EXPECT_TRUE(directory->audience_covers("agency:ke.customs", "ke.customs", {now, now}));
  EXPECT_FALSE(directory->audience_covers("agency:ke.customs", "ke.ncb", {now, now}));
  EXPECT_FALSE(directory->audience_covers("agency:ke.police", "ke.police", {now, now}));
  EXPECT_TRUE(directory->audience_covers("group:horn", "ke.customs", {now, now}));
  EXPECT_FALSE(directory->audience_covers("group:horn", "ke.ncb", {now, now}));
  EXPECT_FALSE(directory->audience_covers("group:horn", "ke.customs", {at("2027-01-01T00:00:00.000Z"), now}));
  EXPECT_FALSE(directory->audience_covers("group:nobody", "int.gs", {now, now}));
  EXPECT_TRUE(directory->audience_covers("country:ke", "ke.customs", {now, now}));
  EXPECT_TRUE(directory->audience_covers("country:ke", "ke.ncb", {now, now}));
  EXPECT_FALSE(directory->audience_covers("country:ke", "int.gs", {now, now}));
  EXPECT_FALSE(directory->audience_covers("ke.customs", "ke.customs", {now, now}));
}

// The good source with pieces replaced, signed.
std::shared_ptr<const Directory> changed(std::initializer_list<std::pair<std::string_view, std::string_view>> pieces) {
  Draft draft = federation().draft();
  for (const auto& [from, to] : pieces) {
    const auto found = draft.json.find(from);
    EXPECT_NE(found, std::string::npos) << from;
    draft.json.replace(found, from.size(), to);
  }
  const auto made = make_unsigned(draft);
  EXPECT_TRUE(made) << made.error().message();
  return Directory::load(test::Federation::sign(*made, federation().authority_a), federation().pins()).value();
}

TEST(Standing, SuspendedAgencyIsNeitherAdmittedNorAddressedAndItsEarlierWordCounts) {
  const auto directory = changed({{"\"witness\":true", "\"witness\":true,\"standing\":\"suspended\",\"since\":\"2026-05-15T00:00:00.000Z\""}});
  const Hash& seal = federation().seal.public_key().hash();
  EXPECT_FALSE(directory->is_member("ke.customs"));
  EXPECT_TRUE(directory->key("ke.customs", KeyRole::seal, seal, at("2026-05-14T00:00:00.000Z")));
  EXPECT_EQ(directory->key("ke.customs", KeyRole::seal, seal, now).error().detail, "seal key of ke.customs: ke.customs is suspended since 2026-05-15T00:00:00.000Z");
  EXPECT_EQ(directory->current_key("ke.customs", KeyRole::seal, now).error().code, Errc::key_not_valid);
  EXPECT_FALSE(directory->has_channel("ke.customs", "customs"));
  EXPECT_FALSE(directory->relays("interpol", "ke.ncb", "ke.customs"));
  EXPECT_FALSE(directory->audience_covers("agency:ke.customs", "ke.customs", {now, now}));
  EXPECT_FALSE(directory->audience_covers("group:horn", "ke.customs", {now, now}));
  EXPECT_FALSE(directory->audience_covers("country:ke", "ke.customs", {now, now}));
  EXPECT_TRUE(directory->audience_covers("group:horn", "int.gs", {now, now}));
}

TEST(Standing, SuspendedBureauRelaysForNobodyAndItsCountryIsNotReachedThroughIt) {
  const auto directory = changed({{"\"is_bureau\":true", "\"is_bureau\":true,\"standing\":\"suspended\",\"since\":\"2026-05-15T00:00:00.000Z\""}});
  EXPECT_FALSE(directory->relays("interpol", "ke.ncb", "ke.customs"));
  EXPECT_FALSE(directory->audience_covers("country:ke", "ke.customs", {now, now}));
}

constexpr std::string_view customs_lists = "\"endpoints\":[\"customs.example:7001\"],\"channels\":[\"customs\"],\"bureau\":\"ke.ncb\",\"suites\":[1],\"witness\":true,";
constexpr std::string_view left_to_ncb = "\"standing\":\"left\",\"since\":\"2026-05-15T00:00:00.000Z\",\"successor\":\"ke.ncb\",";

TEST(Standing, SuccessorTakesOverWhatIsAddressedToTheOneThatLeft) {
  const auto directory = changed({{customs_lists, left_to_ncb}, {"\"hours\":\"24h\"", "\"hours\":\"24h\",\"ended\":\"2026-05-15\""}, {"[\"ke.customs\",\"int.gs\"]", "[\"int.gs\"]"}});
  EXPECT_EQ(directory->successor("ke.customs"), directory->find("ke.ncb"));
  EXPECT_EQ(directory->successor("ke.ncb"), nullptr);
  EXPECT_TRUE(directory->audience_covers("agency:ke.customs", "ke.ncb", {now, now}));
  EXPECT_FALSE(directory->audience_covers("agency:ke.customs", "ke.customs", {now, now}));
  EXPECT_FALSE(directory->audience_covers("agency:ke.customs", "int.gs", {now, now}));
  EXPECT_TRUE(directory->key("ke.customs", KeyRole::seal, federation().seal.public_key().hash(), at("2026-05-14T00:00:00.000Z")));
  EXPECT_FALSE(directory->key("ke.customs", KeyRole::seal, federation().seal.public_key().hash(), now));
}

TEST(Groups, JoinerGetsWhatIsCreatedLaterAndAGroupWithoutOwnerCoversNobody) {
  const auto joined = changed({{"\"ends\":\"2026-12-31", "\"profession\":\"customs\",\"form\":\"short\",\"joined\":[{\"member\":\"ke.customs\",\"since\":\"2026-05-20T00:00:00.000Z\"}],\"ends\":\"2026-12-31"}});
  EXPECT_EQ(joined->group("horn")->form, "short");
  EXPECT_EQ(joined->group("horn")->profession, "customs");
  EXPECT_EQ(joined->group("nobody")->form, "long");
  EXPECT_FALSE(joined->audience_covers("group:horn", "ke.customs", {now, at("2026-05-19T23:59:59.999Z")}));
  EXPECT_TRUE(joined->audience_covers("group:horn", "ke.customs", {now, at("2026-05-20T00:00:00.000Z")}));
  EXPECT_TRUE(joined->audience_covers("group:horn", "int.gs", {now, at("2026-01-01T00:00:00.000Z")}));
  const auto orphaned = changed({{"\"owner\":\"int.gs\"", "\"owner\":\"ke.ncb\""}, {"\"is_bureau\":true", "\"is_bureau\":true,\"standing\":\"suspended\",\"since\":\"2026-05-15T00:00:00.000Z\""}});
  EXPECT_FALSE(orphaned->audience_covers("group:horn", "ke.customs", {now, now}));
}

TEST(Directory, VersionsNeverGoBack) {
  const auto first = loaded();
  const auto load = [&](std::uint64_t version, std::optional<Hash> previous) {
    return Directory::load(test::Federation::sign(make_unsigned(federation().draft(version, previous)).value(), federation().authority_a), federation().pins()).value();
  };
  const auto second = load(2, first->hash());
  EXPECT_TRUE(check_successor(*first, *second));
  EXPECT_TRUE(check_successor(*first, *first));
  EXPECT_TRUE(check_successor(*first, *load(3, second->hash())));
  EXPECT_EQ(check_successor(*second, *first).error().code, Errc::superseded);
  EXPECT_EQ(check_successor(*first, *load(2, Hash{})).error().code, Errc::chain_broken);
  EXPECT_EQ(check_successor(*second, *load(2, Hash{})).error().code, Errc::conflicting_version);
}

TEST(Directory, NoAdmissionWithoutCertificateOrCountry) {
  const auto directory = loaded();
  EXPECT_EQ(directory->admit({}, now).error().code, Errc::not_admitted);
  const std::vector<Bytes> garbage{Bytes(100, 7)};
  EXPECT_FALSE(directory->admit(garbage, now));
}

}  // namespace
}  // namespace liaison::directory
