// build_message (message.h): checks a form file's tree against the schema and writes the FlatBuffer, collecting every problem on the way.
#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <charconv>

#include "core/base/limits.h"
#include "core/form/formats.h"
#include "core/form/message.h"
#include "core/form/shape.h"
#include "core/form/text.h"
#include "schemas/ecomessage_generated.h"

namespace liaison::form {
namespace {

using AnyOffset = flatbuffers::Offset<void>;

// Where a value stands: path in the file, form item, number of the person, company or line.
struct Where {
  std::string path;
  std::string item;
  std::uint32_t number = 0;
  Where below(const std::string& key, const std::string& nearer_item) const {
    return {path.empty() ? key : path + "." + key, nearer_item.empty() ? item : nearer_item, number};
  }
  Where element(std::size_t index) const { return {path + "[" + std::to_string(index) + "]", item, static_cast<std::uint32_t>(index + 1)}; }
};

// One table as the file gives it: form items from one object, structured facts from another. Either may be missing.
struct Source {
  const Value* items = nullptr;
  const Value* facts = nullptr;
  Where items_where;
  Where facts_where;
};

// Nothing stated: an empty text, or a list or object of nothing else (a blank form's template left alone).
bool is_empty(const Value& value) {
  if (value.is(Value::Kind::string)) return value.text.empty();
  if (value.is(Value::Kind::array)) return std::all_of(value.elements.begin(), value.elements.end(), is_empty);
  if (value.is(Value::Kind::object)) {
    return std::all_of(value.members.begin(), value.members.end(), [](const Member& member) { return is_empty(member.value); });
  }
  return false;
}

struct Slot {  // a field that will be written
  const Field* field;
  AnyOffset offset{};
  std::uint16_t number = 0;
  ecomessage::Coordinates coordinates{};
};

class MessageBuilder {
 public:
  Built run(const Value& root) {
    if (!root.is(Value::Kind::object)) {
      add(ProblemCode::not_an_object, {}, root.place);
      return std::move(out_);
    }
    Source source{&root, root.find("structured"), {}, {"structured", {}, 0}};
    if (source.facts && !source.facts->is(Value::Kind::object)) {
      wrong_type(*source.facts, "object", source.facts_where);
      source.facts = nullptr;
    }
    const AnyOffset table = build_table(ecomessage(), source);
    if (leaves_ > limits::leaves_max) add(ProblemCode::too_many_values, {}, {}, {std::to_string(limits::leaves_max)});
    if (!out_.problems.empty()) return std::move(out_);
    builder_.Finish(flatbuffers::Offset<ecomessage::Ecomessage>(table.o));
    if (builder_.GetSize() > limits::message_bytes_max) {
      add(ProblemCode::message_too_large, longest_where_, longest_place_,
          {std::to_string(builder_.GetSize()), std::to_string(limits::message_bytes_max), longest_where_.item});
    } else {
      out_.message = Bytes(builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize());
    }
    return std::move(out_);
  }

 private:
  static const Table& ecomessage() { return form::ecomessage(); }

  void add(ProblemCode code, const Where& where, Place place, std::vector<std::string> args = {}) {
    out_.problems.push_back(Problem{code, where.item, where.number, where.path, place, std::move(args)});
  }
  void wrong_type(const Value& value, std::string wanted, const Where& where) {
    add(ProblemCode::wrong_type, where, value.place, {std::string(name(value.kind)), std::move(wanted)});
  }

  AnyOffset build_table(const Table& table, const Source& source) { return write_table(collect(table, source)); }

  // Checks one table and writes what it points to; the table itself is written by write_table, or not at all where nothing is stated.
  std::vector<Slot> collect(const Table& table, const Source& source) {
    if (source.items) check_item_keys(table, source);
    if (source.facts) check_fact_keys(table, source);
    std::vector<Slot> slots;
    for (const Field& field : table.fields) {
      if (field.item.empty()) {
        const Value* value = source.facts ? source.facts->find(field.name) : nullptr;
        if (value) build_fact(field, *value, source.facts_where.below(field.name, field.twin), slots);
      } else {
        build_item(field, source, slots);
      }
    }
    return slots;
  }

  AnyOffset write_table(const std::vector<Slot>& slots) {
    if (slots.empty()) ++leaves_;  // a present but empty table is a leaf too
    const auto start = builder_.StartTable();
    for (const Slot& slot : slots) {
      leaves_ += 1 + slot.field->derived;
      if (slot.field->kind == FieldKind::code) {
        builder_.AddElement<std::uint8_t>(slot.field->offset(), static_cast<std::uint8_t>(slot.number));
      } else if (slot.field->kind == FieldKind::small_number) {
        builder_.AddElement<std::uint16_t>(slot.field->offset(), slot.number);
      } else if (slot.field->kind == FieldKind::coordinates) {
        builder_.AddStruct(slot.field->offset(), &slot.coordinates);
      } else {
        builder_.AddOffset(slot.field->offset(), slot.offset);
      }
    }
    return AnyOffset(builder_.EndTable(start));
  }

