// One hop: what stays open, what is named as withheld, what becomes opaque, and the unsigned disclosure that accounts for it. Pure.
// The result is built from scratch; nothing of a leaf that does not stay open goes into it beside its hash or commitment.
#include <algorithm>

#include "core/base/limits.h"
#include "core/record/numbers.h"
#include "core/record/package.h"
#include "core/record/path.h"
#include "core/record/structure.h"
#include "core/record/tree.h"

namespace liaison::record {
namespace {

constexpr std::size_t decoys_per_hop_min = 4;
constexpr std::size_t decoys_per_hop_spread = 5;  // 4 to 8

Result<void> check_hop(const Package& package, const Hop& hop) {
  if (package.disclosures.size() >= limits::hops_max) return fail(Errc::limit_exceeded, "hops");
  for (const std::string* word : {&hop.purpose, &hop.policy.name}) {
    if (!crypto::is_token(*word)) return fail(Errc::invalid_argument, "purpose or policy name is not a token");
  }
  if (!is_agency_id(hop.relay) || !is_agency_id(hop.recipient)) return fail(Errc::invalid_argument, "relay or recipient is not an agency");
  return {};
}

Result<void> check_decision(const Manifest& manifest, const Openings& openings, std::size_t index, const LeafDecision& decision,
                            const std::vector<LeafEffect>& effects) {
  const ByteView path = openings[index].path;
  const auto broken = [&](const char* why) { return fail(Errc::structure_broken, "leaf " + to_hex(path) + ": " + why); };
  if (decision.effect == LeafEffect::withhold) {
    if (is_audience(path) || is_decoy(path)) return broken("audience and decoys are never withheld by name");
    if (!crypto::is_token(decision.public_basis)) return fail(Errc::invalid_argument, "public basis of leaf " + to_hex(path));
  }
  if (decision.effect == LeafEffect::opaque) {
    for (const auto& handling : manifest.handling) {
      if (handling.prefix && starts_with(path, *handling.prefix)) return broken("below a handling prefix, so never opaque");
    }
    return {};
  }
  if (!is_derived(path)) return {};
  const auto base = openings.find(base_of(path));
  if (base && effects[*base] == LeafEffect::opaque) return broken("derived from an opaque leaf");
  return {};
}

Result<std::vector<LeafEffect>> decide(const Manifest& manifest, const Openings& openings, const std::vector<LeafDecision>& decisions,
                                       const RandomFill& random) {
  liaison_assert(decisions.size() == openings.size());
  std::vector<LeafEffect> effects(decisions.size());
  std::vector<std::size_t> decoys;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    effects[i] = decisions[i].effect;
    if (effects[i] == LeafEffect::open && is_decoy(openings[i].path)) decoys.push_back(i);
  }
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (effects[i] == LeafEffect::open && !is_derived(openings[i].path)) continue;
    LIAISON_CHECK(check_decision(manifest, openings, i, decisions[i], effects));
  }
  RandomNumbers numbers(random, decoys_per_hop_min + decoys_per_hop_spread);
  const std::size_t wanted = std::min(decoys.size(), decoys_per_hop_min + numbers.below(decoys_per_hop_spread));
  for (std::size_t chosen = 0; chosen < wanted; ++chosen) {
    std::swap(decoys[chosen], decoys[chosen + numbers.below(decoys.size() - chosen)]);
    effects[decoys[chosen]] = LeafEffect::opaque;
  }
  return effects;
}

// Parts of the new package and the lines of its disclosure that follow from the effects.
void apply(const Package& held, const std::vector<LeafDecision>& decisions, const std::vector<LeafEffect>& effects, Package& out, Disclosure& account) {
  std::vector<bool> keep(effects.size());
  std::vector<Hash> opened, opaque;
  opened.reserve(effects.size());
  out.withheld = held.withheld;
  for (std::size_t i = 0; i < effects.size(); ++i) {
    const Openings::Item item = held.openings[i];
    keep[i] = effects[i] == LeafEffect::open;
    if (keep[i]) {
      opened.push_back(item.leaf);
    } else if (effects[i] == LeafEffect::opaque) {
      opaque.push_back(item.leaf);
    } else {
      out.withheld.push_back({to_bytes(item.path), commitment(item.salt, item.type, item.value)});
      account.withheld.push_back({to_bytes(item.path), decisions[i].public_basis});
    }
  }
  std::sort(out.withheld.begin(), out.withheld.end(), [](const WithheldLeaf& a, const WithheldLeaf& b) { return compare(a.path, b.path) < 0; });
  std::sort(opened.begin(), opened.end(), hash_less);
  std::sort(opaque.begin(), opaque.end(), hash_less);
  account.opened = opened.size();
  account.opened_hash = list_hash(opened);
  account.opaque = opaque.size();
  if (!opaque.empty()) account.opaque_hash = list_hash(opaque);
  account.basis = opaque.empty() ? "-" : "GENERAL";
  out.openings = held.openings.subset(keep);
  out.opaque = held.opaque;
  out.opaque.push_back(std::move(opaque));
}

Disclosure begin_account(const Package& held, const Manifest& manifest, const Hop& hop) {
  Disclosure out;
  out.realm = manifest.realm;
  out.record_from = manifest.from;
  out.record = manifest.record;
  out.manifest = crypto::text_hash(view(held.manifest.text));
  out.hop = held.disclosures.size() + 1;
  if (!held.disclosures.empty()) out.prev = crypto::text_hash(view(held.disclosures.back().text));
  out.relay = hop.relay;
  out.key = hop.key;
  out.recipient = hop.recipient;
  out.purpose = hop.purpose;
  out.policy = hop.policy;
  out.permits = hop.permits;
  out.supersedes = hop.supersedes;
  out.at = hop.at;
  return out;
}

}  // namespace

Result<Package> disclose(const Package& package, const std::vector<LeafDecision>& decisions, const Hop& hop, const RandomFill& random) {
  LIAISON_CHECK(check_hop(package, hop));
  LIAISON_TRY(const Manifest manifest, parse_manifest(view(package.manifest.text)));
  LIAISON_TRY(const auto effects, decide(manifest, package.openings, decisions, random));
  Package out;
  Disclosure account = begin_account(package, manifest, hop);
  apply(package, decisions, effects, out, account);
  LIAISON_CHECK(check_structure(manifest, out.openings, out.withheld));
  out.manifest = package.manifest;
  out.disclosures = package.disclosures;
  out.disclosures.push_back({make_text(account), {}});
  if (out.disclosures.back().text.size() > limits::disclosure_bytes_max) return fail(Errc::limit_exceeded, "disclosure text");
  out.permits = package.permits;
  for (const BlobKey& key : package.blob_keys) {
    if (out.openings.find(key.path)) out.blob_keys.push_back(key);
  }
  return out;
}

}  // namespace liaison::record
