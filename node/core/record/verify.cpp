// Verification in the order of formats 2.6; the cheap and the damning first, nothing is rebuilt before all signatures stand. Pure:
// keys, routes and groups are asked of Authority.
#include "core/record/verify.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/record/chain.h"
#include "core/record/path.h"
#include "core/record/permit.h"
#include "core/record/rebuild.h"
#include "core/record/structure.h"

namespace liaison::record {
namespace {

struct Signer { std::string_view agency; const Hash& key; Time at; };

class Verification {
 public:
  Verification(const Package& package, const VerifyContext& context, crypto::VerifiedBatches& batches)
      : package_(package), context_(context), batches_(batches) {}

  Result<void> manifest(const Manifest& manifest) const {
    if (manifest.realm != context_.realm) return fail(Errc::wrong_realm, "manifest");
    LIAISON_CHECK(signature(package_.manifest, {manifest.from, manifest.key, manifest.created}));
    if (manifest.created > context_.now + limits::clock_ahead_max) return fail(Errc::clock_out_of_range, "created in the future");
    if (!context_.manifest_already_held && manifest.created < context_.now - limits::created_age_max) {
      return fail(Errc::clock_out_of_range, "created too long ago");
    }
    return {};
  }

  Result<void> disclosures(const ChainInput& input) const {
    LIAISON_CHECK(check_leaves(input));
    LIAISON_CHECK(check_chain(input, context_));
    for (std::size_t k = 0; k < input.disclosures.size(); ++k) {
      const Disclosure& hop = input.disclosures[k];
      LIAISON_CHECK(signature(package_.disclosures[k], {hop.relay, hop.key, hop.at}));
    }
    return {};
  }

  Result<void> route(const ChainInput& input) const {
    const std::string& channel = input.manifest.channel;
    for (std::size_t k = 1; k < input.disclosures.size(); ++k) {
      const std::string& relay = input.disclosures[k].relay;
      const bool allowed = context_.authority.relays(channel, relay, input.disclosures[k - 1].relay) ||
                           context_.authority.relays(channel, relay, input.disclosures[k].recipient);
      if (!allowed) return fail(Errc::route_not_allowed, relay);
    }
    for (std::size_t i = package_.openings.size(); i-- > 0;) {
      const Openings::Item item = package_.openings[i];
      if (is_audience(item.path) && reaches(input.manifest, text(item.value))) return {};
      if (first_component(item.path) == Component::field) break;  // audience and decoys sort last
    }
    return fail(Errc::audience_excludes, std::string(context_.self));
  }

  Result<void> permits(const ChainInput& input) const {
    std::vector<Permit> permits;
    std::vector<bool> used(package_.permits.size());
    for (const SignedText& permit : package_.permits) {
      LIAISON_TRY(auto parsed, parse_permit(view(permit.text)));
      const bool fits = parsed.realm == input.manifest.realm && parsed.from == input.manifest.from && parsed.manifest == input.manifest_hash &&
                        parsed.record_from == input.manifest.from && parsed.record.id == input.manifest.record.id &&
                        parsed.record.version == input.manifest.record.version;
      if (!fits) return fail(Errc::permit_missing, "a permit for another record or by another agency");
      const auto sealed = signature(permit, {parsed.from, parsed.key, parsed.at});
      if (!sealed) return fail(Errc::permit_missing, "a permit that does not verify: " + sealed.error().message());
      permits.push_back(std::move(parsed));
    }
    for (const Disclosure& hop : input.disclosures) LIAISON_CHECK(hop_permits(input, hop, permits, used));
    if (std::find(used.begin(), used.end(), false) != used.end()) return fail(Errc::permit_missing, "a permit no hop relies on");
    return {};
  }

 private:
  Result<void> signature(const SignedText& signed_text, const Signer& signer) const {
    LIAISON_TRY(const crypto::PublicKey key, context_.authority.seal_key(signer.agency, signer.key, signer.at));
    return crypto::verify_text(context_.realm, view(signed_text.text), view(signed_text.signatures), key, batches_);
  }

