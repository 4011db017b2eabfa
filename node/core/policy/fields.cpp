// Building and asking the field table. The trie is keyed by path components without element indexes, so a leaf costs a few array look-ups.
#include "core/policy/fields.h"

#include <algorithm>

#include "core/record/path.h"

namespace liaison::policy {
namespace {

using record::Component;

// "**" covers all; "a.b.**" covers a.b and everything below; anything else is exact.
bool matches(std::string_view pattern, std::string_view name) {
  if (pattern == "**") return true;
  if (!pattern.ends_with(".**")) return pattern == name;
  const auto stem = pattern.substr(0, pattern.size() - 3);
  return name.starts_with(stem) && (name.size() == stem.size() || name[stem.size()] == '.' || name[stem.size()] == '[' || name[stem.size()] == '#');
}

bool below_item(std::string_view item, std::string_view named) {
  return item == named || (item.size() > named.size() && item.starts_with(named) && item[named.size()] == '.');
}

void add(FieldSet& out, const FieldSet& more) {
  for (std::size_t i = 0; i < out.size(); ++i)
    if (more[i]) out[i] = true;
}

template <class Test>
FieldSet select(const std::vector<Field>& fields, const Test& test) {
  FieldSet out(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) out[i] = test(fields[i]);
  return out;
}

std::uint16_t& slot(std::vector<std::uint16_t>& slots, std::size_t at) {
  if (slots.size() <= at) slots.resize(at + 1);
  return slots[at];
}

std::size_t index_of(ByteView component) { return component.size() == 3 ? component[1] * 256U + component[2] : component[1]; }

}  // namespace

std::uint16_t& FieldTable::step(std::size_t node, ByteView component) {
  switch (static_cast<Component>(component[0])) {
    case Component::element: return nodes_[node].element;
    case Component::member: return slot(nodes_[node].members, index_of(component));
    case Component::derived: return slot(nodes_[node].derived, index_of(component));
    default: return slot(nodes_[node].fields, index_of(component));
  }
}

Result<FieldTable> FieldTable::make(const record::Schema& schema) {
  FieldTable out;
  out.kind_ = schema.kind();
  out.schema_ = schema.hash();
  out.nodes_.emplace_back();
  for (const Bytes& path : schema.all_paths()) {
    LIAISON_TRY(auto facts, schema.describe(path));
    std::size_t node = 0;
    for (std::size_t at = 0; at < path.size();) {
      const std::size_t bytes = record::component_bytes(path[at]);
      const ByteView component = ByteView(path).subspan(at, bytes);
      if (out.step(node, component) == 0) {
        out.nodes_.emplace_back();
        out.step(node, component) = static_cast<std::uint16_t>(out.nodes_.size() - 1);
      }
      node = out.step(node, component);
      at += bytes;
    }
    Field field{std::move(facts.name), facts.item.empty() ? std::move(facts.twin) : std::move(facts.item), std::move(facts.category)};
    field.of_person = field.name.starts_with("persons[]");
    if (const auto mark = field.name.find('#'); mark != std::string::npos) field.base = out.find(std::string_view(field.name).substr(0, mark));
    out.nodes_[node].field = static_cast<int>(out.fields_.size());
    out.fields_.push_back(std::move(field));
  }
  for (Field& field : out.fields_) {
    field.list = field.name.ends_with("[]") || out.find(field.name + "[]") >= 0;
    field.structural = std::any_of(out.fields_.begin(), out.fields_.end(), [&](const Field& other) {
      return other.name.size() > field.name.size() && other.name.starts_with(field.name) && (other.name[field.name.size()] == '.' || other.name[field.name.size()] == '[');
    });
  }
  return out;
}

int FieldTable::find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; });
  return found == fields_.end() ? -1 : static_cast<int>(found - fields_.begin());
}

int FieldTable::locate(ByteView path) const {
  std::size_t node = 0;
  for (std::size_t at = 0; at < path.size();) {
    const Node& here = nodes_[node];
    const std::size_t bytes = record::component_bytes(path[at]);
    if (bytes == 0 || bytes > path.size() - at) return -1;
    const auto kind = static_cast<Component>(path[at]);
    std::uint16_t next = 0;
    if (kind == Component::element) {
      next = here.element;
    } else {
      const auto& slots = kind == Component::member ? here.members : kind == Component::derived ? here.derived : here.fields;
      const std::size_t index = index_of(path.subspan(at, bytes));
      next = index < slots.size() ? slots[index] : std::uint16_t{0};
    }
    if (next == 0) return -1;
    node = next;
    at += bytes;
  }
  return nodes_[node].field;
}

int FieldTable::person_of(ByteView path) {
  return path.size() >= 8 && path[3] == static_cast<std::uint8_t>(Component::element) ? static_cast<int>(path[4] << 24 | path[5] << 16 | path[6] << 8 | path[7]) : -1;
}

FieldSet FieldTable::by_path(std::string_view pattern) const {
  return select(fields_, [&](const Field& field) { return matches(pattern, field.name); });
}
FieldSet FieldTable::by_category(std::string_view category) const {
  return select(fields_, [&](const Field& field) { return field.category == category; });
}
FieldSet FieldTable::by_item(std::string_view item) const {
  return select(fields_, [&](const Field& field) { return below_item(field.item, item); });
}

// Lengths of lists and their elements are no twins: hiding one person must not hide how many there are.
void FieldTable::bind_twins(FieldSet& fields, const std::set<std::string, std::less<>>& own_rule) const {
  std::set<std::string_view> items;
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (fields[i] && fields_[i].base < 0 && !fields_[i].list && !fields_[i].item.empty()) items.insert(fields_[i].item);
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (fields_[i].base < 0 && !fields_[i].list && items.contains(fields_[i].item)) fields[i] = true;
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (fields_[i].base >= 0 && fields[static_cast<std::size_t>(fields_[i].base)] && !own_rule.contains(fields_[i].name)) fields[i] = true;
}

FieldSet FieldTable::covered(const Selection& selection, const std::set<std::string, std::less<>>& own_rule) const {
  FieldSet out(fields_.size()), named(fields_.size());
  for (const auto& path : selection.paths) add(path.ends_with("**") || path.find('#') != std::string::npos ? named : out, by_path(path));
  for (const auto& category : selection.categories) add(out, by_category(category));
  for (const auto& item : selection.items) add(out, by_item(item));
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (own_rule.contains(fields_[i].name)) out[i] = false;
  add(out, named);
  bind_twins(out, own_rule);
  return out;
}

void FieldTable::add_below(FieldSet& fields) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    if (field.base >= 0 && fields[static_cast<std::size_t>(field.base)]) fields[i] = true;
    for (auto at = field.name.find("[]"); at != std::string::npos && !fields[i]; at = field.name.find("[]", at + 2)) {
      const int list = find(std::string_view(field.name).substr(0, at));
      if (list >= 0 && fields[static_cast<std::size_t>(list)]) fields[i] = true;
    }
  }
}

const std::vector<FieldTable>& shipped_fields() {
  static const std::vector<FieldTable> tables = [] {
    std::vector<FieldTable> out;
    const auto registry = record::SchemaRegistry::shipped();
    liaison_assert(registry.has_value());
    for (const auto& schema : registry->all()) {
      auto table = FieldTable::make(*schema);
      liaison_assert(table.has_value());
      out.push_back(std::move(*table));
    }
    return out;
  }();
  return tables;
}

}  // namespace liaison::policy
