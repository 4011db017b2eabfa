// The variables of the decision table and the boxes of facts that satisfy a rule's conditions. Order of variables: message, recipient, handling codes, person.
#include <algorithm>

#include "core/base/tags.h"
#include "core/merkle/sha256.h"
#include "core/policy/table.h"

namespace liaison::policy {
namespace {

constexpr std::string_view relation_key = "relation", class_key = "recipient class", somebody_key = "persons", place_key = "recipient";
constexpr std::array<std::string_view, 3> relations{"own agency", "own country", "foreign"};
constexpr std::array plain_dims{Dim::purpose, Dim::channel, Dim::level, Dim::urgency, Dim::confidentiality, Dim::offence_class, Dim::authorisation,
                                Dim::source_class, Dim::source_grade, Dim::information_grade};
constexpr std::array person_dims{Dim::status, Dim::nationality, Dim::minor};
constexpr Classes relation_classes = class_bit(RecipientClass::own_agency) | class_bit(RecipientClass::own_country);

std::vector<std::string> copy_names(std::span<const std::string_view> names) { return {names.begin(), names.end()}; }
std::string group_key(std::string_view group) { return "group " + std::string(group); }
std::string code_key(std::string_view code) { return "handling " + std::string(code); }

// Values of the class variable: every class that is no relation.
std::vector<unsigned> class_values() {
  std::vector<unsigned> out;
  for (unsigned i = 0; i < names_of(Dim::recipient_class).size(); ++i)
    if ((relation_classes >> i & 1) == 0) out.push_back(i);
  return out;
}

// Adds a constraint, intersecting with one on the same variable; false when nothing is left.
bool narrow(Box& box, const Constraint& more) {
  auto at = std::lower_bound(box.begin(), box.end(), more.variable, [](const Constraint& one, std::size_t variable) { return one.variable < variable; });
  if (at == box.end() || at->variable != more.variable) at = box.insert(at, more);
  else
    for (std::size_t i = 0; i < more.values.size(); ++i) at->values[i] = at->values[i] && more.values[i];
  return std::find(at->values.begin(), at->values.end(), true) != at->values.end();
}

// Every box with every alternative.
std::vector<Box> multiply(const std::vector<Box>& boxes, const std::vector<Box>& alternatives) {
  std::vector<Box> out;
  for (const Box& box : boxes) {
    for (const Box& alternative : alternatives) {
      Box made = box;
      if (std::all_of(alternative.begin(), alternative.end(), [&](const Constraint& one) { return narrow(made, one); })) out.push_back(std::move(made));
    }
  }
  return out;
}

// Disjoint boxes for "at least one of these yes/no variables is yes".
std::vector<Box> at_least_one(const std::vector<std::size_t>& variables) {
  std::vector<Box> out;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    Box box;
    for (std::size_t j = 0; j <= i; ++j) narrow(box, {variables[j], {j < i, j == i}});
    out.push_back(std::move(box));
  }
  return out;
}

std::vector<Variable> make_variables(const std::vector<std::string>& agencies, const std::vector<std::string>& countries, const std::vector<std::string>& groups) {
  std::vector<Variable> out;
  for (const Dim dim : plain_dims) out.push_back({std::string(key_of(dim)), copy_names(names_of(dim))});
  Variable place{std::string(place_key), agencies};
  for (const auto& country : countries) place.values.push_back("others of " + country);
  place.values.emplace_back("all others");
  out.push_back(std::move(place));
  out.push_back({std::string(relation_key), copy_names(relations)});
  Variable classes{std::string(class_key), {}};
  for (const unsigned value : class_values()) classes.values.emplace_back(names_of(Dim::recipient_class)[value]);
  out.push_back(std::move(classes));
  for (const auto& group : groups) out.push_back({group_key(group), {"no", "yes"}});
  const auto codes = names_of(Dim::handling);
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (static_cast<fb::Handling>(i) != fb::Handling::none) out.push_back({code_key(codes[i]), {"no", "yes"}});
  out.push_back({std::string(somebody_key), {"nobody", "somebody"}});
  for (const Dim dim : person_dims) out.push_back({std::string(key_of(dim)), copy_names(names_of(dim))});
  return out;
}

template <class List>
void gather(std::vector<std::string>& out, const List& list) { out.insert(out.end(), list.begin(), list.end()); }
void tidy(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

void Table::name_places(const std::vector<std::string>& names) {
  for (const auto& name : names) (name.find('.') == std::string::npos ? countries_ : agencies_).push_back(name);
}

Table::Table(std::vector<std::shared_ptr<const Policy>> policies) : policies_(std::move(policies)), diagram_({}) {
  const auto take = [&](const When& when) {
    name_places(when.recipients);
    name_places(when.countries);
    gather(groups_, when.groups);
  };
  for (const auto& policy : policies_) {
    name_places(policy->adequate());
    for (const Rule& rule : policy->rules()) take(rule.when);
    for (const Never& never : policy->never()) take(never.when);
    for (const ScreenRule& rule : policy->screening()) take(rule.when);
  }
  tidy(agencies_);
  for (const auto& agency : agencies_) countries_.emplace_back(country_of(agency));
  tidy(countries_);
  tidy(groups_);
  diagram_ = Diagram(make_variables(agencies_, countries_, groups_));
  place_ = find(place_key);
}

std::size_t Table::find(std::string_view key) const {
  const auto& variables = diagram_.variables();
  const auto found = std::find_if(variables.begin(), variables.end(), [&](const Variable& variable) { return variable.key == key; });
  liaison_assert(found != variables.end());
  return static_cast<std::size_t>(found - variables.begin());
}

Constraint Table::constrain(std::size_t variable, const std::function<bool(std::size_t)>& test) const {
  Constraint out{variable, std::vector<bool>(diagram_.variables()[variable].values.size())};
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = test(i);
  return out;
}

std::vector<Box> Table::boxes(const When& when, const Policy& policy, bool of_person_field) const {
  std::vector<Box> out{Box{}};
  const auto place_is = [&](const std::vector<std::string>& names) {
    return constrain(place_, [&](std::size_t i) {
      const bool agency = i < agencies_.size(), country = !agency && i < agencies_.size() + countries_.size();
      const auto stands = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
      return agency ? stands(agencies_[i]) || stands(country_of(agencies_[i])) : country && stands(countries_[i - agencies_.size()]);
    });
  };
  if (!when.recipients.empty()) out = multiply(out, {{place_is(when.recipients)}});
  if (!when.countries.empty()) out = multiply(out, {{place_is(when.countries)}});
  if (!when.groups.empty()) {
    std::vector<std::size_t> variables;
    for (const auto& group : when.groups) variables.push_back(find(group_key(group)));
    out = multiply(out, at_least_one(variables));
  }
  Box person;
  for (const Condition& condition : when.conditions) {
    const auto bits = [&](std::size_t i) { return (condition.holds >> i & 1) != 0; };
    if (of_person(condition.dim)) {
      narrow(person, constrain(find(key_of(condition.dim)), bits));
    } else if (condition.dim == Dim::recipient_class) {
      const auto values = class_values();
      const bool own = bits(static_cast<std::size_t>(RecipientClass::own_country)), self = bits(static_cast<std::size_t>(RecipientClass::own_agency));
      out = multiply(out, {{constrain(find(class_key), [&](std::size_t i) { return bits(values[i]); })},
                           {constrain(find(relation_key), [&](std::size_t i) { return (i == 0 && (self || own)) || (i == 1 && own); }),
                            constrain(find(class_key), [&](std::size_t i) { return !bits(values[i]); })}});
    } else if (condition.dim == Dim::adequacy) {
      const bool yes = bits(static_cast<std::size_t>(fb::Adequacy::yes)), no = bits(static_cast<std::size_t>(fb::Adequacy::no));
      const Constraint adequate = place_is(policy.adequate());
      out = multiply(out, {{constrain(find(relation_key), [&](std::size_t i) { return i < 2 && yes; })},
                           {constrain(find(relation_key), [](std::size_t i) { return i == 2; }), constrain(place_, [&](std::size_t i) { return adequate.values[i] ? yes : no; })}});
    } else if (condition.dim == Dim::handling) {
      std::vector<std::size_t> listed;
      Box nothing, none_unlisted;
      const auto codes = names_of(Dim::handling);
      for (std::size_t i = 0; i < codes.size(); ++i) {
        if (static_cast<fb::Handling>(i) == fb::Handling::none) continue;
        const std::size_t variable = find(code_key(codes[i]));
        narrow(nothing, {variable, {true, false}});
        if (bits(i)) listed.push_back(variable);
        else narrow(none_unlisted, {variable, {true, false}});
      }
      std::vector<Box> alternatives = at_least_one(listed);
      if (bits(static_cast<std::size_t>(fb::Handling::none))) alternatives.push_back(nothing);
      out = multiply(out, alternatives);
      if (when.leaning == Leaning::permissive) out = multiply(out, {none_unlisted});
    } else {
      out = multiply(out, {{constrain(find(key_of(condition.dim)), bits)}});
    }
  }
  if (person.empty()) return out;
  if (of_person_field) return multiply(out, {person});
  const std::size_t somebody = find(somebody_key);
  narrow(person, {somebody, {false, true}});
  std::vector<Box> alternatives{person};
  if (when.leaning == Leaning::permissive) alternatives.push_back({{somebody, {true, false}}});
  return multiply(out, alternatives);
}

std::vector<Box> Table::outside(std::vector<Box> boxes, Classes classes) const {
  if (classes == 0) return boxes;
  const auto values = class_values();
  const auto has = [&](RecipientClass value) { return (classes & class_bit(value)) != 0; };
  return multiply(boxes, {{constrain(find(relation_key), [&](std::size_t i) { return i == 2 || (i == 1 ? !has(RecipientClass::own_country) : (classes & relation_classes) == 0); }),
                           constrain(find(class_key), [&](std::size_t i) { return (classes >> values[i] & 1) == 0; })}});
}

std::string Table::words(const Box& box) const {
  std::string out;
  for (const Constraint& constraint : box) {
    const Variable& variable = diagram_.variables()[constraint.variable];
    const auto listed = static_cast<std::size_t>(std::count(constraint.values.begin(), constraint.values.end(), true));
    if (listed == constraint.values.size()) continue;
    const bool inverse = listed > 2 && listed * 2 > constraint.values.size();
    std::string values;
    for (std::size_t i = 0; i < constraint.values.size(); ++i)
      if (constraint.values[i] != inverse) values += (values.empty() ? "" : ", ") + variable.values[i];
    out += (out.empty() ? "" : "; ") + variable.key + (inverse ? ": anything but " : ": ") + values;
  }
  return out.empty() ? "always" : out;
}

// Of the recipient variable only the deviations count: an agency from its country, a country from all others.
Hash Table::hash(NodeId node, const std::function<std::string(std::uint32_t)>& word) {
  const auto known = hashes_.find(node);
  if (known != hashes_.end()) return known->second;
  merkle::Sha256 out;
  out.add(tags::policy_meaning);
  if (diagram_.is_constant(node)) {
    out.add_u8(0).add(word(diagram_.value(node)));
  } else {
    const Variable& variable = diagram_.variables()[diagram_.variable(node)];
    const auto& children = diagram_.children(node);
    out.add_u8(1).add(variable.key);
    const bool place = diagram_.variable(node) == place_;
    const NodeId rest = children.back();
    const auto country_child = [&](std::string_view code) {
      const auto found = std::find(countries_.begin(), countries_.end(), code);
      return found == countries_.end() ? rest : children[agencies_.size() + static_cast<std::size_t>(found - countries_.begin())];
    };
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (place && i < agencies_.size() && children[i] == country_child(country_of(agencies_[i]))) continue;
      if (place && i >= agencies_.size() && i + 1 < children.size() && children[i] == rest) continue;
      out.add_u8(2).add(variable.values[i]).add_u8(3).add(hash(children[i], word));
    }
  }
  return hashes_.emplace(node, out.finish()).first->second;
}

}  // namespace liaison::policy
