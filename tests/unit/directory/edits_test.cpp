// Each act of an author: what it changes in the file and nothing else, what nodes make of it, and every refusal.
#include <gtest/gtest.h>

#include "core/directory/edits.h"
#include "fixture.h"

namespace liaison::directory {
namespace {

using test::at;
using test::federation;
using test::now;

Authored authored(std::string json = federation().json()) {
  auto read = read_authored(std::move(json));
  EXPECT_TRUE(read) << read.error().message();
  return std::move(*read);
}
Authored after(const Result<std::string>& edited) {
  EXPECT_TRUE(edited) << edited.error().message();
  return authored(edited ? *edited : federation().json());
}
std::vector<RegisteredKey> new_keys() {
  const auto key = test::new_key(crypto::KeyRole::seal);
  return {{crypto::KeyRole::seal, key.public_key().spki(), key.public_key().hash(), now, now + std::chrono::days(700)}};
}
// Lines of `text` that `other` has not, in order.
std::vector<std::string> own_lines(const std::string& text, const std::string& other) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = text.substr(begin, end - begin);
    if (other.find(line) == std::string::npos) out.push_back(line);
    begin = end + 1;
  }
  return out;
}

TEST(Edits, ChangeTouchesItsOwnLinesOnly) {
  const auto source = authored();
  AgencyChange change;
  change.endpoints = {"new.example:7002", "other.example:7002"};
  change.names["fr"] = "Douanes";
  change.keys = new_keys();
  const auto changed = after(change_agency(source, "ke.customs", change));
  const auto* customs = changed.content->find("ke.customs");
  EXPECT_EQ(customs->endpoints, *change.endpoints);
  EXPECT_EQ(customs->names.at("fr"), "Douanes");
  EXPECT_EQ(customs->names.at("ar"), source.content->find("ke.customs")->names.at("ar"));
  EXPECT_EQ(customs->keys.size(), 5u);
  EXPECT_EQ(own_lines(source.json, changed.json).size(), 3u) << changed.json;  // names, endpoints, keys
  EXPECT_NE(changed.json.find("// the test federation"), std::string::npos);
  EXPECT_EQ(change_agency(source, "ke.police", change).error().code, Errc::not_found);
  AgencyChange bureau;
  bureau.bureau = "";
  EXPECT_TRUE(after(change_agency(source, "ke.customs", bureau)).content->find("ke.customs")->bureau.empty());
  bureau.bureau = "ke.customs";
  EXPECT_FALSE(read_authored(change_agency(source, "ke.customs", bureau).value()));
}

TEST(Edits, SeveralAgenciesMayShareAnEndpoint) {
  AgencyChange change;
  change.endpoints = {"customs.example:7001"};
  EXPECT_EQ(after(change_agency(authored(), "ke.ncb", change)).content->find("ke.ncb")->endpoints, *change.endpoints);
}

TEST(Edits, SuspendAndResumeLeaveTheFileAsItWas) {
  const auto source = authored();
  const auto suspended = after(suspend_agency(source, "ke.customs", now));
  EXPECT_FALSE(suspended.content->is_member("ke.customs"));
  EXPECT_EQ(suspend_agency(suspended, "ke.customs", now).error().code, Errc::already_exists);
  EXPECT_EQ(after(resume_agency(suspended, "ke.customs")).json, source.json);
  EXPECT_EQ(resume_agency(source, "ke.customs").error().detail, "ke.customs is not suspended");
}

TEST(Edits, RemovedAgencyKeepsItsKeysAndIsGoneFromEverywhereElse) {
  const auto source = authored();
  const auto removed = after(remove_agency(source, "ke.customs", now));
  const auto* customs = removed.content->find("ke.customs");
  EXPECT_EQ(customs->standing, Standing::left);
  EXPECT_EQ(customs->keys.size(), 4u);
  EXPECT_TRUE(customs->endpoints.empty());
  EXPECT_EQ(customs->competences[0].ended, "2026-06-01");
  EXPECT_EQ(removed.content->group("horn")->members, std::vector<std::string>{"int.gs"});
  EXPECT_TRUE(removed.content->find("ke.ncb")->blind_pairs.empty());
  EXPECT_EQ(remove_agency(removed, "ke.customs", now).error().code, Errc::not_permitted);
  EXPECT_EQ(resume_agency(removed, "ke.customs").error().code, Errc::not_permitted);
  EXPECT_NE(remove_agency(source, "ke.ncb", now).error().detail.find("ke.ncb is the bureau of ke.customs"), std::string::npos);
  AgencyChange none;
  none.bureau = "";
  EXPECT_NE(remove_agency(after(change_agency(source, "ke.ncb", none)), "int.gs", now).error().detail.find("int.gs owns the groups horn, nobody"), std::string::npos);
  const auto suspended = after(suspend_agency(source, "ke.customs", at("2026-05-01T00:00:00.000Z")));
  EXPECT_EQ(remove_agency(suspended, "ke.customs", now).error().code, Errc::not_permitted);  // would give weeks of signatures back
  EXPECT_TRUE(remove_agency(suspended, "ke.customs", at("2026-05-01T00:00:00.000Z")));
}

