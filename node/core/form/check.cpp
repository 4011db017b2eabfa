// Gaps, fills and species checks over the tree of a form (check.h). One walk over the form's items serves reading and filling. Pure.
#include "core/form/check.h"

#include <algorithm>
#include <functional>

#include "core/form/message.h"
#include "core/form/shape.h"
#include "core/form/text.h"

namespace liaison::form {
namespace {

// Calls `visit(field, object, path, number)` for every text item of the form and of every listed person and company, in sequence.
template <class Object, class Visit>
void for_each_text_item(Object& root, const Visit& visit) {
  if (!root.is(Value::Kind::object)) return;
  for (const Field& field : ecomessage().fields) {
    if (field.item.empty()) continue;
    if (field.kind == FieldKind::text) {
      if (!ecomessage().find_item(field.item, FieldKind::table_list)) visit(field, root, std::string(), 0U);
      continue;
    }
    auto* list = root.find(field.item);
    if (!list || !list->is(Value::Kind::array)) continue;
    for (std::size_t i = 0; i < list->elements.size(); ++i) {
      if (!list->elements[i].is(Value::Kind::object)) continue;
      const std::string path = field.item + "[" + std::to_string(i) + "].";
      for (const Field& inner : field.table->fields) {
        if (!inner.item.empty()) visit(inner, list->elements[i], path, static_cast<std::uint32_t>(i + 1));
      }
    }
  }
}

bool is_gap(const Value* value) {
  if (!value) return true;
  return value->is(Value::Kind::string) && is_blank(value->text);
}

bool must_be_stated(const MustState& must, const std::string& item) {
  return std::find(must.items.begin(), must.items.end(), item) != must.items.end();
}

const Value* contraband_lines(const Value& root) {
  const Value* facts = root.find("structured");
  const Value* lines = facts ? facts->find("contraband") : nullptr;
  return lines && lines->is(Value::Kind::array) ? lines : nullptr;
}

Value make_species_check(const std::string& species, const SpeciesList& list) {
  Value check = Value::object();
  const SpeciesList::Entry* entry = list.find(species);
  check.add("status", Value::string(entry ? "in_list" : "not_in_list"));
  check.add("list", Value::string(list.name()));
  check.add("list_date", Value::string(list.date()));
  if (entry) {
    check.add("listed_appendix", Value::string(entry->appendix));
  } else if (const auto names = list.nearest(species); !names.empty()) {
    Value& nearest = check.add("nearest", Value::array());
    for (const std::string& name : names) nearest.elements.push_back(Value::string(name));
  }
  return check;
}

std::string text_of(const Value& object, std::string_view key) {
  const Value* value = object.find(key);
  return value && value->is(Value::Kind::string) ? value->text : std::string();
}

std::string joined(const Value* list) {
  std::string out;
  if (!list) return out;
  for (const Value& element : list->elements) out += (out.empty() ? "" : ", ") + element.text;
  return out;
}

}  // namespace

const MustState& default_must_state() {
  static const MustState must = [] {
    MustState out;
    const auto collect = [&out](const Table& table) {
      for (const Field& field : table.fields) {
        if (field.must_state) out.items.push_back(field.item);
      }
    };
    collect(ecomessage());
    for (const Field& field : ecomessage().fields) {
      if (field.kind == FieldKind::table_list && !field.item.empty()) collect(*field.table);
    }
    return out;
  }();
  return must;
}

bool is_item(std::string_view item) {
  if (ecomessage().find_item(item)) return true;
  return std::any_of(ecomessage().fields.begin(), ecomessage().fields.end(), [&](const Field& field) {
    return field.kind == FieldKind::table_list && !field.item.empty() && field.table->find_item(item);
  });
}

std::vector<Problem> find_gaps(const Value& root, const MustState& must) {
  std::vector<Problem> gaps;
  for_each_text_item(root, [&](const Field& field, const Value& object, const std::string& path, std::uint32_t number) {
    if (!must_be_stated(must, field.item)) return;
    const Value* value = object.find(field.item);
    if (is_gap(value)) gaps.push_back(Problem{ProblemCode::missing, field.item, number, path + field.item, value ? value->place : object.place, {}});
  });
  return gaps;
}

void fill_gaps(Value& root, std::string_view language, const MustState& must) {
  for_each_text_item(root, [&](const Field& field, Value& object, const std::string&, std::uint32_t) {
    Value* value = object.find(field.item);
    if (!must_be_stated(must, field.item) || !is_gap(value)) return;
    Value word = Value::string(std::string(unknown_word(language)));
    if (value) {
      *value = std::move(word);
    } else {
      object.add(field.item, std::move(word));
    }
  });
}

void attach_species_checks(Value& root, const SpeciesList& list) {
  Value* facts = root.find("structured");
  Value* lines = facts ? facts->find("contraband") : nullptr;
  if (!lines || !lines->is(Value::Kind::array)) return;
  for (Value& line : lines->elements) {
    std::erase_if(line.members, [](const Member& member) { return member.key == "species_check"; });
    const std::string species = text_of(line, "species");
    if (!line.is(Value::Kind::object) || is_blank(species) || is_unknown(species)) continue;
    line.add("species_check", make_species_check(species, list)).place = line.place;
  }
}

std::vector<Problem> find_flags(const Value& root) {
  std::vector<Problem> flags;
  const Value* lines = contraband_lines(root);
  for (std::size_t i = 0; lines && i < lines->elements.size(); ++i) {
    const Value& line = lines->elements[i];
    const Value* check = line.find("species_check");
    if (!check || !check->is(Value::Kind::object)) continue;
    const Value* species = line.find("species");
    Problem flag{ProblemCode::species_not_in_list, "4.1", static_cast<std::uint32_t>(i + 1),
                 "structured.contraband[" + std::to_string(i) + "].species", species ? species->place : line.place, {}};
    const std::string name = visible(text_of(line, "species"));
    const std::string date = visible(text_of(*check, "list_date"));
    const std::string stated = text_of(line, "appendix");
    const std::string listed = text_of(*check, "listed_appendix");
    if (text_of(*check, "status") == "not_in_list") {
      flag.args = {name, date, visible(joined(check->find("nearest")))};
      flags.push_back(std::move(flag));
    } else if (!stated.empty() && !listed.empty() && stated != listed && !is_unknown(stated)) {
      flag.code = ProblemCode::appendix_differs;
      flag.args = {name, visible(stated), visible(listed), date};
      flags.push_back(std::move(flag));
    }
  }
  return flags;
}

Result<Checked> check_message(ByteView message, const MustState& must) {
  LIAISON_TRY(const Value root, read_message(message));
  return Checked{find_gaps(root, must), find_flags(root)};
}

}  // namespace liaison::form
