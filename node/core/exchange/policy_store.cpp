// See policy_store.h. Signatures are checked against the directory of now; who signed twice with one key counts once.
#include "core/exchange/policy_store.h"

#include <set>

#include "core/base/limits.h"
#include "core/policy/diff.h"

namespace liaison::exchange {
namespace {
constexpr std::size_t signatures_max = 8;
const Bytes mark_key = to_bytes("policy");

// Newest version of that name ever loaded; 0: none.
Result<std::uint64_t> newest_version(const Store& store, std::string_view name) {
  const Bytes from = key_of_policy(name, 0);
  const Bytes to = after_prefix(ByteView(from).first(name.size() + 1));
  LIAISON_TRY(const auto last, store.last(Table::policy, {from, to}));
  if (!last) return std::uint64_t{0};
  return parse_number(last->first);
}

Result<Hash> check_signature(const Context& context, const record::PolicyRef& policy, const link::SignedText& signature) {
  LIAISON_TRY(const auto text, parse_policy_text(view(signature.text)));
  const auto wrong = [](std::string what) { return fail(Errc::bad_signature, "a signature of the policy " + std::move(what)); };
  if (text.realm != context.realm || text.agency != context.agency) return wrong("is for another realm or agency");
  if (text.policy.name != policy.name || text.policy.version != policy.version || text.policy.fingerprint != policy.fingerprint) return wrong("is for another policy or version");
  const Time now = context.ports.clock.now();
  if (text.at > now + limits::clock_ahead_max) return wrong("was made in the future");
  auto key = context.directory->key(context.agency, crypto::KeyRole::policy, text.key, now);
  if (!key) return wrong("is of a key that the directory does not register for this agency in the role policy");
  crypto::VerifiedBatches batches;
  if (!crypto::verify_text(context.realm, view(signature.text), view(signature.signatures), *key, batches)) return wrong("does not verify");
  return text.key;
}

Result<void> check_version(const Context& context, const record::PolicyRef& next) {
  const auto& current = context.policy->ref();
  LIAISON_TRY(const auto newest, newest_version(context.ports.store, next.name));
  const std::uint64_t floor = next.name == current.name ? std::max(newest, current.version) : newest;
  if (next.version <= floor)
    return fail(Errc::superseded, "version " + std::to_string(next.version) + " of policy " + next.name + " is not newer than version " + std::to_string(floor) + " loaded before; versions never go back");
  return {};
}

void add_rows(NewPolicy& next) {
  const Bytes key = key_of_policy(next.policy->ref().name, next.policy->ref().version);
  next.set.cls = WriteClass::purge;  // after every dispatch that was decided under the old one
  next.set.ops.push_back({OpKind::insert, Table::policy, key, encode(next.row)});
  next.set.ops.push_back({OpKind::put, Table::meta, mark_key, key});
}
}  // namespace

Precondition policy_in_force(const Context& context) {
  return {Table::meta, mark_key, context.policy_stored ? std::optional(key_of_policy(context.policy->ref().name, context.policy->ref().version)) : std::nullopt};
}

Result<std::optional<StoredPolicy>> load_policy_in_force(const Store& store) {
  LIAISON_TRY(const auto key, store.get(Table::meta, mark_key));
  if (!key) return std::optional<StoredPolicy>{};
  LIAISON_TRY(const auto bytes, store.get(Table::policy, *key));
  if (!bytes) return fail(Errc::store_corrupt, "the policy in force is missing");
  StoredPolicy stored;
  LIAISON_TRY(stored.row, decode_policy_row(*bytes));
  LIAISON_TRY(stored.policy, policy::Policy::compile(text(stored.row.json)));
  return std::optional(std::move(stored));
}

Result<NewPolicy> check_new_policy(const Context& context, Bytes json, std::vector<link::SignedText> signatures) {
  if (json.size() > limits::policy_bytes_max) return fail(Errc::limit_exceeded, "a policy of at most " + std::to_string(limits::policy_bytes_max) + " bytes");
  if (signatures.size() > signatures_max) return fail(Errc::limit_exceeded, "at most " + std::to_string(signatures_max) + " signatures");
  NewPolicy next;
  LIAISON_TRY(next.policy, policy::Policy::compile(text(json)));
  LIAISON_CHECK(check_version(context, next.policy->ref()));
  std::set<Hash> keys;
  for (const auto& one : signatures) {
    LIAISON_TRY(const auto key, check_signature(context, next.policy->ref(), one));
    keys.insert(key);
  }
  LIAISON_TRY(const auto diff, policy::diff_policies(context.policy, next.policy, 1));
  const bool opens = diff.loosens;
  const std::size_t needed = opens ? 2 : 1;
  if (keys.size() < needed)
    return fail(Errc::not_permitted, opens ? "it discloses what the policy in force holds back (see: liaison policy diff): signatures of two persons' policy keys are needed"
                                           : "a signature of a policy key of this agency is needed (see: liaison policy sign)");
  next.row = {std::move(json), std::move(signatures), context.ports.clock.now()};
  next.set.preconditions.push_back(policy_in_force(context));
  add_rows(next);
  return next;
}

Result<NewPolicy> make_initial_policy(Bytes json, Time now) {
  NewPolicy next;
  LIAISON_TRY(next.policy, policy::Policy::compile(text(json)));
  next.row = {std::move(json), {}, now};
  next.set.preconditions.push_back({Table::meta, mark_key, std::nullopt});
  add_rows(next);
  return next;
}

}  // namespace liaison::exchange
