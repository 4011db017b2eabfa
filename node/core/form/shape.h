// The Ecomessage's tables and fields as the form sees them, read once from the committed reflection schema: import, export, completeness
// and views walk this instead of naming fields. Immutable after the first call; shared between threads.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace liaison::form {

enum class FieldKind : std::uint8_t { text, text_list, code, code_list, small_number, coordinates, table, table_list };
// What a structured string accepts (attribute `format`).
enum class Format : std::uint8_t { any, date, time, decimal, country, area, currency, appendix, cites_source, cites_purpose };

struct Table;

struct Field {
  std::string name;
  std::uint16_t id = 0;
  FieldKind kind{};
  Format format{};
  std::string item;        // of text fields and of the lists 5 and 6; empty: structured
  std::string category;
  std::string twin;
  bool must_state = false;
  std::size_t derived = 0;                          // how many derived leaves the record module may add
  const Table* table = nullptr;                     // of table and table_list
  const std::map<std::string, std::uint8_t, std::less<>>* codes = nullptr;  // of code and code_list
  std::uint16_t offset() const { return static_cast<std::uint16_t>(4 + 2 * id); }
};

struct Table {
  std::string name;
  std::vector<Field> fields;  // by id: the form's sequence, then structure
  const Field* find_item(std::string_view item, FieldKind kind) const;
  const Field* find_item(std::string_view item) const;
  const Field* find_fact(std::string_view name) const;  // structured fields, and lists that have an item (persons, companies)
};

// The root table. The embedded schema is part of the program: one that does not fit is our own broken rule.
const Table& ecomessage();
std::string_view code_name(const Field& field, std::uint8_t value);  // empty: not in the schema

}  // namespace liaison::form
