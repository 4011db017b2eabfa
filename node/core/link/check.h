// Checks of what a peer sends over one log: heads, receipts and batches against what the log must say next (formats 4).
// Pure; every error names why the connection is closed. A head or receipt passes only whole: text, fields, key at its time, signature.
#pragma once
#include "core/link/session.h"

namespace liaison::link {

// Who speaks: `from` writes the log, `to` keeps the copy; `key` finds the signer's registered link key.
struct Writer {
  std::string_view realm, from, to;
  const std::function<Result<crypto::PublicKey>(const Hash& key, Time at)>& key;
  std::function<bool(std::string_view to)> forwards;  // is what `from` seals for this agency forwarded here? Empty: never
};

// Verified head of exactly this log and size. wrong_realm, wrong_sender, wrong_recipient, protocol_violation, bad_signature, ...
struct HeadClaim {
  LogId log;
  std::uint64_t size = 0;
  Hash root{};
};
Result<void> check_head(const Writer& writer, const HeadClaim& claim, const SignedText& head, crypto::VerifiedBatches& batches);

// Verified receipt text; what it covers follows from the head it names, which the caller looks up.
struct Keeper {
  std::string_view realm;
  const std::function<Result<crypto::PublicKey>(const Hash& key, Time at)>& key;
};
Result<Receipt> check_receipt(const Keeper& keeper, const SignedText& receipt, crypto::VerifiedBatches& batches);

// A batch against the copy it continues: entries and envelopes, then the recomputed root, then the signature.
struct Continuation {
  const merkle::Frontier& frontier;
  const std::optional<Hash>& opening;  // what entry 0 of an epoch above 0 must say
};
struct CheckedBatch {
  merkle::Frontier frontier;
  std::vector<Hash> completed;
  std::size_t envelope_bytes = 0;
};
Result<CheckedBatch> check_batch(const Writer& writer, const Continuation& so_far, const LogId& log, const std::vector<Element>& elements,
                                 const SignedText& head, crypto::VerifiedBatches& batches);

}  // namespace liaison::link
