// See policy_tests.h. Several test files of one policy count as one. Exit code 1: a case fails, a rule or cell is not asserted, a mutant is not noticed.
#include "admin-cli/policy_tests.h"

#include <memory>
#include <ostream>

#include "admin-cli/policy_files.h"
#include "admin-cli/print.h"
#include "core/base/limits.h"
#include "core/form/text.h"
#include "core/policy/test_cases.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {

struct Tests {
  std::string policy;
  std::vector<std::string> files;
};
struct Loaded {
  PolicyFile policy;
  policy::TestFile tests;
};

Result<Loaded> load(const Tests& command) {
  Loaded out;
  LIAISON_TRY(out.policy, load_policy_file(command.policy));
  for (const auto& name : command.files) {
    const auto bytes = store::read_file(name, limits::policy_bytes_max);
    if (!bytes) return fail(Errc::invalid_argument, "cannot read " + form::visible(name) + ": check the name and the rights");
    auto file = policy::parse_test_file(text(*bytes));
    if (!file) return fail(file.error().code, form::visible(name) + ": " + file.error().detail);
    out.tests.cases.insert(out.tests.cases.end(), file->cases.begin(), file->cases.end());
    out.tests.screening.insert(out.tests.screening.end(), file->screening.begin(), file->screening.end());
  }
  return out;
}

std::string percent(std::size_t part, std::size_t whole) {
  if (whole == 0) return "100 %";
  const std::size_t tenths = part * 1000 / whole;  // rounded down: 100 % is all of it
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " %";
}

std::string failure_in_words(const policy::TestFailure& failure) {
  return "line " + std::to_string(failure.line) + ", " + failure.test + ": " + failure.recipient + (failure.purpose.empty() ? "" : ", " + failure.purpose) +
         (failure.field.empty() ? "" : ", " + failure.field) + " is " + failure.got + (failure.rule.empty() ? " (no rule)" : " (rule " + failure.rule + ")") + ", expected " + failure.expected;
}

form::Value json_failure(const policy::TestFailure& failure) {
  form::Value one = form::Value::object();
  one.add("line", json_number(static_cast<std::uint64_t>(failure.line)));
  one.add("test", json_text(failure.test));
  one.add("recipient", json_text(failure.recipient));
  one.add("purpose", json_text(failure.purpose));
  one.add("field", json_text(failure.field));
  one.add("expected", json_text(failure.expected));
  one.add("got", json_text(failure.got));
  one.add("rule", json_text(failure.rule));
  return one;
}

Result<Exit> test(const Tests& command, Context& context) {
  LIAISON_TRY(const Loaded loaded, load(command));
  const auto run = policy::run_tests(*loaded.policy.policy, loaded.tests);
  const std::size_t cases = loaded.tests.cases.size() + loaded.tests.screening.size();
  if (context.json) {
    form::Value root = form::Value::object(), failures = form::Value::array();
    root.add("cases", json_number(cases));
    root.add("combinations", json_number(run.combinations));
    root.add("assertions", json_number(run.assertions));
    for (const auto& failure : run.failures) failures.elements.push_back(json_failure(failure));
    root.add("failures", std::move(failures));
    print_json(context, root);
  } else {
    for (const auto& failure : run.failures) context.out() << toned(context, Tone::bad, form::visible(failure_in_words(failure))) << "\n";
    context.out() << cases << " cases, " << run.combinations << " combinations of recipient and purpose, " << run.assertions << " assertions, " << run.failures.size() << " failed\n";
  }
  return run.failures.empty() ? Exit::done : Exit::refused;
}

Result<Exit> coverage(const Tests& command, Context& context) {
  LIAISON_TRY(const Loaded loaded, load(command));
  LIAISON_TRY(const auto found, policy::measure_coverage(loaded.policy.policy, loaded.tests));
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("rules", json_number(found.rules));
    root.add("rules_asserted", json_number(found.rules_asserted));
    root.add("cells", json_number(found.cells));
    root.add("cells_asserted", json_number(found.cells_asserted));
    root.add("missing", json_list(found.missing));
    print_json(context, root);
  } else {
    for (const auto& missing : found.missing) context.out() << form::visible(missing) << "\n";
    context.out() << "rules asserted: " << found.rules_asserted << " of " << found.rules << ", " << percent(found.rules_asserted, found.rules) << "\ncells asserted (field by deciding rule): "
                  << found.cells_asserted << " of " << found.cells << ", " << percent(found.cells_asserted, found.cells) << "\n";
  }
  return found.rules_asserted == found.rules ? Exit::done : Exit::refused;
}

Result<Exit> mutate(const Tests& command, Context& context) {
  LIAISON_TRY(const Loaded loaded, load(command));
  LIAISON_TRY(const auto score, policy::mutate(loaded.policy.json, loaded.tests));
  if (context.json) {
    form::Value root = form::Value::object(), missed = form::Value::array();
    root.add("mutants", json_number(score.mutants.size()));
    root.add("noticed", json_number(score.noticed));
    root.add("without_effect", json_number(score.without_effect));
    for (const auto& mutant : score.mutants)
      if (!mutant.noticed) missed.elements.push_back(json_text("line " + std::to_string(mutant.line) + ": " + mutant.what));
    root.add("missed", std::move(missed));
    print_json(context, root);
  } else {
    for (const auto& mutant : score.mutants)
      if (!mutant.noticed) context.out() << toned(context, Tone::bad, form::visible("line " + std::to_string(mutant.line) + ": " + mutant.what + ", and no case fails")) << "\n";
    context.out() << "mutants noticed: " << score.noticed << " of " << score.mutants.size() << ", " << percent(score.noticed, score.mutants.size()) << "  (" << score.without_effect
                  << " more changed no cell)\n";
  }
  return score.noticed == score.mutants.size() ? Exit::done : Exit::refused;
}

Action bind(Options& options, Result<Exit> (*run)(const Tests&, Context&)) {
  auto command = std::make_shared<Tests>();
  options.text("--policy", command->policy, "policy file", Need::required);
  options.files("TESTS", command->files, "test files of the policy");
  return [command, run](Context& context) {
    const auto done = run(*command, context);
    return done ? code(*done) : tell(context, done.error());
  };
}
}  // namespace

Action bind_policy_test(Options& options) { return bind(options, test); }
Action bind_policy_coverage(Options& options) { return bind(options, coverage); }
Action bind_policy_mutate(Options& options) { return bind(options, mutate); }

}  // namespace liaison::cli
