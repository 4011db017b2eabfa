// See form_commands.h. Reads and writes files here; everything else is core/form.
#include "admin-cli/form_commands.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>

#include "core/base/limits.h"
#include "core/form/export.h"
#include "core/form/import.h"
#include "core/form/json_reader.h"
#include "core/form/labels.h"
#include "core/form/lists.h"
#include "core/form/message.h"
#include "core/form/text.h"

namespace liaison::cli {
namespace {

using form::Import;
using form::Problem;
using form::Value;

constexpr std::size_t species_file_bytes_max = 64 << 20;

int exit_code(FormExit code) { return static_cast<int>(code); }

std::string language_of(const FormContext& context) {
  std::vector<std::string> environment;
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    environment.emplace_back(value ? value : "");
  }
  return form::choose_language(context.language, environment);
}

// One sentence of labels.json with {0} and {1} replaced.
std::string say(std::string_view key, std::string_view language, const std::string& first, const std::string& second = {}) {
  return form::filled(form::phrase(key, language), {first, second});
}

int refuse(const FormContext& context, std::string_view key, const std::string& first, const std::string& second = {}) {
  context.err << say(key, language_of(context), form::visible(first), second) << '\n';
  return exit_code(FormExit::usage_or_file);
}

bool has_usable_language(const FormContext& context) { return context.language.empty() || form::is_language(context.language); }

std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) || error) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string bytes(bytes_max + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad() || (!file && !file.eof())) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

// Beside the target first, then renamed over it: a full disk leaves the old file. Readable by its owner only, since forms name persons.
bool write_file(const std::string& path, std::string_view bytes) {
  const std::string part = path + ".part";
  std::error_code error;
  {
    std::ofstream file(part, std::ios::binary | std::ios::trunc);
    if (!file) return false;
    std::filesystem::permissions(part, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.flush();
    if (!file || error) {
      file.close();
      std::filesystem::remove(part, error);
      return false;
    }
  }
  std::filesystem::rename(part, path, error);
  if (!error) return true;
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  return false;
}

enum class FileKind { json, binary };
std::optional<FileKind> kind_of(const std::string& path) {
  if (path.ends_with(".json")) return FileKind::json;
  if (path.ends_with(".bin")) return FileKind::binary;
  return std::nullopt;
}

// The list named on the command line; nullopt: not usable, and the reason has been written.
std::optional<form::SpeciesList> load_species(const SpeciesSource& source, const FormContext& context) {
  const auto bytes = read_file(source.file, species_file_bytes_max);
  if (!bytes) {
    refuse(context, "cannot_read", source.file);
    return std::nullopt;
  }
  auto list = form::SpeciesList::parse(*bytes, {std::filesystem::path(source.file).filename().string(), source.date});
  if (list) return std::move(*list);
  refuse(context, "bad_species_list", source.file, list.error().message());
  return std::nullopt;
}

// A .json or .bin file as import sees it.
struct Loaded {
  Import import;
  int failed = 0;  // exit code when the file could not be read at all
};
struct LoadOptions {
  SpeciesSource species;
  const form::MustState* must = nullptr;
  bool fill_unknown = false;
};
// Fills the gaps of a message that has passed check_message; its species checks stay as its sender made them.
void refill(Import& import, std::string_view language) {
  auto root = form::read_message(*import.message);
  if (!root) return;
  form::fill_gaps(*root, language);
  form::Built built = form::build_message(*root);
  import.problems = std::move(built.problems);
  import.gaps.clear();
  if (built.message) import.message = std::move(built.message);
}
Loaded load(const std::string& path, const LoadOptions& options, const FormContext& context) {
  const auto kind = kind_of(path);
  if (!kind) return {{}, refuse(context, "which_extension", path)};
  const auto bytes = read_file(path, limits::form_file_bytes_max);
  if (!bytes) return {{}, refuse(context, "cannot_read", path)};
  Loaded out;
  if (*kind == FileKind::binary) {
    const auto checked = form::check_message(view(*bytes), options.must ? *options.must : form::default_must_state());
    if (!checked) {
      context.err << say("not_a_message", language_of(context), form::visible(path), checked.error().message()) << '\n';
      return {{}, exit_code(FormExit::message_has_problems)};
    }
    out.import.message = to_bytes(*bytes);
    out.import.gaps = checked->gaps;
    out.import.flags = checked->flags;
    if (options.fill_unknown) refill(out.import, language_of(context));
    return out;
  }
  std::optional<form::SpeciesList> list;
  if (!options.species.file.empty()) {
    list = load_species(options.species, context);
    if (!list) return {{}, exit_code(FormExit::usage_or_file)};
  }
  form::ImportOptions how{list ? &*list : nullptr, options.must, {}};
  if (options.fill_unknown) how.fill_unknown = language_of(context);
  out.import = form::import_json(*bytes, how);
  return out;
}

void print_problems(const std::vector<Problem>& problems, std::string_view mark, std::ostream& to, std::string_view language) {
  for (const Problem& problem : problems) to << mark << form::problem_line(problem, language) << '\n';
}

Value problems_as_json(const std::vector<Problem>& problems, std::string_view language) {
  Value list = Value::array();
  for (const Problem& problem : problems) {
    Value one = Value::object();
    one.add("code", Value::string(std::string(form::name(problem.code))));
    one.add("item", Value::string(problem.item));
    one.add("number", Value::number(std::to_string(problem.number)));
    one.add("path", Value::string(problem.path));
    one.add("line", Value::number(std::to_string(problem.place.line)));
    one.add("column", Value::number(std::to_string(problem.place.column)));
    one.add("text", Value::string(form::problem_text(problem, language)));
    list.elements.push_back(std::move(one));
  }
  return list;
}

void print_check(const FormCheck& command, const Import& import, const FormContext& context) {
  const std::string language = language_of(context);
  if (command.json) {
    Value root = Value::object();
    Value complete;
    complete.kind = Value::Kind::boolean;
    complete.truth = import.is_complete();
    root.add("file", Value::string(form::visible(command.file)));
    root.add("complete", std::move(complete));
    root.add("problems", problems_as_json(import.problems, language));
    root.add("gaps", problems_as_json(import.gaps, language));
    root.add("flags", problems_as_json(import.flags, language));
    context.out << form::write_json(root);
    return;
  }
  const std::string file = form::visible(command.file);
  print_problems(import.problems, "", context.out, language);
  print_problems(import.gaps, "", context.out, language);
  print_problems(import.flags, "! ", context.out, language);
  if (!import.problems.empty()) context.out << say("problem_count", language, file, std::to_string(import.problems.size())) << '\n';
  if (!import.gaps.empty()) context.out << say("gap_count", language, file, std::to_string(import.gaps.size())) << '\n';
  if (import.is_complete()) context.out << say("complete", language, file) << '\n';
}

void explain_items(const Value& object, const FormContext& context, std::string_view language) {
  const auto& must = form::default_must_state().items;
  for (const form::Member& member : object.members) {
    if (member.key == "structured") continue;
    const bool stated = std::find(must.begin(), must.end(), member.key) != must.end();
    context.out << member.key << "  " << form::item_label(member.key, language);
    if (stated) context.out << " (" << form::phrase("must_be_stated", language) << ")";
    context.out << '\n';
    if (const auto help = form::item_help(member.key, language); !help.empty()) context.out << "      " << help << '\n';
    if (!member.value.elements.empty()) explain_items(member.value.elements.front(), context, language);
  }
}

}  // namespace

