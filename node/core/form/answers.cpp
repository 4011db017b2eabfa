// apply_answers and is_askable (proposals.h): confirmed facts go into "structured" of a form. The shape says what each fact takes.
#include <algorithm>
#include <charconv>

#include "core/form/formats.h"
#include "core/form/proposals.h"
#include "core/form/shape.h"
#include "core/form/text.h"

namespace liaison::form {
namespace {

// "persons[2].birth" in parts; nullopt: no fact of that kind, or no such person.
struct Target {
  std::optional<std::size_t> person;
  const Field* field = nullptr;
};
std::optional<Target> target_of(const Value& root, std::string_view path) {
  if (path == "source_class") return Target{std::nullopt, ecomessage().find_fact(path)};
  constexpr std::string_view head = "persons[";
  if (!path.starts_with(head)) return std::nullopt;
  std::size_t number = 0;
  const char* begin = path.data() + head.size();
  const auto [end, error] = std::from_chars(begin, path.data() + path.size(), number);
  const std::string_view rest(end, static_cast<std::size_t>(path.data() + path.size() - end));
  const Value* persons = root.find("5");
  if (error != std::errc() || !rest.starts_with("].") || persons == nullptr || number >= persons->elements.size()) return std::nullopt;
  const std::string_view fact = rest.substr(2);
  for (const std::string_view known : {"nationality", "nationalities", "birth", "status"})
    if (fact == known) return Target{number, ecomessage().find_fact("persons")->table->find_fact(fact)};
  return std::nullopt;
}

// What is wrong with an answer; empty: nothing.
std::string fault_of(const Field& field, const std::vector<std::string>& values) {
  if (values.empty() || (values.size() > 1 && field.kind != FieldKind::text_list)) return "one value is needed";
  for (const auto& value : values) {
    if (field.kind == FieldKind::code && !field.codes->contains(value)) {
      std::string names;
      for (const auto& [code, number] : *field.codes) names += (names.empty() ? "" : ", ") + code;
      return "must be one of " + names;
    }
    const bool unknown = is_unknown(value);
    if (field.kind != FieldKind::code && !unknown && find_format_problem(field.format, value)) return field.format == Format::date ? "must be a date like 1981-08-17, 1981-08 or 1981" : "must be a two-letter country code";
  }
  return {};
}

Value& member(Value& object, std::string_view key, Value::Kind kind) {
  if (Value* found = object.find(key); found != nullptr && found->is(kind)) return *found;
  std::erase_if(object.members, [&](const Member& one) { return one.key == key; });
  Value value;
  value.kind = kind;
  return object.add(std::string(key), std::move(value));
}

void write(Value& root, const Target& target, const std::vector<std::string>& values) {
  Value* object = &member(root, "structured", Value::Kind::object);
  if (target.person) {
    Value& persons = member(*object, "persons", Value::Kind::array);
    if (persons.elements.size() <= *target.person) persons.elements.resize(*target.person + 1, Value::object());
    object = &persons.elements[*target.person];
  }
  Value& fact = member(*object, target.field->name, target.field->kind == FieldKind::text_list ? Value::Kind::array : Value::Kind::string);
  if (fact.is(Value::Kind::string)) {
    fact.text = values[0];
    return;
  }
  fact.elements.clear();
  for (const auto& value : values) fact.elements.push_back(Value::string(value));
}

}  // namespace

bool is_askable(const Value& root, std::string_view path) { return target_of(root, path).has_value(); }

Result<void> apply_answers(Value& root, const std::vector<Answer>& answers) {
  std::string faults;
  for (const Answer& answer : answers) {
    const auto target = target_of(root, answer.path);
    const std::string fault = target ? fault_of(*target->field, answer.values) : "no such question";
    if (!fault.empty()) faults += (faults.empty() ? "" : "; ") + visible(answer.path) + ": " + fault;
  }
  if (!faults.empty()) return fail(Errc::invalid_argument, faults);
  for (const Answer& answer : answers) write(root, *target_of(root, answer.path), answer.values);
  return {};
}

}  // namespace liaison::form
