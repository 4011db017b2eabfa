// See policy_tables.h. Cells are listed as the analysis joins them: fields that share a meaning under facts that share it.
#include "admin-cli/policy_tables.h"

#include <memory>
#include <ostream>

#include "admin-cli/policy_files.h"
#include "admin-cli/print.h"
#include "core/form/text.h"
#include "core/policy/diff.h"

namespace liaison::cli {
namespace {

// "withhold, EX.NATIONALS", "refer, EX.ORDER, 2 persons, emergency release".
std::string meaning_in_words(const policy::CellMeaning& meaning) {
  std::string out = std::string(policy::name(meaning.effect)) + ", " + meaning.basis.id;
  if (meaning.effect == policy::Effect::refer) out += meaning.approvals == 1 ? ", 1 person" : ", " + std::to_string(meaning.approvals) + " persons";
  if (meaning.emergency) out += ", emergency release reviewed within " + std::to_string(meaning.review_within.count()) + " h";
  return out;
}

form::Value json_meaning(const policy::CellMeaning& meaning) {
  form::Value one = form::Value::object();
  one.add("effect", json_text(std::string(policy::name(meaning.effect))));
  one.add("basis", json_text(meaning.basis.id));
  one.add("public", json_text(meaning.basis.shown));
  if (meaning.effect == policy::Effect::refer) one.add("approvals", json_number(meaning.approvals));
  one.add("emergency", json_truth(meaning.emergency));
  return one;
}

void print_fields(const Context& context, const std::vector<std::string>& fields) {
  for (const auto& field : fields) context.out() << "    " << form::visible(field) << "\n";
}

struct TableOf {
  std::string policy;
  std::uint64_t most = 5000;
};

Result<void> table(const TableOf& command, Context& context) {
  LIAISON_TRY(const PolicyFile file, load_policy_file(command.policy));
  LIAISON_TRY(const Hash fingerprint, policy::table_fingerprint(file.policy));
  LIAISON_TRY(const auto lines, policy::list_table(file.policy, command.most));
  if (context.json) {
    form::Value root = form::Value::object(), rows = form::Value::array();
    root.add("policy", json_text(file.policy->ref().name));
    root.add("version", json_number(file.policy->ref().version));
    root.add("fingerprint", json_text(to_hex(fingerprint)));
    for (const auto& line : lines) {
      form::Value one = form::Value::object();
      one.add("fields", json_list(line.fields));
      one.add("facts", json_text(line.facts));
      one.add("meaning", json_meaning(line.meaning));
      one.add("rule", json_text(line.rule));
      rows.elements.push_back(std::move(one));
    }
    root.add("cells", std::move(rows));
    print_json(context, root);
    return {};
  }
  context.out() << form::visible(file.policy->ref().name) << " version " << file.policy->ref().version << "\nSHA-256 of what it means: " << to_hex(fingerprint) << "\n";
  const std::vector<std::string>* before = nullptr;
  for (const auto& line : lines) {
    if (before == nullptr || *before != line.fields) {
      context.out() << "\n";
      print_fields(context, line.fields);
    }
    before = &line.fields;
    context.out() << form::visible("  " + meaning_in_words(line.meaning) + (line.rule.empty() ? ", no rule" : ", rule " + line.rule) + "  when  " + line.facts) << "\n";
  }
  return {};
}

form::Value json_diff(const policy::PolicyDiff& diff) {
  form::Value root = form::Value::object(), changes = form::Value::array();
  root.add("second_signature", json_truth(diff.loosens));
  root.add("complete", json_truth(diff.complete));
  for (const auto& change : diff.changes) {
    form::Value one = form::Value::object();
    one.add("change", json_text(std::string(policy::name(change.change))));
    one.add("fields", json_list(change.fields));
    one.add("facts", json_text(change.facts));
    one.add("before", json_meaning(change.before));
    one.add("after", json_meaning(change.after));
    changes.elements.push_back(std::move(one));
  }
  root.add("changes", std::move(changes));
  return root;
}

struct Pair {
  std::string before, after;
};

Result<void> diff(const Pair& command, Context& context) {
  LIAISON_TRY(const PolicyFile before, load_policy_file(command.before));
  LIAISON_TRY(const PolicyFile after, load_policy_file(command.after));
  LIAISON_TRY(const auto found, policy::diff_policies(before.policy, after.policy));
  if (context.json) {
    print_json(context, json_diff(found));
    return {};
  }
  for (const auto& change : found.changes) {
    const bool opens = change.change == policy::Change::newly_disclosed;
    context.out() << toned(context, opens ? Tone::warning : Tone::plain, std::string(policy::name(change.change))) << form::visible("  when  " + change.facts) << "\n";
    print_fields(context, change.fields);
    if (!change.fields.empty()) context.out() << form::visible("  before: " + meaning_in_words(change.before) + "; after: " + meaning_in_words(change.after)) << "\n";
    context.out() << "\n";
  }
  if (!found.complete) context.out() << "there are more changes than are listed here\n";
  if (found.changes.empty()) context.out() << "no cell differs\n";
  context.out() << (found.loosens ? toned(context, Tone::warning, "loading it needs the signatures of two persons") : "loading it needs one signature") << "\n";
  return {};
}
}  // namespace

Action bind_policy_table(Options& options) {
  auto command = std::make_shared<TableOf>();
  options.text("POLICY", command->policy, "policy file", Need::required);
  options.number("--max", command->most, "at most so many lines");
  return [command](Context& context) { return finish(context, table(*command, context)); };
}

Action bind_policy_diff(Options& options) {
  auto command = std::make_shared<Pair>();
  options.text("BEFORE", command->before, "policy file in force", Need::required);
  options.text("AFTER", command->after, "policy file to replace it", Need::required);
  return [command](Context& context) { return finish(context, diff(*command, context)); };
}

}  // namespace liaison::cli