int form_blank(const FormBlank& command, const FormContext& context) {
  if (!has_usable_language(context)) return refuse(context, "which_language", context.language);
  if (!command.explain) {
    context.out << form::blank_form({command.persons, command.companies, command.structured});
  } else {
    explain_items(form::read_json(form::blank_form({1, 1, false})).root, context, language_of(context));
  }
  return exit_code(context.out ? FormExit::good : FormExit::usage_or_file);
}

int form_check(const FormCheck& command, const FormContext& context) {
  if (!has_usable_language(context)) return refuse(context, "which_language", context.language);
  for (const std::string& item : command.must_state) {
    if (!form::is_item(item)) return refuse(context, "which_item", item);
  }
  const form::MustState must{command.must_state};
  const Loaded loaded = load(command.file, {command.species, command.must_state.empty() ? nullptr : &must, false}, context);
  if (loaded.failed != 0) return loaded.failed;
  print_check(command, loaded.import, context);
  return exit_code(loaded.import.is_complete() ? FormExit::good : FormExit::message_has_problems);
}

int form_convert(const FormConvert& command, const FormContext& context) {
  if (!has_usable_language(context)) return refuse(context, "which_language", context.language);
  const auto target = kind_of(command.out_file);
  if (!target) return refuse(context, "which_extension", command.out_file);
  std::error_code error;
  if (std::filesystem::equivalent(command.in, command.out_file, error)) return refuse(context, "same_file", command.out_file);
  const Loaded loaded = load(command.in, {command.species, nullptr, command.fill_unknown}, context);
  if (loaded.failed != 0) return loaded.failed;
  const std::string language = language_of(context);
  const Import& import = loaded.import;
  const bool from_form = kind_of(command.in) == FileKind::json;
  print_problems(import.problems, "", context.err, language);
  if (from_form) print_problems(import.gaps, "", context.err, language);
  print_problems(import.flags, "! ", context.err, language);
  if (!import.problems.empty() || (from_form && !import.gaps.empty())) {
    const std::string_view key = import.problems.empty() ? "gap_count" : "problem_count";
    const std::size_t count = import.problems.empty() ? import.gaps.size() : import.problems.size();
    context.err << say(key, language, form::visible(command.in), std::to_string(count)) << '\n';
    return exit_code(FormExit::message_has_problems);
  }
  std::string bytes(text(*import.message));
  if (*target == FileKind::json) {
    auto exported = form::export_json(*import.message);
    if (!exported) return refuse(context, "not_a_message", command.in, exported.error().message());
    bytes = std::move(*exported);
  }
  if (!write_file(command.out_file, bytes)) return refuse(context, "cannot_write", command.out_file);
  return exit_code(FormExit::good);
}

}  // namespace liaison::cli