TEST(Edits, RenameMovesEveryMentionAndKeepsTheOldIdReadable) {
  const auto source = authored();
  const Rename rename{"ke.ncb", "ke.interpol", new_keys(), {}, now};
  const auto renamed = after(rename_agency(source, rename));
  EXPECT_EQ(renamed.content->find("ke.customs")->bureau, "ke.interpol");
  EXPECT_EQ(renamed.content->successor("ke.ncb"), renamed.content->find("ke.interpol"));
  EXPECT_EQ(renamed.content->find("ke.interpol")->blind_pairs, std::vector<std::string>{"ke.customs"});
  EXPECT_TRUE(renamed.content->find("ke.interpol")->is_bureau);
  EXPECT_TRUE(renamed.content->key("ke.ncb", crypto::KeyRole::seal, federation().ncb_seal.public_key().hash(), at("2026-05-01T00:00:00.000Z")));
  const auto group = after(rename_agency(source, {"ke.customs", "ke.revenue", new_keys(), std::vector<std::string>{"revenue.example:1"}, now}));
  EXPECT_EQ(group.content->group("horn")->members, (std::vector<std::string>{"int.gs", "ke.revenue"}));
  EXPECT_EQ(group.content->find("ke.ncb")->blind_pairs, std::vector<std::string>{"ke.revenue"});
  EXPECT_EQ(group.content->find("ke.revenue")->competences[0].designated, "2026-06-01");
  EXPECT_EQ(group.content->find("ke.revenue")->endpoints[0], "revenue.example:1");
  EXPECT_EQ(rename_agency(source, {"ke.customs", "ke.ncb", new_keys(), {}, now}).error().code, Errc::already_exists);
  EXPECT_EQ(rename_agency(source, {"ke.customs", "ug.customs", new_keys(), {}, now}).error().code, Errc::not_permitted);
  EXPECT_EQ(rename_agency(group, {"ke.customs", "ke.other", new_keys(), {}, now}).error().code, Errc::not_permitted);
  const auto old_keys = source.content->find("ke.customs")->keys;
  EXPECT_FALSE(read_authored(rename_agency(source, {"ke.customs", "ke.revenue", old_keys, {}, now}).value()));  // a key serves one id
}

TEST(Edits, SuccessorTakesCompetencesAndQueuesButNoSeatInGroups) {
  const auto source = authored();
  const auto succeeded = after(succeed_agency(source, {"ke.customs", "ke.ncb", now}));
  EXPECT_EQ(succeeded.content->find("ke.ncb")->competences[0].topics[0], "bank records");
  EXPECT_EQ(succeeded.content->find("ke.ncb")->competences[0].designated, "2026-06-01");
  EXPECT_EQ(succeeded.content->find("ke.customs")->competences[0].ended, "2026-06-01");
  EXPECT_TRUE(succeeded.content->audience_covers("agency:ke.customs", "ke.ncb", {now, now}));
  EXPECT_FALSE(succeeded.content->audience_covers("group:horn", "ke.ncb", {now, now}));
  EXPECT_EQ(succeed_agency(source, {"ke.customs", "ke.customs", now}).error().code, Errc::invalid_argument);
  EXPECT_NE(succeed_agency(source, {"int.gs", "ke.customs", now}).error().detail.find("is not a bureau"), std::string::npos);
  const auto by_ncb = after(succeed_agency(source, {"int.gs", "ke.ncb", now}));
  EXPECT_TRUE(by_ncb.content->find("ke.ncb")->bureau.empty());
  EXPECT_EQ(by_ncb.content->group("horn")->owner, "ke.ncb");
}

