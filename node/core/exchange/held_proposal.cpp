// What a decision of people would send (held.h): their overrides over the policy's decision, and the digest they approve. Nothing is stored here.
// The digest covers the policy, the facts, the directory and every leaf's effect, so that a change of any of them voids what was approved before.
#include <algorithm>
#include <set>

#include "core/base/tags.h"
#include "core/exchange/held.h"
#include "core/record/path.h"

namespace liaison::exchange {
namespace {
using policy::Effect;
using policy::Override;
using record::LeafEffect;

Effect effect_of(LeafEffect effect) { return effect == LeafEffect::open ? Effect::disclose : effect == LeafEffect::withhold ? Effect::withhold : Effect::opaque; }

class Proposer {
 public:
  Proposer(const Context& context, const HeldRow& row, const StoredRecord& held, const record::Schema& schema) : context_(context), row_(row), held_(held), openings_(held.package.openings), schema_(schema) {}

  Result<Proposal> run(HeldAction action, std::span<const std::string> items) {
    LIAISON_TRY(const auto released, choose(action, items));
    LIAISON_TRY(const auto before, decide(row_.overrides));
    if (is_later(row_.what)) {
      LIAISON_TRY(given_, load_given(context_, row_.record, held_.package, row_.recipient));
    }
    Proposal out;
    if (row_.what == HeldWhat::release) {
      LIAISON_TRY(out.overrides, overrides_of_release(released));
      out.approvals_needed = std::max(2U, before.approvals);
    } else {
      out.overrides = overrides_of_held(released, before);
      bool loosens = false, beyond = false;  // beyond: against what the policy holds back, as in a later release
      for (std::size_t i = 0; i < released.size(); ++i) {
        loosens |= released[i];
        beyond |= released[i] && lost(i, before);
      }
      out.approvals_needed = loosens ? std::max(beyond ? 2U : 1U, before.approvals) : 1;  // one person may always hold back more
    }
    LIAISON_TRY(out.decided, decide(out.overrides));
    find_stuck(released, out);
    LIAISON_TRY(auto repeats, find_repetitions(input(out.overrides), out.decided));
    std::set<std::size_t> excused;
    for (auto& repeat : repeats) {
      if (asked_[repeat.found_in] && released[repeat.found_in]) excused.insert(repeat.found_in);
      else out.repeats.push_back(std::move(repeat));
    }
    out.digest = digest_of(out, excused);
    return out;
  }

 private:
  DecisionInput input(std::span<const Override> overrides) const { return {schema_, held_.manifest, held_.package, row_.recipient, &held_.facts, overrides}; }
  Result<policy::Decided> decide(std::span<const Override> overrides) const { return decide_record(context_, input(overrides)); }

  // True: leaves; of what is asked about, everything else is held back. Also marks what is asked about.
  Result<std::vector<bool>> choose(HeldAction action, std::span<const std::string> items) {
    asked_.assign(openings_.size(), false);
    chosen_.assign(openings_.size(), false);
    for (const auto& path : row_.paths)
      if (const auto index = openings_.find(path)) asked_[*index] = true;
    std::vector<bool> named(openings_.size());
    for (const auto& item : items) {
      const auto leaves = leaves_named(schema_, openings_, item);
      const bool fits = std::any_of(leaves.begin(), leaves.end(), [&](std::size_t leaf) { return action == HeldAction::withhold || asked_[leaf]; });
      if (!fits) return fail(Errc::not_found, "item " + item + (leaves.empty() ? " does not stand in this record" : " is not asked about") + "; see: liaison held show");
      for (const std::size_t leaf : leaves) named[leaf] = true;
    }
    std::vector<bool> released(openings_.size());
    for (std::size_t i = 0; i < openings_.size(); ++i) {
      if (action == HeldAction::release) released[i] = asked_[i] && (items.empty() || named[i]);
      else released[i] = asked_[i] && !items.empty() && !named[i];
      chosen_[i] = asked_[i] || (action == HeldAction::withhold && named[i]);
    }
    return released;
  }

