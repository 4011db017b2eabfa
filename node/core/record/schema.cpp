// Registered kinds and the description of their paths. Loading happens at start-up; afterwards everything is read only.
#include "core/record/schema.h"

#include <algorithm>

#include "core/merkle/sha256.h"
#include "core/record/path.h"
#include "core/record/plan.h"
#include "core/record/walk.h"
#include "schemas/embedded.h"

namespace liaison::record {
namespace {

struct ShippedKind { std::string_view kind; std::uint32_t number; };
constexpr std::array shipped_kinds{ShippedKind{"ecomessage", 1}};

// Follows a path through the plan and collects names and attributes.
class Describer {
 public:
  explicit Describer(const Schema::Reflection& plan) : plan_(plan), table_(&plan.tables[plan.root]) {}

  Result<Schema::PathFacts> run(ByteView path) {
    for (ByteReader reader(path); !reader.at_end();) {
      const auto kind = static_cast<Component>(reader.u8());
      if (!step(kind, reader)) return fail(Errc::not_found, "no such path: " + to_hex(path));
    }
    return std::move(facts_);
  }

 private:
  bool step(Component kind, ByteReader& reader) {
    switch (kind) {
      case Component::field: return field(reader.u16());
      case Component::element: {
        reader.u32();
        if (field_ == nullptr || field_->kind != FieldKind::tables) return false;
        facts_.name += "[]";
        return enter(field_->index);
      }
      case Component::member: {
        const MemberPlan* member = field_ != nullptr && field_->kind == FieldKind::union_value ? field_->member(reader.u8()) : nullptr;
        if (member == nullptr) return false;
        facts_.name += "." + member->name;
        return enter(member->table);
      }
      case Component::derived: {
        const std::string_view code = record::name(static_cast<Derived>(reader.u8()));
        facts_.name.append("#").append(code);
        return field_ != nullptr && !code.empty();
      }
      default: return false;
    }
  }

  bool field(std::uint16_t id) {
    if (table_ == nullptr && field_ != nullptr && field_->kind == FieldKind::table) table_ = &plan_.tables[field_->index];
    if (table_ == nullptr || id >= table_->fields.size()) return false;
    field_ = &table_->fields[id];
    table_ = nullptr;
    if (field_->kind == FieldKind::unused || field_->kind == FieldKind::union_type) return false;
    if (!facts_.name.empty()) facts_.name += ".";
    facts_.name += field_->name;
    facts_.item = field_->item;
    if (!field_->category.empty()) facts_.category = field_->category;
    if (!field_->twin.empty()) facts_.twin = field_->twin;
    return true;
  }

  bool enter(std::uint32_t table) {
    table_ = &plan_.tables[table];
    field_ = nullptr;
    return true;
  }

  const Schema::Reflection& plan_;
  const TablePlan* table_;
  const FieldPlan* field_ = nullptr;
  Schema::PathFacts facts_;
};

class PathLister {
 public:
  explicit PathLister(const Schema::Reflection& plan) : plan_(plan) {}
  std::vector<Bytes> run() {
    table(plan_.root);
    std::sort(out_.begin(), out_.end());
    return std::move(out_);
  }

 private:
  void table(std::uint32_t index) {
    if (std::count(inside_.begin(), inside_.end(), index) > 1) return;
    inside_.push_back(index);
    const auto& fields = plan_.tables[index].fields;
    for (std::size_t id = 0; id < fields.size(); ++id) {
      if (fields[id].kind == FieldKind::unused || fields[id].kind == FieldKind::union_type) continue;
      const std::size_t before = path_.size();
      put_u8(path_, static_cast<std::uint8_t>(Component::field));
      put_u16(path_, static_cast<std::uint16_t>(id));
      field(fields[id]);
      path_.resize(before);
    }
    inside_.pop_back();
  }

  void field(const FieldPlan& field) {
    out_.push_back(path_);
    const std::size_t before = path_.size();
    for (const Derived code : field.derive) {
      out_.push_back(path_);
      put_u8(out_.back(), static_cast<std::uint8_t>(Component::derived));
      put_u8(out_.back(), static_cast<std::uint8_t>(code));
    }
    if (field.kind == FieldKind::table) table(field.index);
    if (field.kind == FieldKind::tables) {
      put_u8(path_, static_cast<std::uint8_t>(Component::element));
      put_u32(path_, 0);
      out_.push_back(path_);
      table(field.index);
    }
    for (const MemberPlan& member : field.members) {
      path_.resize(before);
      put_u8(path_, static_cast<std::uint8_t>(Component::member));
      put_u8(path_, member.type);
      out_.push_back(path_);
      table(member.table);
    }
    path_.resize(before);
  }

  const Schema::Reflection& plan_;
  std::vector<std::uint32_t> inside_;
  Bytes path_;
  std::vector<Bytes> out_;
};

}  // namespace

Schema::~Schema() = default;

Result<std::shared_ptr<const Schema>> Schema::load(std::string kind, std::uint32_t number, ByteView bfbs) {
  std::shared_ptr<Schema> out(new Schema());
  LIAISON_TRY(auto plan, compile_plan(bfbs));
  out->reflection_ = std::move(plan);
  out->kind_ = std::move(kind);
  out->number_ = number;
  out->hash_ = merkle::sha256(bfbs);
  return std::shared_ptr<const Schema>(std::move(out));
}

Result<void> Schema::verify_message(ByteView message) const { return check_message(*reflection_, message); }

Result<Schema::PathFacts> Schema::describe(ByteView path) const {
  if (!is_path(path)) return fail(Errc::bad_format, "not a path: " + to_hex(path));
  if (is_audience(path)) return PathFacts{"@audience", {}, {}, {}};
  if (is_decoy(path)) return PathFacts{"@decoy", {}, {}, {}};
  return Describer(*reflection_).run(path);
}

std::vector<Bytes> Schema::all_paths() const { return PathLister(*reflection_).run(); }

void SchemaRegistry::add(std::shared_ptr<const Schema> schema) {
  const std::pair key{schema->kind(), schema->number()};
  schemas_[key] = std::move(schema);
}

std::shared_ptr<const Schema> SchemaRegistry::find(std::string_view kind, std::uint32_t number, const Hash& hash) const {
  const auto found = schemas_.find({std::string(kind), number});
  return found == schemas_.end() || found->second->hash() != hash ? nullptr : found->second;
}

std::shared_ptr<const Schema> SchemaRegistry::newest(std::string_view kind) const {
  std::shared_ptr<const Schema> out;
  for (const auto& [key, schema] : schemas_) {
    if (key.first == kind) out = schema;  // ascending by number
  }
  return out;
}

std::vector<std::shared_ptr<const Schema>> SchemaRegistry::all() const {
  std::vector<std::shared_ptr<const Schema>> out;
  for (const auto& [key, schema] : schemas_) out.push_back(schema);
  return out;
}

Result<SchemaRegistry> SchemaRegistry::shipped() {
  SchemaRegistry out;
  for (const ShippedKind& shipped : shipped_kinds) {
    const std::string file = std::string(shipped.kind) + "." + std::to_string(shipped.number) + ".bfbs";
    const std::string_view bytes = schemas::embedded(file);
    if (bytes.empty()) return fail(Errc::unknown_schema, file + " is not compiled in");
    LIAISON_TRY(auto schema, Schema::load(std::string(shipped.kind), shipped.number, view(bytes)));
    out.add(std::move(schema));
  }
  return out;
}

}  // namespace liaison::record
