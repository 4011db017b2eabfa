// The disclosure as text and back (formats 2.5). Pure; parse answers bad_text with the line's key.
#include "core/base/tags.h"
#include "core/record/package.h"
#include "core/record/path.h"
#include "core/record/text_fields.h"

namespace liaison::record {
namespace {

using crypto::LineRule;
using crypto::Repeat;

constexpr std::array lines{
    LineRule{"realm", 1},    LineRule{"record", 3}, LineRule{"manifest", 1}, LineRule{"hop", 1},    LineRule{"prev", 1},
    LineRule{"relay", 1},    LineRule{"key", 1},    LineRule{"for", 1},      LineRule{"purpose", 1}, LineRule{"policy", 3},
    LineRule{"permit", 1, Repeat::any}, LineRule{"supersedes", 1}, LineRule{"withheld", 2, Repeat::any}, LineRule{"opaque", 2},
    LineRule{"basis", 1},    LineRule{"opened", 2}, LineRule{"at", 1}};

crypto::TextGrammar grammar() { return {tags::disclosure_text, lines, limits::disclosure_bytes_max}; }

Error bad(std::string_view key) { return fail(Errc::bad_text, std::string(key)); }

Result<void> parse_repeats(const crypto::ParsedText& text, Disclosure& out) {
  for (const auto& line : text.all("permit")) {
    LIAISON_TRY(const Hash permit, parse_hash(line[0], "permit"));
    out.permits.push_back(permit);
  }
  for (const auto& line : text.all("withheld")) {
    LIAISON_TRY(Bytes path, parse_path(line[0], "withheld"));
    if (!is_path(path) || is_audience(path) || is_decoy(path)) return bad("withheld");
    out.withheld.push_back({std::move(path), std::string(line[1])});
  }
  return {};
}

Result<void> parse_counts(const crypto::ParsedText& text, Disclosure& out) {
  LIAISON_TRY(out.opaque, text.number("opaque"));
  LIAISON_TRY(out.opaque_hash, text.hash_or_dash("opaque", 1));
  out.basis = text.one("basis");
  const bool some = out.opaque > 0;
  if (out.opaque_hash.has_value() != some) return bad("opaque");
  if (out.basis != (some ? "GENERAL" : "-")) return bad("basis");
  LIAISON_TRY(out.opened, text.number("opened"));
  LIAISON_TRY(out.opened_hash, text.hash("opened", 1));
  return {};
}

}  // namespace

std::string make_text(const Disclosure& d) {
  crypto::TextBuilder text(grammar());
  text.add("realm", d.realm).add("record", {d.record_from, to_string(d.record.id), std::to_string(d.record.version)});
  text.add_hash("manifest", d.manifest).add("hop", d.hop).add("prev", hash_or_dash(d.prev)).add("relay", d.relay).add_hash("key", d.key);
  text.add("for", d.recipient).add("purpose", d.purpose);
  text.add("policy", {d.policy.name, std::to_string(d.policy.version), to_base64(d.policy.fingerprint)});
  for (const Hash& permit : d.permits) text.add_hash("permit", permit);
  text.add("supersedes", hash_or_dash(d.supersedes));
  for (const auto& withheld : d.withheld) text.add("withheld", {to_base64(withheld.path), withheld.basis});
  text.add("opaque", {std::to_string(d.opaque), hash_or_dash(d.opaque_hash)}).add("basis", d.basis);
  text.add("opened", {std::to_string(d.opened), to_base64(d.opened_hash)}).add("at", to_string(d.at));
  return text.finish();
}

Result<Disclosure> parse_disclosure(ByteView bytes) {
  LIAISON_TRY(const auto text, crypto::ParsedText::parse(grammar(), bytes));
  Disclosure out;
  out.realm = text.one("realm");
  LIAISON_TRY(auto record, parse_record_line(text));
  out.record_from = std::move(record.from);
  out.record = record.id;
  LIAISON_TRY(out.manifest, text.hash("manifest"));
  LIAISON_TRY(out.hop, text.number("hop"));
  LIAISON_TRY(out.prev, text.hash_or_dash("prev"));
  LIAISON_TRY(out.relay, text.agency("relay"));
  LIAISON_TRY(out.key, text.hash("key"));
  LIAISON_TRY(out.recipient, text.agency("for"));
  out.purpose = text.one("purpose");
  out.policy.name = text.one("policy");
  LIAISON_TRY(out.policy.version, text.number("policy", 1));
  LIAISON_TRY(out.policy.fingerprint, text.hash("policy", 2));
  LIAISON_TRY(out.supersedes, text.hash_or_dash("supersedes"));
  LIAISON_CHECK(parse_repeats(text, out));
  LIAISON_CHECK(parse_counts(text, out));
  LIAISON_TRY(out.at, text.time("at"));
  return out;
}

}  // namespace liaison::record