TEST(Edits, GroupsAreMadeJoinedAndLeft) {
  const auto source = authored();
  const auto made = after(change_group(source, "fish", {"trawlers", "ke.ncb", "customs", "short", at("2027-01-01T00:00:00.000Z"), {"ke.customs"}, {}, now}));
  EXPECT_TRUE(made.content->audience_covers("group:fish", "ke.customs", {now, at("2026-01-01T00:00:00.000Z")}));
  EXPECT_FALSE(made.content->audience_covers("group:fish", "ke.ncb", {now, now}));  // owning is not being a member
  const auto joined = after(change_group(made, "fish", {{}, {}, {}, {}, {}, {"int.gs"}, {}, now}));
  EXPECT_FALSE(joined.content->audience_covers("group:fish", "int.gs", {now, at("2026-05-31T00:00:00.000Z")}));
  EXPECT_TRUE(joined.content->audience_covers("group:fish", "int.gs", {now, now}));
  const auto left = after(change_group(joined, "fish", {{}, {}, {}, {}, {}, {}, {"int.gs", "ke.customs"}, now}));
  EXPECT_TRUE(left.content->group("fish")->members.empty());
  EXPECT_TRUE(left.content->group("fish")->joined.empty());
  EXPECT_FALSE(left.content->audience_covers("group:fish", "ke.customs", {now, now}));  // an empty group is nobody
  EXPECT_EQ(change_group(source, "fish", {}).error().detail, "there is no group fish; to make it, give --owner, --purpose and --ends");
  EXPECT_EQ(change_group(source, "horn", {{}, {}, {}, {}, {}, {"ke.customs"}, {}, now}).error().code, Errc::already_exists);
  EXPECT_EQ(change_group(source, "horn", {{}, {}, {}, {}, {}, {}, {"ke.ncb"}, now}).error().code, Errc::not_found);
  EXPECT_EQ(change_group(source, "horn", {{}, "ke.police", {}, {}, {}, {}, {}, now}).error().code, Errc::not_found);
}

TEST(Edits, CompetencesEndAndStay) {
  const auto source = authored();
  const auto added = after(add_competence(source, "ke.ncb", {.topics = {"wiretaps", "bank records"}, .legal_bases = {}, .languages = {"en"}, .hours = "24h", .telephone = {}, .designated = "2026-02-01",
                                                             .urgent = "+254 1", .zone = "Africa/Nairobi", .ended = {}}));
  EXPECT_EQ(added.content->find("ke.ncb")->competences[0].zone, "Africa/Nairobi");
  EXPECT_EQ(after(end_competence(added, "ke.ncb", 1, "2026-06-01")).content->find("ke.ncb")->competences[0].ended, "2026-06-01");
  EXPECT_EQ(end_competence(added, "ke.ncb", 1, "2026-01-01").error().code, Errc::invalid_argument);
  EXPECT_EQ(end_competence(added, "ke.ncb", 2, "2026-06-01").error().code, Errc::not_found);
  EXPECT_EQ(add_competence(source, "ke.ncb", {}).error().code, Errc::invalid_argument);
}

TEST(Edits, KeysAreRevokedOnceAndAuthoritiesChange) {
  const auto source = authored();
  const Hash& seal = federation().seal.public_key().hash();
  const auto revoked = after(revoke_key(source, {seal, now, RevocationKind::superseded}));
  EXPECT_EQ(revoke_key(revoked, {seal, now, RevocationKind::superseded}).error().code, Errc::already_exists);
  EXPECT_EQ(after(revoke_key(revoked, {seal, now, RevocationKind::compromised})).content->revocations().size(), 2u);
  const Hash& authority = federation().authority_a.public_key().hash();
  EXPECT_EQ(revoke_key(source, {authority, now, RevocationKind::compromised}).error().code, Errc::not_permitted);
  const auto third = test::new_key(crypto::KeyRole::authority);
  const auto changed = after(change_authorities(source, {{third.public_key().spki()}, {authority}, 2}));
  EXPECT_EQ(changed.content->authorities().threshold, 2u);
  EXPECT_EQ(changed.content->authorities().keys.size(), 2u);
  EXPECT_EQ(change_authorities(source, {{}, {third.public_key().hash()}, {}}).error().code, Errc::not_found);
  EXPECT_FALSE(read_authored(change_authorities(source, {{}, {authority}, 2}).value()));  // 2 of 1
  EXPECT_EQ(after(change_validity(source, {at("2027-01-01T00:00:00.000Z"), at("2027-02-01T00:00:00.000Z")})).content->grace(), at("2027-02-01T00:00:00.000Z"));
}

}  // namespace
}  // namespace liaison::directory
