// Key requests and entries put into an authored file: what is written reads back, and what a person wrote stays.
#include <gtest/gtest.h>

#include "core/directory/authoring.h"
#include "fixture.h"

namespace liaison::directory {
namespace {

using test::federation;

TEST(Authoring, KeyRequestReadsBack) {
  KeyRequest request{"ke.customs", {}};
  const auto& key = federation().seal.public_key();
  request.keys.push_back({crypto::KeyRole::seal, key.spki(), key.hash(), test::now, test::now + std::chrono::days(730)});
  const std::string json = key_request_json(request);
  EXPECT_NE(json.find("// key hash " + to_base64(key.hash())), std::string::npos);
  const auto parsed = parse_key_request(json);
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->agency, "ke.customs");
  ASSERT_EQ(parsed->keys.size(), 1u);
  EXPECT_EQ(parsed->keys[0].hash, key.hash());
  EXPECT_EQ(parsed->keys[0].not_after, test::now + std::chrono::days(730));
}

TEST(Authoring, BrokenKeyRequestsNameTheMistake) {
  EXPECT_EQ(parse_key_request("{\"agency\":\"ke.customs\"}").error().detail, "key request of ke.customs: keys is empty");
  EXPECT_EQ(parse_key_request("{\"agency\":null}").error().detail, "line 1: null is not a value; leave agency out");
  EXPECT_EQ(parse_key_request("{\n\"realm\":\"x\"}").error().detail, "line 2: unknown field: realm");
  EXPECT_FALSE(parse_key_request(""));
}

TEST(Authoring, InsertKeepsEverythingElse) {
  EXPECT_EQ(insert_entry("{\"a\": [], // \"b\": [\n \"b\": [\n  {\"b\": []} // last\n]}", "b", "{}").value(), "{\"a\": [], // \"b\": [\n \"b\": [\n  {\"b\": []}, // last\n  {}\n]}");
  EXPECT_EQ(insert_entry("{\"x\": \"[\\\"\", \"b\": [/* ] */]}", "b", "{}").value(), "{\"x\": \"[\\\"\", \"b\": [/* ] */{}]}");
  EXPECT_EQ(insert_entry("{\"a\": {\"b\": []}}", "b", "{}").error().code, Errc::not_found);
  EXPECT_EQ(insert_entry("{\"b\": [", "b", "{}").error().code, Errc::bad_format);
  EXPECT_EQ(insert_entry("{\"b", "b", "{}").error().code, Errc::bad_format);
}

TEST(Authoring, NewSourceWithEntriesLoads) {
  const auto& authority = federation().authority_a;
  const NewSource source{"demo", test::now + std::chrono::days(10), test::now + std::chrono::days(20), {1, {}}, {authority.public_key().spki()}};
  Agency agency;
  agency.id = "ke.customs";
  agency.country = "ke";
  agency.type = "customs";
  agency.names["en"] = "Customs \"East\" \\ quay";
  agency.channels = {"customs"};
  const auto& key = federation().seal.public_key();
  agency.keys.push_back({crypto::KeyRole::seal, key.spki(), key.hash(), test::now, test::now + std::chrono::days(730)});
  auto json = insert_entry(source_json(source), "agencies", entry_json(agency)).value();
  agency.id = "ke.ncb";
  agency.is_bureau = true;
  agency.keys.clear();
  json = insert_entry(json, "agencies", entry_json(agency)).value();
  const auto file = make_unsigned({json, 1, std::nullopt, test::now});
  ASSERT_TRUE(file) << file.error().message() << json;
  const auto directory = Directory::load(test::Federation::sign(*file, authority), {1, {authority.public_key().hash()}}).value();
  EXPECT_EQ(directory->find("ke.customs")->names.at("en"), "Customs \"East\" \\ quay");
  EXPECT_TRUE(directory->find("ke.ncb")->is_bureau);
}

}  // namespace
}  // namespace liaison::directory
