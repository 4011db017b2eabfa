// Test files of policies: matrices, closed worlds, screening; coverage and mutation tell what the cases do not notice.
#include "core/policy/test_cases.h"

#include "tests/unit/policy/fixture.h"

using namespace liaison;
using namespace liaison::policy;

namespace {
const std::string rules = rule("A", "disclose", "persons[].family_name", R"("purpose": ["wanted", "alert"])") + "," + rule("N", "withhold", "persons[].**", R"("person_nationality": ["own"])");
std::string test_file(const std::string& cases) {
  return R"({ "recipients": [ { "agency": "de.bka", "classes": ["law_enforcement"] }, { "agency": "int.gs", "classes": ["international_organisation"] } ], "cases": [)" + cases + "] }";
}
const std::string foreigner = R"({ "name": "a foreigner", "recipients": ["de.bka", "int.gs"], "purposes": ["wanted", "alert"], "facts": { "person_nationality": "other" },
  "only_disclosed": ["persons[].family_name"] })";
const std::string citizen = R"({ "name": "a citizen", "recipients": ["de.bka"], "purposes": ["wanted"], "facts": { "person_nationality": "own" }, "expect": { "withhold": ["5.b", "person.birth"] } })";
const std::string purpose = R"({ "name": "no other purpose", "recipients": ["de.bka"], "purposes": ["forensic"], "facts": { "person_nationality": "other" }, "only_disclosed": [] })";

TestFile parsed(const std::string& cases) {
  auto made = parse_test_file(test_file(cases));
  if (!made) assertion_failed(made.error().message().c_str(), __FILE__, __LINE__);
  return *made;
}
}  // namespace

TEST(TestFile, runs_a_case_for_every_recipient_and_purpose) {
  const auto run = run_tests(*compiled(rules), parsed(foreigner + "," + citizen));
  EXPECT_EQ(run.combinations, 5U);
  EXPECT_TRUE(run.failures.empty()) << run.failures[0].field;
  EXPECT_GT(run.assertions, 100U);
}

TEST(TestFile, a_failure_names_line_case_field_and_rule) {
  const auto run = run_tests(*compiled(rules + "," + rule("X", "disclose", "offence")), parsed(foreigner));
  ASSERT_EQ(run.failures.size(), 4U);
  EXPECT_EQ(run.failures[0].field, "offence");
  EXPECT_EQ(run.failures[0].expected, "not disclosed");
  EXPECT_EQ(run.failures[0].got, "disclose");
  EXPECT_EQ(run.failures[0].rule, "X");
  EXPECT_EQ(run.failures[0].line, 2);
  EXPECT_EQ(run.failures[0].test, "a foreigner");
}

TEST(TestFile, every_doubt_refuses_the_file) {
  const auto refused = [](const std::string& json, const std::string& part) {
    const auto made = parse_test_file(json);
    ASSERT_FALSE(made) << json;
    EXPECT_NE(made.error().detail.find(part), std::string::npos) << made.error().message();
    EXPECT_NE(made.error().detail.find("line "), std::string::npos);
  };
  refused("", "not an object");
  refused("{}", "no cases");
  refused(test_file(R"({ "recipients": ["de.bka"], "purposes": ["wanted"], "expect": { "withhold": ["5.b"] } })"), "without name");
  refused(test_file(R"({ "name": "x", "recipients": ["fr.opj"], "purposes": ["wanted"], "expect": { "withhold": ["5.b"] } })"), "not among");
  refused(test_file(R"({ "name": "x", "recipients": [], "purposes": ["wanted"], "expect": { "withhold": ["5.b"] } })"), "for nobody");
  refused(test_file(R"({ "name": "x", "recipients": ["de.bka"], "purposes": ["fun"], "expect": { "withhold": ["5.b"] } })"), "no value \"fun\"");
  refused(test_file(R"({ "name": "x", "recipients": ["de.bka"], "expect": { "withhold": ["5.b"] } })"), "without purpose");
  refused(test_file(R"({ "name": "x", "recipients": ["de.bka"], "purposes": ["wanted"], "expect": { "withhold": ["5.z"] } })"), "no field");
  refused(test_file(R"({ "name": "x", "recipients": ["de.bka"], "purposes": ["wanted"] })"), "expects nothing");
  refused(test_file(R"({ "name": "x", "recipients": ["de.bka"], "purposes": ["wanted"], "facts": { "minor": "old" }, "only_disclosed": [] })"), "no value \"old\"");
  refused(test_file(R"({ "name": "x", "recipients": ["de.bka"], "purposes": ["wanted"], "facts": { "kind": "letter" }, "only_disclosed": [] })"), "unknown record kind");
  refused(R"({ "recipients": [{ "agency": "x" }], "cases": [] })", "agency");
  refused(R"({ "recipients": [{ "agency": "de.bka", "classes": ["navy"] }], "cases": [] })", "no value \"navy\"");
  refused(R"({ "recipients": [{ "agency": "de.bka" }, { "agency": "de.bka" }], "cases": [] })", "stands twice");
  refused(R"({ "recipients": [{ "agency": "de.bka" }], "screening": [{ "name": "x", "senders": ["de.bka"], "purposes": ["wanted"] }] })", "expects nothing");
}

