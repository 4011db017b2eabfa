// From PolicyText to Policy: rules ordered by strictness, fields resolved for every kind, coverage, rules that can never match, fingerprint.
#include <algorithm>

#include "core/base/tags.h"
#include "core/merkle/sha256.h"
#include "core/policy/table.h"
#include "core/policy/text.h"
#include "schemas/embedded.h"

namespace liaison::policy {
namespace {

using OwnRules = std::set<std::string, std::less<>>;

bool any(const FieldSet& fields) { return std::find(fields.begin(), fields.end(), true) != fields.end(); }

// Everything that affects meaning, unambiguous: every text is preceded by its length.
class Meaning {
 public:
  Meaning& add(std::string_view chars) {
    hash_.add_u32(static_cast<std::uint32_t>(chars.size())).add(chars);
    return *this;
  }
  Meaning& add(std::uint64_t value) { return add(std::to_string(value)); }
  Meaning& add(std::vector<std::string> list) {
    std::sort(list.begin(), list.end());
    add(list.size());
    for (const auto& chars : list) add(chars);
    return *this;
  }
  Meaning& add(const Selection& selection) { return add(selection.paths).add(selection.categories).add(selection.items); }
  Meaning& add(const When& when) {
    add(when.conditions.size());
    for (const auto& condition : when.conditions) add(key_of(condition.dim)).add(condition.written);
    return add(when.kinds).add(when.recipients).add(when.countries).add(when.groups);
  }
  Hash finish() { return hash_.finish(); }

 private:
  merkle::Sha256 hash_ = std::move(merkle::Sha256().add(tags::policy_meaning));
};

Hash fingerprint_of(const PolicyText& text) {
  Meaning out;
  out.add(text.name).add(text.version).add(text.relays ? 1 : 0).add(text.bases[text.default_basis].id).add(text.bases.size());
  for (const Basis& basis : text.bases) out.add(basis.id).add(basis.text).add(basis.shown);
  out.add(text.rules.size());
  for (const Rule& rule : text.rules) {
    out.add(rule.id).add(static_cast<std::uint64_t>(rule.effect)).add(rule.selection).add(rule.when).add(text.bases[rule.basis].id);
    out.add(rule.approvals).add(rule.emergency ? 1 : 0).add(static_cast<std::uint64_t>(rule.review_within.count()));
  }
  out.add(text.reviewed_default).add(text.never.size());
  for (const Never& never : text.never) out.add(never.selection).add(never.when).add(never.outside);
  out.add(text.screening.size());
  for (const ScreenRule& rule : text.screening) out.add(rule.id).add(static_cast<std::uint64_t>(rule.effect)).add(rule.when).add(rule.larger_than).add(rule.reason);
  out.add(static_cast<std::uint64_t>(text.screening_default)).add(text.adequate);
  return out.finish();
}

// Why no facts at all can satisfy these conditions; empty when some can.
std::string contradiction(const When& when) {
  for (const Condition& condition : when.conditions)
    if ((condition.holds & ~unknown_value) == 0 && (when.leaning == Leaning::permissive || condition.written == 0)) return "\"" + std::string(key_of(condition.dim)) + "\" never holds";
  const auto of_country = [&](const std::string& agency) { return std::binary_search(when.countries.begin(), when.countries.end(), country_of(agency)); };
  if (!when.recipients.empty() && !when.countries.empty() && std::none_of(when.recipients.begin(), when.recipients.end(), of_country)) return "none of its agencies is of one of its countries";
  return {};
}

}  // namespace

class PolicyBuilder {
 public:
  PolicyBuilder(PolicyText text, Strictness strictness) : text_(std::move(text)), strictness_(strictness) {}

  Result<std::shared_ptr<const Policy>> run() {
    policy_.ref_ = {text_.name, text_.version, fingerprint_of(text_)};
    policy_.relays_ = text_.relays;
    policy_.default_basis_ = text_.default_basis;
    policy_.bases_ = text_.bases;
    policy_.never_ = text_.never;
    policy_.screening_ = text_.screening;
    policy_.screening_default_ = text_.screening_default;
    policy_.adequate_ = text_.adequate;
    policy_.rules_ = text_.rules;
    std::stable_sort(policy_.rules_.begin(), policy_.rules_.end(), [](const Rule& a, const Rule& b) { return a.effect < b.effect; });
    std::stable_sort(policy_.screening_.begin(), policy_.screening_.end(), [](const ScreenRule& a, const ScreenRule& b) { return a.effect > b.effect; });
    for (const Rule& rule : policy_.rules_)
      for (const auto& path : rule.selection.paths)
        if (path.find('#') != std::string::npos) own_rules_.insert(path);
    for (const FieldTable& fields : shipped_fields()) LIAISON_CHECK(add_kind(fields));
    if (strictness_ == Strictness::author) LIAISON_CHECK(check_matchable());
    return std::make_shared<const Policy>(std::move(policy_));
  }

