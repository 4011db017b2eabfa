// A compiled disclosure policy: which effect every schema path has for the addressee. No rule means withhold (fail closed); the strictest effect wins.
// Immutable; shared between threads. compile() answers invalid_settings with rule and cure. Pure.
#pragma once
#include <memory>

#include "core/record/package.h"

namespace liaison::policy {

enum class Effect : std::uint8_t { opaque = 1, withhold = 2, refer = 3, disclose = 4 };  // ascending: less strict

struct Verdict {
  Effect effect = Effect::withhold;
  std::string rule;          // id of the winning rule, empty: the default
  std::string basis;         // inside the agency
  std::string public_basis;  // for the recipient
};

class Policy {
 public:
  // `json` is the author's file; `schema_text` is schemas/policy.fbs.
  static Result<std::shared_ptr<const Policy>> compile(std::string_view json);
  static Result<std::shared_ptr<const Policy>> direct();  // the built-in one
  const record::PolicyRef& ref() const { return ref_; }
  bool relays() const { return relays_; }
  Verdict decide(std::string_view path_name) const;

  // One decision per opening. Audience leaves: only those that name the recipient stay open; decoys stay open here (disclose() hides some).
  // Errc::not_permitted naming the path when a leaf is to be referred to a person. `digest` receives the hash over all decisions.
  struct Decided {
    std::vector<record::LeafDecision> leaves;
    Hash digest{};
  };
  Result<Decided> decide(const record::Schema& schema, const record::Openings& openings, std::string_view recipient) const;

 private:
  struct Basis { std::string id, text, shown; };
  struct Rule { std::string id; Effect effect{}; std::vector<std::string> paths; std::string basis; };
  Policy() = default;
  friend struct Compiler;
  const Basis* basis(std::string_view id) const;
  record::PolicyRef ref_;
  bool relays_ = false;
  bool all_disclosed_ = false;  // one rule, "**", disclose: no lookups per leaf
  std::string default_basis_;
  std::vector<Basis> bases_;
  std::vector<Rule> rules_;
};

}  // namespace liaison::policy
