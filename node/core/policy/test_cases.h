// Tests of a policy as its author writes them: cases of facts with the expected effect per field, for lists of recipients and purposes, run without any
// message. Also how much of the policy they assert, and which one-step changes of it no case notices. Format: schemas/POLICY.md. Pure.
#pragma once
#include <set>

#include "core/policy/text.h"

namespace liaison::policy {

struct TestCase {
  std::string name;
  int line = 0;
  std::vector<Recipient> recipients;
  std::vector<std::string> purposes;
  Situation facts;                            // recipient and purpose are filled in per combination
  struct Expected { Effect effect; std::string what; int line; };  // a path (with [] and **), a form item or a category
  std::vector<Expected> expected;
  std::optional<std::vector<std::string>> only_disclosed;
  int only_line = 0;
};
struct ScreenTestCase {
  std::string name;
  int line = 0;
  std::vector<Recipient> senders;
  std::vector<std::string> purposes;
  ScreenFacts facts;
  Screen expected{};
  std::string reason;                         // checked when not empty
};
struct TestFile {
  std::vector<TestCase> cases;
  std::vector<ScreenTestCase> screening;
};
// Errors: invalid_settings "line 12: what; cure".
Result<TestFile> parse_test_file(std::string_view json);

struct TestFailure {
  int line = 0;
  std::string test, recipient, purpose, field;
  std::string expected, got, rule;            // "withhold", "disclose", "R010" (empty: the default)
};
struct TestRun {
  std::size_t combinations = 0, assertions = 0;
  std::vector<TestFailure> failures;
  std::set<std::pair<int, std::size_t>> asserted;  // rule (-1: the default) that decided, field of the first kind
  std::set<std::string> screened;                  // screening rules that decided; "": the default
};
TestRun run_tests(const Policy& policy, const TestFile& tests);

struct Coverage {
  std::size_t rules = 0, rules_asserted = 0;       // disclosure and screening rules that decide somewhere
  std::size_t cells = 0, cells_asserted = 0;       // pairs of field and deciding rule, the default included
  std::vector<std::string> missing;                // "line 12: rule R010 decides nothing that a case asserts"
};
Result<Coverage> measure_coverage(const std::shared_ptr<const Policy>& policy, const TestFile& tests);

struct Mutation {
  int line = 0;
  std::string what;                                // "rule R010 dropped", "rule R010: condition purpose dropped"
  bool noticed = false;
};
struct MutationScore {
  std::vector<Mutation> mutants;                   // those that change any cell
  std::size_t noticed = 0, without_effect = 0;     // without_effect: the change changes no cell, so no test can notice
};
// Drops or flips one rule or condition at a time. Errors: those of compile; invalid_argument when the tests fail on the policy itself.
Result<MutationScore> mutate(std::string_view policy_json, const TestFile& tests);

}  // namespace liaison::policy