  void check_item_keys(const Table& table, const Source& source) {
    for (const Member& member : source.items->members) {
      if (table.find_item(member.key) || (&table == &ecomessage() && member.key == "structured")) continue;
      unknown_key(member, source.items_where);
    }
  }
  void check_fact_keys(const Table& table, const Source& source) {
    for (const Member& member : source.facts->members) {
      if (!table.find_fact(member.key)) unknown_key(member, source.facts_where);
    }
  }
  void unknown_key(const Member& member, const Where& where) {
    const std::string shown = visible(std::string_view(member.key).substr(0, 64));
    add(ProblemCode::unknown_key, where.below(shown, {}), member.place, {shown});
  }

  // Items 5 and 6 have two fields: a list takes the list, one word for unknown takes the text.
  void build_item(const Field& field, const Source& source, std::vector<Slot>& slots) {
    const Value* value = source.items ? source.items->find(field.item) : nullptr;
    const Where where = source.items_where.below(field.item, field.item);
    if (field.kind == FieldKind::table_list) {
      const Value* facts = source.facts ? source.facts->find(field.name) : nullptr;
      build_form_list(field, value, facts, source, slots);
      return;
    }
    if (!value) return;
    const Table& table = ecomessage();
    const bool answers_list = table.find_item(field.item, FieldKind::table_list) != nullptr;
    if (answers_list && value->is(Value::Kind::array)) return;
    if (!value->is(Value::Kind::string) || (answers_list && !value->text.empty() && !is_unknown(value->text))) {
      wrong_type(*value, answers_list ? "array" : "string", where);
      return;
    }
    write_text(field, *value, where, slots);
  }

  void build_form_list(const Field& field, const Value* items, const Value* facts, const Source& source, std::vector<Slot>& slots) {
    const Where items_where = source.items_where.below(field.item, field.item);
    const Where facts_where = source.facts_where.below(field.name, field.item);
    if (items && !items->is(Value::Kind::array)) items = nullptr;  // judged with the text field of the item
    if (facts && !facts->is(Value::Kind::array)) {
      wrong_type(*facts, "array", facts_where);
      facts = nullptr;
    }
    const std::size_t count = items ? items->elements.size() : 0;
    if (facts && facts->elements.size() > count) {
      const Where where = facts_where.element(count);
      add(ProblemCode::no_such_element, where, facts->elements[count].place, {std::to_string(count)});
    }
    std::vector<AnyOffset> offsets;
    for (std::size_t i = 0; i < count; ++i) {
      Source element{object_or_problem(items->elements[i], items_where.element(i)), nullptr, items_where.element(i), facts_where.element(i)};
      if (facts && i < facts->elements.size()) element.facts = object_or_problem(facts->elements[i], facts_where.element(i));
      offsets.push_back(build_table(*field.table, element));
    }
    if (count > 0) slots.push_back(Slot{&field, AnyOffset(builder_.CreateVector(offsets).o)});
  }

  const Value* object_or_problem(const Value& value, const Where& where) {
    if (value.is(Value::Kind::object)) return &value;
    wrong_type(value, "object", where);
    return nullptr;
  }

  void build_fact(const Field& field, const Value& value, const Where& where, std::vector<Slot>& slots) {
    switch (field.kind) {
      case FieldKind::text: return build_fact_text(field, value, where, slots);
      case FieldKind::code: return build_code(field, value, where, slots);
      case FieldKind::small_number: return build_number(field, value, where, slots);
      case FieldKind::coordinates: return build_coordinates(field, value, where, slots);
      case FieldKind::text_list:
      case FieldKind::code_list:
      case FieldKind::table_list: return build_fact_list(field, value, where, slots);
      case FieldKind::table: break;
    }
    const Value* object = object_or_problem(value, where);
    if (!object) return;
    const std::vector<Slot> inner = collect(*field.table, Source{nullptr, object, {}, where});
    if (!is_empty(value)) slots.push_back(Slot{&field, write_table(inner)});
  }

  void build_fact_text(const Field& field, const Value& value, const Where& where, std::vector<Slot>& slots) {
    if (value.is(Value::Kind::string) && value.text.empty()) return;
    const bool number = field.format == Format::decimal && value.is(Value::Kind::number);
    const bool word = field.format == Format::decimal && value.is(Value::Kind::string) && !is_unknown(value.text);
    if ((!value.is(Value::Kind::string) && !number) || word) {
      wrong_type(value, field.format == Format::decimal ? "number" : "string", where);
      return;
    }
    if (check_format(field.format, value, where)) write_text(field, value, where, slots);
  }

