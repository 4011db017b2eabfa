// See shape.h. FlatBuffers reflection is read here and nowhere else in this module.
#include "core/form/shape.h"

#include <flatbuffers/reflection.h>

#include <algorithm>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "schemas/embedded.h"

namespace liaison::form {
namespace {

using CodeNames = std::map<std::string, std::uint8_t, std::less<>>;

// A walk, not LookupByKey: GCC 12 takes that one's comparison for an overread.
const reflection::KeyValue* find_attribute(const reflection::Field& field, std::string_view key) {
  if (!field.attributes()) return nullptr;
  for (const reflection::KeyValue* pair : *field.attributes()) {
    if (pair->key()->string_view() == key) return pair;
  }
  return nullptr;
}

std::string attribute(const reflection::Field& field, std::string_view key) {
  const auto* pair = find_attribute(field, key);
  return pair && pair->value() ? pair->value()->str() : std::string();
}

Format format_of(const std::string& name) {
  static const std::map<std::string, Format, std::less<>> formats = {{"", Format::any}, {"date", Format::date}, {"time", Format::time},
      {"decimal", Format::decimal}, {"country", Format::country}, {"area", Format::area}, {"currency", Format::currency},
      {"appendix", Format::appendix}, {"cites_source", Format::cites_source}, {"cites_purpose", Format::cites_purpose}};
  const auto found = formats.find(name);
  liaison_assert(found != formats.end());
  return found->second;
}

class Loader {
 public:
  explicit Loader(const reflection::Schema& schema) : schema_(schema) {}
  const Table* load(const reflection::Object* object) {
    const std::string name = object->name()->str();
    if (const auto found = tables_.find(name); found != tables_.end()) return found->second.get();
    Table& table = *(tables_[name] = std::make_unique<Table>());
    table.name = name;
    for (const reflection::Field* field : *object->fields()) table.fields.push_back(make_field(*field));
    std::sort(table.fields.begin(), table.fields.end(), [](const Field& a, const Field& b) { return a.id < b.id; });
    return &table;
  }

 private:
  Field make_field(const reflection::Field& source) {
    Field field;
    field.name = source.name()->str();
    field.id = source.id();
    field.item = attribute(source, "item");
    field.category = attribute(source, "category");
    field.twin = attribute(source, "twin");
    field.must_state = find_attribute(source, "must_state") != nullptr;
    field.format = format_of(attribute(source, "format"));
    const std::string derive = attribute(source, "derive");
    field.derived = derive.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(derive.begin(), derive.end(), ','));
    set_kind(field, *source.type());
    return field;
  }

  void set_kind(Field& field, const reflection::Type& type) {
    const bool list = type.base_type() == reflection::Vector;
    const auto base = list ? type.element() : type.base_type();
    if (base == reflection::String) {
      field.kind = list ? FieldKind::text_list : FieldKind::text;
    } else if (base == reflection::UByte) {
      liaison_assert(type.index() >= 0);
      field.kind = list ? FieldKind::code_list : FieldKind::code;
      field.codes = codes(schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(type.index())));
    } else if (base == reflection::UShort) {
      liaison_assert(!list);
      field.kind = FieldKind::small_number;
    } else {
      liaison_assert(base == reflection::Obj);
      const auto* object = schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index()));
      liaison_assert(!object->is_struct() || (!list && object->bytesize() == 8));
      field.kind = object->is_struct() ? FieldKind::coordinates : list ? FieldKind::table_list : FieldKind::table;
      if (!object->is_struct()) field.table = load(object);
    }
  }

  const CodeNames* codes(const reflection::Enum* source) {
    auto& slot = codes_[source->name()->str()];
    if (!slot) {
      slot = std::make_unique<CodeNames>();
      for (const auto* value : *source->values()) slot->emplace(value->name()->str(), static_cast<std::uint8_t>(value->value()));
    }
    return slot.get();
  }

  const reflection::Schema& schema_;
  std::map<std::string, std::unique_ptr<Table>> tables_;
  std::map<std::string, std::unique_ptr<CodeNames>> codes_;
};

}  // namespace

const Field* Table::find_item(std::string_view item, FieldKind kind) const {
  for (const Field& field : fields) {
    if (field.item == item && field.kind == kind) return &field;
  }
  return nullptr;
}

const Field* Table::find_item(std::string_view item) const {
  for (const Field& field : fields) {
    if (!item.empty() && field.item == item) return &field;
  }
  return nullptr;
}

const Field* Table::find_fact(std::string_view wanted) const {
  for (const Field& field : fields) {
    if (field.name == wanted && (field.item.empty() || field.kind == FieldKind::table_list)) return &field;
  }
  return nullptr;
}

const Table& ecomessage() {
  struct Loaded {
    Bytes bytes;  // a copy, since the embedded file need not be aligned
    std::unique_ptr<Loader> loader;
    const Table* root = nullptr;
  };
  static const Loaded loaded = [] {
    Bytes bytes = to_bytes(schemas::embedded("ecomessage.1.bfbs"));
    flatbuffers::Verifier verifier(bytes.data(), bytes.size());
    liaison_assert(reflection::VerifySchemaBuffer(verifier));
    const reflection::Schema* schema = reflection::GetSchema(bytes.data());
    Loaded out{std::move(bytes), std::make_unique<Loader>(*schema), nullptr};
    out.root = out.loader->load(schema->root_table());
    return out;
  }();
  return *loaded.root;
}

std::string_view code_name(const Field& field, std::uint8_t value) {
  for (const auto& [code, number] : *field.codes) {
    if (number == value) return code;
  }
  return {};
}

}  // namespace liaison::form
