// See facts_command.h. Reads one file; a form that is not whole JSON is refused with its place.
#include "admin-cli/facts_command.h"

#include <memory>

#include "admin-cli/fact_questions.h"
#include "admin-cli/print.h"
#include "core/base/limits.h"
#include "core/form/json_reader.h"
#include "core/form/labels.h"
#include "core/form/message.h"
#include "core/form/text.h"
#include "io/store/files.h"

namespace liaison::cli {
namespace {

Result<form::Value> load_form(const Context& context, const std::string& file) {
  const bool binary = file.ends_with(".bin");
  if (!binary && !file.ends_with(".json")) return fail(Errc::invalid_argument, form::visible(file) + ": a form file ends in .json, a message in .bin");
  auto bytes = store::read_file(file, limits::form_file_bytes_max);
  if (!bytes) return fail(Errc::invalid_argument, "cannot read " + form::visible(file) + ": check the name and the rights");
  if (binary) return form::read_message(*bytes);
  auto parsed = form::read_json(text(*bytes));
  if (!parsed.problems.empty()) return fail(Errc::bad_format, form::visible(file) + ": " + form::problem_line(parsed.problems[0], language_of(context)));
  if (!parsed.root.is(form::Value::Kind::object)) return fail(Errc::bad_format, form::visible(file) + ": not a form");
  return std::move(parsed.root);
}

Result<void> form_facts(const std::string& file, const std::string& country, const Context& context) {
  if (!country.empty() && country.size() != 2) return fail(Errc::invalid_argument, "--country: two letters, for example KE");
  LIAISON_TRY(const form::Value root, load_form(context, file));
  const auto proposals = form::propose_facts(root, country, wall_now());
  if (context.json) print_json(context, proposals_as_json(proposals));
  else print_proposals(context, proposals);
  return {};
}

}  // namespace

Action bind_form_facts(Options& options) {
  struct Facts { std::string file, country; };
  auto facts = std::make_shared<Facts>();
  options.text("FILE", facts->file, "form file (.json) or message (.bin)", Need::required);
  options.text("--country", facts->country, "country from which nationality is seen, for example KE; without it, own or other is not told");
  return [facts](Context& context) { return finish(context, form_facts(facts->file, facts->country, context)); };
}

}  // namespace liaison::cli