  bool reaches(const Manifest& manifest, std::string_view audience) const {
    const std::string& channel = manifest.channel;
    if (context_.authority.audience_covers(audience, context_.self, manifest.created)) return true;
    // A relay of the sender takes the record onwards to whomever the sender named, a relay of an addressee inwards to that one.
    return context_.authority.relays(channel, context_.self, context_.envelope_from) || context_.authority.reaches(channel, context_.self, audience);
  }

  Result<void> hop_permits(const ChainInput& input, const Disclosure& hop, const std::vector<Permit>& permits, std::vector<bool>& used) const {
    for (const Hash& wanted : hop.permits) {
      std::size_t found = 0;
      while (found < permits.size() && crypto::text_hash(view(package_.permits[found].text)) != wanted) ++found;
      const bool names = found < permits.size() && std::find(permits[found].recipients.begin(), permits[found].recipients.end(), hop.recipient) != permits[found].recipients.end();
      if (!names) return fail(Errc::permit_missing, "hop " + std::to_string(hop.hop));
      used[found] = true;
    }
    if (hop.hop > 1 && hop.permits.empty() && is_sticky(input.manifest, package_.openings)) return fail(Errc::permit_missing, "hop " + std::to_string(hop.hop) + " passed on a record under originator control");
    return {};
  }

  const Package& package_;
  const VerifyContext& context_;
  crypto::VerifiedBatches& batches_;
};

}  // namespace

Result<VerifiedPackage> verify(Package package, const VerifyContext& context, crypto::VerifiedBatches& batches) {
  VerifiedPackage out;
  out.package_ = std::move(package);
  LIAISON_TRY(out.manifest_, parse_manifest(view(out.package_.manifest.text)));
  out.manifest_hash_ = crypto::text_hash(view(out.package_.manifest.text));
  const Manifest& manifest = out.manifest_;
  const Verification verification(out.package_, context, batches);
  LIAISON_CHECK(verification.manifest(manifest));

  const auto schema = context.schemas.find(manifest.kind, manifest.schema_number, manifest.schema);
  if (schema == nullptr) return fail(Errc::unknown_schema, manifest.kind + "/" + std::to_string(manifest.schema_number));

  LIAISON_TRY(out.disclosures_, parse_disclosures(out.package_));
  const ChainInput input{out.package_, manifest, out.manifest_hash_, out.disclosures_};
  LIAISON_CHECK(verification.disclosures(input));
  LIAISON_CHECK(verification.route(input));
  LIAISON_CHECK(check_structure(manifest, out.package_.openings, out.package_.withheld));
  LIAISON_CHECK(verification.permits(input));

  LIAISON_TRY(out.message_, rebuild(*schema, out.package_.openings));
  LIAISON_CHECK(compare_rebuilt(*schema, out.message_, out.package_.openings, manifest.created));
  return out;
}

Hash VerifiedPackage::last_disclosure_hash() const { return crypto::text_hash(view(package_.disclosures.back().text)); }

std::size_t VerifiedPackage::opaque_count() const {
  std::size_t count = 0;
  for (const auto& hop : package_.opaque) count += hop.size();
  return count;
}

std::vector<FieldStatus> VerifiedPackage::withheld_fields() const {
  std::vector<FieldStatus> out;
  for (const WithheldLeaf& leaf : package_.withheld) out.push_back(status_of(*this, leaf.path));
  return out;
}

FieldStatus status_of(const VerifiedPackage& package, ByteView path) {
  FieldStatus out{to_bytes(path), FieldState::not_shown, {}, {}};
  for (const Disclosure& hop : package.disclosures()) {
    for (const auto& line : hop.withheld) {
      if (!equal(line.path, path)) continue;
      out.state = FieldState::withheld;
      out.by = hop.relay;
      out.basis = line.basis;
      return out;
    }
  }
  if (package.package().openings.find(path)) {
    out.state = FieldState::opened;
  } else if (package.opaque_count() == 0) {
    out.state = FieldState::absent;
  }
  return out;
}

}  // namespace liaison::record
