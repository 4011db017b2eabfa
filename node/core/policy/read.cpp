// From the checked source tree to PolicyText: identifiers, bases, effects, condition values. Every error names the line and what to write instead.
#include <algorithm>
#include <set>

#include "core/policy/text.h"
#include "schemas/embedded.h"

namespace liaison::policy {
namespace {

std::string in_quotes(std::string_view chars) { return "\"" + std::string(chars) + "\""; }

bool is_country(std::string_view code) {
  static const std::set<std::string, std::less<>> codes = [] {
    std::set<std::string, std::less<>> out{"int"};
    std::string_view rest = schemas::embedded("countries.csv");
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      const auto line = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      if (line.size() < 3 || line[2] != ',') continue;
      out.insert({static_cast<char>(line[0] - 'A' + 'a'), static_cast<char>(line[1] - 'A' + 'a')});
    }
    return out;
  }();
  return codes.contains(code);
}

Result<std::vector<std::string>> sorted_list(const SourceNode& list, std::string_view key) {
  auto out = read_strings(list);
  if (list.stated() && out.empty()) return source_error(list.line, in_quotes(key) + " lists nothing, so it can never hold", "list a value or leave the key out");
  std::sort(out.begin(), out.end());
  if (const auto twice = std::adjacent_find(out.begin(), out.end()); twice != out.end()) return source_error(list.line, in_quotes(key) + " lists " + in_quotes(*twice) + " twice", "keep one");
  return out;
}

Result<std::vector<std::string>> countries(const SourceNode& list, std::string_view key) {
  for (const auto& item : list.items)
    if (!is_country(item.text)) return source_error(item.line, in_quotes(item.text) + " is no country", "write the two letters of ISO 3166 in lower case, or \"int\"");
  return sorted_list(list, key);
}

Result<std::vector<std::string>> kinds(const SourceNode& list) {
  for (const auto& item : list.items) {
    const auto& known = shipped_fields();
    if (std::none_of(known.begin(), known.end(), [&](const FieldTable& table) { return table.kind() == item.text; }))
      return source_error(item.line, "unknown record kind " + in_quotes(item.text), "there is: " + known.front().kind());
  }
  return sorted_list(list, "kind");
}

Result<void> read_condition(const SourceNode& list, Dim dim, std::string_view key, When& when) {
  if (!list.stated()) return {};
  Condition condition{dim, 0, 0};
  LIAISON_TRY(condition.written, read_values(list, dim, key));
  settle(condition, when.leaning);
  if (when.leaning == Leaning::permissive && (condition.written & unknown_value) != 0)
    return source_error(list.line, in_quotes(key) + " lists \"unknown\" in a rule that permits, which never matches what is not known", "remove it, or use a rule that restricts");
  when.conditions.push_back(condition);
  return {};
}

struct PartyKeys { std::string_view agency, country, group, classes; };
constexpr PartyKeys recipient_keys{"recipient", "recipient_country", "recipient_group", "recipient_class"};
constexpr PartyKeys sender_keys{"sender", "sender_country", "sender_group", "sender_class"};

Result<When> read_when(const SourceNode& node, Leaning leaning, const PartyKeys& party) {
  When when;
  when.leaning = leaning;
  for (std::size_t i = 0; i < dim_count; ++i) {
    const auto dim = static_cast<Dim>(i);
    const auto key = dim == Dim::recipient_class ? party.classes : key_of(dim);
    LIAISON_CHECK(read_condition(node[key], dim, key, when));
  }
  LIAISON_TRY(when.kinds, kinds(node["kind"]));
  LIAISON_TRY(when.recipients, read_agencies(node[party.agency]));
  LIAISON_CHECK(sorted_list(node[party.agency], party.agency));
  LIAISON_TRY(when.countries, countries(node[party.country], party.country));
  LIAISON_TRY(when.groups, sorted_list(node[party.group], party.group));
  return when;
}

class PolicyReader {
 public:
  explicit PolicyReader(const SourceNode& file) : file_(file) {}

  Result<PolicyText> run() {
    out_.name = file_["policy"].text;
    out_.version = file_["version"].number();
    if (!crypto::is_token(out_.name)) return source_error(file_["policy"].line, "the policy has no name", "state \"policy\": letters, digits and - without blanks");
    if (out_.version == 0) return source_error(file_["version"].line, "the policy has no version", "state \"version\", from 1");
    out_.relays = file_["relays"].is_true();
    LIAISON_CHECK(bases());
    LIAISON_TRY(out_.default_basis, basis(file_["default_basis"], file_.line, "default_basis"));
    LIAISON_CHECK(rules());
    out_.reviewed_default.paths = read_strings(file_["reviewed_default"]);
    out_.reviewed_line = file_["reviewed_default"].line;
    LIAISON_CHECK(never());
    LIAISON_CHECK(screening());
    LIAISON_CHECK(adequate());
    return std::move(out_);
  }

