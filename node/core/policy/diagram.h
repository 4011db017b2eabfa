// Decision diagrams: a function from many small variables to a number, stored once per distinct sub-function, so that whole tables are compared exactly
// without listing their cells. Two functions are equal if and only if their nodes are. Grows up to a limit, then says so. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace liaison::policy {

using NodeId = std::uint32_t;

struct Variable {
  std::string key;                       // "purpose"; "group timber"
  std::vector<std::string> values;       // in words
};
struct Constraint {
  std::size_t variable;
  std::vector<bool> values;
};
using Box = std::vector<Constraint>;     // ascending by variable; a variable that is not named is free

class Diagram {
 public:
  explicit Diagram(std::vector<Variable> variables) : variables_(std::move(variables)) {}
  const std::vector<Variable>& variables() const { return variables_; }
  NodeId constant(std::uint32_t value);
  // `function`, but `value` inside the box.
  NodeId override_in(NodeId function, const Box& box, std::uint32_t value);
  bool is_constant(NodeId node) const { return nodes_[node].variable == constant_variable; }
  std::uint32_t value(NodeId constant) const { return nodes_[constant].children[0]; }
  std::size_t variable(NodeId node) const { return nodes_[node].variable; }  // of a constant: larger than any
  const std::vector<NodeId>& children(NodeId node) const { return nodes_[node].children; }
  NodeId child(NodeId node, std::size_t variable, std::size_t value) const { return nodes_[node].variable == variable ? nodes_[node].children[value] : node; }
  bool overflowed() const { return overflowed_; }  // results are then meaningless

 private:
  static constexpr std::size_t constant_variable = SIZE_MAX;
  struct Node { std::size_t variable; std::vector<NodeId> children; };
  struct KeyHash { std::size_t operator()(const std::pair<std::size_t, std::vector<NodeId>>& key) const; };
  NodeId make(std::size_t variable, std::vector<NodeId> children);
  NodeId override_from(NodeId function, const Box& box, std::size_t at, NodeId value, std::map<std::pair<NodeId, std::size_t>, NodeId>& done);
  std::vector<Variable> variables_;
  std::vector<Node> nodes_;
  std::unordered_map<std::pair<std::size_t, std::vector<NodeId>>, NodeId, KeyHash> known_;
  bool overflowed_ = false;
};

}  // namespace liaison::policy
