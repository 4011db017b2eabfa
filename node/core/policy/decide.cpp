// Deciding every leaf of one record for one recipient: the winning rule per leaf, then what leaves owe each other (bases, lists, groups, inseparable
// leaves), then what persons decided. Leaves come in path order, so a list's length and a derived value's base stand before what depends on them.
#include <algorithm>
#include <bit>

#include "core/base/tags.h"
#include "core/merkle/sha256.h"
#include "core/policy/policy.h"
#include "core/record/path.h"

namespace liaison::policy {
namespace {

bool below(ByteView path, ByteView prefix) { return record::starts_with(path, prefix); }

// Of each leaf's hash this much stands in the digest: the record's root binds the rest, and 196 recipients are decided in a millisecond.
constexpr std::size_t leaf_digest_bytes = 16;

// Rules that match for one person and one set of handling codes.
struct Matched {
  int person;
  Values handling;
  FactBits facts;
  Policy::RuleBits rules;
};

}  // namespace

class LeafDecider {
 public:
  LeafDecider(const Policy& policy, const Policy::Kind& kind, const record::Manifest& manifest, const record::Openings& openings, const Situation& situation,
              std::span<const record::WithheldLeaf> held_back)
      : policy_(policy), kind_(kind), manifest_(manifest), openings_(openings), situation_(situation), held_back_(held_back), facts_(policy.facts_of(situation)) {
    for (const auto& code : manifest.handling) parts_ |= code.prefix.has_value();
    matched_.reserve(situation.persons.size() + 2);
  }

  Result<Decided> run(std::span<const std::string> audience_open, std::span<const Override> overrides) {
    reasons_.resize(openings_.size());
    roles_.resize(openings_.size(), Role::field);
    fields_.resize(openings_.size(), -1);
    for (std::size_t i = 0; i < openings_.size(); ++i) LIAISON_CHECK(decide_leaf(i, audience_open));
    for (const Override& decision : overrides) apply(decision);
    find_supports();
    hide_below();
    keep_named();
    open_above();
    refer_broken_groups();
    LIAISON_CHECK(check_held_back(overrides));
    return finish();
  }

 private:
  enum class Role : std::uint8_t { field, audience, decoy };
  struct Support { std::uint32_t leaf, support; bool base; };

  Result<void> decide_leaf(std::size_t i, std::span<const std::string> audience_open) {
    const ByteView path = openings_.path(i);
    LeafReason& reason = reasons_[i];
    if (record::is_decoy(path)) {
      roles_[i] = Role::decoy;
      reason.effect = Effect::disclose;
      return {};
    }
    if (record::is_audience(path)) {
      roles_[i] = Role::audience;
      const auto value = text(openings_[i].value);
      reason.effect = std::find(audience_open.begin(), audience_open.end(), value) == audience_open.end() ? Effect::opaque : Effect::disclose;
      return {};
    }
    fields_[i] = kind_.fields->locate(path);
    if (fields_[i] < 0) return fail(Errc::bad_format, "no decision for leaf " + to_hex(path));
    const Matched& matched = match(path, static_cast<std::size_t>(fields_[i]));
    reason.person = matched.person;
    win(static_cast<std::size_t>(fields_[i]), matched, reason);
    return {};
  }

  void win(std::size_t field, const Matched& matched, LeafReason& reason) const {
    const auto& covering = kind_.rules[field];
    for (std::size_t word = 0; word < covering.size(); ++word) {
      const std::uint64_t both = covering[word] & matched.rules[word];
      if (both == 0) continue;
      reason.rule = static_cast<int>(word * 64) + std::countr_zero(both);
      reason.effect = policy_.rules_[static_cast<std::size_t>(reason.rule)].effect;
      return;
    }
    reason.effect = Effect::withhold;
  }

  Values handling_of(ByteView path) const {
    Values out = facts_[Dim::handling];
    if (!parts_) return out;
    for (const auto& code : manifest_.handling) {
      if (!code.prefix || !below(path, *code.prefix)) continue;
      out = (out & ~handling_values({})) | value_bit(Dim::handling, code.code);
    }
    return out;
  }

