// Building and reading decision tables. Rules are laid over the default from the weakest to the strongest, so each cell ends with the rule that wins it.
#include "core/policy/table.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/merkle/sha256.h"
#include "core/policy/text.h"

namespace liaison::policy {
namespace {

Error too_entangled() {
  return fail(Errc::limit_exceeded, "the policy's table has more than " + std::to_string(limits::policy_nodes_max) + " nodes; use fewer conditions together");
}

std::uint32_t by_rule(int rule) { return static_cast<std::uint32_t>(rule + 1); }

std::string number(std::int64_t value) { return std::to_string(value); }

std::string full_word(const CellMeaning& cell) {
  return std::string(name(cell.effect)) + "\n" + cell.basis.id + "\n" + cell.basis.text + "\n" + cell.basis.shown + "\n" + number(cell.approvals) + (cell.emergency ? "e" : "-") +
         number(cell.review_within.count());
}

// Cells with equal words share a number, so that equal tables are equal diagrams.
class WordLabels {
 public:
  explicit WordLabels(const std::function<std::string(const CellMeaning&)>& word) : word_(word) {}
  Table::Label label(const Policy& policy) {
    return [this, &policy](int rule) {
      const std::string word = word_(meaning_of(policy, rule));
      const auto number = static_cast<std::uint32_t>(std::find(words_.begin(), words_.end(), word) - words_.begin());
      if (number == words_.size()) words_.push_back(word);
      return number;
    };
  }
  const std::string& operator[](std::uint32_t number) const { return words_[number]; }

 private:
  std::function<std::string(const CellMeaning&)> word_;
  std::vector<std::string> words_;
};

Result<Hash> fingerprint(const std::shared_ptr<const Policy>& policy, const std::function<std::string(const CellMeaning&)>& word) {
  Table table({policy});
  WordLabels labels(word);
  Bytes all;
  for (const FieldTable& fields : shipped_fields()) {
    for (std::size_t i = 0; i < fields.fields().size(); ++i) {
      const NodeId root = table.build(*policy, fields, i, labels.label(*policy));
      if (table.diagram().overflowed()) return too_entangled();
      put(all, fields.kind() + " " + fields.fields()[i].name + "\n");
      put(all, table.hash(root, [&](std::uint32_t value) { return labels[value]; }));
    }
  }
  Table senders({policy});
  NodeId root = senders.diagram().constant(0);
  std::vector<std::string> verdicts{std::string(name(policy->screening_default()))};
  for (auto rule = policy->screening().rbegin(); rule != policy->screening().rend(); ++rule) {
    verdicts.push_back(std::string(name(rule->effect)) + " " + rule->reason);
    if (rule->larger_than == 0)
      for (const Box& box : senders.boxes(rule->when, *policy, true)) root = senders.diagram().override_in(root, box, static_cast<std::uint32_t>(verdicts.size() - 1));
    else put(all, "larger " + number(static_cast<std::int64_t>(rule->larger_than)) + " " + verdicts.back() + "\n");
  }
  if (senders.diagram().overflowed()) return too_entangled();
  put(all, senders.hash(root, [&](std::uint32_t value) { return verdicts[value]; }));
  return merkle::sha256(all);
}

}  // namespace

CellMeaning meaning_of(const Policy& policy, int rule) {
  CellMeaning out;
  if (rule < 0) {
    out.basis = policy.default_basis();
    return out;
  }
  const Rule& from = policy.rules()[static_cast<std::size_t>(rule)];
  out.effect = from.effect;
  out.basis = policy.bases()[from.basis];
  if (from.effect == Effect::refer) {
    out.approvals = from.approvals;
    out.emergency = from.emergency;
    out.review_within = from.review_within;
  }
  return out;
}

NodeId Table::build(const Policy& policy, const FieldTable& fields, std::size_t field, const Label& label) {
  const Policy::RuleBits& covering = policy.covering(fields, field);
  const bool of_person = fields.fields()[field].of_person;
  const auto known = built_.find({&policy, covering, of_person});
  if (known != built_.end()) return known->second;
  NodeId root = diagram_.constant(label(-1));
  for (std::size_t r = policy.rules().size(); r-- > 0;) {
    if ((covering[r / 64] >> (r % 64) & 1) == 0) continue;
    const std::uint32_t value = label(static_cast<int>(r));
    for (const Box& box : boxes(policy.rules()[r].when, policy, of_person)) root = diagram_.override_in(root, box, value);
  }
  built_.emplace(BuildKey{&policy, covering, of_person}, root);
  return root;
}

void Table::mark_values(NodeId node, std::vector<bool>& out) const {
  std::set<NodeId> seen{node};
  for (std::vector<NodeId> left{node}; !left.empty();) {
    const NodeId next = left.back();
    left.pop_back();
    if (diagram_.is_constant(next)) {
      out[diagram_.value(next)] = true;
      continue;
    }
    for (const NodeId child : diagram_.children(next))
      if (seen.insert(child).second) left.push_back(child);
  }
}

bool Table::for_each_box(NodeId first, NodeId second, const Each& each) const {
  Box box;
  return visit(first, second, box, each);
}

bool Table::visit(NodeId first, NodeId second, Box& box, const Each& each) const {
  if (diagram_.is_constant(first) && diagram_.is_constant(second)) return each(box, diagram_.value(first), diagram_.value(second));
  const std::size_t variable = std::min(diagram_.variable(first), diagram_.variable(second));
  const std::size_t count = diagram_.variables()[variable].values.size();
  std::map<std::pair<NodeId, NodeId>, std::vector<bool>> ways;
  for (std::size_t i = 0; i < count; ++i) {
    auto& values = ways[{diagram_.child(first, variable, i), diagram_.child(second, variable, i)}];
    values.resize(count);
    values[i] = true;
  }
  for (const auto& [next, values] : ways) {
    box.push_back({variable, values});
    const bool go_on = visit(next.first, next.second, box, each);
    box.pop_back();
    if (!go_on) return false;
  }
  return true;
}

Result<Hash> table_fingerprint(const std::shared_ptr<const Policy>& policy) { return fingerprint(policy, full_word); }
Result<Hash> effect_fingerprint(const std::shared_ptr<const Policy>& policy) {
  return fingerprint(policy, [](const CellMeaning& cell) { return std::string(name(cell.effect)); });
}

Result<std::vector<TableLine>> list_table(const std::shared_ptr<const Policy>& policy, std::size_t lines_max) {
  Table table({policy});
  std::vector<TableLine> out;
  for (const FieldTable& fields : shipped_fields()) {
    std::vector<std::pair<NodeId, std::vector<std::string>>> groups;
    for (std::size_t i = 0; i < fields.fields().size(); ++i) {
      const NodeId root = table.build(*policy, fields, i, by_rule);
      auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == root; });
      if (found == groups.end()) found = groups.insert(found, {root, {}});
      found->second.push_back(fields.fields()[i].name);
    }
    if (table.diagram().overflowed()) return too_entangled();
    for (const auto& [root, names] : groups) {
      table.for_each_box(root, root, [&, &names = names](const Box& box, std::uint32_t value, std::uint32_t) {
        const int rule = static_cast<int>(value) - 1;
        out.push_back({names, table.words(box), meaning_of(*policy, rule), rule < 0 ? std::string() : policy->rules()[static_cast<std::size_t>(rule)].id});
        return out.size() <= lines_max;
      });
      if (out.size() > lines_max) return fail(Errc::limit_exceeded, "the table has more than " + std::to_string(lines_max) + " lines");
    }
  }
  return out;
}

