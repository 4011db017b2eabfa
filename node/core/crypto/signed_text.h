// Signed texts (formats 1): the one module that makes and parses every text that is signed, and its signature block.
// Line = key SP token *(SP token) LF; keys in grammar order; repeated lines sorted bytewise without duplicates; unknown key: bad_text.
// What is signed is verified exactly as transmitted: parsing never re-encodes. Pure.
#pragma once
#include <functional>
#include <string>

#include "core/base/ids.h"
#include "core/base/limits.h"
#include "core/base/result.h"
#include "core/crypto/keys.h"

namespace liaison::crypto {

enum class Repeat : std::uint8_t { once, any };
struct LineRule {
  std::string_view key;
  std::size_t tokens;  // exact number of tokens after the key
  Repeat repeat = Repeat::once;
};
struct TextGrammar {
  std::string_view header;            // a constant of base/tags.h, with its LF
  std::span<const LineRule> lines;    // in this order
  std::size_t bytes_max = limits::text_bytes_max;
};

// Builds a text; add() in any order of values, finish() orders repeats and writes equal ones once. A missing or wrong line is our own bug:
// liaison_assert. The size is not checked here: whoever adds as many lines as a message asks for compares it with the grammar's bytes_max.
class TextBuilder {
 public:
  explicit TextBuilder(const TextGrammar& grammar) : grammar_(grammar) {}
  TextBuilder& add(std::string_view key, std::initializer_list<std::string_view> tokens);
  TextBuilder& add(std::string_view key, std::string_view token) { return add(key, {token}); }
  TextBuilder& add(std::string_view key, std::uint64_t number) { return add(key, std::to_string(number)); }
  TextBuilder& add_hash(std::string_view key, const Hash& hash) { return add(key, to_base64(hash)); }
  std::string finish() const;

 private:
  struct Line {
    std::size_t rule;    // index into the grammar's lines
    std::string tokens;  // each after a space
    auto operator<=>(const Line&) const = default;
  };
  TextGrammar grammar_;
  std::vector<Line> lines_;
};

// A parsed text: owns a copy of its bytes; views into it live as long as it does.
class ParsedText {
 public:
  static Result<ParsedText> parse(const TextGrammar& grammar, ByteView bytes);
  ParsedText(ParsedText&&) noexcept = default;
  ParsedText& operator=(ParsedText&&) noexcept = default;
  using Tokens = std::vector<std::string_view>;
  std::string_view one(std::string_view key, std::size_t token = 0) const;  // of a `once` line; the grammar guarantees it is there
  std::span<const Tokens> all(std::string_view key) const;                  // lines of a repeatable key, without the key
  // Typed access; Errc::bad_text naming the key when the token is not of that form.
  Result<std::uint64_t> number(std::string_view key, std::size_t token = 0) const;
  Result<Hash> hash(std::string_view key, std::size_t token = 0) const;
  Result<std::optional<Hash>> hash_or_dash(std::string_view key, std::size_t token = 0) const;
  Result<Uuid> uuid(std::string_view key, std::size_t token = 0) const;
  Result<Time> time(std::string_view key, std::size_t token = 0) const;
  Result<std::string> agency(std::string_view key, std::size_t token = 0) const;
  std::string_view bytes() const { return *bytes_; }

 private:
  ParsedText() = default;
  struct Group {  // the lines of one key
    std::string_view key;
    std::size_t first;
    std::size_t count;
  };
  const Group* find(std::string_view key) const;
  Error wrong_form(std::string_view key) const;
  std::unique_ptr<std::string> bytes_;
  std::vector<Tokens> rows_;    // in the order of the text
  std::vector<Group> groups_;   // in the order of the grammar
};
Result<std::uint64_t> parse_decimal(std::string_view token);  // no leading zero, at most 2^63-1

Hash text_hash(ByteView text);  // SHA-256 of the bytes without the signature block
bool is_token(std::string_view chars);

// --- signature blocks: one line per signature ---
struct Signature {
  Hash key{};
  std::uint32_t algorithm = 1;  // 1 ECDSA P-256 over the text, 2 the same over a batch text; others are kept but ignored
  Bytes value;                  // DER
  std::uint32_t index = 0;      // algorithm 2 only
  std::uint32_t count = 0;
  std::vector<Hash> path;
};
Result<std::vector<Signature>> parse_signatures(ByteView block);
std::string format_signature(const Signature& signature);  // one line with LF

// Alg 2: the text to sign for several texts of one commit group, and each text's signature line. One text: use alg 1.
struct TextBatch {
  std::string batch_text;
  std::vector<Hash> leaves;  // SHA-256(0x00 || text)
};
TextBatch make_batch(std::string_view realm, const Hash& key, std::span<const std::string> texts);
std::vector<std::string> batch_signatures(const Hash& key, const TextBatch& batch, ByteView der);
// Signs one or many texts the right way (alg 1 for one, alg 2 for more); `sign` is the KeyHolder.
using SignFunction = std::function<Result<Bytes>(ByteView text)>;
Result<std::vector<std::string>> sign_texts(std::string_view realm, const Hash& key, std::span<const std::string> texts, const SignFunction& sign);

// Remembers batch texts that verified, so that the texts of one batch cost one ECDSA verification. Not thread safe: one per task.
// Holds the last 64.
class VerifiedBatches {
 public:
  bool contains(const Hash& key_and_batch_and_signature) const;
  void insert(const Hash& key_and_batch_and_signature);

 private:
  std::vector<Hash> seen_;
  std::size_t oldest_ = 0;
};

// Verifies that `block` holds a signature of `key` over `text` with a known algorithm. Errc: bad_signature, unknown_key (no line of that key), bad_text.
Result<void> verify_text(std::string_view realm, ByteView text, ByteView block, const PublicKey& key, VerifiedBatches& batches);

}  // namespace liaison::crypto
