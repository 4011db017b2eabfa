// The chain of disclosures against the leaves of a package (formats 2.6 steps 3 and 4). Pure. Errors: commitment_mismatch, chain_broken,
// wrong_recipient, wrong_sender, wrong_realm.
#pragma once
#include "core/record/verify.h"

namespace liaison::record {

Result<std::vector<Disclosure>> parse_disclosures(const Package& package);

struct ChainInput {
  const Package& package;
  const Manifest& manifest;
  const Hash& manifest_hash;
  const std::vector<Disclosure>& disclosures;
};
// Number and distinctness of leaves, the root, and that every hop's account of what it left open is true.
Result<void> check_leaves(const ChainInput& input);
// Links of the chain and its parties.
Result<void> check_chain(const ChainInput& input, const VerifyContext& context);

}  // namespace liaison::record
