// Policies: no rule means withhold, the strictest effect wins, every doubt refuses the file, and the fingerprint says what a policy means.
#include "core/policy/policy.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace liaison;
using policy::Effect;
using policy::Policy;

namespace {

std::string file(const std::string& rules, const std::string& more = "") {
  return R"({ "policy": "ke-outbound", "version": 3, "default_basis": "KE.NONE",
              "bases": [ { "id": "KE.NONE", "text": "no rule", "public": "GENERAL" },
                         { "id": "KE.DPA.48", "text": "Data Protection Act, s. 48", "public": "KE.DATA-PROTECTION" } ],
              "rules": [)" +
         rules + "]" + more + "}";
}
std::string rule(const std::string& id, const std::string& effect, const std::string& path) {
  return R"({ "id": ")" + id + R"(", "effect": ")" + effect + R"(", "paths": [")" + path + R"("], "basis": "KE.DPA.48" })";
}
std::shared_ptr<const Policy> compiled(const std::string& rules) {
  auto made = Policy::compile(file(rules));
  EXPECT_TRUE(made) << (made ? "" : made.error().message());
  return made ? *made : nullptr;
}
void expect_refused(const std::string& json, std::string_view part) {
  const auto made = Policy::compile(json);
  ASSERT_FALSE(made) << json;
  EXPECT_EQ(made.error().code, Errc::invalid_settings);
  EXPECT_NE(made.error().message().find(part), std::string::npos) << made.error().message();
}

}  // namespace

TEST(DirectPolicy, discloses_everything_and_relays_nothing) {
  const auto direct = Policy::direct();
  ASSERT_TRUE(direct);
  EXPECT_EQ((*direct)->ref().name, "direct");
  EXPECT_EQ((*direct)->ref().version, 1U);
  EXPECT_FALSE((*direct)->relays());
  for (const auto* path : {"offence", "persons[].family_name", "persons[].birth#year"}) EXPECT_EQ((*direct)->decide(path).effect, Effect::disclose) << path;
}

TEST(Policy, no_rule_means_withhold_with_the_default_basis) {
  const auto made = compiled(rule("R1", "disclose", "offence"));
  const auto verdict = made->decide("persons[].family_name");
  EXPECT_EQ(verdict.effect, Effect::withhold);
  EXPECT_EQ(verdict.rule, "");
  EXPECT_EQ(verdict.basis, "KE.NONE");
  EXPECT_EQ(verdict.public_basis, "GENERAL");
}

TEST(Policy, the_strictest_effect_wins_in_any_order) {
  const std::vector<std::string> effects{"disclose", "refer", "withhold", "opaque"};
  const std::vector<Effect> strict{Effect::disclose, Effect::refer, Effect::withhold, Effect::opaque};
  for (std::size_t i = 0; i < effects.size(); ++i) {
    for (std::size_t j = 0; j < effects.size(); ++j) {
      const auto made = compiled(rule("A", effects[i], "offence") + "," + rule("B", effects[j], "**"));
      EXPECT_EQ(made->decide("offence").effect, strict[std::max(i, j)]) << effects[i] << " " << effects[j];
    }
  }
}

TEST(Policy, a_subtree_covers_its_root_and_what_is_below_but_no_neighbour) {
  const auto made = compiled(rule("A", "disclose", "persons[].birth.**"));
  for (const auto* path : {"persons[].birth", "persons[].birth.city", "persons[].birth#year"}) EXPECT_EQ(made->decide(path).effect, Effect::disclose) << path;
  for (const auto* path : {"persons[].birth_place", "persons[]", "persons[].name", "birth"}) EXPECT_EQ(made->decide(path).effect, Effect::withhold) << path;
}

TEST(Policy, a_verdict_names_rule_basis_and_public_category) {
  const auto verdict = compiled(rule("R7", "withhold", "offence"))->decide("offence");
  EXPECT_EQ(verdict.rule, "R7");
  EXPECT_EQ(verdict.basis, "KE.DPA.48");
  EXPECT_EQ(verdict.public_basis, "KE.DATA-PROTECTION");
}

TEST(Policy, every_doubt_refuses_the_file) {
  expect_refused("", "policy");
  expect_refused("{", "policy");
  expect_refused(file(rule("A", "allow", "offence")), "");
  expect_refused(file(rule("A", "disclose", "offence") + "," + rule("A", "withhold", "offence")), "stands twice");
  expect_refused(file(R"({ "id": "A", "effect": "disclose", "paths": ["x"], "basis": "KE.OTHER" })"), "unknown basis");
  expect_refused(file(R"({ "id": "A", "paths": ["x"], "basis": "KE.DPA.48" })"), "without id or effect");
  expect_refused(file(R"({ "effect": "disclose", "paths": ["x"], "basis": "KE.DPA.48" })"), "without id or effect");
  expect_refused(file(R"({ "id": "A", "effect": "disclose", "paths": [], "basis": "KE.DPA.48" })"), "no paths");
  expect_refused(file(rule("A", "disclose", "offence"), R"(, "unknown_key": 1)"), "");
  expect_refused(R"({ "policy": "x", "version": 1 })", "");
  expect_refused(R"({ "policy": "two words", "version": 1, "default_basis": "B", "bases": [{ "id": "B", "text": "t", "public": "P" }], "rules": [] })", "name or version");
  expect_refused(R"({ "policy": "x", "version": 0, "default_basis": "B", "bases": [{ "id": "B", "text": "t", "public": "P" }], "rules": [] })", "name or version");
}

TEST(Policy, the_fingerprint_follows_the_meaning_not_the_spelling) {
  const auto one = compiled(rule("A", "disclose", "offence"));
  const auto spaced = Policy::compile("// a comment\n" + file("   " + rule("A", "disclose", "offence") + "\n\n"));
  ASSERT_TRUE(spaced);
  EXPECT_EQ(one->ref().fingerprint, (*spaced)->ref().fingerprint);
  EXPECT_NE(one->ref().fingerprint, compiled(rule("A", "withhold", "offence"))->ref().fingerprint);
  EXPECT_NE(one->ref().fingerprint, compiled(rule("A", "disclose", "code_name"))->ref().fingerprint);
}