Result<void> check_never(const std::shared_ptr<const Policy>& policy) {
  if (policy->never().empty()) return {};
  Table table({policy});
  for (std::size_t n = 0; n < policy->never().size(); ++n) {
    const Never& never = policy->never()[n];
    for (const FieldTable& fields : shipped_fields()) {
      for (std::size_t i = 0; i < fields.fields().size(); ++i) {
        if (!policy->never_covers(fields, n, i)) continue;
        NodeId region = table.diagram().constant(0);
        for (const Box& box : table.outside(table.boxes(never.when, *policy, fields.fields()[i].of_person), never.outside)) region = table.diagram().override_in(region, box, 1);
        const NodeId root = table.build(*policy, fields, i, by_rule);
        if (table.diagram().overflowed()) return too_entangled();
        std::string broken;
        table.for_each_box(root, region, [&](const Box& box, std::uint32_t value, std::uint32_t inside) {
          const int rule = static_cast<int>(value) - 1;
          const CellMeaning meaning = meaning_of(*policy, rule);
          if (inside == 0 || meaning.effect < Effect::refer) return true;
          broken = "rule " + policy->rules()[static_cast<std::size_t>(rule)].id + " (" + std::string(name(meaning.effect)) + ") opens " + fields.fields()[i].name + " although never forbids it, for " + table.words(box);
          return false;
        });
        if (!broken.empty()) return source_error(never.line, broken, "add a rule that withholds it there, or narrow the rule or the never");
      }
    }
  }
  return {};
}

Result<std::vector<FieldSet>> deciding(const std::shared_ptr<const Policy>& policy, const FieldTable& fields) {
  Table table({policy});
  std::vector<FieldSet> out(policy->rules().size() + 1, FieldSet(fields.fields().size()));
  std::map<NodeId, std::vector<bool>> winners;
  for (std::size_t i = 0; i < fields.fields().size(); ++i) {
    const NodeId root = table.build(*policy, fields, i, by_rule);
    if (table.diagram().overflowed()) return too_entangled();
    auto [found, fresh] = winners.try_emplace(root, policy->rules().size() + 1);
    if (fresh) table.mark_values(root, found->second);
    for (std::size_t value = 0; value < found->second.size(); ++value)
      if (found->second[value]) out[value == 0 ? policy->rules().size() : value - 1][i] = true;
  }
  return out;
}

Result<std::vector<std::string>> warnings(const std::shared_ptr<const Policy>& policy) {
  std::vector<bool> decides(policy->rules().size());
  for (const FieldTable& fields : shipped_fields()) {
    LIAISON_TRY(const auto sets, deciding(policy, fields));
    for (std::size_t r = 0; r < decides.size(); ++r) decides[r] = decides[r] || std::find(sets[r].begin(), sets[r].end(), true) != sets[r].end();
  }
  std::vector<std::string> out;
  for (std::size_t r = 0; r < decides.size(); ++r)
    if (!decides[r]) out.push_back("line " + number(policy->rules()[r].line) + ": rule " + policy->rules()[r].id + " never decides: stricter or earlier rules always win; remove it or narrow them");
  return out;
}

}  // namespace liaison::policy
