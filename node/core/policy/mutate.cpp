// Coverage and mutation of a policy by its tests. A mutant that changes no cell is not counted: nothing could notice it.
#include <algorithm>

#include "core/policy/table.h"
#include "core/policy/test_cases.h"

namespace liaison::policy {
namespace {

// Flips to the effect a careless edit would give.
Effect flipped(Effect effect) {
  switch (effect) {
    case Effect::opaque:
    case Effect::disclose:
    case Effect::refer: return Effect::withhold;
    case Effect::withhold: break;
  }
  return Effect::disclose;
}

void lean(When& when, Leaning leaning) {
  when.leaning = leaning;
  for (Condition& condition : when.conditions) settle(condition, leaning);
}

// The complement of what was listed; "unknown" stays where the rule may ask for it.
void negate(Condition& condition, Leaning leaning) {
  condition.written = all_values(condition.dim) & ~condition.written & ~unknown_value;
  settle(condition, leaning);
}

class Mutants {
 public:
  Mutants(PolicyText original, const TestFile& tests) : original_(std::move(original)), tests_(tests) {}

  Result<MutationScore> run() {
    LIAISON_TRY(const auto base, build_policy(original_, Strictness::lenient));
    if (!run_tests(*base, tests_).failures.empty()) return fail(Errc::invalid_argument, "the tests fail on the policy itself: correct them first");
    LIAISON_TRY(base_, effect_fingerprint(base));
    for (std::size_t i = 0; i < original_.rules.size(); ++i) LIAISON_CHECK(rule(i));
    for (std::size_t i = 0; i < original_.screening.size(); ++i) LIAISON_CHECK(screening(i));
    return std::move(out_);
  }

 private:
  Result<void> judge(const PolicyText& mutant, int line, std::string what) {
    LIAISON_TRY(const auto policy, build_policy(mutant, Strictness::lenient));
    LIAISON_TRY(const auto meaning, effect_fingerprint(policy));
    if (meaning == base_) {
      ++out_.without_effect;
      return {};
    }
    const bool noticed = !run_tests(*policy, tests_).failures.empty();
    out_.noticed += noticed ? 1 : 0;
    out_.mutants.push_back({line, std::move(what), noticed});
    return {};
  }

  // Every condition of one `when` dropped, and those over closed lists negated. `select` finds it in a copy.
  template <class Select>
  Result<void> conditions(const Select& select, int line, const std::string& whose) {
    const When when = select(original_);
    for (std::size_t c = 0; c < when.conditions.size(); ++c) {
      const std::string key(key_of(when.conditions[c].dim));
      PolicyText mutant = original_;
      When& dropped = select(mutant);
      dropped.conditions.erase(dropped.conditions.begin() + static_cast<std::ptrdiff_t>(c));
      LIAISON_CHECK(judge(mutant, line, whose + ": condition " + key + " dropped"));
      mutant = original_;
      negate(select(mutant).conditions[c], when.leaning);
      LIAISON_CHECK(judge(mutant, line, whose + ": condition " + key + " negated"));
    }
    for (const auto& [member, key] : {std::pair{&When::recipients, "agency"}, std::pair{&When::countries, "country"}, std::pair{&When::groups, "group"}}) {
      if ((when.*member).empty()) continue;
      PolicyText mutant = original_;
      (select(mutant).*member).clear();
      LIAISON_CHECK(judge(mutant, line, whose + ": condition " + key + " dropped"));
    }
    return {};
  }

  Result<void> rule(std::size_t i) {
    const Rule& from = original_.rules[i];
    const std::string whose = "rule " + from.id;
    PolicyText mutant = original_;
    mutant.rules.erase(mutant.rules.begin() + static_cast<std::ptrdiff_t>(i));
    LIAISON_CHECK(judge(mutant, from.line, whose + " dropped"));
    mutant = original_;
    mutant.rules[i].effect = flipped(from.effect);
    lean(mutant.rules[i].when, mutant.rules[i].effect == Effect::disclose ? Leaning::permissive : Leaning::restrictive);
    LIAISON_CHECK(judge(mutant, from.line, whose + ": " + std::string(name(from.effect)) + " made " + std::string(name(mutant.rules[i].effect))));
    return conditions([i](auto& text) -> auto& { return text.rules[i].when; }, from.line, whose);
  }

  Result<void> screening(std::size_t i) {
    const ScreenRule& from = original_.screening[i];
    const std::string whose = "screening rule " + from.id;
    PolicyText mutant = original_;
    mutant.screening.erase(mutant.screening.begin() + static_cast<std::ptrdiff_t>(i));
    LIAISON_CHECK(judge(mutant, from.line, whose + " dropped"));
    mutant = original_;
    mutant.screening[i].effect = from.effect == Screen::accept ? Screen::hold : Screen::accept;
    lean(mutant.screening[i].when, mutant.screening[i].effect == Screen::accept ? Leaning::permissive : Leaning::restrictive);
    LIAISON_CHECK(judge(mutant, from.line, whose + ": " + std::string(name(from.effect)) + " made " + std::string(name(mutant.screening[i].effect))));
    if (from.larger_than != 0) {
      mutant = original_;
      mutant.screening[i].larger_than = 0;
      LIAISON_CHECK(judge(mutant, from.line, whose + ": condition larger_than_bytes dropped"));
    }
    return conditions([i](auto& text) -> auto& { return text.screening[i].when; }, from.line, whose);
  }

  PolicyText original_;
  const TestFile& tests_;
  Hash base_{};
  MutationScore out_;
};

}  // namespace

Result<Coverage> measure_coverage(const std::shared_ptr<const Policy>& policy, const TestFile& tests) {
  Coverage out;
  const TestRun run = run_tests(*policy, tests);
  const FieldTable& fields = shipped_fields().front();
  LIAISON_TRY(const auto sets, deciding(policy, fields));
  for (std::size_t r = 0; r < sets.size(); ++r) {
    const int rule = r < policy->rules().size() ? static_cast<int>(r) : -1;
    bool decides = false, asserted = false;
    for (std::size_t i = 0; i < sets[r].size(); ++i) {
      if (!sets[r][i] || fields.fields()[i].structural) continue;
      decides = true;
      const bool seen = run.asserted.contains({rule, i});
      ++out.cells;
      out.cells_asserted += seen ? 1 : 0;
      asserted = asserted || seen;
    }
    if (rule < 0 || !decides) continue;
    ++out.rules;
    out.rules_asserted += asserted ? 1 : 0;
    const Rule& from = policy->rules()[r];
    if (!asserted) out.missing.push_back("line " + std::to_string(from.line) + ": rule " + from.id + " decides nothing that a case asserts");
  }
  for (const ScreenRule& rule : policy->screening()) {
    const bool seen = run.screened.contains(rule.id);
    ++out.rules;
    out.rules_asserted += seen ? 1 : 0;
    if (!seen) out.missing.push_back("line " + std::to_string(rule.line) + ": screening rule " + rule.id + " decides no case");
  }
  return out;
}

Result<MutationScore> mutate(std::string_view policy_json, const TestFile& tests) {
  LIAISON_CHECK(Policy::compile(policy_json));
  LIAISON_TRY(const auto file, parse_source(policy_json, "Policy"));
  LIAISON_TRY(auto text, read_policy(file));
  return Mutants(std::move(text), tests).run();
}

}  // namespace liaison::policy
