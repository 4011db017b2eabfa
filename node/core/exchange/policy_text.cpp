// See policy_text.h. The order of the lines is that of PROTOCOL.md; anything else is refused with the key of the wrong line.
#include "core/exchange/policy_text.h"

#include "core/base/tags.h"

namespace liaison::exchange {
namespace {
constexpr crypto::LineRule policy_lines[] = {{"realm", 1}, {"agency", 1}, {"policy", 3}, {"key", 1}, {"at", 1}};
constexpr crypto::TextGrammar policy_grammar{tags::policy_text, policy_lines};
}  // namespace

std::string make_text(const PolicyText& text) {
  crypto::TextBuilder builder(policy_grammar);
  builder.add("realm", text.realm).add("agency", text.agency);
  builder.add("policy", {text.policy.name, std::to_string(text.policy.version), to_base64(text.policy.fingerprint)});
  builder.add_hash("key", text.key).add("at", to_string(text.at));
  return builder.finish();
}

Result<PolicyText> parse_policy_text(ByteView bytes) {
  LIAISON_TRY(const auto parsed, crypto::ParsedText::parse(policy_grammar, bytes));
  PolicyText text;
  text.realm = parsed.one("realm");
  LIAISON_TRY(text.agency, parsed.agency("agency"));
  text.policy.name = parsed.one("policy");
  LIAISON_TRY(text.policy.version, parsed.number("policy", 1));
  LIAISON_TRY(text.policy.fingerprint, parsed.hash("policy", 2));
  LIAISON_TRY(text.key, parsed.hash("key"));
  LIAISON_TRY(text.at, parsed.time("at"));
  return text;
}

}  // namespace liaison::exchange
