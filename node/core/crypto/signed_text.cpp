// Making and parsing signed texts after a grammar. One pass over the bytes; what is kept are views into one owned copy.
// Errors name the line number and the key the grammar wanted, never what stood there.
#include "core/crypto/signed_text.h"

#include <algorithm>
#include <charconv>

#include "core/merkle/sha256.h"

namespace liaison::crypto {
namespace {

constexpr std::array<bool, 256> make_token_characters() {
  std::array<bool, 256> allowed{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:+/=,-")) {
    allowed[static_cast<unsigned char>(c)] = true;
  }
  return allowed;
}
constexpr auto token_characters = make_token_characters();

Error bad_line(std::size_t number, std::string_view wanted) {
  return fail(Errc::bad_text, "line " + std::to_string(number) + ", at `" + std::string(wanted) + "`");
}

// Splits `line` (without LF) into key and exactly `rule.tokens` tokens; false when it is not such a line.
bool split_line(std::string_view line, const LineRule& rule, ParsedText::Tokens& out) {
  out.reserve(rule.tokens);
  std::string_view rest = line.substr(rule.key.size());
  for (std::size_t i = 0; i < rule.tokens; ++i) {
    if (rest.empty() || rest.front() != ' ') return false;
    rest.remove_prefix(1);
    const std::string_view token = rest.substr(0, rest.find(' '));
    if (!is_token(token)) return false;
    out.push_back(token);
    rest.remove_prefix(token.size());
  }
  return rest.empty();
}

bool has_key(std::string_view rest, std::string_view key) {
  return rest.starts_with(key) && rest.size() > key.size() && (rest[key.size()] == ' ' || rest[key.size()] == '\n');
}

}  // namespace

bool is_token(std::string_view chars) {
  return !chars.empty() && std::all_of(chars.begin(), chars.end(), [](char c) { return token_characters[static_cast<unsigned char>(c)]; });
}

Hash text_hash(ByteView text) { return merkle::sha256(text); }

Result<std::uint64_t> parse_decimal(std::string_view token) {
  constexpr std::uint64_t largest = (std::uint64_t{1} << 63) - 1;
  std::uint64_t value = 0;
  const char* const end = token.data() + token.size();
  const auto [at, problem] = std::from_chars(token.data(), end, value);
  if (problem != std::errc() || at != end || value > largest || (token.size() > 1 && token[0] == '0')) return fail(Errc::bad_text, "decimal number");
  return value;
}

TextBuilder& TextBuilder::add(std::string_view key, std::initializer_list<std::string_view> tokens) {
  const auto rule = std::find_if(grammar_.lines.begin(), grammar_.lines.end(), [key](const LineRule& r) { return r.key == key; });
  liaison_assert(rule != grammar_.lines.end() && rule->tokens == tokens.size());
  Line& line = lines_.emplace_back(Line{static_cast<std::size_t>(rule - grammar_.lines.begin()), {}});
  for (const std::string_view token : tokens) {
    liaison_assert(is_token(token));
    line.tokens.append(" ").append(token);
  }
  return *this;
}

std::string TextBuilder::finish() const {
  auto lines = lines_;
  std::sort(lines.begin(), lines.end());
  const auto same = [this](const Line& a, const Line& b) { return a == b && grammar_.lines[a.rule].repeat == Repeat::any; };
  lines.erase(std::unique(lines.begin(), lines.end(), same), lines.end());
  std::string out(grammar_.header);
  auto line = lines.begin();
  for (std::size_t rule = 0; rule < grammar_.lines.size(); ++rule) {
    std::size_t count = 0;
    for (; line != lines.end() && line->rule == rule; ++line, ++count) out.append(grammar_.lines[rule].key).append(line->tokens).append("\n");
    liaison_assert(grammar_.lines[rule].repeat == Repeat::any || count == 1);
  }
  return out;
}

Result<ParsedText> ParsedText::parse(const TextGrammar& grammar, ByteView bytes) {
  if (bytes.size() > grammar.bytes_max) return fail(Errc::limit_exceeded, "text of " + std::to_string(bytes.size()) + " bytes");
  if (!text(bytes).starts_with(grammar.header)) return fail(Errc::bad_text, "another kind of text");
  ParsedText out;
  out.bytes_ = std::make_unique<std::string>(text(bytes));
  std::string_view rest = std::string_view(*out.bytes_).substr(grammar.header.size());
  out.groups_.reserve(grammar.lines.size());
  out.rows_.reserve(grammar.lines.size());
  std::size_t number = 1;
  for (const LineRule& rule : grammar.lines) {
    out.groups_.push_back({rule.key, out.rows_.size(), 0});
    Group& group = out.groups_.back();
    std::string_view before;
    while (has_key(rest, rule.key)) {
      ++number;
      const auto end = rest.find('\n');
      if (end == std::string_view::npos) return bad_line(number, rule.key);
      const std::string_view line = rest.substr(0, end);
      if (!split_line(line, rule, out.rows_.emplace_back())) return bad_line(number, rule.key);
      if (group.count > 0 && (rule.repeat == Repeat::once || line <= before)) return bad_line(number, rule.key);
      before = line;
      ++group.count;
      rest.remove_prefix(end + 1);
    }
    if (rule.repeat == Repeat::once && group.count == 0) return bad_line(number + 1, rule.key);
  }
  if (!rest.empty()) return bad_line(number + 1, "end");
  return out;
}

const ParsedText::Group* ParsedText::find(std::string_view key) const {
  const auto found = std::find_if(groups_.begin(), groups_.end(), [key](const Group& group) { return group.key == key; });
  liaison_assert(found != groups_.end());  // the grammar has no such key
  return &*found;
}

Error ParsedText::wrong_form(std::string_view key) const { return fail(Errc::bad_text, "value of `" + std::string(key) + "`"); }

std::string_view ParsedText::one(std::string_view key, std::size_t token) const {
  const Group* group = find(key);
  liaison_assert(group->count == 1 && token < rows_[group->first].size());
  return rows_[group->first][token];
}

std::span<const ParsedText::Tokens> ParsedText::all(std::string_view key) const {
  const Group* group = find(key);
  return std::span(rows_).subspan(group->first, group->count);
}

Result<std::uint64_t> ParsedText::number(std::string_view key, std::size_t token) const {
  const auto value = parse_decimal(one(key, token));
  if (!value) return wrong_form(key);
  return *value;
}

Result<Hash> ParsedText::hash(std::string_view key, std::size_t token) const {
  const auto value = hash_from_base64(one(key, token));
  if (!value) return wrong_form(key);
  return *value;
}

Result<std::optional<Hash>> ParsedText::hash_or_dash(std::string_view key, std::size_t token) const {
  if (one(key, token) == "-") return std::optional<Hash>{};
  LIAISON_TRY(const Hash value, hash(key, token));
  return std::optional<Hash>(value);
}

Result<Uuid> ParsedText::uuid(std::string_view key, std::size_t token) const {
  const auto value = parse_uuid(one(key, token));
  if (!value) return wrong_form(key);
  return *value;
}

Result<Time> ParsedText::time(std::string_view key, std::size_t token) const {
  const auto value = parse_time(one(key, token));
  if (!value) return wrong_form(key);
  return *value;
}

Result<std::string> ParsedText::agency(std::string_view key, std::size_t token) const {
  const std::string_view value = one(key, token);
  if (!is_agency_id(value)) return wrong_form(key);
  return std::string(value);
}

}  // namespace liaison::crypto
