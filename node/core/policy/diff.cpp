// See diff.h. Both tables stand over one set of variables; fields that change in the same way are told together. Nothing is dropped silently.
#include "core/policy/diff.h"

#include <algorithm>

namespace liaison::policy {
namespace {

Change change_of(const CellMeaning& before, const CellMeaning& after) {
  if (after.effect == Effect::disclose && before.effect != Effect::disclose) return Change::newly_disclosed;
  if (after.effect == Effect::refer && before.effect < Effect::refer) return Change::newly_referred;
  if (after.effect < Effect::refer && before.effect >= Effect::refer) return Change::newly_withheld;
  return Change::changed;
}

bool loosens(const CellMeaning& before, const CellMeaning& after) {
  if (after.effect == Effect::disclose) return before.effect != Effect::disclose;
  if (after.effect != Effect::refer || before.effect > Effect::refer) return false;
  return before.effect < Effect::refer || after.approvals < before.approvals || (after.emergency && !before.emergency) || after.review_within > before.review_within;
}

bool same(const Never& a, const Never& b) {
  const auto conditions = [](const When& when) {
    std::vector<std::pair<Dim, Values>> out;
    for (const auto& one : when.conditions) out.emplace_back(one.dim, one.written);
    return out;
  };
  return a.outside == b.outside && a.selection.paths == b.selection.paths && a.selection.categories == b.selection.categories && a.selection.items == b.selection.items &&
         conditions(a.when) == conditions(b.when) && a.when.kinds == b.when.kinds && a.when.recipients == b.when.recipients && a.when.countries == b.when.countries &&
         a.when.groups == b.when.groups;
}

bool same(const ScreenRule& a, const ScreenRule& b) {
  return a.effect == b.effect && a.reason == b.reason && a.larger_than == b.larger_than && same({0, {}, a.when, 0}, {0, {}, b.when, 0});
}

class Comparison {
 public:
  Comparison(const std::shared_ptr<const Policy>& before, const std::shared_ptr<const Policy>& after, std::size_t changes_max)
      : before_(before), after_(after), changes_max_(changes_max), table_({before, after}) {}

  Result<PolicyDiff> run() {
    whole_policy();
    for (const FieldTable& fields : shipped_fields()) LIAISON_CHECK(compare(fields));
    return std::move(out_);
  }

 private:
  // A number per rule of either side that means a distinct cell, so that equal cells of both are the same node.
  std::uint32_t label(const Policy& policy, int rule) {
    const CellMeaning meaning = meaning_of(policy, rule);
    const auto found = std::find(meanings_.begin(), meanings_.end(), meaning);
    if (found != meanings_.end()) return static_cast<std::uint32_t>(found - meanings_.begin());
    meanings_.push_back(meaning);
    return static_cast<std::uint32_t>(meanings_.size() - 1);
  }

  Result<void> compare(const FieldTable& fields) {
    std::map<std::pair<NodeId, NodeId>, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < fields.fields().size(); ++i) {
      const NodeId first = table_.build(*before_, fields, i, [&](int rule) { return label(*before_, rule); });
      const NodeId second = table_.build(*after_, fields, i, [&](int rule) { return label(*after_, rule); });
      if (first != second) groups[{first, second}].push_back(i);
    }
    if (table_.diagram().overflowed()) return fail(Errc::limit_exceeded, "the two policies are too entangled to be compared");
    for (const auto& [roots, numbers] : groups) {
      std::vector<std::string> names;
      for (const std::size_t i : numbers) names.push_back(fields.fields()[i].name);
      table_.for_each_box(roots.first, roots.second, [&](const Box& box, std::uint32_t first, std::uint32_t second) {
        if (first != second) note(names, box, meanings_[first], meanings_[second]);
        return true;
      });
    }
    return {};
  }

  void note(const std::vector<std::string>& names, const Box& box, const CellMeaning& before, const CellMeaning& after) {
    out_.loosens = out_.loosens || loosens(before, after);
    if (out_.changes.size() >= changes_max_) out_.complete = false;
    else out_.changes.push_back({change_of(before, after), names, table_.words(box), before, after});
  }

  void whole(std::string what, bool looser) {
    CellChange change;
    change.change = Change::changed;
    change.facts = std::move(what);
    out_.changes.push_back(std::move(change));
    out_.loosens = out_.loosens || looser;
  }

  void whole_policy() {
    if (before_->relays() != after_->relays()) whole(after_->relays() ? "records of other agencies are now relayed" : "records of other agencies are no longer relayed", after_->relays());
    for (const Never& never : before_->never())
      if (std::none_of(after_->never().begin(), after_->never().end(), [&](const Never& other) { return same(never, other); }))
        whole("the never of line " + std::to_string(never.line) + " is gone or changed", true);
    const bool screening = before_->screening_default() == after_->screening_default() &&
                           std::equal(before_->screening().begin(), before_->screening().end(), after_->screening().begin(), after_->screening().end(),
                                      [](const ScreenRule& a, const ScreenRule& b) { return same(a, b); });
    if (!screening) whole("screening of inbound records changes", true);
  }

  std::shared_ptr<const Policy> before_, after_;
  std::size_t changes_max_;
  Table table_;
  std::vector<CellMeaning> meanings_;
  PolicyDiff out_;
};

}  // namespace

std::string_view name(Change change) {
  constexpr std::array<std::string_view, 4> names{"newly disclosed", "newly referred", "newly withheld", "changed"};
  return names[static_cast<std::size_t>(change)];
}

Result<PolicyDiff> diff_policies(const std::shared_ptr<const Policy>& before, const std::shared_ptr<const Policy>& after, std::size_t changes_max) {
  return Comparison(before, after, changes_max).run();
}

}  // namespace liaison::policy
