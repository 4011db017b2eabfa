// See diagram.h. Nodes are numbered in the order they were first needed; a node all of whose children are equal is its child.
#include "core/policy/diagram.h"

#include <algorithm>

#include "core/base/limits.h"

namespace liaison::policy {

std::size_t Diagram::KeyHash::operator()(const std::pair<std::size_t, std::vector<NodeId>>& key) const {
  std::size_t out = key.first * 0x9E3779B97F4A7C15U;
  for (const NodeId child : key.second) out = (out ^ child) * 0x100000001B3U + (out >> 29);
  return out;
}

NodeId Diagram::make(std::size_t variable, std::vector<NodeId> children) {
  if (variable != constant_variable && std::all_of(children.begin(), children.end(), [&](NodeId child) { return child == children[0]; })) return children[0];
  const auto [found, fresh] = known_.try_emplace({variable, children}, static_cast<NodeId>(nodes_.size()));
  if (!fresh) return found->second;
  if (nodes_.size() >= limits::policy_nodes_max) overflowed_ = true;
  nodes_.push_back({variable, std::move(children)});
  return found->second;
}

NodeId Diagram::constant(std::uint32_t value) { return make(constant_variable, {value}); }

NodeId Diagram::override_in(NodeId function, const Box& box, std::uint32_t value) {
  std::map<std::pair<NodeId, std::size_t>, NodeId> done;
  return override_from(function, box, 0, constant(value), done);
}

NodeId Diagram::override_from(NodeId function, const Box& box, std::size_t at, NodeId value, std::map<std::pair<NodeId, std::size_t>, NodeId>& done) {
  if (at == box.size() || overflowed_) return value;
  const auto known = done.find({function, at});
  if (known != done.end()) return known->second;
  const std::size_t own = nodes_[function].variable, asked = box[at].variable;
  std::vector<NodeId> next(variables_[std::min(own, asked)].values.size());
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (own < asked) {
      const NodeId below = nodes_[function].children[i];
      next[i] = override_from(below, box, at, value, done);
    } else {
      const NodeId below = child(function, asked, i);
      next[i] = box[at].values[i] ? override_from(below, box, at + 1, value, done) : below;
    }
  }
  const NodeId out = make(std::min(own, asked), std::move(next));
  done.emplace(std::pair{function, at}, out);
  return out;
}

}  // namespace liaison::policy