 private:
  Result<void> bases() {
    for (const auto& node : file_["bases"].items) {
      Basis basis{node["id"].text, node["text"].text, node["public"].text};
      if (!crypto::is_token(basis.id)) return source_error(node.line, "a basis without id", "give it an \"id\" without blanks");
      if (basis.text.empty()) return source_error(node.line, "basis " + basis.id + " has no text", "name the law and the section under \"text\"");
      if (!crypto::is_token(basis.shown)) return source_error(node.line, "basis " + basis.id + " has no public category", "state \"public\": a code without blanks that tells nothing of the facts");
      for (const auto& other : out_.bases)
        if (other.id == basis.id) return source_error(node.line, "basis " + basis.id + " stands twice", "keep one");
      out_.bases.push_back(std::move(basis));
    }
    if (out_.bases.empty()) return source_error(file_.line, "no bases", "state the legal basis of every rule under \"bases\"");
    return {};
  }

  Result<std::size_t> basis(const SourceNode& node, int line, const std::string& whose) {
    for (std::size_t i = 0; i < out_.bases.size(); ++i)
      if (node.stated() && out_.bases[i].id == node.text) return i;
    if (!node.stated()) return source_error(line, whose + " names no basis", "name one of \"bases\"");
    return source_error(node.line, whose + " names an unknown basis " + in_quotes(node.text), "add it to \"bases\"");
  }

  Result<Selection> selection(const SourceNode& node, const std::string& whose) {
    Selection out{read_strings(node["paths"]), read_strings(node["categories"]), read_strings(node["items"])};
    if (out.paths.empty() && out.categories.empty() && out.items.empty()) return source_error(node.line, whose + " covers no fields", "state \"paths\", \"categories\" or \"items\"");
    LIAISON_CHECK(check_selection(node));
    return out;
  }

  Result<void> check_selection(const SourceNode& node) {
    const auto known = [](const SourceNode& item, const auto& resolve) {
      const auto& tables = shipped_fields();
      return std::any_of(tables.begin(), tables.end(), [&](const FieldTable& table) {
        const FieldSet found = resolve(table, item.text);
        return std::find(found.begin(), found.end(), true) != found.end();
      });
    };
    for (const auto& item : node["paths"].items)
      if (!known(item, [](const FieldTable& table, const std::string& name) { return table.by_path(name); }))
        return source_error(item.line, "unknown path " + in_quotes(item.text), "write a path of the schema: [] after a list, .** for everything below, #name for a derived value" + nearest(item.text));
    for (const auto& item : node["categories"].items)
      if (!known(item, [](const FieldTable& table, const std::string& name) { return table.by_category(name); }))
        return source_error(item.line, "unknown category " + in_quotes(item.text), "take one of schemas/README.md, such as person.name");
    for (const auto& item : node["items"].items)
      if (!known(item, [](const FieldTable& table, const std::string& name) { return table.by_item(name); }))
        return source_error(item.line, "unknown form item " + in_quotes(item.text), "write a number of the form, such as 5.b, or 5 for all of it");
    return {};
  }

  // The field whose last name is the same, if there is one.
  static std::string nearest(std::string_view path) {
    const auto last = path.substr(path.find_last_of('.') == std::string_view::npos ? 0 : path.find_last_of('.') + 1);
    for (const FieldTable& table : shipped_fields())
      for (const Field& field : table.fields())
        if (!last.empty() && field.name.ends_with(last)) return " (perhaps " + field.name + ")";
    return {};
  }

  Result<void> rules() {
    out_.rules_line = file_["rules"].line;
    for (const auto& node : file_["rules"].items) {
      Rule rule;
      rule.id = node["id"].text;
      rule.line = node.line;
      if (!crypto::is_token(rule.id)) return source_error(node.line, "a rule without id", "give it an \"id\" without blanks");
      for (const auto& other : out_.rules)
        if (other.id == rule.id) return source_error(node.line, "rule " + rule.id + " stands twice, first in line " + std::to_string(other.line), "rename one");
      const auto effect = find_effect(node["effect"].text);
      if (!effect) return source_error(node["effect"].stated() ? node["effect"].line : node.line, "rule " + rule.id + " has no known effect", "write opaque, withhold, refer or disclose");
      rule.effect = *effect;
      const std::string whose = "rule " + rule.id;
      LIAISON_TRY(rule.selection, selection(node, whose));
      LIAISON_TRY(rule.when, read_when(node["when"], rule.effect == Effect::disclose ? Leaning::permissive : Leaning::restrictive, recipient_keys));
      LIAISON_TRY(rule.basis, basis(node["basis"], node.line, whose));
      LIAISON_CHECK(referral(node, rule));
      out_.rules.push_back(std::move(rule));
    }
    if (out_.rules.empty()) return source_error(file_.line, "no rules", "state at least one rule");
    return {};
  }