  bool check_format(Format format, const Value& value, const Where& where) {
    if (format == Format::any || (value.is(Value::Kind::string) && is_unknown(value.text))) return true;
    const auto found = find_format_problem(format, value.text);
    if (!found) return true;
    std::vector<std::string> args = {visible(std::string_view(value.text).substr(0, 32))};
    if (!found->arg.empty()) args = {found->arg};
    add(found->code, where, value.place, std::move(args));
    return false;
  }

  void write_text(const Field& field, const Value& value, const Where& where, std::vector<Slot>& slots) {
    if (value.text.empty()) return;
    if (value.text.size() > longest_) {
      longest_ = value.text.size();
      longest_where_ = where;
      longest_place_ = value.place;
    }
    slots.push_back(Slot{&field, AnyOffset(builder_.CreateString(value.text).o)});
  }

  std::optional<std::uint8_t> code_of(const Field& field, const Value& value, const Where& where) {
    if (!value.is(Value::Kind::string)) {
      wrong_type(value, "string", where);
      return std::nullopt;
    }
    const bool unknown = is_unknown(value.text) && field.codes->contains("unknown");
    const auto found = field.codes->find(unknown ? std::string_view("unknown") : std::string_view(value.text));
    if (found != field.codes->end()) return found->second;
    std::string allowed;
    for (const auto& [code, number] : *field.codes) allowed += (allowed.empty() ? "" : ", ") + code;
    add(ProblemCode::not_in_list, where, value.place, {allowed});
    return std::nullopt;
  }

  void build_code(const Field& field, const Value& value, const Where& where, std::vector<Slot>& slots) {
    if (value.is(Value::Kind::string) && value.text.empty()) return;
    if (const auto code = code_of(field, value, where)) slots.push_back(Slot{&field, {}, *code});
  }

  void build_number(const Field& field, const Value& value, const Where& where, std::vector<Slot>& slots) {
    if (!value.is(Value::Kind::number)) {
      wrong_type(value, "number", where);
      return;
    }
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
    if (error != std::errc() || end != value.text.data() + value.text.size() || number == 0) {
      add(ProblemCode::out_of_range, where, value.place, {"1", "65535"});
      return;
    }
    slots.push_back(Slot{&field, {}, number});
  }

  std::optional<std::int32_t> degrees(const Value& object, const char* key, std::int32_t most, const Where& where) {
    const Value* value = object.find(key);
    const auto parsed = value && value->is(Value::Kind::number) ? parse_degrees(value->text, most) : std::nullopt;
    if (!parsed) add(ProblemCode::out_of_range, where.below(key, {}), value ? value->place : object.place, {std::to_string(-most), std::to_string(most)});
    return parsed;
  }

  void build_coordinates(const Field& field, const Value& value, const Where& where, std::vector<Slot>& slots) {
    const Value* object = object_or_problem(value, where);
    if (!object) return;
    for (const Member& member : object->members) {
      if (member.key != "latitude" && member.key != "longitude") unknown_key(member, where);
    }
    const auto latitude = degrees(*object, "latitude", 90, where);
    const auto longitude = degrees(*object, "longitude", 180, where);
    if (latitude && longitude) slots.push_back(Slot{&field, {}, 0, ecomessage::Coordinates(*latitude, *longitude)});
  }

  void build_fact_list(const Field& field, const Value& value, const Where& where, std::vector<Slot>& slots) {
    if (!value.is(Value::Kind::array)) {
      wrong_type(value, "array", where);
      return;
    }
    const bool empty = is_empty(value);
    std::vector<AnyOffset> offsets;
    std::vector<std::uint8_t> codes;
    for (std::size_t i = 0; i < value.elements.size(); ++i) {
      const Value& element = value.elements[i];
      const Where at = field.kind == FieldKind::table_list && where.number == 0 ? where.element(i) : Where{where.element(i).path, where.item, where.number};
      if (field.kind == FieldKind::code_list) {
        if (const auto code = code_of(field, element, at)) codes.push_back(*code);
      } else if (field.kind == FieldKind::table_list) {
        if (const Value* object = object_or_problem(element, at)) offsets.push_back(build_table(*field.table, Source{nullptr, object, {}, at}));
      } else if (!element.is(Value::Kind::string)) {
        wrong_type(element, "string", at);
      } else if (!empty && check_format(field.format, element, at)) {
        offsets.push_back(AnyOffset(builder_.CreateString(element.text).o));
      }
    }
    if (empty) return;
    const auto list = field.kind == FieldKind::code_list ? builder_.CreateVector(codes).o : builder_.CreateVector(offsets).o;
    slots.push_back(Slot{&field, AnyOffset(list)});
  }

  flatbuffers::FlatBufferBuilder builder_{4096};
  Built out_;
  std::size_t leaves_ = 0;
  std::size_t longest_ = 0;
  Where longest_where_;
  Place longest_place_;
};

}  // namespace

Built build_message(const Value& root) { return MessageBuilder().run(root); }

}  // namespace liaison::form
