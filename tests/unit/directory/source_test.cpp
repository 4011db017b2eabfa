// The authored JSON: every mistake a person makes is refused with the line or with entry and field.
#include <gtest/gtest.h>

#include "core/directory/json_check.h"
#include "fixture.h"

namespace liaison::directory {
namespace {

using test::federation;

std::string refusal(const std::string& json) {
  const auto file = make_unsigned({json, 1, std::nullopt, test::at("2026-05-20T00:00:00.000Z")});
  return file ? "accepted" : file.error().message();
}

// The good source with one piece replaced.
std::string with(std::string_view piece, const std::string& replacement) {
  std::string json = federation().json();
  const auto found = json.find(piece);
  EXPECT_NE(found, std::string::npos) << piece;
  if (found != std::string::npos) json.replace(found, piece.size(), replacement);
  return json;
}

TEST(Source, GoodSourceIsAccepted) { EXPECT_EQ(refusal(federation().json()), "accepted"); }

TEST(Source, SyntaxMistakesNameTheLine) {
  EXPECT_EQ(refusal(with("\"realm\":", "\"relm\":")), "bad_format: line 2: unknown field: relm");
  EXPECT_EQ(refusal(with("\"witness\":true", "\"witness\":null")), "bad_format: line 5: null is not a value; leave witness out");
  EXPECT_EQ(refusal(with("\"bureau\":\"ke.ncb\"", "\"bureau\":null")), "bad_format: line 5: null is not a value; leave bureau out");
  EXPECT_EQ(refusal(with("\"threshold\":1", "\"threshold\":\"1\"")), "bad_format: line 3: threshold must be written without quotes");
  EXPECT_EQ(refusal(with("\"suites\":[1]", "\"suites\":[\"1\"]")), "bad_format: line 5: suites must be written without quotes");
  EXPECT_NE(refusal(with("\"bureau\":\"ke.ncb\"", "\"bureau\":7")).find("line 5: expecting: string constant"), std::string::npos);
  EXPECT_NE(refusal(with("\"channels\":[\"customs\"]", "\"channels\":\"customs\"")).find("line 5: "), std::string::npos);
  EXPECT_NE(refusal(with("\"witness\":true", "\"witness\":true,\"witness\":true")).find("set more than once"), std::string::npos);
  EXPECT_EQ(refusal("table X{}\n" + federation().json()), "bad_format: line 1: the file must be one object in braces");
  EXPECT_NE(refusal(""), "accepted");
  EXPECT_NE(refusal(federation().json() + "{}"), "accepted");
  EXPECT_NE(refusal(std::string("{\0}", 3)), "accepted");
}

TEST(Source, WrongValuesNameEntryAndField) {
  EXPECT_EQ(refusal(with("\"id\":\"ke.customs\"", "\"id\":\"KE\"")), "bad_format: agency KE: id is not an agency id like ke.customs");
  EXPECT_EQ(refusal(with("\"country\":\"ke\"", "\"country\":\"ug\"")), "bad_format: agency ke.customs: country is not the first label of the id");
  EXPECT_EQ(refusal(with("customs.example:7001", "customs.example")), "bad_format: agency ke.customs: endpoints must be host:port");
  EXPECT_EQ(refusal(with("customs.example:7001", "customs.example:70010")), "bad_format: agency ke.customs: endpoints must be host:port");
  EXPECT_EQ(refusal(with("[\"customs\"]", "[\"post\"]")), "bad_format: agency ke.customs: channels must be interpol, customs, cites or judicial");
  EXPECT_EQ(refusal(with("\"role\":\"log\"", "\"role\":\"authority\"")), "bad_format: agency ke.customs: key role is not a role of agencies");
  EXPECT_EQ(refusal(with("\"role\":\"log\"", "\"role\":\"box\"")), "bad_format: agency ke.customs: key spki is not a public key of the type of its role");
  EXPECT_EQ(refusal(with("2027-01-01T00:00:00.000Z", "2027-01-01")), "bad_format: agency ke.customs: key not_after is not a time like 2026-01-31T00:00:00.000Z");
  EXPECT_EQ(refusal(with("2027-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z")), "bad_format: agency ke.customs: key not_after is not after not_before");
  EXPECT_EQ(refusal(with("Kenya Customs", "Kenya\\u0007Customs")), "bad_format: agency ke.customs: name text has control characters");
  EXPECT_EQ(refusal(with("\"expires\":\"2026-12-01T00:00:00.000Z\"", "\"expires\":\"soon\"")), "bad_format: expires: a time like 2026-01-31T00:00:00.000Z is needed");
  EXPECT_EQ(refusal(with("\"realm\":\"test-exercise\"", "\"realm\":\"two words\"")), "bad_format: realm: a name of letters, digits, dots and hyphens is needed");
}

TEST(Source, StandingsMustBeWhole) {
  const std::string witness = "\"witness\":true";
  const std::string since = "\"since\":\"2026-05-15T00:00:00.000Z\"";
  EXPECT_EQ(refusal(with(witness, "\"standing\":\"away\"," + since)), "bad_format: agency ke.customs: standing must be suspended or left; a member has none");
  EXPECT_EQ(refusal(with(witness, "\"standing\":\"suspended\"")), "bad_format: agency ke.customs: since is missing");
  EXPECT_EQ(refusal(with(witness, since)), "bad_format: agency ke.customs: standing is missing, since or successor is there");
  EXPECT_EQ(refusal(with(witness, "\"standing\":\"left\"," + since)), "bad_format: agency ke.customs: standing left: endpoints, channels, bureau, is_bureau, witness and blind_pairs must go");
  EXPECT_EQ(refusal(with(witness, "\"standing\":\"suspended\",\"successor\":\"ke.ncb\"," + since)), "bad_format: agency ke.customs: successor is only for an agency that has left");
  const std::string left = "\"standing\":\"left\"," + since + ",\"successor\":";
  const std::string lists = "\"endpoints\":[\"customs.example:7001\"],\"channels\":[\"customs\"],\"bureau\":\"ke.ncb\",\"suites\":[1],\"witness\":true,";
  EXPECT_EQ(refusal(with(lists, left + "\"ke.ncb\",")), "bad_format: agency ke.customs: competences of an agency that has left need the date ended");
  std::string gone = with(lists, left + "\"ke.customs\",");
  gone.replace(gone.find("\"hours\":\"24h\""), 13, "\"ended\":\"2026-05-15\"");
  EXPECT_NE(refusal(gone).find("lead in a circle"), std::string::npos);
  gone.replace(gone.find("\"successor\":\"ke.customs\""), 24, "\"successor\":\"ke.nobody\"");
  EXPECT_EQ(refusal(gone), "bad_format: directory: agency ke.customs: successor ke.nobody is not in the directory");
  gone.replace(gone.find("ke.nobody"), 9, "ke.ncb");
  EXPECT_EQ(refusal(gone), "bad_format: directory: group horn: member ke.customs has left the federation");
  EXPECT_EQ(refusal(with("\"hours\":\"24h\"", "\"designated\":\"May 2026\"")), "bad_format: agency ke.customs: designated is not a date like 2026-01-31");
  EXPECT_EQ(refusal(with("\"purpose\":\"joint\"", "\"purpose\":\"joint\",\"form\":\"tall\"")), "bad_format: group horn: form must be short or long");
  EXPECT_EQ(refusal(with("\"purpose\":\"joint\"", "\"purpose\":\"joint\",\"joined\":[{\"member\":\"ke.ncb\"," + since + "}]")), "bad_format: group horn: joined names ke.ncb, which is not a member");
}

TEST(Source, ReferencesMustExist) {
  EXPECT_EQ(refusal(with("\"bureau\":\"ke.ncb\"", "\"bureau\":\"ke.ncc\"")), "bad_format: directory: agency ke.customs: bureau ke.ncc is not another agency marked as bureau");
  EXPECT_EQ(refusal(with("\"bureau\":\"int.gs\"", "\"bureau\":\"ke.customs\"")), "bad_format: directory: agency ke.ncb: bureau ke.customs is not another agency marked as bureau");
  EXPECT_EQ(refusal(with("\"blind_pairs\":[\"ke.customs\"]", "\"blind_pairs\":[\"ke.police\"]")), "bad_format: directory: agency ke.ncb: blind pair ke.police is not in the directory");
  EXPECT_EQ(refusal(with("\"members\":[\"ke.customs\"", "\"members\":[\"ke.police\"")), "bad_format: directory: group horn: member ke.police is not in the directory");
  EXPECT_EQ(refusal(with("\"id\":\"nobody\"", "\"id\":\"horn\"")), "bad_format: directory: two entries for horn");
  EXPECT_EQ(refusal(with("\"members\":[\"ke.customs\",\"int.gs\"]", "\"members\":[\"int.gs\",\"int.gs\"]")), "bad_format: group horn: members names int.gs twice");
}

TEST(Source, KeysAreNeverShared) {
  const std::string seal = to_base64(federation().seal.public_key().spki());
  const std::string link = to_base64(federation().link.public_key().spki());
  const std::string authority = to_base64(federation().authority_b.public_key().spki());
  EXPECT_EQ(refusal(with(link, seal)), "bad_format: directory: one key is registered twice; a key serves one agency in one role");
  EXPECT_EQ(refusal(with(link, authority)), "bad_format: directory: an authority key is also registered for an agency");
  EXPECT_EQ(refusal(with(authority, to_base64(federation().authority_a.public_key().spki()))), "bad_format: authorities: one key stands twice");
}

TEST(Source, ThresholdsVersionsAndTimesMustFit) {
  EXPECT_NE(refusal(with("\"threshold\":1", "\"threshold\":3")).find("threshold 3 of 2"), std::string::npos);
  EXPECT_NE(refusal(with("\"threshold\":1", "\"threshold\":0")).find("threshold 0 of 2"), std::string::npos);
  EXPECT_NE(refusal(with("\"grace\":\"2026-12-15", "\"grace\":\"2026-11-15")).find("order"), std::string::npos);
  EXPECT_FALSE(make_unsigned(federation().draft(2)));
  EXPECT_FALSE(make_unsigned(federation().draft(1, Hash{})));
  EXPECT_TRUE(make_unsigned(federation().draft(2, Hash{})));
}

TEST(JsonCheck, StringsAndCommentsAreNotMistakenForNull) {
  EXPECT_TRUE(check_json("// null\n/* null\n */ {\"a\": \"null \\\" null\", \"n\": 1}", {"n"}));
  EXPECT_EQ(check_json("{\"a\":\n[\"x\",\nnull]}", {}).error().detail, "line 3: null is not a value; leave a out");
  EXPECT_EQ(check_json("{'a': 1}", {}).error().detail, "line 1: strings stand in double quotes");
  EXPECT_EQ(check_json("{\"n\": {\"a\": \"x\"}, \"n\" : /* c */ \"1\"}", {"n"}).error().detail, "line 1: n must be written without quotes");
  EXPECT_TRUE(check_json("{\"a\": \"unterminated", {}));
}

}  // namespace
}  // namespace liaison::directory
