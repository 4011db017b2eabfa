// The embedded lists, parsed at first use (lists.h). A broken shipped list is our own broken rule and asserts.
#include "core/form/lists.h"

#include <map>

#include "core/base/result.h"
#include "core/form/species.h"
#include "schemas/embedded.h"

namespace liaison::form {
namespace {

const std::map<std::string, std::string, std::less<>>& countries() {
  static const std::map<std::string, std::string, std::less<>> table = [] {
    std::map<std::string, std::string, std::less<>> out;
    for (const std::string_view line : split_lines(schemas::embedded("countries.csv"))) {
      const auto fields = parse_csv_line(line);
      if (!line.starts_with('#') && fields.size() >= 2 && fields[0].size() == 2) out.emplace(fields[0], fields[1]);
    }
    liaison_assert(out.size() > 200);
    return out;
  }();
  return table;
}

}  // namespace

std::vector<std::string> parse_csv_line(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

bool is_country(std::string_view code) { return countries().contains(code); }

std::string_view country_name(std::string_view code) {
  const auto found = countries().find(code);
  return found == countries().end() ? std::string_view() : std::string_view(found->second);
}

const SpeciesList& shipped_species() {
  static const SpeciesList list = [] {
    auto parsed = SpeciesList::parse(schemas::embedded("species.csv"), {"shipped extract", {}});
    liaison_assert(parsed);
    return std::move(*parsed);
  }();
  return list;
}

}  // namespace liaison::form
