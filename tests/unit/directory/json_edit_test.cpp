// Edits of authored JSON: only the lines they are about change, comments stay where they belong, and places that do not exist are named.
#include <gtest/gtest.h>

#include "core/directory/json_edit.h"

namespace liaison::directory {
namespace {

constexpr std::string_view source = R"(// head, with a comma
{
  "realm": "x", // { not a brace
  "agencies": [
    // Kenya
    {"id": "ke.customs", "channels": ["customs", "cites"],
     "bureau": "ke.ncb"}, // called 3 May
    {"id": "ke.ncb", /* a, b */ "is_bureau": true}  // last, for now
  ],
  "groups": [
  ],
  "keys": [
    "one",  // first
    "two",  // second
    "three"
  ]
}
)";

// What of the source was replaced by what: everything before and after is equal.
std::pair<std::string, std::string> difference(std::string_view before, std::string_view after) {
  std::size_t head = 0, tail = 0;
  while (head < std::min(before.size(), after.size()) && before[head] == after[head]) ++head;
  while (tail < std::min(before.size(), after.size()) - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  return {std::string(before.substr(head, before.size() - head - tail)), std::string(after.substr(head, after.size() - head - tail))};
}
using Change = std::pair<std::string, std::string>;

TEST(JsonEdit, SetsAndAddsMembers) {
  EXPECT_EQ(difference(source, set_member(source, {"agencies", "id=ke.customs"}, "bureau", "\"ke.hq\"").value()), Change("ncb", "hq"));
  EXPECT_EQ(difference(source, set_member(source, {"agencies", "id=ke.ncb"}, "witness", "true").value()), Change("", ", \"witness\": true"));
  EXPECT_EQ(difference(source, set_member(source, {}, "realm", "\"y\"").value()), Change("x", "y"));
  const auto added = set_member(source, {}, "grace", "7").value();
  EXPECT_NE(added.find("  ],\n  \"grace\": 7\n}"), std::string::npos) << added;
  EXPECT_EQ(set_member("{}", {}, "a", "1").value(), "{\"a\": 1}");
}

TEST(JsonEdit, AppendsAfterTheCommentOfTheLastItem) {
  EXPECT_NE(append_item(source, {"agencies"}, "{}").value().find("\"is_bureau\": true},  // last, for now\n    {}\n  ],"), std::string::npos);
  EXPECT_EQ(difference(source, append_item(source, {"agencies", "id=ke.customs", "channels"}, "\"judicial\"").value()), Change("", ", \"judicial\""));
  EXPECT_NE(append_item(source, {"groups"}, "{}").value().find("\"groups\": [\n    {}\n  ],"), std::string::npos) << append_item(source, {"groups"}, "{}").value();
  EXPECT_NE(append_item(source, {"keys"}, "\"four\"").value().find("    \"three\",\n    \"four\"\n  ]"), std::string::npos);
  EXPECT_EQ(append_item("{\"a\":[]}", {"a"}, "1").value(), "{\"a\":[1]}");
}

TEST(JsonEdit, RemovesWhatIsNamedAndItsLine) {
  EXPECT_EQ(difference(source, remove_item(source, {"keys", "=one"}).value()), Change("one\",  // first\n    \"", ""));
  EXPECT_NE(remove_item(source, {"keys", "=three"}).value().find("    \"two\"  // second\n  ]"), std::string::npos) << remove_item(source, {"keys", "=three"}).value();
  EXPECT_NE(remove_item(source, {"agencies", "id=ke.customs", "channels", "=customs"}).value().find("\"channels\": [\"cites\"]"), std::string::npos);
  EXPECT_NE(remove_item(source, {"agencies", "id=ke.customs", "channels", "#1"}).value().find("\"channels\": [\"customs\"]"), std::string::npos);
  EXPECT_NE(remove_member(source, {"agencies", "id=ke.ncb"}, "is_bureau").value().find("{\"id\": \"ke.ncb\"/* a, b */ }"), std::string::npos) << remove_member(source, {"agencies", "id=ke.ncb"}, "is_bureau").value();
  EXPECT_NE(remove_member(source, {"agencies", "id=ke.customs"}, "bureau").value().find("[\"customs\", \"cites\"]}, // called"), std::string::npos)
      << remove_member(source, {"agencies", "id=ke.customs"}, "bureau").value();
  EXPECT_EQ(remove_member(source, {"agencies", "id=ke.ncb"}, "absent").value(), source);
  EXPECT_EQ(remove_item("{\"a\":[1]}", {"a", "#0"}).value(), "{\"a\":[]}");
}

TEST(JsonEdit, PlacesThatDoNotExistAreNamed) {
  EXPECT_EQ(set_member(source, {"agencies", "id=ug.police"}, "a", "1").error().detail, "the authored file has no agencies > id=ug.police");
  EXPECT_EQ(append_item(source, {"policies"}, "{}").error().code, Errc::not_found);
  EXPECT_EQ(append_item(source, {"realm"}, "{}").error().code, Errc::not_found);
  EXPECT_EQ(remove_item(source, {"keys", "#3"}).error().code, Errc::not_found);
  EXPECT_EQ(remove_item(source, {"keys", "#"}).error().code, Errc::not_found);
  EXPECT_EQ(remove_item(source, {"agencies", "=ke.ncb"}).error().code, Errc::not_found);
}

TEST(JsonEdit, BrokenJsonNamesItsLine) {
  EXPECT_EQ(read_json_tree("{\n\"a\": [1\n").error().detail, "line 3: not JSON");
  for (const std::string broken : {"", "[]", "{", "{\"a", "{\"a\"", "{\"a\":}", "{\"a\":1 \"b\":2}", "{a:1}", "{\"a\":\"x", "{\"a\":\"\\", "{\"a\":[1,,2]}", "/*"}) EXPECT_FALSE(read_json_tree(broken)) << broken;
  EXPECT_FALSE(read_json_tree("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"));
}

TEST(JsonEdit, EveryTruncationIsRefusedOrReadWithoutHarm) {
  for (std::size_t size = 0; size + 3 < source.size(); ++size) EXPECT_FALSE(read_json_tree(source.substr(0, size))) << size;
}

}  // namespace
}  // namespace liaison::directory