  const Matched& match(ByteView path, std::size_t field) {
    const int person = kind_.fields->fields()[field].of_person ? FieldTable::person_of(path) : -1;
    const Values handling = handling_of(path);
    if (last_ < matched_.size() && matched_[last_].person == person && matched_[last_].handling == handling) return matched_[last_];
    for (last_ = 0; last_ < matched_.size(); ++last_)
      if (matched_[last_].person == person && matched_[last_].handling == handling) return matched_[last_];
    Matched made{person, handling, facts_, {}};
    made.facts[Dim::handling] = handling;
    if (message_.empty() || message_handling_ != handling) policy_.match_message(made.facts, message_);
    message_handling_ = handling;
    if (person < 0) {
      policy_.match_everybody(made.facts, situation_.persons, message_, made.rules);
    } else {
      const auto index = static_cast<std::size_t>(person);
      put_person(made.facts, index < situation_.persons.size() ? situation_.persons[index] : PersonFacts{});
      policy_.match_person(made.facts, message_, made.rules);
    }
    matched_.push_back(std::move(made));
    return matched_[last_];
  }

  // Of a field of the whole message every person counts.
  bool forbidden(std::size_t i) {
    const auto field = static_cast<std::size_t>(fields_[i]);
    FactBits facts = match(openings_.path(i), field).facts;
    if (kind_.fields->fields()[field].of_person || situation_.persons.empty()) return policy_.is_never(*kind_.fields, field, facts);
    return std::any_of(situation_.persons.begin(), situation_.persons.end(), [&](const PersonFacts& person) {
      put_person(facts, person);
      return policy_.is_never(*kind_.fields, field, facts);
    });
  }

  void apply(const Override& decision) {
    const auto found = openings_.find(decision.path);
    if (!found || roles_[*found] != Role::field || decision.effect == Effect::refer) return;
    LeafReason& reason = reasons_[*found];
    if (decision.effect == Effect::disclose && reason.effect != Effect::disclose && forbidden(*found)) return;
    reason.effect = decision.effect;
    reason.overridden = true;
  }

  // What each leaf hangs on: its base, the lengths and union types above it. Supports stand before what they carry, since paths ascend.
  void find_supports() {
    std::vector<std::uint32_t> above;
    std::size_t base = openings_.size();
    const auto& fields = kind_.fields->fields();
    for (std::uint32_t i = 0; i < openings_.size(); ++i) {
      if (roles_[i] != Role::field) continue;
      const ByteView path = openings_.path(i);
      const Field& field = fields[static_cast<std::size_t>(fields_[i])];
      while (!above.empty() && !below(path, openings_.path(above.back()))) above.pop_back();
      for (const std::uint32_t list : above) supports_.push_back({i, list, false});
      if (field.base < 0) base = i;
      else if (base < openings_.size() && equal(record::base_of(path), openings_.path(base))) supports_.push_back({i, static_cast<std::uint32_t>(base), true});
      if (!field.structural) continue;
      const auto type = openings_[i].type;
      if (type == record::LeafType::vector_length || type == record::LeafType::union_type) above.push_back(i);
    }
  }

  template <class Each>
  void for_each_support(const Each& each) {
    for (const Support& one : supports_) each(one.leaf, one.support, one.base);
  }

  void change(std::size_t i, Effect effect) {
    reasons_[i].effect = effect;
    reasons_[i].structural = true;
  }

  void hide_below() {
    for_each_support([&](std::size_t i, std::size_t support, bool) {
      if (reasons_[support].effect == Effect::opaque && reasons_[i].effect != Effect::opaque) change(i, Effect::opaque);
    });
  }

