// All leaf hashes are sorted once, each with the hop that held it back; the root and every hop's `opened` hash follow from that one list.
// Pure; nothing here looks at signatures.
#include "core/record/chain.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/record/path.h"
#include "core/record/structure.h"
#include "core/record/tree.h"

namespace liaison::record {
namespace {

constexpr std::uint8_t still_open = 0xFF;
struct Entry { Hash leaf; std::uint8_t hop; };  // hop: from 1, still_open if held back by none

Error broken(std::size_t hop, const char* why) { return fail(Errc::chain_broken, "hop " + std::to_string(hop) + ": " + why); }

// Which hop withheld each leaf; every one named exactly once.
Result<std::vector<std::uint8_t>> withholding_hops(const ChainInput& input) {
  std::vector<std::uint8_t> hops(input.package.withheld.size(), 0);
  std::size_t named = 0;
  for (std::size_t k = 0; k < input.disclosures.size(); ++k) {
    for (const auto& line : input.disclosures[k].withheld) {
      const auto index = find_withheld(input.package.withheld, line.path);
      if (!index || hops[*index] != 0) return broken(k + 1, "names a leaf that is not withheld, or was named before");
      hops[*index] = static_cast<std::uint8_t>(k + 1);
      ++named;
    }
  }
  if (named != hops.size()) return fail(Errc::chain_broken, "a withheld leaf is named by no hop");
  return hops;
}

std::vector<Entry> all_leaves(const ChainInput& input, const std::vector<std::uint8_t>& withheld_by) {
  std::vector<Entry> out;
  out.reserve(input.manifest.leaves);
  for (const Hash& leaf : input.package.openings.leaf_hashes()) out.push_back({leaf, still_open});
  for (std::size_t i = 0; i < withheld_by.size(); ++i) {
    const WithheldLeaf& leaf = input.package.withheld[i];
    out.push_back({leaf_hash(input.manifest.record, leaf.path, leaf.commitment), withheld_by[i]});
  }
  for (std::size_t k = 0; k < input.package.opaque.size(); ++k) {
    for (const Hash& leaf : input.package.opaque[k]) out.push_back({leaf, static_cast<std::uint8_t>(k + 1)});
  }
  std::sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) { return hash_less(a.leaf, b.leaf); });
  return out;
}

Result<void> compare_root(const Manifest& manifest, const std::vector<Entry>& entries) {
  std::vector<Hash> leaves;
  leaves.reserve(entries.size());
  for (const Entry& entry : entries) leaves.push_back(entry.leaf);
  if (!strictly_ascending(leaves)) return fail(Errc::commitment_mismatch, "equal leaf hashes");
  if (merkle::root(leaves) != manifest.root) return fail(Errc::commitment_mismatch, "root");
  return {};
}

Result<void> check_sets(const ChainInput& input, const std::vector<Entry>& entries) {
  std::vector<Hash> open;
  open.reserve(entries.size());
  for (std::size_t k = 1; k <= input.disclosures.size(); ++k) {
    const Disclosure& hop = input.disclosures[k - 1];
    const std::vector<Hash>& opaque = input.package.opaque[k - 1];
    if (opaque.size() != hop.opaque || (!opaque.empty() && list_hash(opaque) != *hop.opaque_hash)) return broken(k, "opaque leaves");
    open.clear();
    for (const Entry& entry : entries) {
      if (entry.hop > k) open.push_back(entry.leaf);
    }
    if (open.size() != hop.opened || list_hash(open) != hop.opened_hash) return broken(k, "open leaves");
  }
  return {};
}

Result<void> check_link(const ChainInput& input, std::size_t k) {
  const Disclosure& hop = input.disclosures[k - 1];
  const Disclosure* before = k == 1 ? nullptr : &input.disclosures[k - 2];
  if (hop.realm != input.manifest.realm) return fail(Errc::wrong_realm, "hop " + std::to_string(k));
  const RecordId& id = input.manifest.record;
  if (hop.record_from != input.manifest.from || hop.record.id != id.id || hop.record.version != id.version || hop.manifest != input.manifest_hash) {
    return broken(k, "about another record");
  }
  if (hop.hop != k) return broken(k, "number");
  if (hop.relay != (before == nullptr ? input.manifest.from : before->recipient)) return broken(k, "relay is not the one the record went to");
  if (hop.prev.has_value() != (before != nullptr)) return broken(k, "prev");
  if (before == nullptr) return {};
  if (*hop.prev != crypto::text_hash(view(input.package.disclosures[k - 2].text))) return broken(k, "prev");
  if (hop.at < before->at) return broken(k, "time goes back");
  return {};
}

}  // namespace

Result<std::vector<Disclosure>> parse_disclosures(const Package& package) {
  std::vector<Disclosure> out;
  for (const SignedText& disclosure : package.disclosures) {
    LIAISON_TRY(auto parsed, parse_disclosure(view(disclosure.text)));
    out.push_back(std::move(parsed));
  }
  if (out.empty() || out.size() > limits::hops_max || package.opaque.size() != out.size()) {
    return fail(Errc::chain_broken, std::to_string(out.size()) + " disclosures");
  }
  return out;
}

Result<void> check_leaves(const ChainInput& input) {
  const Package& package = input.package;
  std::size_t count = package.openings.size() + package.withheld.size();
  for (const auto& hop : package.opaque) count += hop.size();
  if (count > limits::leaves_max) return fail(Errc::limit_exceeded, "leaves");
  if (count != input.manifest.leaves) return fail(Errc::commitment_mismatch, std::to_string(count) + " leaves of " + std::to_string(input.manifest.leaves));
  for (const WithheldLeaf& leaf : package.withheld) {
    if (package.openings.find(leaf.path)) return fail(Errc::commitment_mismatch, "a path twice: " + to_hex(leaf.path));
  }
  LIAISON_TRY(const auto withheld_by, withholding_hops(input));
  const std::vector<Entry> entries = all_leaves(input, withheld_by);
  LIAISON_CHECK(compare_root(input.manifest, entries));
  return check_sets(input, entries);
}

Result<void> check_chain(const ChainInput& input, const VerifyContext& context) {
  for (std::size_t k = 1; k <= input.disclosures.size(); ++k) LIAISON_CHECK(check_link(input, k));
  const Disclosure& last = input.disclosures.back();
  if (last.relay != context.envelope_from) return fail(Errc::wrong_sender, last.relay);
  if (last.recipient != context.self) return fail(Errc::wrong_recipient, last.recipient);
  return {};
}

}  // namespace liaison::record
