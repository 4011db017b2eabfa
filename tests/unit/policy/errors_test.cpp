// Every doubt refuses a policy file with the line and the cure: source form, names, conditions, coverage.
#include "tests/unit/policy/fixture.h"

using namespace liaison;
using namespace liaison::policy;

namespace {
void expect_refused(const std::string& json, std::string_view part) {
  const auto made = Policy::compile(json);
  ASSERT_FALSE(made) << json;
  EXPECT_EQ(made.error().code, Errc::invalid_settings);
  const std::string& detail = made.error().detail;
  EXPECT_NE(detail.find(part), std::string::npos) << detail;
  EXPECT_NE(detail.find("line "), std::string::npos) << detail;
  EXPECT_NE(detail.find("; "), std::string::npos) << "no cure: " << detail;
}
const std::string good = rule("A", "disclose", "offence");
std::string changed(std::string_view from, std::string_view to) {
  std::string file = policy_file(good);
  const auto at = file.find(from);
  if (at == std::string::npos) assertion_failed(std::string(from).c_str(), __FILE__, __LINE__);
  return file.replace(at, from.size(), to);
}
}  // namespace

TEST(PolicyErrors, form_of_the_file) {
  expect_refused("", "not an object");
  expect_refused("[]", "not an object");
  expect_refused("{", "ends too early");
  expect_refused(policy_file(good) + "x", "after the closing brace");
  expect_refused(changed("\"version\": 3", "\"version\": \"3\""), "\"version\" has a value of another type");
  expect_refused(changed("\"version\": 3", "\"version\": null"), "null is not a value");
  expect_refused(changed("\"version\": 3", "\"version\": 3.5"), "no whole number");
  expect_refused(changed("\"version\": 3", "\"version\": -3"), "no whole number");
  expect_refused(changed("\"version\": 3", "\"version\": 03"), "no whole number");
  expect_refused(changed("\"version\": 3", "\"version\": 3, \"version\": 4"), "stands twice");
  expect_refused(changed("\"version\": 3", "version: 3"), "a key is missing");
  expect_refused(changed("\"version\": 3,", "\"version\": 3"), "comma is missing");
  expect_refused(changed("[ { \"id\": \"KE.NONE\"", "[ , { \"id\": \"KE.NONE\""), "value is missing");
  expect_refused(changed("\"text\": \"no rule\"", "\"text\": null"), "null");
  expect_refused(changed("\"text\": \"no rule\"", "\"text\": 7"), "text in double quotes");
  expect_refused(changed("no rule", "no\nrule"), "does not end");
  expect_refused(changed("no rule", "no\\u0041rule"), "escape");
  expect_refused(changed("no rule", std::string("no\x01rule")), "control character");
  expect_refused(changed("\"paths\": [\"offence\"]", "\"paths\": \"offence\""), "not a list");
  expect_refused(policy_file(good, R"(, "surprise": 1)"), "unknown key \"surprise\"");
  expect_refused(policy_file(good, R"(, "relays": "yes")"), "true or false");
  expect_refused(policy_file(good, ", \"never\": " + std::string(40, '[') + std::string(40, ']')), "nested too deeply");
  expect_refused(std::string((1 << 20) + 1, ' '), "bytes");
}

TEST(PolicyErrors, names_the_line) {
  const auto made = Policy::compile(policy_file("\n\n" + rule("A", "disclose", "offence") + ",\n" + rule("B", "disclose", "no.such.path")));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().detail.find("line 8: unknown path \"no.such.path\""), std::string::npos) << made.error().detail;
}

TEST(PolicyErrors, names_and_bases) {
  expect_refused(changed("\"ke-outbound\"", "\"two words\""), "no name");
  expect_refused(changed("\"version\": 3", "\"version\": 0"), "no version");
  expect_refused(changed("\"default_basis\": \"KE.NONE\"", "\"default_basis\": \"KE.X\""), "unknown basis \"KE.X\"");
  expect_refused(changed("\"default_basis\": \"KE.NONE\",", ""), "default_basis names no basis");
  expect_refused(changed("\"id\": \"KE.DPA.48\", \"text\"", "\"id\": \"KE.NONE\", \"text\""), "stands twice");
  expect_refused(changed("\"text\": \"no rule\", ", ""), "no text");
  expect_refused(changed("\"public\": \"GENERAL\"", "\"public\": \"a word\""), "no public category");
  expect_refused(policy_file(""), "no rules");
}

