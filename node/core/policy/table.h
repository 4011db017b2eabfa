// The whole decision table of policies: every field by every combination of facts, exactly, as decision diagrams. From it come the fingerprint of what a
// policy means whatever its text looks like, the check of `never`, rules that never decide, and the difference of two policies. Pure.
//
// A cell is one field, one recipient, one purpose and one set of facts with one person (or nobody). Recipients are agencies the policies name, other
// agencies of countries they name, and all others, each by relation (own agency, own country, foreign) and class. What several persons do to a field of
// the whole message is the strictest of what each does alone; the length of a list also opens with anything below it.
#pragma once
#include <functional>
#include <map>
#include <memory>

#include "core/policy/diagram.h"
#include "core/policy/policy.h"

namespace liaison::policy {

// What a cell may mean: equal meanings share a number.
struct CellMeaning {
  Effect effect = Effect::withhold;
  Basis basis;
  unsigned approvals = 0;               // refer only
  bool emergency = false;
  std::chrono::hours review_within{};
  bool operator==(const CellMeaning&) const = default;
};
CellMeaning meaning_of(const Policy& policy, int rule);

// Several policies over the same variables, so that their cells can be compared.
class Table {
 public:
  explicit Table(std::vector<std::shared_ptr<const Policy>> policies);
  // What a field's cells hold: `label` gives the number of a rule (-1: the default). Equal numbers are equal cells; one label per policy and Table.
  using Label = std::function<std::uint32_t(int rule)>;
  NodeId build(const Policy& policy, const FieldTable& fields, std::size_t field, const Label& label);
  std::vector<Box> boxes(const When& when, const Policy& policy, bool of_person_field) const;  // disjoint; together all facts that satisfy it
  std::vector<Box> outside(std::vector<Box> boxes, Classes classes) const;                    // those for recipients without any of the classes
  Diagram& diagram() { return diagram_; }
  // Calls `each` with disjoint boxes of cells that hold the same, of one function or of two side by side, until it answers false.
  using Each = std::function<bool(const Box& box, std::uint32_t first, std::uint32_t second)>;
  bool for_each_box(NodeId first, NodeId second, const Each& each) const;
  // Sets the entry of every value the function takes; `out` is large enough.
  void mark_values(NodeId node, std::vector<bool>& out) const;
  // "purpose: wanted, alert; recipient: de.bka" of a box; "always" of an empty one.
  std::string words(const Box& box) const;
  // Hash of a function by what its cells hold, the same for any set of named agencies and groups.
  Hash hash(NodeId node, const std::function<std::string(std::uint32_t)>& word);

 private:
  void name_places(const std::vector<std::string>& names);
  std::size_t find(std::string_view key) const;
  bool visit(NodeId first, NodeId second, Box& box, const Each& each) const;
  Constraint constrain(std::size_t variable, const std::function<bool(std::size_t)>& test) const;
  std::vector<std::string> agencies_, countries_, groups_;
  std::vector<std::shared_ptr<const Policy>> policies_;
  std::size_t place_ = 0;
  Diagram diagram_;
  struct BuildKey {
    const Policy* policy;
    Policy::RuleBits rules;
    bool of_person;
    auto operator<=>(const BuildKey&) const = default;
  };
  std::map<BuildKey, NodeId> built_;     // fields with the same rules have the same cells
  std::map<NodeId, Hash> hashes_;
};

// SHA-256 over what every cell of the policy means (effect, basis, approvals). Errors: limit_exceeded when the policy is too entangled to be listed.
Result<Hash> table_fingerprint(const std::shared_ptr<const Policy>& policy);
// The same over effects only, screening included: equal for policies that no test of effects can tell apart.
Result<Hash> effect_fingerprint(const std::shared_ptr<const Policy>& policy);

// Disjoint cells that mean the same, for one group of fields.
struct TableLine {
  std::vector<std::string> fields;
  std::string facts;                    // Calls `each` with disjoint boxes of cells that hold the same, of one function or of two side by side, until it answers false.
  using Each = std::function<bool(const Box& box, std::uint32_t first, std::uint32_t second)>;
  bool for_each_box(NodeId first, NodeId second, const Each& each) const;
  // Sets the entry of every value the function takes; `out` is large enough.
  void mark_values(NodeId node, std::vector<bool>& out) const;
  // "purpose: wanted; recipient class: customs"
  CellMeaning meaning;
  std::string rule;                     // empty: the default
};
Result<std::vector<TableLine>> list_table(const std::shared_ptr<const Policy>& policy, std::size_t lines_max);

// invalid_settings with the line of the `never` and the rule and facts that break it.
Result<void> check_never(const std::shared_ptr<const Policy>& policy);

// "line 12: rule R7 never decides: ..." for an author; compile() has already refused what is wrong.
Result<std::vector<std::string>> warnings(const std::shared_ptr<const Policy>& policy);
// Fields a rule decides in at least one cell, by rule; the last entry is the default.
Result<std::vector<FieldSet>> deciding(const std::shared_ptr<const Policy>& policy, const FieldTable& fields);

}  // namespace liaison::policy