 private:
  Result<void> add_kind(const FieldTable& fields) {
    const std::size_t words = (policy_.rules_.size() + 63) / 64;
    Policy::Kind kind{&fields, std::vector<Policy::RuleBits>(fields.fields().size(), Policy::RuleBits(words)), {}};
    FieldSet decided = fields.covered(text_.reviewed_default, {});
    for (std::size_t r = 0; r < policy_.rules_.size(); ++r) {
      const Rule& rule = policy_.rules_[r];
      if (!rule.when.kinds.empty() && !std::binary_search(rule.when.kinds.begin(), rule.when.kinds.end(), fields.kind())) continue;
      FieldSet covered = fields.covered(rule.selection, own_rules_);
      if (rule.effect == Effect::opaque) fields.add_below(covered);
      if (any(covered)) reached_.insert(rule.id);
      for (std::size_t i = 0; i < covered.size(); ++i) {
        if (!covered[i]) continue;
        decided[i] = true;
        kind.rules[i][r / 64] |= std::uint64_t{1} << (r % 64);
      }
    }
    for (const Never& never : policy_.never_) {
      kind.never.push_back(fields.covered(never.selection, {}));
      fields.add_below(kind.never.back());  // an element opened would open the length of its list
    }
    policy_.kinds_.push_back(std::move(kind));
    return strictness_ == Strictness::author ? check_covered(fields, decided) : Result<void>();
  }

  Result<void> check_covered(const FieldTable& fields, const FieldSet& decided) {
    std::string missing;
    std::size_t count = 0;
    for (std::size_t i = 0; i < decided.size(); ++i) {
      if (decided[i] || fields.fields()[i].structural) continue;
      if (++count <= 5) missing += (missing.empty() ? "" : ", ") + fields.fields()[i].name;
    }
    if (count == 0) return {};
    if (count > 5) missing += " and " + std::to_string(count - 5) + " more";
    return source_error(text_.rules_line, "no rule covers " + missing, "write a rule for each, or list it under \"reviewed_default\" when withholding is meant");
  }

  Result<void> check_matchable() {
    for (const auto& path : text_.reviewed_default.paths) {
      const auto& tables = shipped_fields();
      if (std::none_of(tables.begin(), tables.end(), [&](const FieldTable& table) { return any(table.by_path(path)); }))
        return source_error(text_.reviewed_line, "unknown path \"" + path + "\" in reviewed_default", "write a path of the schema");
    }
    for (const Rule& rule : text_.rules) {
      const auto why = contradiction(rule.when);
      if (!why.empty()) return source_error(rule.line, "rule " + rule.id + " can never match: " + why, "correct its conditions or remove it");
      if (!reached_.contains(rule.id)) return source_error(rule.line, "rule " + rule.id + " can never match: no record kind it names has its fields", "correct \"kind\" or the fields");
    }
    for (const ScreenRule& rule : text_.screening)
      if (const auto why = contradiction(rule.when); !why.empty()) return source_error(rule.line, "screening rule " + rule.id + " can never match: " + why, "correct its conditions or remove it");
    return {};
  }

  PolicyText text_;
  Strictness strictness_;
  Policy policy_;
  OwnRules own_rules_;
  std::set<std::string> reached_;
};

Result<std::shared_ptr<const Policy>> build_policy(PolicyText text, Strictness strictness) { return PolicyBuilder(std::move(text), strictness).run(); }

Result<std::shared_ptr<const Policy>> Policy::compile(std::string_view json) {
  const auto named = [](Error error) { return fail(error.code, "policy " + error.detail); };
  auto file = parse_source(json, "Policy");
  if (!file) return named(file.error());
  auto text = read_policy(*file);
  if (!text) return named(text.error());
  auto built = build_policy(std::move(*text), Strictness::author);
  if (!built) return named(built.error());
  if (auto kept = check_never(*built); !kept) return named(kept.error());
  return built;
}

Result<std::shared_ptr<const Policy>> Policy::direct() { return compile(schemas::embedded("direct.policy.json")); }

}  // namespace liaison::policy
