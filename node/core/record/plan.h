// The compiled form of a record schema: for every table its fields by id, with what walking and rebuilding need and nothing looked up by name.
// Made once from the bfbs at load; immutable. A schema outside the rules of formats 2.1 is refused with bad_format naming table and field.
#pragma once
#include "core/record/schema.h"

namespace liaison::record {

enum class ScalarCode : std::uint8_t { boolean, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64 };
std::size_t scalar_bytes(ScalarCode code);

enum class FieldKind : std::uint8_t {
  unused,        // id not defined, or deprecated: unknown
  scalar,
  string,
  bytes,
  structure,
  table,
  tables,        // vector of tables
  scalars,       // vectors that are one leaf (type 0C)
  strings,
  structures,
  union_type,    // id of the discriminator of the following union value
  union_value,
};

// Codes of derived leaves (formats 2.1).
enum class Derived : std::uint8_t { year = 1, month = 2, adult = 3, country = 4, initials = 5, presence = 6, coordinates = 7, last4 = 9 };
std::string_view name(Derived code);

struct MemberPlan { std::uint8_t type; std::uint32_t table; std::string name; };
struct StructField { std::uint32_t offset; ScalarCode code; };
struct StructPlan {
  std::uint32_t bytes = 0;
  std::uint32_t align = 1;
  std::uint32_t coded_bytes = 0;      // as a leaf value
  std::vector<StructField> fields;    // nested structs in place
};
struct FieldPlan {
  FieldKind kind = FieldKind::unused;
  ScalarCode code = ScalarCode::u8;   // scalar, scalars
  std::uint32_t index = 0;            // of the table or struct
  std::vector<MemberPlan> members;    // union_value, ascending by type
  std::vector<Derived> derive;        // ascending
  std::string name, item, category, twin;
  const MemberPlan* member(std::uint8_t type) const;
};
struct TablePlan {
  std::string name;
  std::vector<FieldPlan> fields;      // by id
};

struct Schema::Reflection {
  std::vector<TablePlan> tables;
  std::vector<StructPlan> structs;
  std::uint32_t root = 0;
  std::string identifier;             // of the file, may be empty
};
Result<std::unique_ptr<Schema::Reflection>> compile_plan(ByteView bfbs);

}  // namespace liaison::record