  bool named_in_manifest(ByteView path) const {
    const auto inseparable = [&](const Bytes& other) { return equal(path, other); };
    return std::any_of(manifest_.inseparable.begin(), manifest_.inseparable.end(), inseparable) ||
           std::any_of(manifest_.groups.begin(), manifest_.groups.end(), [&](const auto& group) { return below(path, group.prefix); }) ||
           std::any_of(manifest_.handling.begin(), manifest_.handling.end(), [&](const auto& code) { return code.prefix && below(path, *code.prefix); });
  }

  // What the originator named is never opaque, nor what it hangs on; what it called inseparable waits for a person instead of being withheld.
  void keep_named() {
    if (manifest_.inseparable.empty() && manifest_.groups.empty() && !parts_ && held_back_.empty()) return;
    for (std::size_t i = 0; i < openings_.size(); ++i) {
      if (roles_[i] != Role::field || reasons_[i].effect == Effect::disclose) continue;
      const ByteView path = openings_.path(i);
      if (reasons_[i].effect == Effect::opaque && named_in_manifest(path)) change(i, Effect::withhold);
      const bool inseparable = std::any_of(manifest_.inseparable.begin(), manifest_.inseparable.end(), [&](const Bytes& other) { return equal(path, other); });
      if (inseparable) change(i, Effect::refer);
    }
    for_each_support([&](std::size_t i, std::size_t support, bool) {
      if (reasons_[i].effect != Effect::opaque && reasons_[support].effect == Effect::opaque) change(support, Effect::withhold);
    });
    for (std::size_t i = 0; i < openings_.size(); ++i) {
      if (roles_[i] != Role::field || reasons_[i].effect != Effect::opaque) continue;
      const ByteView path = openings_.path(i);
      const bool carries = std::any_of(held_back_.begin(), held_back_.end(), [&](const auto& leaf) { return leaf.path.size() > path.size() && below(leaf.path, path); });
      if (carries && (openings_[i].type == record::LeafType::vector_length || openings_[i].type == record::LeafType::union_type)) change(i, Effect::withhold);
    }
  }

  void open_above() {
    for_each_support([&](std::size_t i, std::size_t support, bool base) {
      if (!base && reasons_[i].effect == Effect::disclose && reasons_[support].effect != Effect::disclose) change(support, Effect::disclose);
    });
  }

  void refer_broken_groups() {
    for (const auto& group : manifest_.groups) {
      std::size_t open = 0, closed = 0, waiting = 0;
      const auto in_group = [&](std::size_t i) { return roles_[i] == Role::field && below(openings_.path(i), group.prefix); };
      for (std::size_t i = 0; i < openings_.size(); ++i) {
        if (!in_group(i)) continue;
        ++(reasons_[i].effect == Effect::disclose ? open : closed);
        waiting += reasons_[i].effect == Effect::refer ? 1 : 0;
      }
      if (closed == 0 || (open == 0 && waiting == 0)) continue;
      for (std::size_t i = 0; i < openings_.size(); ++i)
        if (in_group(i) && reasons_[i].effect != Effect::disclose) change(i, Effect::refer);
    }
  }

  Result<void> check_held_back(std::span<const Override> overrides) {
    for (std::size_t i = 0; i < held_back_.size(); ++i) {
      const int field = kind_.fields->locate(held_back_[i].path);
      if (field < 0) continue;
      LeafReason reason;
      win(static_cast<std::size_t>(field), match(held_back_[i].path, static_cast<std::size_t>(field)), reason);
      const bool agreed = std::any_of(overrides.begin(), overrides.end(), [&](const Override& one) { return one.path == held_back_[i].path && one.effect == Effect::withhold; });
      if (reason.effect == Effect::opaque && !agreed) out_.referred_upstream.push_back(i);
    }
    return {};
  }

