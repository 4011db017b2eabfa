// The permit as text and back. Pure; parse answers bad_text with the line's key.
#include "core/record/permit.h"

#include "core/base/tags.h"
#include "core/record/path.h"
#include "core/record/text_fields.h"

namespace liaison::record {
namespace {

using crypto::LineRule;
using crypto::Repeat;

constexpr std::array lines{LineRule{"realm", 1},    LineRule{"id", 1},     LineRule{"from", 1},     LineRule{"key", 1},
                           LineRule{"to", 1},       LineRule{"for", 1, Repeat::any}, LineRule{"record", 3}, LineRule{"manifest", 1},
                           LineRule{"disclosure", 1, Repeat::any}, LineRule{"core", 1}, LineRule{"event", 1}, LineRule{"reason", 1}, LineRule{"at", 1}};

crypto::TextGrammar grammar() { return {tags::permit_text, lines}; }

}  // namespace

std::string make_text(const Permit& p) {
  crypto::TextBuilder text(grammar());
  text.add("realm", p.realm).add("id", to_string(p.id)).add("from", p.from).add_hash("key", p.key).add("to", p.to);
  for (const std::string& recipient : p.recipients) text.add("for", recipient);
  text.add("record", {p.record_from, to_string(p.record.id), std::to_string(p.record.version)}).add_hash("manifest", p.manifest);
  for (const Hash& disclosure : p.disclosures) text.add_hash("disclosure", disclosure);
  text.add("core", "-").add("event", p.event).add("reason", p.reason).add("at", to_string(p.at));
  return text.finish();
}

Result<Permit> parse_permit(ByteView bytes) {
  LIAISON_TRY(const auto text, crypto::ParsedText::parse(grammar(), bytes));
  Permit out;
  out.realm = text.one("realm");
  LIAISON_TRY(out.id, text.uuid("id"));
  LIAISON_TRY(out.from, text.agency("from"));
  LIAISON_TRY(out.key, text.hash("key"));
  LIAISON_TRY(out.to, text.agency("to"));
  for (const auto& line : text.all("for")) {
    if (!is_agency_id(line[0])) return fail(Errc::bad_text, "for");
    out.recipients.emplace_back(line[0]);
  }
  LIAISON_TRY(auto record, parse_record_line(text));
  out.record_from = std::move(record.from);
  out.record = record.id;
  LIAISON_TRY(out.manifest, text.hash("manifest"));
  for (const auto& line : text.all("disclosure")) {
    LIAISON_TRY(const Hash disclosure, parse_hash(line[0], "disclosure"));
    out.disclosures.push_back(disclosure);
  }
  LIAISON_CHECK(text.hash_or_dash("core"));
  out.event = text.one("event");
  out.reason = text.one("reason");
  LIAISON_TRY(out.at, text.time("at"));
  return out;
}

bool needs_permit(std::string_view code) { return code == "H2" || code == "ORCON" || code == "TLP:RED"; }

bool is_sticky(const Manifest& manifest, const Openings& openings) {
  for (const auto& handling : manifest.handling) {
    if (!needs_permit(handling.code)) continue;
    if (!handling.prefix) return true;
    for (std::size_t i = 0; i < openings.size(); ++i)
      if (starts_with(openings.path(i), *handling.prefix)) return true;
  }
  return false;
}

}  // namespace liaison::record