  Result<void> referral(const SourceNode& node, Rule& rule) {
    for (const auto* key : {"approvals", "emergency", "review_within_hours"})
      if (node[key].stated() && rule.effect != Effect::refer) return source_error(node[key].line, in_quotes(key) + " belongs to a rule that refers", "remove it");
    rule.approvals = node["approvals"].stated() ? static_cast<unsigned>(std::min<std::uint64_t>(node["approvals"].number(), 9)) : 1;
    if (rule.approvals < 1 || rule.approvals > 2) return source_error(node["approvals"].line, "approvals is neither 1 nor 2", "write how many persons must agree");
    rule.emergency = node["emergency"].is_true();
    rule.review_within = std::chrono::hours(static_cast<std::int64_t>(std::min<std::uint64_t>(node["review_within_hours"].number(), 8760)));
    if (rule.emergency != (rule.review_within.count() > 0)) return source_error(node.line, "rule " + rule.id + ": an emergency release needs a review, and only it", "state \"emergency\": true together with \"review_within_hours\"");
    return {};
  }

  Result<void> never() {
    for (const auto& node : file_["never"].items) {
      Never never;
      never.line = node.line;
      LIAISON_TRY(never.selection, selection(node, "never"));
      LIAISON_TRY(never.when, read_when(node["when"], Leaning::restrictive, recipient_keys));
      if (const auto& outside = node["outside"]; outside.stated()) {
        const auto value = find_value(Dim::recipient_class, outside.text);
        if (!value || *value == 0) return source_error(outside.line, "unknown recipient class " + in_quotes(outside.text), "there are: " + list_names(Dim::recipient_class, all_values(Dim::recipient_class) & ~unknown_value));
        never.outside = Classes{1} << *value;
      }
      out_.never.push_back(std::move(never));
    }
    return {};
  }

  Result<void> screening() {
    const auto verdict = [](const SourceNode& node) -> std::optional<Screen> {
      for (const Screen value : {Screen::accept, Screen::hold, Screen::refuse})
        if (node.text == name(value)) return value;
      return std::nullopt;
    };
    for (const auto& node : file_["screening"].items) {
      ScreenRule rule{node["id"].text, node.line, {}, {}, node["when"]["larger_than_bytes"].number(), node["reason"].text};
      if (!crypto::is_token(rule.id)) return source_error(node.line, "a screening rule without id", "give it an \"id\" without blanks");
      for (const auto& other : out_.screening)
        if (other.id == rule.id) return source_error(node.line, "screening rule " + rule.id + " stands twice", "rename one");
      const auto effect = verdict(node["effect"]);
      if (!effect) return source_error(node.line, "screening rule " + rule.id + " has no known effect", "write accept, hold or refuse");
      rule.effect = *effect;
      if (rule.effect != Screen::accept && !crypto::is_token(rule.reason)) return source_error(node.line, "screening rule " + rule.id + " has no reason", "state \"reason\": a code without blanks that goes back to the sender");
      LIAISON_TRY(rule.when, read_when(node["when"], rule.effect == Screen::accept ? Leaning::permissive : Leaning::restrictive, sender_keys));
      out_.screening.push_back(std::move(rule));
    }
    const auto& fallback = file_["screening_default"];
    if (!fallback.stated() && !out_.screening.empty()) return source_error(file_["screening"].line, "no \"screening_default\"", "say what happens to a record that no screening rule matches: accept, hold or refuse");
    if (!fallback.stated()) return {};
    const auto value = verdict(fallback);
    if (!value) return source_error(fallback.line, "screening_default has no known effect", "write accept, hold or refuse");
    out_.screening_default = *value;
    return {};
  }

  Result<void> adequate() {
    for (const auto& item : file_["adequate"].items) {
      if (!is_country(item.text) && !(item.text.find('.') != std::string::npos && is_agency_id(item.text)))
        return source_error(item.line, in_quotes(item.text) + " is neither a country nor an agency", "write two letters of ISO 3166 in lower case, or an agency id");
    }
    LIAISON_TRY(out_.adequate, sorted_list(file_["adequate"], "adequate"));
    return {};
  }

  const SourceNode& file_;
  PolicyText out_;
};

}  // namespace

std::vector<std::string> read_strings(const SourceNode& list) {
  std::vector<std::string> out;
  for (const auto& item : list.items) out.push_back(item.text);
  return out;
}

Result<Values> read_values(const SourceNode& list, Dim dim, std::string_view key) {
  LIAISON_CHECK(sorted_list(list, key));
  Values out = 0;
  for (const auto& item : list.items) {
    const auto value = find_value(dim, item.text);
    if (!value) return source_error(item.line, in_quotes(key) + " has no value " + in_quotes(item.text), "there are: " + list_names(dim, all_values(dim)));
    out |= Values{1} << *value;
  }
  return out;
}

Result<std::vector<std::string>> read_agencies(const SourceNode& list) {
  std::vector<std::string> out = read_strings(list);
  for (const auto& item : list.items)
    if (item.text.find('.') == std::string::npos || !is_agency_id(item.text)) return source_error(item.line, in_quotes(item.text) + " is no agency id", "write it as in the directory, such as ke.customs");
  std::sort(out.begin(), out.end());
  return out;
}

Result<PolicyText> read_policy(const SourceNode& file) { return PolicyReader(file).run(); }

}  // namespace liaison::policy