  void ask(const LeafReason& reason) {
    const bool by_rule = reason.rule >= 0 && policy_.rules_[static_cast<std::size_t>(reason.rule)].effect == Effect::refer;
    const Rule* rule = by_rule ? &policy_.rules_[static_cast<std::size_t>(reason.rule)] : nullptr;
    const bool first = out_.approvals == 0;
    out_.approvals = std::max(out_.approvals, rule != nullptr ? rule->approvals : 1U);
    out_.emergency = (first || out_.emergency) && rule != nullptr && rule->emergency;
    if (out_.emergency) out_.review_within = first ? rule->review_within : std::min(out_.review_within, rule->review_within);
  }

  Decided finish() {
    out_.leaves.resize(openings_.size());
    for (std::size_t i = 0; i < openings_.size(); ++i) {
      const LeafReason& reason = reasons_[i];
      if (reason.effect == Effect::opaque) out_.leaves[i].effect = record::LeafEffect::opaque;
      if (reason.effect == Effect::withhold || reason.effect == Effect::refer) {
        out_.leaves[i].effect = record::LeafEffect::withhold;
        out_.leaves[i].public_basis = policy_.basis_of(reason).shown;
      }
      if (reason.effect != Effect::refer) continue;
      out_.referred.push_back(i);
      ask(reason);
    }
    if (!out_.referred_upstream.empty()) ask({});
    if (!out_.emergency) out_.review_within = {};
    out_.digest = digest();
    out_.reasons = std::move(reasons_);
    return std::move(out_);
  }

  Hash digest() const {
    merkle::Sha256 hash;
    const auto add = [&](std::string_view chars) { hash.add_u16(static_cast<std::uint16_t>(chars.size())).add(chars); };
    hash.add(tags::decision).add(manifest_.root).add(manifest_.record.id.bytes).add_u32(manifest_.record.version);
    add(manifest_.from);
    add(situation_.recipient.agency);
    add(situation_.purpose);
    hash.add(policy_.ref_.fingerprint);
    for (const Values bits : facts_.bits) hash.add_u32(bits);
    Bytes tail;
    tail.reserve(situation_.persons.size() * 3 + openings_.size() * (leaf_digest_bytes + 1));
    for (const PersonFacts& person : situation_.persons) {
      put_u8(tail, static_cast<std::uint8_t>(person.status));
      put_u8(tail, static_cast<std::uint8_t>(person.nationality));
      put_u8(tail, static_cast<std::uint8_t>(person.minor));
    }
    for (std::size_t i = 0; i < openings_.size(); ++i) {
      if (roles_[i] == Role::decoy) continue;
      put(tail, ByteView(openings_.leaf_hashes()[i]).first(leaf_digest_bytes));
      put_u8(tail, static_cast<std::uint8_t>(reasons_[i].effect));
    }
    hash.add_u32(static_cast<std::uint32_t>(situation_.persons.size())).add(tail);
    hash.add_u32(static_cast<std::uint32_t>(out_.referred_upstream.size()));
    return hash.finish();
  }

  const Policy& policy_;
  const Policy::Kind& kind_;
  const record::Manifest& manifest_;
  const record::Openings& openings_;
  const Situation& situation_;
  std::span<const record::WithheldLeaf> held_back_;
  FactBits facts_;
  bool parts_ = false;               // some handling code belongs to a part of the message
  std::vector<LeafReason> reasons_;
  std::vector<Role> roles_;
  std::vector<int> fields_;
  std::vector<Support> supports_;
  std::vector<Matched> matched_;
  std::size_t last_ = 0;
  Policy::RuleBits message_;         // rules the message alone satisfies, with these handling codes
  Values message_handling_ = 0;
  Decided out_;
};

Result<Decided> Policy::decide(const record::Schema& schema, const record::Manifest& manifest, const record::Openings& openings, const Situation& situation,
                               std::span<const std::string> audience_open, std::span<const Override> overrides, std::span<const record::WithheldLeaf> held_back) const {
  const Kind* found = kind(schema.hash());
  if (found == nullptr) return fail(Errc::unknown_schema, schema.kind() + ": the policy decides shipped kinds only");
  return LeafDecider(*this, *found, manifest, openings, situation, held_back).run(audience_open, overrides);
}

}  // namespace liaison::policy
