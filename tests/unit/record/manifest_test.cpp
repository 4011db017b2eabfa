// Manifest, disclosure and permit texts (formats 2.3, 2.5, 3): round trips, exact text, and refusals.
#include "core/record/permit.h"
#include "tests/unit/record/fixture.h"

namespace liaison::record {
namespace {

Manifest sample_manifest() {
  Manifest m;
  m.realm = "test-exercise";
  m.record.id = *parse_uuid("01953f2e-7b00-7abc-8def-001122334455");
  m.record.version = 2;
  m.prev = Hash{1};
  m.kind = "ecomessage";
  m.from = "ke.customs";
  m.key = Hash{2};
  m.directory_version = 5;
  m.purpose = "wanted";
  m.urgent = true;
  m.channel = "cites";
  m.level = "-";
  m.created = some_time();
  m.review = some_time();
  m.thread = m.record.id;
  m.leaves = 90;
  m.inseparable = {*from_hex("010003"), *from_hex("010001")};
  m.groups = {{3, *from_hex("0100090200000000")}};
  m.handling = {{"H2", std::nullopt}, {"TLP:AMBER+STRICT", *from_hex("010009")}};
  return m;
}

Disclosure sample_disclosure() {
  Disclosure d;
  d.realm = "test-exercise";
  d.record_from = "ke.customs";
  d.record.version = 1;
  d.hop = 2;
  d.prev = Hash{3};
  d.relay = "ke.ncb";
  d.recipient = "int.gs";
  d.purpose = "wanted";
  d.policy = {"ke-outbound", 12, Hash{4}};
  d.permits = {Hash{5}};
  d.withheld = {{*from_hex("010001"), "KE.DATA-PROTECTION"}, {*from_hex("010000"), "KE.NATIONALS"}};
  d.opaque = 4;
  d.opaque_hash = Hash{6};
  d.basis = "GENERAL";
  d.opened = 80;
  d.at = some_time();
  return d;
}

Permit sample_permit() {
  Permit p;
  p.realm = "test-exercise";
  p.from = "ke.customs";
  p.to = "ke.ncb";
  p.recipients = {"fr.ncb", "int.gs"};
  p.record_from = "ke.customs";
  p.event = "permitted";
  p.reason = "-";
  p.at = some_time();
  return p;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

TEST(record_texts, manifest_round_trip) {
  const std::string text = make_text(sample_manifest());
  EXPECT_TRUE(text.starts_with("liaison record v1\nrealm test-exercise\nid 01953f2e-7b00-7abc-8def-001122334455\nversion 2\nprev AQAA")) << text;
  const auto parsed = parse_manifest(view(text));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(make_text(*parsed), text);
  EXPECT_EQ(parsed->handling.size(), 2u);
  EXPECT_EQ(parsed->groups.front().count, 3u);
}

TEST(record_texts, manifest_refusals_name_the_key) {
  const std::string text = make_text(sample_manifest());
  const std::vector<std::pair<std::string, std::string>> changes{
      {"version 2", "version 0"},   {"version 2", "version 1"},          {"version 2", "version 02"},       {"urgency urgent", "urgency later"},
      {"channel cites", "channel x"}, {"level -", "level all"},          {"schema ecomessage/1", "schema alert/1"},      {"from ke.customs", "from KE"},
      {"group 3", "group 0"},       {"created 2026-03", "created 2026-13"}, {"directory 5", "directory -5"}, {"answers -", "answers x"},
      {"inseparable AQAB", "inseparable AQ=="}, {"inseparable AQAB", "inseparable DwAB"}, {"handling H2 -", "handling H2 DwAB"}};
  for (const auto& [what, with] : changes) EXPECT_FALSE(parse_manifest(view(replaced(text, what, with)))) << with;
  EXPECT_FALSE(parse_manifest(view(text + "more 1\n")));
}

TEST(record_texts, disclosure_round_trip) {
  const std::string text = make_text(sample_disclosure());
  const auto parsed = parse_disclosure(view(text));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(make_text(*parsed), text);
  EXPECT_NE(text.find("withheld AQAA KE.NATIONALS\nwithheld AQAB KE.DATA-PROTECTION\nopaque 4 "), std::string::npos) << text;
}

TEST(record_texts, disclosure_basis_tells_only_whether_anything_is_opaque) {
  const std::string text = make_text(sample_disclosure());
  EXPECT_FALSE(parse_disclosure(view(replaced(text, "basis GENERAL", "basis -"))));
  EXPECT_FALSE(parse_disclosure(view(replaced(text, "basis GENERAL", "basis KE.SOURCES"))));
  EXPECT_FALSE(parse_disclosure(view(replaced(text, "opaque 4", "opaque 0"))));
  EXPECT_FALSE(parse_disclosure(view(replaced(text, "withheld AQAA", "withheld DwAA"))));
}

TEST(record_texts, permit_round_trip) {
  const std::string text = make_text(sample_permit());
  const auto parsed = parse_permit(view(text));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(make_text(*parsed), text);
  EXPECT_FALSE(parse_permit(view(replaced(text, "for fr.ncb", "for FR"))));
  EXPECT_FALSE(parse_permit(view(replaced(text, "core -", "core x"))));
}

TEST(record_texts, truncation_at_every_length_is_refused) {
  const std::string manifest = make_text(sample_manifest()), disclosure = make_text(sample_disclosure()), permit = make_text(sample_permit());
  const auto whole_lines_only = [](const std::string& text) { return text.ends_with('\n'); };
  for (std::size_t size = 0; size < manifest.size(); ++size) {
    // Repeated lines at the end may be cut off whole: another text, which nobody signed.
    const std::string cut = manifest.substr(0, size);
    if (parse_manifest(view(cut))) {
      EXPECT_TRUE(whole_lines_only(cut));
    }
  }
  for (std::size_t size = 0; size < disclosure.size(); ++size) EXPECT_FALSE(parse_disclosure(view(disclosure.substr(0, size))));
  for (std::size_t size = 0; size < permit.size(); ++size) EXPECT_FALSE(parse_permit(view(permit.substr(0, size))));
}

}  // namespace
}  // namespace liaison::record
