// Compiles a binary schema (reflection.fbs) into the plan. The bfbs is our own committed file, yet it is verified before use.
// Pure; every refusal names table and field.
#include "core/record/plan.h"

#include <flatbuffers/reflection.h>

#include <algorithm>

namespace liaison::record {
namespace {

using reflection::BaseType;

constexpr std::array derived_names{
    std::pair{Derived::year, std::string_view("year")},           std::pair{Derived::month, std::string_view("month")},
    std::pair{Derived::adult, std::string_view("adult")},         std::pair{Derived::country, std::string_view("country")},
    std::pair{Derived::initials, std::string_view("initials")},   std::pair{Derived::presence, std::string_view("presence")},
    std::pair{Derived::coordinates, std::string_view("coordinates")}, std::pair{Derived::last4, std::string_view("last4")}};

std::optional<ScalarCode> scalar_code(BaseType type) {
  switch (type) {
    case BaseType::Bool: return ScalarCode::boolean;
    case BaseType::Byte: return ScalarCode::i8;
    case BaseType::Short: return ScalarCode::i16;
    case BaseType::Int: return ScalarCode::i32;
    case BaseType::Long: return ScalarCode::i64;
    case BaseType::UByte: return ScalarCode::u8;
    case BaseType::UShort: return ScalarCode::u16;
    case BaseType::UInt: return ScalarCode::u32;
    case BaseType::ULong: return ScalarCode::u64;
    case BaseType::Float: return ScalarCode::f32;
    case BaseType::Double: return ScalarCode::f64;
    default: return std::nullopt;
  }
}

std::string attribute(const reflection::Field& field, const char* key) {
  if (field.attributes() == nullptr) return {};
  const auto* found = field.attributes()->LookupByKey(key);
  return found != nullptr && found->value() != nullptr ? found->value()->str() : std::string();
}

class Compiler {
 public:
  explicit Compiler(const reflection::Schema& schema) : schema_(schema), out_(std::make_unique<Schema::Reflection>()) {}

  Result<std::unique_ptr<Schema::Reflection>> run() {
    if (schema_.root_table() == nullptr) return fail(Errc::bad_format, "schema without root table");
    for (const auto* object : *schema_.objects()) {
      index_.push_back(static_cast<std::uint32_t>(object->is_struct() ? structs_++ : tables_++));
    }
    root_name_ = schema_.root_table()->name()->str();
    for (const auto* object : *schema_.objects()) {
      if (object->is_struct()) {
        StructPlan plan;
        LIAISON_CHECK(structure(*object, 0, plan));
        plan.bytes = static_cast<std::uint32_t>(object->bytesize());
        plan.align = static_cast<std::uint32_t>(object->minalign());
        out_->structs.push_back(std::move(plan));
      } else {
        LIAISON_CHECK(table(*object));
      }
    }
    if (schema_.file_ident() != nullptr) out_->identifier = schema_.file_ident()->str();
    return std::move(out_);
  }

 private:
  static Error refuse(const reflection::Object& object, const reflection::Field& field, std::string_view why) {
    return fail(Errc::bad_format, object.name()->str() + "." + field.name()->str() + ": " + std::string(why));
  }

  Result<void> structure(const reflection::Object& object, std::uint32_t base, StructPlan& plan) {
    std::vector<const reflection::Field*> fields(object.fields()->begin(), object.fields()->end());
    std::sort(fields.begin(), fields.end(), [](const auto* a, const auto* b) { return a->offset() < b->offset(); });
    for (const auto* field : fields) {
      const auto at = base + field->offset();
      if (field->type()->base_type() == BaseType::Obj) {
        LIAISON_CHECK(structure(*schema_.objects()->Get(static_cast<unsigned>(field->type()->index())), at, plan));
        continue;
      }
      const auto code = scalar_code(field->type()->base_type());
      if (!code) return refuse(object, *field, "structs hold numbers and structs only");
      plan.fields.push_back({at, *code});
      plan.coded_bytes += *code == ScalarCode::boolean ? 1 : 8;
    }
    return {};
  }

  Result<void> table(const reflection::Object& object) {
    TablePlan plan;
    plan.name = object.name()->str();
    plan.fields.resize(object.fields()->size());
    for (const auto* field : *object.fields()) {
      if (field->id() >= plan.fields.size()) return refuse(object, *field, "ids have a gap");
      if (field->deprecated()) continue;
      if (field->required()) return refuse(object, *field, "a redacted record could not be rebuilt: required is not used");
      FieldPlan& out = plan.fields[field->id()];
      out.name = field->name()->str();
      out.item = attribute(*field, "item");
      out.category = attribute(*field, "category");
      out.twin = attribute(*field, "twin");
      LIAISON_CHECK(kind(object, *field, out));
      LIAISON_CHECK(derive(object, *field, out));
    }
    if (plan.name == root_name_) out_->root = static_cast<std::uint32_t>(out_->tables.size());
    out_->tables.push_back(std::move(plan));
    return {};
  }

