// See relay.h. Never loosens what the originator stated: audience, sharing level and handling codes bind every relay whatever its policy says.
#include "core/exchange/relay.h"

#include <algorithm>

#include "core/record/path.h"
#include "core/record/permit.h"

namespace liaison::exchange {
namespace {
bool names(const record::SignedText& permit, std::string_view agency) {
  const auto parsed = record::parse_permit(view(permit.text));
  return parsed && std::find(parsed->recipients.begin(), parsed->recipients.end(), agency) != parsed->recipients.end();
}

bool any_names(const std::vector<record::SignedText>& permits, std::string_view agency) {
  return std::any_of(permits.begin(), permits.end(), [&](const auto& permit) { return names(permit, agency); });
}

RecordKey key_of_manifest(const record::Manifest& manifest) { return {manifest.from, manifest.record.id, manifest.record.version}; }

// "Never back": to where it came from, or to whoever handed it on before.
Result<bool> passed_already(const record::Package& held, std::string_view agency) {
  for (const auto& hop : held.disclosures) {
    LIAISON_TRY(const auto disclosure, record::parse_disclosure(view(hop.text)));
    if (disclosure.relay == agency) return true;
  }
  return false;
}
}  // namespace

Result<RelayPlan> plan_relay(const Context& context, const record::Manifest& manifest, const record::Package& held, std::string_view from) {
  const auto audiences = audiences_of(held.openings);
  auto routes = make_routes(*context.directory, make_journey(context, manifest), audiences);
  RelayPlan plan;
  plan.for_self = routes.for_self;
  plan.unreachable = std::move(routes.unreachable);
  std::vector<record::SignedText> permits;
  const bool sticky = record::is_sticky(manifest, held.openings);
  if (sticky) {
    LIAISON_TRY(permits, load_permits(context, key_of_manifest(manifest), crypto::text_hash(view(held.manifest.text))));
    permits.insert(permits.end(), held.permits.begin(), held.permits.end());
  }
  for (const auto& onward : routes.onward) {
    LIAISON_TRY(const bool back, passed_already(held, onward.next));
    // A group or country also covers those who had it before us; only who is named alone and lies behind us is a mistake.
    if (back || onward.next == from) continue;
    (sticky && !any_names(permits, onward.next) ? plan.waiting : plan.next).push_back(onward.next);
  }
  if (!plan.for_self && plan.next.empty() && plan.waiting.empty() && plan.unreachable.empty()) return fail(Errc::audience_excludes, std::string(context.agency));
  return plan;
}

Result<void> check_onward(const Context& context, const record::Manifest& manifest, const record::Package& held, std::string_view next) {
  if (audience_for(context, manifest, held.openings, next).empty()) return fail(Errc::route_not_allowed, "the directory no longer leads to " + std::string(next));
  LIAISON_TRY(const auto tombstone, context.ports.store.get(Table::tombstone, key_of(RecordKey{manifest.from, manifest.record.id, 0})));
  if (tombstone && ByteReader(*tombstone).u32() >= manifest.record.version) return fail(Errc::superseded, "erased or recalled");
  if (manifest.from != context.agency && !context.policy->relays()) return fail(Errc::not_permitted, "the policy passes nothing on");
  return {};
}

Result<std::vector<record::SignedText>> load_permits(const Context& context, const RecordKey& key, const Hash& manifest) {
  const Bytes from = key_of(key);
  constexpr std::size_t permits_max = 64;
  LIAISON_TRY(const auto rows, context.ports.store.scan(Table::permit, {from, after_prefix(from)}, permits_max));
  std::vector<record::SignedText> permits;
  for (const auto& row : rows) {
    LIAISON_TRY(auto one, decode_signed_text(row.second));
    const auto permit = record::parse_permit(view(one.text));
    if (!permit || permit->manifest != manifest) continue;
    permits.push_back({std::move(one.text), std::move(one.signatures)});
  }
  return permits;
}

Result<std::vector<Hash>> use_permits(const Context& context, const record::Manifest& manifest, record::Package& held, std::string_view next) {
  if (!record::is_sticky(manifest, held.openings)) return std::vector<Hash>{};
  if (!any_names(held.permits, next)) {
    LIAISON_TRY(const auto stored, load_permits(context, key_of_manifest(manifest), crypto::text_hash(view(held.manifest.text))));
    const auto found = std::find_if(stored.begin(), stored.end(), [&](const auto& permit) { return names(permit, next); });
    if (found == stored.end() && manifest.from == context.agency) return std::vector<Hash>{};  // the first hop needs none; one that is there travels along
    if (found == stored.end()) return fail(Errc::permit_missing, "the originator has not permitted passing it on to " + std::string(next));
    held.permits.push_back(*found);
    const auto hash_of = [](const record::SignedText& permit) { return crypto::text_hash(view(permit.text)); };
    std::sort(held.permits.begin(), held.permits.end(), [&](const auto& a, const auto& b) { return record::hash_less(hash_of(a), hash_of(b)); });
  }
  for (const auto& permit : held.permits)
    if (names(permit, next)) return std::vector{crypto::text_hash(view(permit.text))};
  return fail(Errc::permit_missing);
}

}  // namespace liaison::exchange
