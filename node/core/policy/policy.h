// A compiled disclosure policy: for every leaf of a record and one recipient may it leave, under which rule and basis, and if not, what is seen instead.
// No rule means withhold; the strictest effect wins; an unknown fact restricts. Immutable, shared between threads. Pure.
#pragma once
#include <memory>

#include "core/policy/conditions.h"
#include "core/policy/fields.h"
#include "core/record/package.h"

namespace liaison::policy {

enum class Effect : std::uint8_t { opaque = 1, withhold = 2, refer = 3, disclose = 4 };  // ascending: less strict
std::string_view name(Effect effect);
std::optional<Effect> find_effect(std::string_view name);

struct Basis {
  std::string id, text, shown;           // shown: the public category a recipient may read
  bool operator==(const Basis&) const = default;
};

struct Rule {
  std::string id;
  int line = 0;
  Effect effect{};
  Selection selection;
  When when;
  std::size_t basis = 0;                 // index into bases()
  unsigned approvals = 1;                // refer
  bool emergency = false;
  std::chrono::hours review_within{};
};

// `selection` is never disclosed or referred to a recipient without any of the `outside` classes; 0: to nobody.
struct Never {
  int line = 0;
  Selection selection;
  When when;                             // leaning restrictive: an unknown fact counts
  Classes outside = 0;
};

enum class Screen : std::uint8_t { accept = 1, hold = 2, refuse = 3 };  // ascending: stricter
std::string_view name(Screen verdict);
struct ScreenRule {
  std::string id;
  int line = 0;
  Screen effect{};
  When when;                             // the sender stands where elsewhere the recipient stands
  std::uint64_t larger_than = 0;
  std::string reason;
};
struct ScreenFacts {
  Situation situation;                   // recipient: describe_recipient(directory, own agency, sender, now)
  std::uint64_t bytes = 0;
};
struct Screened {
  Screen verdict = Screen::accept;
  std::string rule;                      // empty: the default
  std::string public_reason;             // goes back as evidence
};

struct LeafReason {
  Effect effect = Effect::withhold;
  int rule = -1;                         // index into rules(), -1: no rule, the default
  int person = -1;                       // whose facts counted
  bool overridden = false;               // a person decided
  bool structural = false;               // opened, hidden or referred because of other leaves or of the manifest, not by `rule` alone
  bool operator==(const LeafReason&) const = default;
};

// What a person decided about one leaf: disclose, withhold or opaque. Never loosens what a `never` forbids.
struct Override {
  Bytes path;
  Effect effect = Effect::withhold;
  bool operator==(const Override&) const = default;
};

struct Decided {
  std::vector<record::LeafDecision> leaves;   // one per opening; what waits for a person is `withhold` here
  std::vector<LeafReason> reasons;            // one per opening
  std::vector<std::size_t> referred;          // openings that wait for a person
  std::vector<std::size_t> referred_upstream; // entries of `held_back` that this policy would hide and cannot: agree with an override withhold
  unsigned approvals = 0;                     // persons who must agree; 0: nobody is asked
  bool emergency = false;                     // one person may release at once
  std::chrono::hours review_within{};
  Hash digest{};                              // over record, recipient, purpose, policy, facts and every leaf's effect: what persons approve
  bool may_leave() const { return referred.empty() && referred_upstream.empty(); }
};

// Effect of every field of a kind for one situation, with its first person (or none): what tests, tables and explanations look at.
struct FieldEffect { Effect effect = Effect::withhold; int rule = -1; };

struct PolicyText;

class Policy {
 public:
  // Reads the author's file against policy.fbs and all shipped kinds. Errors: invalid_settings "line 12: what is wrong; what to do".
  static Result<std::shared_ptr<const Policy>> compile(std::string_view json);
  static Result<std::shared_ptr<const Policy>> direct();  // the built-in one

  const record::PolicyRef& ref() const { return ref_; }   // fingerprint: over everything that affects meaning, not over spelling, order of keys or comments
  bool relays() const { return relays_; }
  const std::vector<Basis>& bases() const { return bases_; }
  const Basis& default_basis() const { return bases_[default_basis_]; }
  const Basis& basis_of(const LeafReason& reason) const { return reason.rule < 0 ? default_basis() : bases_[rules_[static_cast<std::size_t>(reason.rule)].basis]; }
  const std::vector<Rule>& rules() const { return rules_; }  // strictest effect first, then as written: the first that matches wins
  const std::vector<Never>& never() const { return never_; }
  const std::vector<ScreenRule>& screening() const { return screening_; }
  Screen screening_default() const { return screening_default_; }
  const std::vector<std::string>& adequate() const { return adequate_; }

  // One decision per opening. `audience_open`: values of audience leaves that stay open for this recipient ("agency:int.gs"), the others become opaque;
  // decoys stay open, disclose() hides some. `held_back`: what hops before withheld. Errors: unknown_schema, bad_format (a leaf of no known field).
  Result<Decided> decide(const record::Schema& schema, const record::Manifest& manifest, const record::Openings& openings, const Situation& situation,
                         std::span<const std::string> audience_open, std::span<const Override> overrides = {},
                         std::span<const record::WithheldLeaf> held_back = {}) const;
  std::vector<FieldEffect> decide_fields(const FieldTable& fields, const Situation& situation) const;
  Screened screen(const ScreenFacts& facts) const;

  // Which rules cover a field, as bits by rule; `fields` is one of shipped_fields().
  using RuleBits = std::vector<std::uint64_t>;
  const RuleBits& covering(const FieldTable& fields, std::size_t field) const;
  // Rules that match the message and this person (-1: as for a leaf outside persons[]).
  RuleBits matching(const Situation& situation, int person) const;
  bool never_covers(const FieldTable& fields, std::size_t never, std::size_t field) const;
  bool is_never(const FieldTable& fields, std::size_t field, const FactBits& facts) const;
  FactBits facts_of(const Situation& situation) const { return fact_bits(situation, adequate_); }

 private:
  struct Kind { const FieldTable* fields; std::vector<RuleBits> rules; std::vector<FieldSet> never; };
  Policy() = default;
  friend class PolicyBuilder;
  friend class LeafDecider;
  const Kind* kind(const Hash& schema) const;
  // The message's own matching rules into `out`; those that ask for a person are left to put_person_rules and put_message_rules.
  void match_message(const FactBits& facts, RuleBits& out) const;
  void match_person(const FactBits& facts, const RuleBits& message, RuleBits& out) const;
  void match_everybody(FactBits facts, std::span<const PersonFacts> persons, const RuleBits& message, RuleBits& out) const;

  record::PolicyRef ref_;
  bool relays_ = false;
  std::size_t default_basis_ = 0;
  std::vector<Basis> bases_;
  std::vector<Rule> rules_;
  std::vector<Never> never_;
  std::vector<ScreenRule> screening_;
  Screen screening_default_ = Screen::accept;
  std::vector<std::string> adequate_;    // ascending
  std::vector<Kind> kinds_;
};

}  // namespace liaison::policy
