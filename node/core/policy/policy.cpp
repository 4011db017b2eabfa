// Compiling a policy file and deciding leaves. Pure. Every doubt (unknown basis, missing effect, duplicate id) refuses the file.
#include "core/policy/policy.h"

#include <flatbuffers/idl.h>

#include "core/merkle/sha256.h"
#include "schemas/embedded.h"
#include "schemas/policy_generated.h"

namespace liaison::policy {
namespace {
std::string get(const flatbuffers::String* chars) { return chars == nullptr ? std::string{} : chars->str(); }

// "**" covers all; "a.b.**" covers a.b and everything below; anything else is exact.
bool matches(std::string_view pattern, std::string_view path) {
  if (pattern == "**") return true;
  if (!pattern.ends_with(".**")) return pattern == path;
  const auto stem = pattern.substr(0, pattern.size() - 3);
  return path.starts_with(stem) && (path.size() == stem.size() || path[stem.size()] == '.' || path[stem.size()] == '[' || path[stem.size()] == '#');
}

Error broken(std::string_view what, std::string_view cure) {
  return fail(Errc::invalid_settings, "policy: " + std::string(what) + "; " + std::string(cure));
}
}  // namespace

struct Compiler {
  Policy policy;

  Result<void> take_bases(const fb::Policy& file) {
    if (file.bases() == nullptr) return broken("no bases", "state the legal basis of every rule under \"bases\"");
    for (const auto* basis : *file.bases()) {
      if (get(basis->id()).empty() || !crypto::is_token(get(basis->public_()))) return broken("a basis without id or public category", "give each basis id, text and public");
      if (policy.basis(get(basis->id())) != nullptr) return broken("basis " + get(basis->id()) + " stands twice", "keep one");
      policy.bases_.push_back({get(basis->id()), get(basis->text()), get(basis->public_())});
    }
    policy.default_basis_ = get(file.default_basis());
    if (policy.basis(policy.default_basis_) == nullptr) return broken("default_basis is not among the bases", "name one of them");
    return {};
  }

  Result<void> take_rules(const fb::Policy& file) {
    if (file.rules() == nullptr) return broken("no rules", "state at least one rule");
    for (const auto* entry : *file.rules()) {
      Policy::Rule rule{get(entry->id()), static_cast<Effect>(entry->effect()), {}, get(entry->basis())};
      if (rule.id.empty() || entry->effect() == fb::Effect::none) return broken("a rule without id or effect", "give each rule both");
      for (const auto& other : policy.rules_)
        if (other.id == rule.id) return broken("rule " + rule.id + " stands twice", "rename one");
      if (policy.basis(rule.basis) == nullptr) return broken("rule " + rule.id + " names an unknown basis", "add it to \"bases\"");
      if (entry->paths() == nullptr || entry->paths()->size() == 0) return broken("rule " + rule.id + " has no paths", "say which fields it covers");
      for (const auto* path : *entry->paths()) rule.paths.push_back(path->str());
      policy.rules_.push_back(std::move(rule));
    }
    return {};
  }

  // What the policy means, line by line, whatever its text looks like.
  Hash fingerprint() const {
    std::string canon = policy.ref_.name + "\n" + std::to_string(policy.ref_.version) + "\n" + policy.default_basis_ + "\n" + (policy.relays_ ? "relays\n" : "direct\n");
    for (const auto& basis : policy.bases_) canon += "basis " + basis.id + " " + basis.shown + "\n";
    for (const auto& rule : policy.rules_) {
      canon += "rule " + rule.id + " " + std::to_string(static_cast<int>(rule.effect)) + " " + rule.basis;
      for (const auto& path : rule.paths) canon += " " + path;
      canon += "\n";
    }
    return merkle::sha256(canon);
  }
};

const Policy::Basis* Policy::basis(std::string_view id) const {
  for (const auto& basis : bases_)
    if (basis.id == id) return &basis;
  return nullptr;
}

Result<std::shared_ptr<const Policy>> Policy::compile(std::string_view json) {
  flatbuffers::IDLOptions options;
  options.strict_json = false;
  flatbuffers::Parser parser(options);
  const std::string schema(schemas::embedded("policy.fbs"));
  if (!parser.Parse(schema.c_str())) return fail(Errc::invalid_settings, "policy schema: " + parser.error_);
  if (!parser.ParseJson(std::string(json).c_str())) return broken(parser.error_, "correct the line named");
  const auto* file = fb::GetPolicy(parser.builder_.GetBufferPointer());
  Compiler compiler;
  Policy& policy = compiler.policy;
  policy.ref_.name = get(file->policy());
  policy.ref_.version = file->version();
  policy.relays_ = file->relays();
  if (!crypto::is_token(policy.ref_.name) || policy.ref_.version == 0) return broken("no name or version", "state \"policy\" and \"version\" (from 1)");
  LIAISON_CHECK(compiler.take_bases(*file));
  LIAISON_CHECK(compiler.take_rules(*file));
  policy.ref_.fingerprint = compiler.fingerprint();
  policy.all_disclosed_ = policy.rules_.size() == 1 && policy.rules_[0].effect == Effect::disclose && policy.rules_[0].paths == std::vector<std::string>{"**"};
  return std::make_shared<const Policy>(std::move(policy));
}

Result<std::shared_ptr<const Policy>> Policy::direct() { return compile(schemas::embedded("direct.policy.json")); }

Verdict Policy::decide(std::string_view path_name) const {
  const Rule* winner = nullptr;
  for (const auto& rule : rules_)
    for (const auto& pattern : rule.paths)
      if (matches(pattern, path_name) && (winner == nullptr || rule.effect < winner->effect)) winner = &rule;
  if (winner == nullptr) return {Effect::withhold, "", default_basis_, basis(default_basis_)->shown};
  return {winner->effect, winner->id, winner->basis, basis(winner->basis)->shown};
}

Result<Policy::Decided> Policy::decide(const record::Schema& schema, const record::Openings& openings, std::string_view recipient) const {
  Decided decided;
  decided.leaves.reserve(openings.size());
  merkle::Sha256 digest;
  const std::string own_audience = "agency:" + std::string(recipient);
  for (std::size_t i = 0; i < openings.size(); ++i) {
    const auto item = openings[i];
    record::LeafDecision decision;
    if (item.path[0] == 0x0E) {
      const auto value = text(item.value);
      decision.effect = value == own_audience || !value.starts_with("agency:") ? record::LeafEffect::open : record::LeafEffect::opaque;
    } else if (item.path[0] != 0x0F && !all_disclosed_) {
      LIAISON_TRY(const auto facts, schema.describe(item.path));
      const Verdict verdict = decide(facts.name);
      if (verdict.effect == Effect::refer) return fail(Errc::not_permitted, "rule " + verdict.rule + " asks a person about " + facts.name);
      if (verdict.effect == Effect::withhold) decision = {record::LeafEffect::withhold, verdict.public_basis};
      if (verdict.effect == Effect::opaque) decision.effect = record::LeafEffect::opaque;
    }
    digest.add(item.leaf).add_u8(static_cast<std::uint8_t>(decision.effect));
    decided.leaves.push_back(std::move(decision));
  }
  decided.digest = digest.finish();
  return decided;
}

}  // namespace liaison::policy
