// Audit checkpoints (formats 7): C2SP tlog-checkpoint in a C2SP signed note, Ed25519, origin "<agency>/<year>", and proofs (C2SP tlog-proof). Pure.
#pragma once
#include <functional>

#include "core/audit/entry.h"
#include "core/crypto/keys.h"

namespace liaison::audit {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
};
std::string checkpoint_body(const Checkpoint& checkpoint);              // three lines, what is signed
// First four bytes of SHA-256(name || LF || 0x01 || raw Ed25519 key): finds the line of a key in a signed note.
std::array<std::uint8_t, 4> note_key_id(std::string_view name, const crypto::PublicKey& key);
// Signed note: body, empty line, one line per signature (em dash, key name, base64 of 4-byte key id || 64-byte signature).
Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const crypto::PublicKey& key, const std::function<Result<Bytes>(ByteView)>& sign);
Result<Checkpoint> verify_checkpoint(std::string_view note, std::string_view origin, const crypto::PublicKey& key);
Result<Checkpoint> parse_checkpoint(std::string_view note);             // without a key; for display and for comparing heads

// tlog-proof: text with index, inclusion path and the checkpoint
std::string make_proof(std::uint64_t index, std::span<const Hash> path, std::string_view note);
struct Proof { std::uint64_t index; std::vector<Hash> path; std::string note; };
Result<Proof> parse_proof(std::string_view chars);

}  // namespace liaison::audit
