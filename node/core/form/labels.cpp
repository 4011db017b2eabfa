// Look-up in the embedded labels.json and the sentences made of it (labels.h). A broken shipped table is our own broken rule and asserts.
#include "core/form/labels.h"

#include <array>

#include "core/base/result.h"
#include "core/form/json_reader.h"
#include "core/form/text.h"
#include "schemas/embedded.h"

namespace liaison::form {
namespace {

constexpr std::array<std::string_view, 4> languages = {"en", "fr", "es", "ar"};

const Value& table() {
  static const Value root = [] {
    JsonFile file = read_json(schemas::embedded("labels.json"));
    liaison_assert(file.problems.empty() && file.root.is(Value::Kind::object));
    return std::move(file.root);
  }();
  return root;
}

std::string_view text_in(const Value* entry, std::string_view language) {
  if (!entry) return {};
  const Value* text = entry->find(language);
  if (!text) text = entry->find("en");
  return text ? std::string_view(text->text) : std::string_view();
}

std::string_view lookup(std::string_view section, std::string_view key, std::string_view language) {
  const Value* entries = table().find(section);
  return text_in(entries ? entries->find(key) : nullptr, language);
}

std::string language_of(std::string_view name) {
  std::string code(name.substr(0, name.find_first_of("_.@-")));
  for (char& c : code) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  for (const std::string_view known : languages) {
    if (code == known) return code;
  }
  return {};
}

}  // namespace

bool is_language(std::string_view name) { return !language_of(name).empty(); }

std::string choose_language(std::string_view flag, std::span<const std::string> environment) {
  if (std::string code = language_of(flag); !code.empty()) return code;
  for (const std::string& value : environment) {
    if (std::string code = language_of(value); !code.empty()) return code;
    if (!value.empty()) break;  // a locale that is set but not ours: English, as the rest of the system would not fall through either
  }
  return "en";
}

std::string_view item_label(std::string_view item, std::string_view language) { return lookup("items", item, language); }
std::string_view item_help(std::string_view item, std::string_view language) { return lookup("help", item, language); }
std::string_view phrase(std::string_view key, std::string_view language) { return lookup("phrases", key, language); }
std::string_view error_text(std::string_view code, std::string_view language) { return lookup("errors", code, language); }

std::string_view fact_label(std::string_view field, std::string_view language) {
  const std::string_view label = lookup("facts", field, language);
  return label.empty() ? field : label;
}

std::string filled(std::string_view sentence, const std::vector<std::string>& args) {
  std::string out;
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    const bool slot = sentence[i] == '{' && i + 2 < sentence.size() && sentence[i + 2] == '}' && sentence[i + 1] >= '0' && sentence[i + 1] <= '9';
    if (!slot) {
      out += sentence[i];
      continue;
    }
    const auto index = static_cast<std::size_t>(sentence[i + 1] - '0');
    if (index < args.size()) out += args[index];
    i += 2;
  }
  return out;
}

std::string problem_text(const Problem& problem, std::string_view language) {
  std::string_view key = name(problem.code);
  if (problem.code == ProblemCode::species_not_in_list && (problem.args.size() < 3 || problem.args[2].empty())) key = "species_not_in_list_alone";
  return filled(lookup("problems", key, language), problem.args);
}

std::string problem_line(const Problem& problem, std::string_view language) {
  std::string out;
  if (!problem.item.empty()) {
    out = problem.item;
    if (problem.number > 0) out += " (" + std::string(phrase("number", language)) + " " + std::to_string(problem.number) + ")";
    const std::string_view label = item_label(problem.item, language);
    if (!label.empty()) out += " " + std::string(label);
    out += ": ";
  }
  out += problem_text(problem, language);
  std::string where;
  if (problem.place.line > 0) where = filled(phrase("place", language), {std::to_string(problem.place.line), std::to_string(problem.place.column)});
  if (!problem.path.empty() && problem.path != problem.item) where += (where.empty() ? "" : ", ") + problem.path;
  return where.empty() ? out : out + " [" + where + "]";
}

}  // namespace liaison::form
