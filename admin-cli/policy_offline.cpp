// See policy_offline.h. What explain prints is for people of the agency; preview prints what the recipient can see and nothing else.
#include "admin-cli/policy_offline.h"

#include <memory>
#include <ostream>

#include "admin-cli/policy_files.h"
#include "admin-cli/print.h"
#include "core/form/labels.h"
#include "core/form/text.h"
#include "core/policy/explain.h"
#include "core/policy/table.h"
#include "core/record/path.h"
#include "core/record/verify.h"

namespace liaison::cli {
namespace {

struct Check {
  std::vector<std::string> files;
};

// What the recipient's node would rebuild and know.
Result<std::vector<form::ViewLine>> seen_by_recipient(const Context& context, const DecidedCase& done, const std::string& from) {
  form::Picture picture;
  std::vector<bool> open(done.openings.size());
  for (std::size_t i = 0; i < done.openings.size(); ++i) {
    const auto& leaf = done.decided.leaves[i];
    open[i] = leaf.effect == record::LeafEffect::open;
    if (leaf.effect == record::LeafEffect::withhold) picture.withheld.push_back({to_bytes(done.openings.path(i)), from, leaf.public_basis});
  }
  const auto shown = done.openings.subset(open);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto leaf = shown[i];
    if (record::is_derived(leaf.path) && !shown.find(record::base_of(leaf.path))) picture.derived.push_back({to_bytes(leaf.path), leaf.type, to_bytes(leaf.value)});
  }
  LIAISON_TRY(const Bytes message, record::rebuild(*done.schema, shown));
  return form::view_lines(message, picture, language_of(context));
}

Result<void> preview(const Case& one, Context& context) {
  LIAISON_TRY(const auto done, decide_case(context, one));
  LIAISON_TRY(const auto lines, seen_by_recipient(context, done, one.from));
  if (context.json) {
    form::Value root = form::Value::object();
    root.add("to", json_text(one.to));
    root.add("policy", json_text(done.policy->ref().name));
    root.add("policy_version", json_number(done.policy->ref().version));
    root.add("waits", json_truth(!done.decided.may_leave()));
    root.add("form", json_lines(lines));
    print_json(context, root);
  } else {
    context.out() << form::view_text(lines);
    if (!done.decided.may_leave()) context.out() << toned(context, Tone::warning, "! waits for the decision of " + std::to_string(done.decided.approvals) + " before it leaves") << "\n";
  }
  if (!done.note.empty()) context.err() << toned(context, Tone::warning, done.note) << "\n";
  return {};
}

form::Value json_leaf(const policy::LeafExplanation& leaf, const std::string& line) {
  form::Value one = form::Value::object();
  one.add("path", json_text(leaf.path));
  one.add("item", json_text(leaf.item));
  one.add("effect", json_text(std::string(policy::name(leaf.reason.effect))));
  one.add("person", json_number(leaf.reason.person < 0 ? 0 : static_cast<std::uint64_t>(leaf.reason.person) + 1));
  one.add("rule", json_text(leaf.rule));
  one.add("basis", json_text(leaf.basis.id));
  one.add("law", json_text(leaf.basis.text));
  one.add("public", json_text(leaf.basis.shown));
  one.add("matching", json_list(leaf.matching));
  form::Value facts = form::Value::array();
  for (const auto& fact : leaf.facts) {
    form::Value used = form::Value::object();
    used.add("condition", json_text(fact.condition));
    used.add("value", json_text(fact.value));
    used.add("words", json_text(fact.words));
    used.add("from", json_text(fact.from));
    facts.elements.push_back(std::move(used));
  }
  one.add("facts", std::move(facts));
  one.add("line", json_text(line));
  return one;
}

Result<void> explain(const Case& one, Context& context) {
  LIAISON_TRY(const auto done, decide_case(context, one));
  LIAISON_TRY(const auto leaves, policy::explain(*done.policy, *done.schema, done.openings, done.situation, done.decided));
  const std::string language = language_of(context);
  const policy::ItemLabel label = [&language](std::string_view item) { return form::item_label(item, language); };
  form::Value rows = form::Value::array();
  for (const auto& leaf : leaves) {
    const std::string line = policy::explain_line(leaf, done.situation, label);
    if (context.json) {
      rows.elements.push_back(json_leaf(leaf, line));
      continue;
    }
    const std::string person = leaf.reason.person < 0 ? "" : " [" + std::to_string(leaf.reason.person + 1) + "]";
    const Tone tone = leaf.reason.effect == policy::Effect::disclose ? Tone::plain : Tone::warning;
    context.out() << toned(context, tone, form::visible(line)) << person << "\n";
    if (leaf.matching.size() > 1) {
      std::string others;
      for (const auto& id : leaf.matching) others += (others.empty() ? "" : ", ") + id;
      context.out() << toned(context, Tone::faint, form::visible("      rules that match: " + others)) << "\n";
    }
  }
  if (context.json) print_json(context, rows);
  if (!done.note.empty()) context.err() << toned(context, Tone::warning, done.note) << "\n";
  return {};
}

Result<Exit> check(const Check& command, Context& context) {
  form::Value rows = form::Value::array();
  Exit exit = Exit::done;
  for (const auto& name : command.files) {
    const auto file = load_policy_file(name);
    if (!file) exit = Exit::refused;
    std::vector<std::string> warned;
    if (file) {
      LIAISON_TRY(warned, policy::warnings(file->policy));
    }
    if (context.json) {
      form::Value one = form::Value::object();
      one.add("file", json_text(name));
      one.add("ok", json_truth(file.has_value()));
      one.add("error", json_text(file ? "" : file.error().detail));
      one.add("policy", json_text(file ? file->policy->ref().name : ""));
      one.add("version", json_number(file ? file->policy->ref().version : 0));
      one.add("warnings", json_list(warned));
      rows.elements.push_back(std::move(one));
      continue;
    }
    if (file) context.out() << toned(context, Tone::good, "ok") << "  " << form::visible(name + ": " + file->policy->ref().name + " version " + std::to_string(file->policy->ref().version)) << "\n";
    else context.err() << form::visible(file.error().detail, true) << "\n";
    for (const auto& warning : warned) context.out() << toned(context, Tone::warning, form::visible("  ! " + warning)) << "\n";
  }
  if (context.json) print_json(context, rows);
  return exit;
}

Action answering(std::function<Result<Exit>(Context&)> run) {
  return [run = std::move(run)](Context& context) {
    const auto done = run(context);
    return done ? code(*done) : tell(context, done.error());
  };
}
}  // namespace

Action bind_policy_check(Options& options) {
  auto command = std::make_shared<Check>();
  options.files("POLICY", command->files, "policy files");
  return answering([command](Context& context) { return check(*command, context); });
}

Action bind_policy_explain(Options& options) {
  auto one = std::make_shared<Case>();
  bind_case(options, *one);
  return [one](Context& context) { return finish(context, explain(*one, context)); };
}

Action bind_policy_preview(Options& options) {
  auto one = std::make_shared<Case>();
  bind_case(options, *one);
  return [one](Context& context) { return finish(context, preview(*one, context)); };
}

}  // namespace liaison::cli