TEST(Coverage, counts_rules_and_cells_that_a_case_asserts) {
  const auto policy = compiled(rules);
  const auto half = measure_coverage(policy, parsed(foreigner));
  ASSERT_TRUE(half);
  EXPECT_EQ(half->rules, 2U);
  EXPECT_EQ(half->rules_asserted, 1U);
  ASSERT_EQ(half->missing.size(), 1U);
  EXPECT_NE(half->missing[0].find("rule N"), std::string::npos);
  EXPECT_LT(half->cells_asserted, half->cells);
  const auto whole = measure_coverage(policy, parsed(foreigner + "," + citizen));
  EXPECT_EQ(whole->rules_asserted, 2U);
  EXPECT_TRUE(whole->missing.empty());
}

TEST(Mutation, finds_the_change_no_case_notices) {
  const auto weak = mutate(policy_file(rules), parsed(foreigner));
  ASSERT_TRUE(weak) << weak.error().message();
  EXPECT_LT(weak->noticed, weak->mutants.size());
  const auto strong = mutate(policy_file(rules), parsed(foreigner + "," + citizen + "," + purpose));
  ASSERT_TRUE(strong);
  EXPECT_GE(strong->mutants.size(), 6U);
  for (const auto& mutant : strong->mutants) EXPECT_TRUE(mutant.noticed) << mutant.what;
  const auto failing = mutate(policy_file(rule("A", "disclose", "offence")), parsed(foreigner));
  ASSERT_FALSE(failing);
  EXPECT_EQ(failing.error().code, Errc::invalid_argument);
}

TEST(Mutation, covers_screening_rules) {
  const std::string more = R"(, "screening_default": "accept", "screening": [{ "id": "S", "effect": "hold", "reason": "size", "when": { "larger_than_bytes": 1000 } }])";
  const std::string file = R"({ "recipients": [{ "agency": "de.bka", "classes": ["law_enforcement"] }], "screening": [
    { "name": "large", "senders": ["de.bka"], "purposes": ["wanted"], "bytes": 2000, "expect": "hold", "reason": "size" },
    { "name": "small", "senders": ["de.bka"], "purposes": ["wanted"], "bytes": 900, "expect": "accept" }] })";
  const auto tests = parse_test_file(file);
  ASSERT_TRUE(tests) << tests.error().message();
  const auto score = mutate(policy_file(rule("A", "withhold", "offence"), more), *tests);
  ASSERT_TRUE(score) << score.error().message();
  ASSERT_EQ(score->mutants.size(), 4U);
  EXPECT_EQ(score->noticed, 3U);
  EXPECT_FALSE(score->mutants[0].noticed) << "no case is about rule A";
  const auto coverage = measure_coverage(compiled(rule("A", "withhold", "offence"), more), *tests);
  ASSERT_EQ(coverage->missing.size(), 1U);
  EXPECT_NE(coverage->missing[0].find("rule A"), std::string::npos);
}
