// The fields of one record kind as policies see them: index-free paths with item, category and twin, found from a leaf's path bytes without describing it.
// Resolves what a rule names (paths, categories, items) to sets of fields, twins and derived values bound. Built once per schema, immutable. Pure.
#pragma once
#include <set>

#include "core/record/schema.h"

namespace liaison::policy {

struct Field {
  std::string name;              // "persons[].family_name#initials"
  std::string item, category;    // item: also that of the text a fact stands beside
  int base = -1;                 // of a derived value: the field it is derived from
  bool of_person = false;        // below persons[]: decided with the facts of that person
  bool structural = false;       // length of a list, presence of a table: has fields below
  bool list = false;             // of these: a list's length, or the presence of one element
};

using FieldSet = std::vector<bool>;

// What a rule, a never or a test names. Resolved against every kind; a name no kind has is an error of the file.
struct Selection {
  std::vector<std::string> paths, categories, items;
};

class FieldTable {
 public:
  static Result<FieldTable> make(const record::Schema& schema);
  const std::string& kind() const { return kind_; }
  const Hash& schema() const { return schema_; }
  const std::vector<Field>& fields() const { return fields_; }
  int find(std::string_view name) const;             // -1: no such field
  int locate(ByteView path) const;                   // of a leaf's path; -1: no such field

  FieldSet by_path(std::string_view pattern) const;
  FieldSet by_category(std::string_view category) const;
  FieldSet by_item(std::string_view item) const;     // "5" covers "5.b"
  // Everything a rule on the selection covers. `own_rule`: derived values that some rule names itself; they follow that rule and subtrees only.
  FieldSet covered(const Selection& selection, const std::set<std::string, std::less<>>& own_rule) const;
  // Adds what becomes opaque with these: elements of a list whose length is, derived values whose base is.
  void add_below(FieldSet& fields) const;
  // The element of persons[] a path lies in, -1: none.
  static int person_of(ByteView path);

 private:
  struct Node {
    int field = -1;
    std::vector<std::uint16_t> fields, members, derived;  // next node by id, type, code; 0: none
    std::uint16_t element = 0;
  };
  std::uint16_t& step(std::size_t node, ByteView component);
  void bind_twins(FieldSet& fields, const std::set<std::string, std::less<>>& own_rule) const;
  std::string kind_;
  Hash schema_{};
  std::vector<Field> fields_;
  std::vector<Node> nodes_;
};

// The table of every shipped kind, made once.
const std::vector<FieldTable>& shipped_fields();

}  // namespace liaison::policy
