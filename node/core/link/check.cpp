// Verification of heads, receipts and batches. Cheap checks come first; one batch costs its leaf hashes, one SHA-256 per core and one signature.
#include "core/link/check.h"

#include <set>

#include "schemas/envelope_generated.h"

namespace liaison::link {
namespace {

Error mismatch(const char* what, const Entry& entry) { return fail(Errc::commitment_mismatch, std::string(what) + " of " + to_string(entry.msg_id)); }

std::string_view chars(const flatbuffers::String* string) { return string == nullptr ? std::string_view() : std::string_view(string->c_str(), string->size()); }

// The clear part of an envelope against its entry. `core` is a copy of its own, aligned for FlatBuffers.
Result<void> check_core(const Writer& writer, const Entry& entry, const Bytes& core) {
  if (merkle::sha256(core) != entry.core) return mismatch("core hash", entry);
  flatbuffers::Verifier verifier(core.data(), core.size(), limits::verifier_depth_max, limits::verifier_tables_max);
  if (!verifier.VerifyBuffer<wire::EnvelopeCore>(nullptr)) return fail(Errc::bad_format, "core of " + to_string(entry.msg_id));
  const auto* table = flatbuffers::GetRoot<wire::EnvelopeCore>(core.data());
  if (chars(table->realm()) != writer.realm) return fail(Errc::wrong_realm, "envelope " + to_string(entry.msg_id));
  const auto* msg_id = table->msg_id();
  if (msg_id == nullptr || !equal({msg_id->data(), msg_id->size()}, entry.msg_id.bytes)) return mismatch("id", entry);
  // A forwarded envelope was sealed by somebody else and may be for somebody further on; the directory's `blind` flags decide about it.
  if (entry.hops > 0) return {};
  if (chars(table->from()) != writer.from) return fail(Errc::wrong_sender, "envelope " + to_string(entry.msg_id));
  const bool goes_on = writer.forwards && writer.forwards(chars(table->to()));
  if (chars(table->to()) != writer.to && !goes_on) return fail(Errc::wrong_recipient, "envelope " + to_string(entry.msg_id));
  return {};
}

Result<void> check_envelope(const Writer& writer, const Entry& entry, const Bytes& envelope) {
  if (envelope.size() != entry.size) return mismatch("size", entry);
  flatbuffers::Verifier verifier(envelope.data(), envelope.size(), limits::verifier_depth_max, limits::verifier_tables_max);
  if (!verifier.VerifyBuffer<wire::Envelope>(nullptr)) return fail(Errc::bad_format, "envelope " + to_string(entry.msg_id));
  const auto* table = flatbuffers::GetRoot<wire::Envelope>(envelope.data());
  if (table->core() == nullptr || table->enc() == nullptr || table->payload() == nullptr) {
    return fail(Errc::bad_format, "envelope " + to_string(entry.msg_id) + " without core, enc or payload");
  }
  const std::size_t sum = std::size_t{table->core()->size()} + table->enc()->size() + table->payload()->size();
  if (sum > envelope.size()) return fail(Errc::limit_exceeded, "parts of envelope " + to_string(entry.msg_id));
  return check_core(writer, entry, Bytes(table->core()->begin(), table->core()->end()));
}

Result<void> check_opening(const Continuation& so_far, const LogId& log, std::uint64_t index, const Entry& entry) {
  const bool opens = entry.type == EntryType::epoch_open;
  if (opens != (log.epoch > 0 && index == 0)) return fail(Errc::protocol_violation, "opening of epoch in " + to_string(log));
  if (opens && entry.core != so_far.opening) return fail(Errc::ledger_fork, "epoch of " + to_string(log) + " names other heads");
  return {};
}

Result<void> check_element(const Writer& writer, const Entry& entry, const Element& element, std::set<Uuid>& seen) {
  if (entry.type == EntryType::epoch_open) {
    if (element.envelope) return fail(Errc::protocol_violation, "envelope at an opening");
    return {};
  }
  if (!seen.insert(entry.msg_id).second) return fail(Errc::protocol_violation, "twice in a batch: " + to_string(entry.msg_id));
  if (!element.envelope) return {};
  return check_envelope(writer, entry, *element.envelope);
}

}  // namespace

Result<void> check_head(const Writer& writer, const HeadClaim& claim, const SignedText& head, crypto::VerifiedBatches& batches) {
  if (head.empty()) return fail(Errc::bad_signature, "no head for " + to_string(claim.log));
  LIAISON_TRY(const Head stated, parse_head(view(head.text)));
  if (stated.realm != writer.realm) return fail(Errc::wrong_realm, "head");
  if (stated.from != writer.from) return fail(Errc::wrong_sender, "head");
  if (stated.to != writer.to) return fail(Errc::wrong_recipient, "head");
  if (stated.log != claim.log) return fail(Errc::protocol_violation, "head of " + to_string(stated.log) + " for " + to_string(claim.log));
  if (stated.size != claim.size) return fail(Errc::protocol_violation, "head of size " + std::to_string(stated.size) + " for " + std::to_string(claim.size));
  if (stated.root != claim.root) return fail(Errc::wrong_root, to_string(claim.log) + " at " + std::to_string(claim.size));
  LIAISON_TRY(const crypto::PublicKey key, writer.key(stated.key, stated.time));
  return crypto::verify_text(writer.realm, view(head.text), view(head.signatures), key, batches);
}

Result<Receipt> check_receipt(const Keeper& keeper, const SignedText& receipt, crypto::VerifiedBatches& batches) {
  LIAISON_TRY(Receipt stated, parse_receipt(view(receipt.text)));
  if (stated.realm != keeper.realm) return fail(Errc::wrong_realm, "receipt");
  LIAISON_TRY(const crypto::PublicKey key, keeper.key(stated.key, stated.stored));
  LIAISON_CHECK(crypto::verify_text(keeper.realm, view(receipt.text), view(receipt.signatures), key, batches));
  return stated;
}

Result<CheckedBatch> check_batch(const Writer& writer, const Continuation& so_far, const LogId& log, const std::vector<Element>& elements,
                                 const SignedText& head, crypto::VerifiedBatches& batches) {
  CheckedBatch out{so_far.frontier, {}, 0};
  std::set<Uuid> seen;
  for (const Element& element : elements) {
    LIAISON_TRY(const Entry entry, decode_entry(element.entry));
    LIAISON_CHECK(check_opening(so_far, log, out.frontier.size(), entry));
    LIAISON_CHECK(check_element(writer, entry, element, seen));
    if (element.envelope) out.envelope_bytes += element.envelope->size();
    out.frontier.append(merkle::leaf_hash(element.entry), &out.completed);
  }
  LIAISON_CHECK(check_head(writer, {log, out.frontier.size(), out.frontier.root()}, head, batches));
  return out;
}

}  // namespace liaison::link
