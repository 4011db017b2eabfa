// Signature blocks and batches (formats 1): one line per signature; algorithm 2 signs the root of an RFC 6962 tree over many texts.
// A line of an unknown algorithm is kept and ignored, so that algorithms can be added; a malformed line of a known one spoils the block.
#include <algorithm>

#include "core/base/tags.h"
#include "core/crypto/signed_text.h"
#include "core/merkle/tree.h"

namespace liaison::crypto {
namespace {

constexpr std::uint32_t alg_text = 1;
constexpr std::uint32_t alg_batch = 2;
constexpr std::size_t path_hashes_max = 12;  // log2 of limits::batch_texts_max
constexpr std::size_t batches_kept = 64;
static_assert(limits::batch_texts_max == std::size_t{1} << path_hashes_max);

constexpr std::array<LineRule, 4> batch_lines{{{"realm", 1}, {"key", 1}, {"count", 1}, {"root", 1}}};
constexpr TextGrammar batch_grammar{tags::batch_text, batch_lines};

struct BatchFacts {
  const Hash& key;
  std::uint64_t count;
  const Hash& root;
};

std::string write_batch_text(std::string_view realm, const BatchFacts& facts) {
  TextBuilder builder(batch_grammar);
  return builder.add("realm", realm).add_hash("key", facts.key).add("count", facts.count).add_hash("root", facts.root).finish();
}

Error bad_signature_line(std::size_t number) { return fail(Errc::bad_text, "signature line " + std::to_string(number)); }

Result<std::uint32_t> parse_u32(std::string_view token) {
  LIAISON_TRY(const std::uint64_t value, parse_decimal(token));
  if (value > UINT32_MAX) return fail(Errc::bad_text, "decimal number");
  return static_cast<std::uint32_t>(value);
}

std::optional<std::vector<Hash>> parse_path(std::string_view token) {
  std::vector<Hash> path;
  if (token == "-") return path;
  const auto bytes = from_base64(token);
  if (!bytes || bytes->empty() || bytes->size() % sizeof(Hash) != 0 || bytes->size() > path_hashes_max * sizeof(Hash)) return std::nullopt;
  for (ByteReader reader(*bytes); !reader.at_end();) path.push_back(reader.hash());
  return path;
}

bool parse_batch_part(std::span<const std::string_view> tokens, Signature& out) {
  const auto index = parse_u32(tokens[0]);
  const auto count = parse_u32(tokens[1]);
  auto path = parse_path(tokens[2]);
  if (!index || !count || !path || *count > limits::batch_texts_max || *index >= *count) return false;
  out.index = *index;
  out.count = *count;
  out.path = std::move(*path);
  return true;
}

// `line` without LF.
std::optional<Signature> parse_signature(std::string_view line) {
  std::vector<std::string_view> tokens;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t space = std::min(line.find(' ', at), line.size());
    tokens.push_back(line.substr(at, space - at));
    if (!is_token(tokens.back())) return std::nullopt;
    at = space + 1;
  }
  if (tokens.size() < 4 || tokens[0] != "sig") return std::nullopt;
  const auto key = hash_from_base64(tokens[1]);
  const auto algorithm = parse_u32(tokens[2]);
  auto value = from_base64(tokens[3]);
  if (!key || !algorithm || !value || value->empty()) return std::nullopt;
  Signature out;
  out.key = *key;
  out.algorithm = *algorithm;
  out.value = std::move(*value);
  if (out.algorithm == alg_text && tokens.size() != 4) return std::nullopt;
  if (out.algorithm == alg_batch && (tokens.size() != 7 || !parse_batch_part(std::span(tokens).subspan(4), out))) return std::nullopt;
  return out;
}

Result<void> verify_batched(std::string_view realm, ByteView text, const Signature& signature, const PublicKey& key, VerifiedBatches& batches) {
  const auto root = merkle::root_of_path(merkle::leaf_hash(text), {signature.index, signature.count}, signature.path);
  if (!root) return fail(Errc::bad_signature, "path of a batch of " + std::to_string(signature.count));
  const std::string batch = write_batch_text(realm, {key.hash(), signature.count, *root});
  // The hash of the batch text has a fixed size, so nothing can move between the three.
  const Hash id = merkle::sha256({key.hash(), merkle::sha256(batch), signature.value});
  if (batches.contains(id)) return {};
  LIAISON_CHECK(key.verify(view(batch), signature.value));
  batches.insert(id);
  return {};
}

}  // namespace

