// Matching of rules against facts, decisions per field, and inbound screening. No allocation per rule; callers keep the bit sets.
#include "core/policy/policy.h"

#include <algorithm>
#include <bit>

namespace liaison::policy {
namespace {

constexpr std::array<std::string_view, 5> effect_names{"", "opaque", "withhold", "refer", "disclose"};

void set(Policy::RuleBits& bits, std::size_t rule) { bits[rule / 64] |= std::uint64_t{1} << (rule % 64); }

}  // namespace

std::string_view name(Effect effect) { return effect_names[static_cast<std::size_t>(effect)]; }

std::optional<Effect> find_effect(std::string_view chars) {
  for (std::size_t i = 1; i < effect_names.size(); ++i)
    if (effect_names[i] == chars) return static_cast<Effect>(i);
  return std::nullopt;
}

std::string_view name(Screen verdict) { return verdict == Screen::accept ? "accept" : verdict == Screen::hold ? "hold" : "refuse"; }

const Policy::Kind* Policy::kind(const Hash& schema) const {
  for (const Kind& kind : kinds_)
    if (kind.fields->schema() == schema) return &kind;
  return nullptr;
}

const Policy::RuleBits& Policy::covering(const FieldTable& fields, std::size_t field) const {
  const Kind* found = kind(fields.schema());
  liaison_assert(found != nullptr);
  return found->rules[field];
}

bool Policy::never_covers(const FieldTable& fields, std::size_t never, std::size_t field) const {
  const Kind* found = kind(fields.schema());
  liaison_assert(found != nullptr);
  return found->never[never][field];
}

bool Policy::is_never(const FieldTable& fields, std::size_t field, const FactBits& facts) const {
  const Kind* found = kind(fields.schema());
  liaison_assert(found != nullptr);
  for (std::size_t i = 0; i < never_.size(); ++i) {
    if (!found->never[i][field] || (never_[i].outside & facts.recipient->classes) != 0) continue;
    if (message_matches(never_[i].when, facts) && person_matches(never_[i].when, facts)) return true;
  }
  return false;
}

void Policy::match_message(const FactBits& facts, RuleBits& out) const {
  out.assign((rules_.size() + 63) / 64, 0);
  for (std::size_t r = 0; r < rules_.size(); ++r)
    if (message_matches(rules_[r].when, facts)) set(out, r);
}

void Policy::match_person(const FactBits& facts, const RuleBits& message, RuleBits& out) const {
  out.assign(message.size(), 0);
  for (std::size_t word = 0; word < message.size(); ++word) {
    for (std::uint64_t left = message[word]; left != 0; left &= left - 1) {
      const std::size_t r = word * 64 + static_cast<std::size_t>(std::countr_zero(left));
      if (!rules_[r].when.asks_person() || person_matches(rules_[r].when, facts)) set(out, r);
    }
  }
}

// A field of the whole message is restricted by what holds for anybody in it and permitted by what holds for everybody.
void Policy::match_everybody(FactBits facts, std::span<const PersonFacts> persons, const RuleBits& message, RuleBits& out) const {
  out.assign(message.size(), 0);
  for (std::size_t word = 0; word < message.size(); ++word) {
    for (std::uint64_t left = message[word]; left != 0; left &= left - 1) {
      const std::size_t r = word * 64 + static_cast<std::size_t>(std::countr_zero(left));
      const When& when = rules_[r].when;
      const auto match = [&](const PersonFacts& person) {
        put_person(facts, person);
        return person_matches(when, facts);
      };
      const bool matched = !when.asks_person() ||
                           (when.leaning == Leaning::restrictive ? std::any_of(persons.begin(), persons.end(), match) : std::all_of(persons.begin(), persons.end(), match));
      if (matched) set(out, r);
    }
  }
}

Policy::RuleBits Policy::matching(const Situation& situation, int person) const {
  FactBits facts = facts_of(situation);
  RuleBits message, out;
  match_message(facts, message);
  if (person < 0) {
    match_everybody(facts, situation.persons, message, out);
    return out;
  }
  const auto index = static_cast<std::size_t>(person);
  put_person(facts, index < situation.persons.size() ? situation.persons[index] : PersonFacts{});
  match_person(facts, message, out);
  return out;
}

std::vector<FieldEffect> Policy::decide_fields(const FieldTable& fields, const Situation& situation) const {
  const Kind* found = kind(fields.schema());
  liaison_assert(found != nullptr);
  const RuleBits everybody = matching(situation, -1), first = matching(situation, 0);
  std::vector<FieldEffect> out(fields.fields().size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const RuleBits& active = fields.fields()[i].of_person ? first : everybody;
    for (std::size_t word = 0; word < active.size(); ++word) {
      const std::uint64_t both = active[word] & found->rules[i][word];
      if (both == 0) continue;
      out[i].rule = static_cast<int>(word * 64) + std::countr_zero(both);
      out[i].effect = rules_[static_cast<std::size_t>(out[i].rule)].effect;
      break;
    }
  }
  return out;
}

Screened Policy::screen(const ScreenFacts& facts) const {
  const FactBits bits = facts_of(facts.situation);
  for (const ScreenRule& rule : screening_) {
    if (facts.bytes <= rule.larger_than && rule.larger_than != 0) continue;
    if (message_matches(rule.when, bits)) return {rule.effect, rule.id, rule.effect == Screen::accept ? std::string() : rule.reason};
  }
  return {screening_default_, {}, screening_default_ == Screen::accept ? std::string() : "no-rule"};
}

}  // namespace liaison::policy