  std::vector<Override> overrides_of_held(const std::vector<bool>& released, const policy::Decided& before) const {
    std::vector<Override> overrides = row_.overrides;
    for (std::size_t i = 0; i < openings_.size(); ++i) {
      if (!chosen_[i]) continue;
      const Bytes path = to_bytes(openings_.path(i));
      std::erase_if(overrides, [&](const Override& one) { return one.path == path; });
      const bool referred = std::find(before.referred.begin(), before.referred.end(), i) != before.referred.end();
      // Where a value stands again the policy discloses anyway: nothing is loosened beyond it.
      if (!released[i]) overrides.push_back({path, Effect::withhold});
      else if (referred || lost(i, before)) overrides.push_back({path, Effect::disclose});
    }
    for (const std::size_t upstream : before.referred_upstream) overrides.push_back({held_.package.withheld[upstream].path, Effect::withhold});
    return overrides;
  }

  // Exactly what the recipient has, and what is asked for.
  Result<std::vector<Override>> overrides_of_release(const std::vector<bool>& released) const {
    if (!row_.supersedes || !given_ || given_->disclosure != *row_.supersedes) return fail(Errc::superseded, row_.recipient + " got something else meanwhile; ask again");
    std::vector<Override> overrides;
    for (std::size_t i = 0; i < openings_.size(); ++i) {
      const ByteView path = openings_.path(i);
      if (record::is_audience(path) || record::is_decoy(path)) continue;
      if (released[i]) overrides.push_back({to_bytes(path), Effect::disclose});
      else if (given_->effects[i]) overrides.push_back({to_bytes(path), effect_of(*given_->effects[i])});
    }
    return overrides;
  }

  // The recipient has it and would not get it again.
  bool lost(std::size_t leaf, const policy::Decided& decided) const {
    const ByteView path = openings_.path(leaf);
    return given_ && given_->has(leaf) && decided.leaves[leaf].effect != LeafEffect::open && !record::is_audience(path) && !record::is_decoy(path);
  }

  void find_stuck(const std::vector<bool>& released, Proposal& out) const {
    const auto& leaves = out.decided.leaves;
    for (std::size_t i = 0; i < openings_.size(); ++i)
      if (lost(i, out.decided)) out.stuck.push_back(to_bytes(openings_.path(i)));
    for (const std::size_t leaf : out.decided.referred) out.stuck.push_back(to_bytes(openings_.path(leaf)));
    for (const std::size_t upstream : out.decided.referred_upstream) out.stuck.push_back(held_.package.withheld[upstream].path);
    for (const auto& one : out.overrides) {
      const auto leaf = openings_.find(one.path);
      const bool wanted_open = leaf && (one.effect == Effect::disclose || released[*leaf]);
      if (wanted_open && leaves[*leaf].effect != LeafEffect::open && std::find(out.stuck.begin(), out.stuck.end(), one.path) == out.stuck.end()) out.stuck.push_back(one.path);
    }
  }

  Hash digest_of(const Proposal& out, const std::set<std::size_t>& excused) const {
    merkle::Sha256 digest;
    digest.add(view(tags::held)).add(out.decided.digest).add(context_.directory->hash()).add(merkle::sha256(encode(held_.facts))).add(row_.supersedes.value_or(Hash{}));
    for (const std::size_t leaf : excused) digest.add(openings_[leaf].leaf);
    return digest.finish();
  }

  const Context& context_;
  const HeldRow& row_;
  const StoredRecord& held_;
  const record::Openings& openings_;
  const record::Schema& schema_;
  std::optional<Given> given_; // what the recipient has already
  std::vector<bool> asked_;    // by opening
  std::vector<bool> chosen_;   // a person's word counts on it
};
}  // namespace

Result<Proposal> make_proposal(const Context& context, const HeldRow& row, const StoredRecord& held, HeldAction action, std::span<const std::string> items) {
  LIAISON_TRY(const auto schema, schema_of(context, held.manifest));
  return Proposer(context, row, held, *schema).run(action, items);
}

}  // namespace liaison::exchange
