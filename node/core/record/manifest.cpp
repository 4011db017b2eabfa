// The manifest as text and back. The order of keys is the order of formats 2.3; repeated lines are sorted by the text module. Pure.
#include "core/record/manifest.h"

#include <algorithm>

#include "core/base/tags.h"
#include "core/record/path.h"
#include "core/record/text_fields.h"

namespace liaison::record {
namespace {

using crypto::LineRule;
using crypto::Repeat;

constexpr std::array lines{
    LineRule{"realm", 1},     LineRule{"id", 1},      LineRule{"version", 1},  LineRule{"prev", 1},      LineRule{"kind", 1},   LineRule{"schema", 2},
    LineRule{"from", 1},      LineRule{"key", 1},     LineRule{"directory", 2}, LineRule{"purpose", 1},  LineRule{"urgency", 1}, LineRule{"channel", 1},
    LineRule{"level", 1},     LineRule{"created", 1}, LineRule{"review", 1},   LineRule{"thread", 1},    LineRule{"answers", 1}, LineRule{"leaves", 1},
    LineRule{"root", 1},      LineRule{"inseparable", 1, Repeat::any},         LineRule{"group", 2, Repeat::any},
    LineRule{"handling", 2, Repeat::any}};

crypto::TextGrammar grammar() { return {tags::record_text, lines}; }

std::string uuid_or_dash(const std::optional<Uuid>& id) { return id ? to_string(*id) : "-"; }

Error bad(std::string_view key) { return fail(Errc::bad_text, std::string(key)); }

Result<std::optional<Uuid>> parse_uuid_or_dash(const crypto::ParsedText& text, std::string_view key) {
  if (text.one(key) == "-") return std::optional<Uuid>();
  LIAISON_TRY(const Uuid id, text.uuid(key));
  return std::optional<Uuid>(id);
}

Result<void> parse_schema_line(const crypto::ParsedText& text, Manifest& out) {
  out.kind = text.one("kind");
  const std::string_view name = text.one("schema");
  if (!name.starts_with(out.kind + "/")) return bad("schema");
  LIAISON_TRY(out.schema_number, parse_u32(name.substr(out.kind.size() + 1), "schema"));
  LIAISON_TRY(out.schema, text.hash("schema", 1));
  return {};
}

Result<void> parse_codes(const crypto::ParsedText& text, Manifest& out) {
  out.purpose = text.one("purpose");
  const std::string_view urgency = text.one("urgency");
  if (urgency != "urgent" && urgency != "routine") return bad("urgency");
  out.urgent = urgency == "urgent";
  out.channel = text.one("channel");
  if (!is_channel(out.channel)) return bad("channel");
  out.level = text.one("level");
  if (out.level != "national" && out.level != "regional" && out.level != "international" && out.level != "-") return bad("level");
  return {};
}

Result<void> parse_repeats(const crypto::ParsedText& text, Manifest& out) {
  for (const auto& line : text.all("inseparable")) {
    LIAISON_TRY(Bytes path, parse_path(line[0], "inseparable"));
    if (!is_path(path) || is_decoy(path) || is_audience(path)) return bad("inseparable");
    out.inseparable.push_back(std::move(path));
  }
  for (const auto& line : text.all("group")) {
    LIAISON_TRY(const std::uint64_t count, crypto::parse_decimal(line[0]));
    LIAISON_TRY(Bytes prefix, parse_path(line[1], "group"));
    if (count == 0 || !is_prefix_path(prefix)) return bad("group");
    out.groups.push_back({count, std::move(prefix)});
  }
  for (const auto& line : text.all("handling")) {
    Manifest::Handling handling{std::string(line[0]), std::nullopt};
    if (line[1] != "-") {
      LIAISON_TRY(handling.prefix, parse_path(line[1], "handling"));
      if (!is_prefix_path(*handling.prefix)) return bad("handling");
    }
    out.handling.push_back(std::move(handling));
  }
  return {};
}

}  // namespace

std::string make_text(const Manifest& m) {
  crypto::TextBuilder text(grammar());
  text.add("realm", m.realm).add("id", to_string(m.record.id)).add("version", std::uint64_t{m.record.version}).add("prev", hash_or_dash(m.prev));
  text.add("kind", m.kind).add("schema", {m.kind + "/" + std::to_string(m.schema_number), to_base64(m.schema)}).add("from", m.from).add_hash("key", m.key);
  text.add("directory", {std::to_string(m.directory_version), to_base64(m.directory)}).add("purpose", m.purpose);
  text.add("urgency", m.urgent ? "urgent" : "routine").add("channel", m.channel).add("level", m.level);
  text.add("created", to_string(m.created)).add("review", to_string(m.review)).add("thread", uuid_or_dash(m.thread)).add("answers", uuid_or_dash(m.answers));
  text.add("leaves", m.leaves).add_hash("root", m.root);
  for (const Bytes& path : m.inseparable) text.add("inseparable", to_base64(path));
  for (const auto& group : m.groups) text.add("group", {std::to_string(group.count), to_base64(group.prefix)});
  for (const auto& handling : m.handling) text.add("handling", {handling.code, handling.prefix ? to_base64(*handling.prefix) : "-"});
  return text.finish();
}

Result<Manifest> parse_manifest(ByteView bytes) {
  LIAISON_TRY(const auto text, crypto::ParsedText::parse(grammar(), bytes));
  Manifest out;
  out.realm = text.one("realm");
  LIAISON_TRY(out.record.id, text.uuid("id"));
  LIAISON_TRY(out.record.version, parse_u32(text.one("version"), "version"));
  LIAISON_TRY(out.prev, text.hash_or_dash("prev"));
  LIAISON_CHECK(parse_schema_line(text, out));
  LIAISON_TRY(out.from, text.agency("from"));
  LIAISON_TRY(out.key, text.hash("key"));
  LIAISON_TRY(out.directory_version, text.number("directory"));
  LIAISON_TRY(out.directory, text.hash("directory", 1));
  LIAISON_CHECK(parse_codes(text, out));
  LIAISON_TRY(out.created, text.time("created"));
  LIAISON_TRY(out.review, text.time("review"));
  LIAISON_TRY(out.thread, parse_uuid_or_dash(text, "thread"));
  LIAISON_TRY(out.answers, parse_uuid_or_dash(text, "answers"));
  LIAISON_TRY(out.leaves, text.number("leaves"));
  LIAISON_TRY(out.root, text.hash("root"));
  if (out.record.version == 0 || (out.record.version == 1) == out.prev.has_value()) return bad("prev");
  LIAISON_CHECK(parse_repeats(text, out));
  return out;
}

}  // namespace liaison::record
