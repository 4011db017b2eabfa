// Checkpoints as C2SP signed notes and proofs as C2SP tlog-proof texts. Pure; what is signed is verified exactly as transmitted.
// Strict: no extension lines, canonical decimals and base64 only. Signature lines of other names (cosignatures) are kept in the note and ignored here.
#include "core/audit/checkpoint.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/crypto/signed_text.h"

namespace liaison::audit {
namespace {

constexpr std::string_view proof_header = "c2sp.org/tlog-proof@v1";
constexpr std::string_view dash = "\xE2\x80\x94 ";  // U+2014 and a space begin a signature line
constexpr std::size_t origin_bytes_max = 128;
constexpr std::size_t path_hashes_max = 63;
constexpr std::size_t key_id_bytes = 4;
constexpr std::size_t ed25519_signature_bytes = 64;

Error bad(std::string_view what) { return fail(Errc::bad_format, std::string(what)); }

// Takes the next line off `rest` without its LF; nullopt when no complete line is left.
std::optional<std::string_view> next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

// Key names and origins: no spaces, no plus (signed-note), and nothing a terminal could obey.
bool is_name(std::string_view chars) {
  return !chars.empty() && chars.size() <= origin_bytes_max && std::all_of(chars.begin(), chars.end(), [](char c) { return c > ' ' && c < 0x7F && c != '+'; });
}

struct SignatureLine {
  std::string_view name;
  Bytes id_and_signature;
};

struct Note {
  std::string_view body;  // with its final LF
  std::vector<SignatureLine> signatures;
};

Result<SignatureLine> parse_signature_line(std::string_view line) {
  if (!line.starts_with(dash)) return bad("signed note: line after the body is not a signature");
  line.remove_prefix(dash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_name(line.substr(0, space))) return bad("signed note: signature line without a valid key name");
  auto value = from_base64(line.substr(space + 1));
  if (!value || value->size() <= key_id_bytes) return bad("signed note: signature is not base64");
  return SignatureLine{line.substr(0, space), std::move(*value)};
}

Result<Note> parse_note(std::string_view chars) {
  if (chars.size() > limits::text_bytes_max) return fail(Errc::limit_exceeded, "signed note of " + std::to_string(chars.size()) + " bytes");
  const auto gap = chars.find("\n\n");
  if (gap == std::string_view::npos) return bad("signed note: no empty line after the body");
  Note note{chars.substr(0, gap + 1), {}};
  std::string_view rest = chars.substr(gap + 2);
  while (!rest.empty()) {
    const auto line = next_line(rest);
    if (!line) return bad("signed note: last line does not end");
    LIAISON_TRY(auto signature, parse_signature_line(*line));
    note.signatures.push_back(std::move(signature));
  }
  if (note.signatures.empty()) return bad("signed note: no signature");
  return note;
}

Result<Checkpoint> parse_body(std::string_view body) {
  const auto origin = next_line(body);
  const auto size = next_line(body);
  const auto root = next_line(body);
  if (!root || !body.empty()) return bad("checkpoint: three lines expected");
  if (!is_name(*origin)) return bad("checkpoint: origin");
  const auto number = crypto::parse_decimal(*size);
  if (!number) return bad("checkpoint: size");
  const auto hash = hash_from_base64(*root);
  if (!hash) return bad("checkpoint: root");
  return Checkpoint{std::string(*origin), *number, *hash};
}

}  // namespace

std::string checkpoint_body(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(checkpoint.root) + "\n";
}

std::array<std::uint8_t, 4> note_key_id(std::string_view name, const crypto::PublicKey& key) {
  constexpr std::uint8_t ed25519 = 0x01;
  const Hash hash = merkle::Sha256().add(name).add_u8('\n').add_u8(ed25519).add(key.point()).finish();
  return {hash[0], hash[1], hash[2], hash[3]};
}

Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const crypto::PublicKey& key, const std::function<Result<Bytes>(ByteView)>& sign) {
  liaison_assert(key.type() == crypto::KeyType::ed25519 && is_name(checkpoint.origin));
  const std::string body = checkpoint_body(checkpoint);
  LIAISON_TRY(const Bytes signature, sign(view(body)));
  const auto id = note_key_id(checkpoint.origin, key);
  Bytes value(id.begin(), id.end());
  put(value, signature);
  return body + "\n" + std::string(dash) + checkpoint.origin + " " + to_base64(value) + "\n";
}

Result<Checkpoint> verify_checkpoint(std::string_view note, std::string_view origin, const crypto::PublicKey& key) {
  LIAISON_TRY(const Note parsed, parse_note(note));
  LIAISON_TRY(auto checkpoint, parse_body(parsed.body));
  if (checkpoint.origin != origin) return fail(Errc::wrong_sender, "checkpoint of " + checkpoint.origin + ", expected " + std::string(origin));
  if (key.type() != crypto::KeyType::ed25519) return fail(Errc::key_not_valid, "checkpoints are signed with Ed25519");
  const auto id = note_key_id(origin, key);
  for (const auto& line : parsed.signatures) {
    const ByteView value = line.id_and_signature;
    if (line.name != origin || !equal(value.first(key_id_bytes), id) || value.size() != key_id_bytes + ed25519_signature_bytes) continue;
    LIAISON_CHECK(key.verify(view(parsed.body), value.subspan(key_id_bytes)));
    return checkpoint;
  }
  return fail(Errc::unknown_key, "no signature of this key on the checkpoint of " + checkpoint.origin);
}

Result<Checkpoint> parse_checkpoint(std::string_view note) {
  LIAISON_TRY(const Note parsed, parse_note(note));
  return parse_body(parsed.body);
}

std::string make_proof(std::uint64_t index, std::span<const Hash> path, std::string_view note) {
  std::string out = std::string(proof_header) + "\nindex " + std::to_string(index) + "\n";
  for (const Hash& hash : path) out += to_base64(hash) + "\n";
  return out + "\n" + std::string(note);
}

Result<Proof> parse_proof(std::string_view chars) {
  if (chars.size() > 2 * limits::text_bytes_max) return fail(Errc::limit_exceeded, "proof of " + std::to_string(chars.size()) + " bytes");
  constexpr std::string_view index_key = "index ", extra_key = "extra ";
  if (next_line(chars) != proof_header) return bad("proof: first line");
  auto line = next_line(chars);
  if (line && line->starts_with(extra_key)) {  // not authenticated by anything: checked for form and dropped
    if (!from_base64(line->substr(extra_key.size()))) return bad("proof: extra");
    line = next_line(chars);
  }
  if (!line || !line->starts_with(index_key)) return bad("proof: index");
  const auto index = crypto::parse_decimal(line->substr(index_key.size()));
  if (!index) return bad("proof: index");
  Proof proof{*index, {}, {}};
  for (line = next_line(chars); line && !line->empty(); line = next_line(chars)) {
    const auto hash = hash_from_base64(*line);
    if (!hash || proof.path.size() == path_hashes_max) return bad("proof: path");
    proof.path.push_back(*hash);
  }
  if (!line) return bad("proof: ends before the checkpoint");
  LIAISON_CHECK(parse_checkpoint(chars));
  proof.note = std::string(chars);
  return proof;
}

}  // namespace liaison::audit
