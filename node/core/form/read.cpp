// read_message (message.h): a verified FlatBuffer to the tree of a form file, by the schema's shape. Bounded even where vectors are shared.
#include <flatbuffers/flatbuffers.h>

#include "core/base/limits.h"
#include "core/form/formats.h"
#include "core/form/message.h"
#include "core/form/shape.h"
#include "core/form/text.h"
#include "schemas/ecomessage_generated.h"

namespace liaison::form {
namespace {

using FlatTable = flatbuffers::Table;
using TableVector = flatbuffers::Vector<flatbuffers::Offset<FlatTable>>;
using StringVector = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

// One table's values: form items and structured facts apart.
struct Split {
  Value items = Value::object();
  Value facts = Value::object();
};

class Reader {
 public:
  Result<Split> read_table(const Table& shape, const FlatTable& table) {
    LIAISON_CHECK(check_unknown_fields(shape, table));
    Split out;
    for (const Field& field : shape.fields) {
      if (!table.CheckField(field.offset())) continue;
      if (out.items.find(field.item)) return fail(Errc::bad_format, "item " + field.item + " stands twice");
      if (field.kind == FieldKind::table_list && !field.item.empty()) {
        LIAISON_CHECK(read_form_list(field, *table.GetPointer<const TableVector*>(field.offset()), out));
        continue;
      }
      LIAISON_TRY(Value value, read_field(field, table));
      (field.item.empty() ? out.facts : out.items).add(field.item.empty() ? field.name : field.item, std::move(value));
    }
    return out;
  }

 private:
  static Result<void> check_unknown_fields(const Table& shape, const FlatTable& table) {
    const auto size = flatbuffers::ReadScalar<flatbuffers::voffset_t>(table.GetVTable());
    for (std::size_t offset = 4 + 2 * shape.fields.size(); offset + 1 < size; offset += 2) {
      if (table.CheckField(static_cast<flatbuffers::voffset_t>(offset))) return fail(Errc::bad_format, "field not in the schema: " + shape.name);
    }
    return {};
  }

  Result<void> read_form_list(const Field& field, const TableVector& vector, Split& out) {
    LIAISON_CHECK(count(0));
    Value items = Value::array();
    Value facts = Value::array();
    std::size_t last = 0;
    for (flatbuffers::uoffset_t i = 0; i < vector.size(); ++i) {
      LIAISON_TRY(Split element, read_table(*field.table, *vector.Get(i)));
      LIAISON_CHECK(count(0));
      items.elements.push_back(std::move(element.items));
      facts.elements.push_back(std::move(element.facts));
      if (!facts.elements.back().members.empty()) last = facts.elements.size();
    }
    facts.elements.resize(last);
    if (!items.elements.empty()) out.items.add(field.item, std::move(items));
    if (last > 0) out.facts.add(field.name, std::move(facts));
    return {};
  }

  Result<Value> read_field(const Field& field, const FlatTable& table) {
    LIAISON_CHECK(count(0));
    switch (field.kind) {
      case FieldKind::text: return read_text(field, *table.GetPointer<const flatbuffers::String*>(field.offset()));
      case FieldKind::code: return read_code(field, table.GetField<std::uint8_t>(field.offset(), 0));
      case FieldKind::small_number: return Value::number(std::to_string(table.GetField<std::uint16_t>(field.offset(), 0)));
      case FieldKind::coordinates: return read_coordinates(*table.GetStruct<const ecomessage::Coordinates*>(field.offset()));
      case FieldKind::table: {
        LIAISON_TRY(Split inner, read_table(*field.table, *table.GetPointer<const FlatTable*>(field.offset())));
        return std::move(inner.facts);
      }
      case FieldKind::text_list:
      case FieldKind::code_list:
      case FieldKind::table_list: break;
    }
    return read_list(field, table);
  }

  Result<Value> read_list(const Field& field, const FlatTable& table) {
    Value list = Value::array();
    if (field.kind == FieldKind::code_list) {
      for (const std::uint8_t code : *table.GetPointer<const flatbuffers::Vector<std::uint8_t>*>(field.offset())) {
        LIAISON_CHECK(count(1));
        LIAISON_TRY(Value value, read_code(field, code));
        list.elements.push_back(std::move(value));
      }
    } else if (field.kind == FieldKind::text_list) {
      for (const flatbuffers::String* text : *table.GetPointer<const StringVector*>(field.offset())) {
        LIAISON_CHECK(count(4));
        LIAISON_TRY(Value value, read_text(field, *text));
        list.elements.push_back(std::move(value));
      }
    } else {
      for (const FlatTable* element : *table.GetPointer<const TableVector*>(field.offset())) {
        LIAISON_CHECK(count(0));
        LIAISON_TRY(Split inner, read_table(*field.table, *element));
        list.elements.push_back(std::move(inner.facts));
      }
    }
    return list;
  }

  Result<Value> read_text(const Field& field, const flatbuffers::String& text) {
    LIAISON_CHECK(count(text.size()));
    const std::string_view characters(text.c_str(), text.size());
    if (find_invalid_utf8(characters)) return fail(Errc::bad_text, "item " + (field.item.empty() ? field.twin : field.item) + ": not UTF-8");
    if (field.format == Format::decimal && is_decimal(characters)) return Value::number(std::string(characters));
    return Value::string(std::string(characters));
  }

  static Result<Value> read_code(const Field& field, std::uint8_t number) {
    const std::string_view code = code_name(field, number);
    if (code.empty()) return fail(Errc::bad_format, "code not in the schema: " + field.name);
    return Value::string(std::string(code));
  }

  static Value read_coordinates(const ecomessage::Coordinates& coordinates) {
    Value out = Value::object();
    out.add("latitude", Value::number(degrees_text(coordinates.latitude())));
    out.add("longitude", Value::number(degrees_text(coordinates.longitude())));
    return out;
  }

  // Every value visited counts, however often the bytes it points to are shared.
  Result<void> count(std::size_t bytes) {
    values_ += 1;
    bytes_ += bytes;
    if (values_ > 4 * limits::leaves_max) return fail(Errc::limit_exceeded, "values");
    if (bytes_ > limits::message_bytes_max) return fail(Errc::limit_exceeded, "sum of texts");
    return {};
  }

  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
};

// persons_unknown and companies_unknown have late ids but belong in the place of items 5 and 6.
Value in_form_sequence(Value items) {
  Value out = Value::object();
  for (const Field& field : ecomessage().fields) {
    Value* value = field.item.empty() || out.find(field.item) ? nullptr : items.find(field.item);
    if (value) out.add(field.item, std::move(*value));
  }
  return out;
}

}  // namespace

Result<Value> read_message(ByteView message) {
  if (message.size() > limits::message_bytes_max) return fail(Errc::limit_exceeded, std::to_string(message.size()) + " bytes");
  const Bytes aligned = to_bytes(message);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), limits::verifier_depth_max, limits::verifier_tables_max);
  if (aligned.size() < 8 || !liaison::ecomessage::VerifyEcomessageBuffer(verifier)) return fail(Errc::bad_format, "not an Ecomessage");
  LIAISON_TRY(Split root, Reader().read_table(ecomessage(), *flatbuffers::GetRoot<FlatTable>(aligned.data())));
  Value out = in_form_sequence(std::move(root.items));
  if (!root.facts.members.empty()) out.add("structured", std::move(root.facts));
  return out;
}

}  // namespace liaison::form
