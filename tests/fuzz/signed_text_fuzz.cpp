// Any bytes as a signed text: refused, or a builder given the parsed tokens writes the same bytes. Tokens are tried as every typed value.
#include "core/base/tags.h"
#include "core/crypto/signed_text.h"

namespace {

using namespace liaison;
using namespace liaison::crypto;

constexpr std::array<LineRule, 6> rules{
    {{"realm", 1}, {"record", 3}, {"permit", 1, Repeat::any}, {"withheld", 2, Repeat::any}, {"basis", 1}, {"at", 1}}};
constexpr TextGrammar grammar{tags::disclosure_text, rules, limits::disclosure_bytes_max};

void typed_access(const ParsedText& parsed, std::string_view key, std::size_t token) {
  if (const auto value = parsed.number(key, token)) liaison_assert(std::to_string(*value) == parsed.one(key, token));
  if (const auto value = parsed.hash(key, token)) liaison_assert(to_base64(*value) == parsed.one(key, token));
  if (const auto value = parsed.uuid(key, token)) liaison_assert(to_string(*value) == parsed.one(key, token));
  if (const auto value = parsed.time(key, token)) liaison_assert(to_string(*value) == parsed.one(key, token));
  static_cast<void>(parsed.hash_or_dash(key, token));
  static_cast<void>(parsed.agency(key, token));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(parse_decimal(text({data, size})));
  const auto parsed = ParsedText::parse(grammar, {data, size});
  if (!parsed) return 0;
  TextBuilder builder(grammar);
  for (const auto* key : {"realm", "basis", "at"}) {
    builder.add(key, parsed->one(key));
    typed_access(*parsed, key, 0);
  }
  for (std::size_t token = 0; token < 3; ++token) typed_access(*parsed, "record", token);
  builder.add("record", {parsed->one("record", 0), parsed->one("record", 1), parsed->one("record", 2)});
  for (const auto& line : parsed->all("permit")) builder.add("permit", line[0]);
  for (const auto& line : parsed->all("withheld")) builder.add("withheld", {line[0], line[1]});
  liaison_assert(builder.finish() == text({data, size}));
  return 0;
}