TEST(PolicyErrors, rules) {
  expect_refused(policy_file(rule("A", "allow", "offence")), "no known effect");
  expect_refused(policy_file(R"({ "id": "A", "paths": ["offence"], "basis": "KE.NONE" })"), "no known effect");
  expect_refused(policy_file(R"({ "effect": "disclose", "paths": ["offence"], "basis": "KE.NONE" })"), "without id");
  expect_refused(policy_file(good + "," + rule("A", "withhold", "offence")), "stands twice");
  expect_refused(policy_file(R"({ "id": "A", "effect": "disclose", "paths": ["offence"] })"), "names no basis");
  expect_refused(policy_file(R"({ "id": "A", "effect": "disclose", "paths": ["offence"], "basis": "KE.OTHER" })"), "unknown basis");
  expect_refused(policy_file(R"({ "id": "A", "effect": "disclose", "paths": [], "basis": "KE.NONE" })"), "covers no fields");
  expect_refused(policy_file(rule("A", "disclose", "persons.family_name")), "perhaps persons[].family_name");
  expect_refused(policy_file(rule("A", "disclose", "offence#year")), "unknown path");
  expect_refused(policy_file(R"({ "id": "A", "effect": "disclose", "categories": ["person.shoes"], "basis": "KE.NONE" })"), "unknown category");
  expect_refused(policy_file(R"({ "id": "A", "effect": "disclose", "items": ["5.z"], "basis": "KE.NONE" })"), "unknown form item");
  expect_refused(policy_file(R"({ "id": "A", "effect": "disclose", "paths": ["offence"], "basis": "KE.NONE", "approvals": 2 })"), "belongs to a rule that refers");
  expect_refused(policy_file(R"({ "id": "A", "effect": "refer", "paths": ["offence"], "basis": "KE.NONE", "approvals": 3 })"), "neither 1 nor 2");
  expect_refused(policy_file(R"({ "id": "A", "effect": "refer", "paths": ["offence"], "basis": "KE.NONE", "emergency": true })"), "needs a review");
}

TEST(PolicyErrors, conditions) {
  const auto with = [](const std::string& when, const std::string& effect = "disclose") { return policy_file(rule("A", effect, "offence", when)); };
  expect_refused(with(R"("purpose": ["fun"])"), "no value \"fun\"");
  expect_refused(with(R"("purpose": [])"), "lists nothing");
  expect_refused(with(R"("purpose": ["alert", "alert"])"), "twice");
  expect_refused(with(R"("person_status": ["unknown"])"), "lists \"unknown\"");
  expect_refused(with(R"("person_shoes": ["large"])"), "unknown key");
  expect_refused(with(R"("recipient": ["bka"])"), "no agency id");
  expect_refused(with(R"("recipient_country": ["zz"])"), "no country");
  expect_refused(with(R"("kind": ["letter"])"), "unknown record kind");
  expect_refused(with(R"("recipient": ["de.bka"], "recipient_country": ["fr"])"), "can never match");
  EXPECT_TRUE(Policy::compile(with(R"("person_status": ["unknown", "witness"])", "withhold")));
}

TEST(PolicyErrors, coverage_never_screening_and_adequacy) {
  std::string uncovered = policy_file(good);
  uncovered.replace(uncovered.find("\"reviewed_default\": [\"**\"],"), 27, "");
  expect_refused(uncovered, "no rule covers");
  expect_refused(changed("\"reviewed_default\": [\"**\"]", "\"reviewed_default\": [\"**\", \"persons[].shoes\"]"), "reviewed_default");
  expect_refused(policy_file(good, R"(, "never": [{ "outside": "own_agency" }])"), "covers no fields");
  expect_refused(policy_file(good, R"(, "never": [{ "items": ["2.2"], "outside": "navy" }])"), "unknown recipient class");
  expect_refused(policy_file(good, R"(, "screening": [{ "id": "S", "effect": "hold", "reason": "x" }])"), "screening_default");
  expect_refused(policy_file(good, R"(, "screening_default": "maybe")"), "screening_default");
  expect_refused(policy_file(good, R"(, "screening_default": "accept", "screening": [{ "id": "S", "effect": "hold" }])"), "no reason");
  expect_refused(policy_file(good, R"(, "screening_default": "accept", "screening": [{ "id": "S", "effect": "stop", "reason": "x" }])"), "no known effect");
  expect_refused(policy_file(good, R"(, "adequate": ["Germany"])"), "neither a country nor an agency");
}