  Result<void> kind(const reflection::Object& object, const reflection::Field& field, FieldPlan& out) {
    const auto& type = *field.type();
    if (const auto code = scalar_code(type.base_type())) {
      out.kind = FieldKind::scalar;
      out.code = *code;
      return {};
    }
    switch (type.base_type()) {
      case BaseType::UType: out.kind = FieldKind::union_type; return {};
      case BaseType::String: out.kind = FieldKind::string; return {};
      case BaseType::Obj: {
        const auto& target = *schema_.objects()->Get(static_cast<unsigned>(type.index()));
        out.kind = target.is_struct() ? FieldKind::structure : FieldKind::table;
        out.index = index_[static_cast<std::size_t>(type.index())];
        return {};
      }
      case BaseType::Vector: return vector(object, field, out);
      case BaseType::Union: return members(object, field, out);
      default: return refuse(object, field, "type not allowed in a record");
    }
  }

  Result<void> vector(const reflection::Object& object, const reflection::Field& field, FieldPlan& out) {
    const auto& type = *field.type();
    if (type.element() == BaseType::String) {
      out.kind = FieldKind::strings;
    } else if (type.element() == BaseType::Obj) {
      out.kind = schema_.objects()->Get(static_cast<unsigned>(type.index()))->is_struct() ? FieldKind::structures : FieldKind::tables;
      out.index = index_[static_cast<std::size_t>(type.index())];
    } else if (const auto code = scalar_code(type.element())) {
      out.kind = *code == ScalarCode::u8 && type.index() < 0 ? FieldKind::bytes : FieldKind::scalars;
      out.code = *code;
    } else {
      return refuse(object, field, "vectors of unions are not used");
    }
    return {};
  }

  Result<void> members(const reflection::Object& object, const reflection::Field& field, FieldPlan& out) {
    out.kind = FieldKind::union_value;
    if (field.id() == 0) return refuse(object, field, "union without discriminator");
    for (const auto* value : *schema_.enums()->Get(static_cast<unsigned>(field.type()->index()))->values()) {
      if (value->value() == 0) continue;
      const auto* type = value->union_type();
      const bool is_table = type != nullptr && type->base_type() == BaseType::Obj && value->value() <= 255 &&
                            !schema_.objects()->Get(static_cast<unsigned>(type->index()))->is_struct();
      if (!is_table) return refuse(object, field, "union members are tables");
      out.members.push_back({static_cast<std::uint8_t>(value->value()), index_[static_cast<std::size_t>(type->index())], value->name()->str()});
    }
    std::sort(out.members.begin(), out.members.end(), [](const auto& a, const auto& b) { return a.type < b.type; });
    return {};
  }

  Result<void> derive(const reflection::Object& object, const reflection::Field& field, FieldPlan& out) {
    std::string names = attribute(field, "derive");
    for (std::string_view rest = names; !rest.empty();) {
      const auto comma = rest.find(',');
      const std::string_view word = rest.substr(0, comma);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      const auto* found = std::find_if(derived_names.begin(), derived_names.end(), [&](const auto& entry) { return entry.second == word; });
      if (found == derived_names.end()) return refuse(object, field, "unknown derived value " + std::string(word));
      if (out.kind != (found->first == Derived::coordinates ? FieldKind::structure : FieldKind::string)) {
        return refuse(object, field, "cannot derive " + std::string(word) + " from this type");
      }
      out.derive.push_back(found->first);
    }
    std::sort(out.derive.begin(), out.derive.end());
    return {};
  }

  const reflection::Schema& schema_;
  std::unique_ptr<Schema::Reflection> out_;
  std::vector<std::uint32_t> index_;  // object number -> number among tables or among structs
  std::size_t tables_ = 0, structs_ = 0;
  std::string root_name_;
};

}  // namespace

std::size_t scalar_bytes(ScalarCode code) {
  switch (code) {
    case ScalarCode::boolean:
    case ScalarCode::i8:
    case ScalarCode::u8: return 1;
    case ScalarCode::i16:
    case ScalarCode::u16: return 2;
    case ScalarCode::i32:
    case ScalarCode::u32:
    case ScalarCode::f32: return 4;
    case ScalarCode::i64:
    case ScalarCode::u64:
    case ScalarCode::f64: return 8;
  }
  return 0;
}

std::string_view name(Derived code) {
  const auto* found = std::find_if(derived_names.begin(), derived_names.end(), [&](const auto& entry) { return entry.first == code; });
  return found == derived_names.end() ? std::string_view() : found->second;
}

const MemberPlan* FieldPlan::member(std::uint8_t type) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const MemberPlan& entry) { return entry.type == type; });
  return found == members.end() ? nullptr : &*found;
}

Result<std::unique_ptr<Schema::Reflection>> compile_plan(ByteView bfbs) {
  const Bytes aligned = to_bytes(bfbs);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size());
  if (aligned.size() < 8 || !reflection::VerifySchemaBuffer(verifier)) return fail(Errc::bad_format, "not a binary schema");
  return Compiler(*reflection::GetSchema(aligned.data())).run();
}

}  // namespace liaison::record
