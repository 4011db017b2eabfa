// Export and the blank form (export.h): the tree of read_message or of the schema, written as JSON. Pure.
#include "core/form/export.h"

#include "core/form/message.h"
#include "core/form/shape.h"

namespace liaison::form {
namespace {

Value blank_items(const Table& table, const BlankOptions& options) {
  Value out = Value::object();
  for (const Field& field : table.fields) {
    if (field.item.empty() || out.find(field.item)) continue;
    if (field.kind == FieldKind::text) {
      out.add(field.item, Value::string({}));
      continue;
    }
    Value& list = out.add(field.item, Value::array());
    list.elements.assign(field.item == "5" ? options.persons : options.companies, blank_items(*field.table, options));
  }
  return out;
}

// Empty strings where text or a code goes, nothing where a number goes: what is left alone must count as absent.
Value blank_facts(const Table& table) {
  Value out = Value::object();
  for (const Field& field : table.fields) {
    const bool form_list = field.kind == FieldKind::table_list && !field.item.empty();
    if (form_list || !field.item.empty() || field.name == "species_check") continue;
    if (field.kind == FieldKind::text || field.kind == FieldKind::code) {
      out.add(field.name, Value::string({}));
    } else if (field.kind == FieldKind::table) {
      out.add(field.name, blank_facts(*field.table));
    } else if (field.kind == FieldKind::table_list) {
      out.add(field.name, Value::array()).elements.push_back(blank_facts(*field.table));
    } else if (field.kind == FieldKind::text_list || field.kind == FieldKind::code_list) {
      out.add(field.name, Value::array());
    }
  }
  return out;
}

}  // namespace

Result<std::string> export_json(ByteView message) {
  LIAISON_TRY(const Value root, read_message(message));
  return write_json(root);
}

std::string blank_form(const BlankOptions& options) {
  Value root = blank_items(ecomessage(), options);
  if (options.structured) root.add("structured", blank_facts(ecomessage()));
  return write_json(root);
}

}  // namespace liaison::form