Result<std::vector<Signature>> parse_signatures(ByteView block) {
  if (block.size() > limits::signature_block_bytes_max) return fail(Errc::limit_exceeded, "signature block of " + std::to_string(block.size()) + " bytes");
  std::vector<Signature> out;
  for (std::string_view rest = text(block); !rest.empty();) {
    if (out.size() == limits::signatures_max) return fail(Errc::limit_exceeded, "more than " + std::to_string(out.size()) + " signatures");
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return bad_signature_line(out.size() + 1);
    auto signature = parse_signature(rest.substr(0, end));
    if (!signature) return bad_signature_line(out.size() + 1);
    out.push_back(std::move(*signature));
    rest.remove_prefix(end + 1);
  }
  return out;
}

std::string format_signature(const Signature& signature) {
  std::string line = "sig " + to_base64(signature.key) + " " + std::to_string(signature.algorithm) + " " + to_base64(signature.value);
  if (signature.algorithm == alg_batch) {
    Bytes path;
    for (const Hash& hash : signature.path) put(path, hash);
    line += " " + std::to_string(signature.index) + " " + std::to_string(signature.count) + " " + (path.empty() ? "-" : to_base64(path));
  }
  return line + "\n";
}

TextBatch make_batch(std::string_view realm, const Hash& key, std::span<const std::string> texts) {
  liaison_assert(!texts.empty() && texts.size() <= limits::batch_texts_max);
  TextBatch batch;
  batch.leaves.reserve(texts.size());
  for (const std::string& text : texts) batch.leaves.push_back(merkle::leaf_hash(view(text)));
  batch.batch_text = write_batch_text(realm, {key, batch.leaves.size(), merkle::root(batch.leaves)});
  return batch;
}

std::vector<std::string> batch_signatures(const Hash& key, const TextBatch& batch, ByteView der) {
  // All tree hashes once, then a path reads a handful: hashing each path from the leaves would be quadratic.
  std::vector<Hash> nodes;
  merkle::Frontier frontier;
  for (const Hash& leaf : batch.leaves) frontier.append(leaf, &nodes);
  const auto node_at = [&nodes](std::uint64_t index) -> Result<Hash> { return nodes.at(index); };
  std::vector<std::string> out;
  out.reserve(batch.leaves.size());
  for (std::size_t i = 0; i < batch.leaves.size(); ++i) {
    auto path = merkle::inclusion_proof(i, batch.leaves.size(), node_at);
    liaison_assert(path.has_value());
    out.push_back(format_signature({.key = key,
                                    .algorithm = alg_batch,
                                    .value = to_bytes(der),
                                    .index = static_cast<std::uint32_t>(i),
                                    .count = static_cast<std::uint32_t>(batch.leaves.size()),
                                    .path = std::move(*path)}));
  }
  return out;
}

Result<std::vector<std::string>> sign_texts(std::string_view realm, const Hash& key, std::span<const std::string> texts, const SignFunction& sign) {
  if (texts.empty()) return std::vector<std::string>{};
  if (texts.size() > limits::batch_texts_max) return fail(Errc::limit_exceeded, "batch of " + std::to_string(texts.size()) + " texts");
  if (texts.size() == 1) {
    LIAISON_TRY(Bytes value, sign(view(texts[0])));
    return std::vector<std::string>{format_signature({.key = key, .algorithm = alg_text, .value = std::move(value), .path = {}})};
  }
  const TextBatch batch = make_batch(realm, key, texts);
  LIAISON_TRY(const Bytes der, sign(view(batch.batch_text)));
  return batch_signatures(key, batch, der);
}

bool VerifiedBatches::contains(const Hash& key_and_batch_and_signature) const {
  return std::find(seen_.begin(), seen_.end(), key_and_batch_and_signature) != seen_.end();
}

void VerifiedBatches::insert(const Hash& key_and_batch_and_signature) {
  if (seen_.size() < batches_kept) {
    seen_.push_back(key_and_batch_and_signature);
    return;
  }
  seen_[oldest_] = key_and_batch_and_signature;
  oldest_ = (oldest_ + 1) % batches_kept;
}

Result<void> verify_text(std::string_view realm, ByteView text, ByteView block, const PublicKey& key, VerifiedBatches& batches) {
  LIAISON_TRY(const std::vector<Signature> signatures, parse_signatures(block));
  if (key.type() != KeyType::p256) return fail(Errc::bad_signature, "signed texts need a P-256 key");
  if (!is_token(realm)) return fail(Errc::bad_text, "realm");
  Error problem = fail(Errc::unknown_key, "no signature of key " + to_base64(key.hash()));
  for (const Signature& signature : signatures) {
    if (signature.key != key.hash()) continue;
    if (signature.algorithm != alg_text && signature.algorithm != alg_batch) continue;
    const auto verified = signature.algorithm == alg_text ? key.verify(text, signature.value) : verify_batched(realm, text, signature, key, batches);
    if (verified) return {};
    problem = verified.error();
  }
  return problem;
}

}  // namespace liaison::crypto
