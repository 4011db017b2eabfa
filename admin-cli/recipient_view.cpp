// See recipient_view.h. Texts of messages go through form::view_text; names of fields, rules and laws are made visible by the table.
#include "admin-cli/recipient_view.h"

#include <algorithm>
#include <ostream>

#include "admin-cli/node_client.h"
#include "admin-cli/print.h"
#include "core/form/text.h"
#include "core/form/view.h"

namespace liaison::cli {
namespace {

bool stays_back(const api::FieldDecision& field) { return string_of(field.effect()) != "disclose"; }

Result<std::vector<form::ViewLine>> lines_of(const Context& context, const api::RecipientView& view, const std::string& agency) {
  form::Picture picture;
  if (view.fields() != nullptr)
    for (const auto* field : *view.fields()) {
      const std::string effect = string_of(field->effect());
      if (effect == "withhold" || effect == "refer") picture.withheld.push_back({to_bytes(bytes_of(field->path())), agency, string_of(field->public_basis())});
    }
  return form::view_lines(bytes_of(view.message()), picture, language_of(context));
}

form::Value json_field(const api::FieldDecision& field) {
  form::Value one = form::Value::object();
  one.add("item", json_text(string_of(field.item())));
  one.add("name", json_text(string_of(field.name())));
  one.add("effect", json_text(string_of(field.effect())));
  one.add("rule", json_text(string_of(field.rule())));
  one.add("basis", json_text(string_of(field.basis())));
  one.add("public_basis", json_text(string_of(field.public_basis())));
  if (!string_of(field.value()).empty()) one.add("value", json_text(string_of(field.value())));
  return one;
}

form::Value json_repeat(const api::Repetition& repeat) {
  form::Value one = form::Value::object();
  one.add("item", json_text(string_of(repeat.item())));
  one.add("name", json_text(string_of(repeat.name())));
  one.add("offset", json_number(repeat.offset()));
  one.add("held_item", json_text(string_of(repeat.held_item())));
  one.add("held_name", json_text(string_of(repeat.held_name())));
  return one;
}

std::string place(const flatbuffers::String* item, const flatbuffers::String* name) {
  const std::string number = string_of(item);
  return number.empty() ? string_of(name) : number + " (" + string_of(name) + ")";
}

void print_fields(const Context& context, const api::RecipientView& view) {
  if (view.fields() == nullptr) return;
  Table table{{"ITEM", "FIELD", "EFFECT", "RULE", "BASIS", "RECIPIENT READS"}, {}};
  for (const auto* field : *view.fields()) {
    if (!stays_back(*field)) continue;
    table.rows.push_back({string_of(field->item()), string_of(field->name()), string_of(field->effect()), string_of(field->rule()), string_of(field->basis()), string_of(field->public_basis())});
  }
  if (table.rows.empty()) return;
  context.out() << "\n";
  print_table(context, table, "");
}

// "persons[0].family_name" as a policy names it.
std::string without_numbers(const std::string& name) {
  std::string out;
  for (const char c : name)
    if (out.empty() || out.back() != '[' || c == ']') out += c;
  return out;
}

}  // namespace

std::string recipient_summary(const api::RecipientView& view) {
  std::size_t withheld = 0, opaque = 0, referred = 0;
  if (view.fields() != nullptr)
    for (const auto* field : *view.fields()) {
      const std::string effect = string_of(field->effect());
      withheld += effect == "withhold" ? 1 : 0;
      opaque += effect == "opaque" ? 1 : 0;
      referred += effect == "refer" ? 1 : 0;
    }
  std::string out = std::to_string(withheld) + " values withheld, " + std::to_string(opaque) + " hidden without a mark";
  if (referred > 0) out += ", " + std::to_string(referred) + " wait for a person's decision";
  if (view.repeats() != nullptr && view.repeats()->size() > 0) out += ", " + std::to_string(view.repeats()->size()) + " places repeat a withheld value";
  if (!string_of(view.refusal()).empty()) out += ", would be refused";
  return out;
}

void print_values(const Context& context, const api::RecipientView& view, const std::vector<std::string>& fields) {
  Pairs values;
  if (view.fields() != nullptr)
    for (const auto* field : *view.fields())
      if (std::find(fields.begin(), fields.end(), without_numbers(string_of(field->name()))) != fields.end())
        values.emplace_back("  " + place(field->item(), field->name()), string_of(field->value()));
  if (values.empty()) return;
  context.out() << "\n" << word(context, "waiting_values") << "\n";
  print_pairs(context, values);
}

Result<void> print_recipient_view(const Context& context, const api::RecipientView& view, const std::string& agency) {
  LIAISON_TRY(const auto lines, lines_of(context, view, agency));
  context.out() << form::view_text(lines);
  print_fields(context, view);
  const std::string explanation = string_of(view.explanation());
  if (!explanation.empty()) context.out() << "\n" << form::visible(explanation, true) << (explanation.ends_with('\n') ? "" : "\n");
  if (view.repeats() != nullptr)
    for (const auto* repeat : *view.repeats())
      context.out() << toned(context, Tone::warning, form::visible("! a value withheld from " + place(repeat->held_item(), repeat->held_name()) + " stands again in " +
                                                                   place(repeat->item(), repeat->name()) + ", at character " + std::to_string(repeat->offset()))) << "\n";
  if (!string_of(view.refusal()).empty()) context.out() << toned(context, Tone::bad, form::visible("! " + string_of(view.refusal()), true)) << "\n";
  return {};
}

Result<form::Value> json_recipient_view(const Context& context, const api::RecipientView& view, const std::string& agency) {
  LIAISON_TRY(const auto lines, lines_of(context, view, agency));
  form::Value root = form::Value::object();
  root.add("agency", json_text(string_of(view.agency())));
  root.add("waits", json_truth(view.waits()));
  root.add("refusal", json_text(string_of(view.refusal())));
  root.add("form", json_lines(lines));
  form::Value fields = form::Value::array(), repeats = form::Value::array();
  if (view.fields() != nullptr)
    for (const auto* field : *view.fields()) fields.elements.push_back(json_field(*field));
  if (view.repeats() != nullptr)
    for (const auto* repeat : *view.repeats()) repeats.elements.push_back(json_repeat(*repeat));
  root.add("fields", std::move(fields));
  root.add("repeats", std::move(repeats));
  root.add("explanation", json_text(string_of(view.explanation())));
  return root;
}

}  // namespace liaison::cli
