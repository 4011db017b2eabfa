// Decision tables: equal meanings have equal fingerprints, `never` is checked over every cell, and a difference names exactly the cells that changed.
#include "core/policy/table.h"

#include "core/policy/diff.h"
#include "tests/unit/policy/fixture.h"

using namespace liaison;
using namespace liaison::policy;

namespace {
Hash meaning(const std::string& rules, const std::string& more = "") {
  const auto hash = table_fingerprint(compiled(rules, more));
  EXPECT_TRUE(hash) << (hash ? "" : hash.error().message());
  return hash ? *hash : Hash{};
}
PolicyDiff diff(const std::string& before, const std::string& after, const std::string& more = "") {
  auto made = diff_policies(compiled(before, more), compiled(after, more));
  EXPECT_TRUE(made);
  return made ? *made : PolicyDiff{};
}
}  // namespace

TEST(Table, the_same_meaning_in_other_words_has_the_same_fingerprint) {
  const Hash one = meaning(rule("A", "disclose", "offence", R"("purpose": ["wanted", "alert"], "recipient": ["de.bka"])"));
  EXPECT_EQ(one, meaning(rule("B", "disclose", "offence", R"("purpose": ["alert"], "recipient": ["de.bka"])") + "," + rule("A", "disclose", "offence", R"("purpose": ["wanted"], "recipient": ["de.bka"])")));
  EXPECT_EQ(one, meaning(rule("A", "disclose", "offence", R"("purpose": ["wanted", "alert"], "recipient": ["de.bka"])") + "," + rule("Z", "withhold", "code_name", R"("recipient": ["fr.opj"])") + "," +
                         rule("Y", "withhold", "code_name")) == meaning(rule("A", "disclose", "offence", R"("purpose": ["wanted", "alert"], "recipient": ["de.bka"])") + "," + rule("Y", "withhold", "code_name"))
                ? one : Hash{}) << "a rule that changes no cell changes no fingerprint, though it names another agency";
  EXPECT_NE(one, meaning(rule("A", "disclose", "offence", R"("purpose": ["wanted"], "recipient": ["de.bka"])")));
  EXPECT_NE(one, meaning(rule("A", "disclose", "offence", R"("purpose": ["wanted", "alert"], "recipient": ["de.zka"])")));
  EXPECT_NE(one, meaning(rule("A", "disclose", "code_name", R"("purpose": ["wanted", "alert"], "recipient": ["de.bka"])")));
}

TEST(Table, fields_twins_and_items_written_differently_mean_the_same) {
  EXPECT_EQ(meaning(rule("A", "withhold", "persons[].birth_text")), meaning(R"({ "id": "B", "effect": "withhold", "items": ["5.f"], "basis": "KE.DPA.48" })"));
  EXPECT_EQ(meaning(rule("A", "withhold", "persons[].birth")), meaning(R"({ "id": "B", "effect": "withhold", "items": ["5.f"], "basis": "KE.DPA.48" })"));
}

TEST(Table, lists_its_cells_and_every_situation_finds_itself_in_one) {
  const auto policy = compiled(rule("A", "disclose", "persons[].**", R"("person_nationality": ["other"])") + "," + rule("B", "opaque", "discovery_method", R"("source_class": ["informant"])"));
  const auto lines = list_table(policy, 1000);
  ASSERT_TRUE(lines) << lines.error().message();
  bool named = false;
  for (const auto& line : *lines) named = named || (line.rule == "A" && line.facts == "person_nationality: other" && line.meaning.effect == Effect::disclose);
  EXPECT_TRUE(named);
  EXPECT_FALSE(list_table(policy, 2));
}

TEST(Never, holds_over_the_whole_table_or_the_file_is_refused) {
  const std::string never = R"(, "never": [{ "categories": ["source.informant"], "outside": "own_agency" }])";
  EXPECT_TRUE(Policy::compile(policy_file(rule("A", "disclose", "offence"), never)));
  for (const auto* effect : {"disclose", "refer"}) {
    const auto open = Policy::compile(policy_file(rule("A", effect, "discovery_method", R"("recipient": ["int.gs"], "purpose": ["forensic"], "authorisation": ["court"])"), never));
    ASSERT_FALSE(open) << effect;
    EXPECT_NE(open.error().detail.find("rule A"), std::string::npos) << open.error().message();
    EXPECT_NE(open.error().detail.find("line "), std::string::npos);
    EXPECT_NE(open.error().detail.find("int.gs"), std::string::npos) << open.error().message();
  }
  EXPECT_TRUE(Policy::compile(policy_file(rule("A", "disclose", "discovery_method", R"("recipient_class": ["own_agency"])"), never)));
  EXPECT_FALSE(Policy::compile(policy_file(rule("A", "disclose", "discovery_method", R"("recipient_class": ["own_country"])"), never)));
  const std::string covered = rule("A", "disclose", "discovery_method") + "," + rule("B", "opaque", "discovery_method", R"("recipient_class": ["law_enforcement", "customs", "cites_authority", "judicial", "international_organisation", "laboratory", "financial_intelligence"])");
  EXPECT_TRUE(Policy::compile(policy_file(covered + "," + rule("C", "withhold", "discovery_method", R"("recipient_class": ["own_country"])"), R"(, "never": [{ "items": ["2.2"] }])")))
      << "every class of recipient is covered";
}

TEST(Never, of_a_list_forbids_what_would_open_the_list) {
  EXPECT_FALSE(Policy::compile(policy_file(rule("A", "disclose", "persons[].family_name"), R"(, "never": [{ "paths": ["persons"] }])")));
  EXPECT_TRUE(Policy::compile(policy_file(rule("A", "disclose", "offence"), R"(, "never": [{ "paths": ["persons"] }])")));
}

TEST(Diff, names_exactly_the_newly_disclosed_cells) {
  const std::string base = rule("A", "disclose", "persons[].family_name", R"("purpose": ["wanted"])") + "," + rule("N", "withhold", "persons[].**", R"("person_nationality": ["own"])");
  const auto same = diff(base, base);
  EXPECT_TRUE(same.changes.empty());
  EXPECT_FALSE(same.loosens);
  const std::string edited = rule("A", "disclose", "persons[].family_name", R"("purpose": ["wanted", "alert"])") + "," + rule("N", "withhold", "persons[].**", R"("person_nationality": ["own"])");
  const auto more = diff(base, edited);
  ASSERT_EQ(more.changes.size(), 1U);
  EXPECT_EQ(more.changes[0].change, Change::newly_disclosed);
  EXPECT_EQ(more.changes[0].fields, (std::vector<std::string>{"persons[].family_name", "persons[].family_name#initials"}));
  EXPECT_EQ(more.changes[0].facts, "purpose: alert; person_nationality: other, stateless");
  EXPECT_TRUE(more.loosens);
  const auto less = diff(edited, base);
  ASSERT_EQ(less.changes.size(), 1U);
  EXPECT_EQ(less.changes[0].change, Change::newly_withheld);
  EXPECT_FALSE(less.loosens);
}

TEST(Diff, tells_bases_referrals_and_changes_of_the_whole_policy) {
  const std::string other_basis = R"({ "id": "A", "effect": "disclose", "paths": ["offence"], "basis": "KE.NATIONALS" })";
  const auto basis = diff(rule("A", "disclose", "offence"), other_basis);
  ASSERT_EQ(basis.changes.size(), 1U);
  EXPECT_EQ(basis.changes[0].change, Change::changed);
  EXPECT_EQ(basis.changes[0].facts, "always");
  EXPECT_EQ(basis.changes[0].after.basis.id, "KE.NATIONALS");
  EXPECT_FALSE(basis.loosens);
  const std::string two = R"({ "id": "A", "effect": "refer", "paths": ["offence"], "basis": "KE.DPA.48", "approvals": 2 })";
  EXPECT_TRUE(diff(two, rule("A", "refer", "offence")).loosens);
  EXPECT_FALSE(diff(rule("A", "refer", "offence"), two).loosens);
  EXPECT_EQ(diff(rule("A", "withhold", "offence"), rule("A", "refer", "offence")).changes.at(0).change, Change::newly_referred);
  const auto plain = compiled(rule("A", "withhold", "offence"));
  for (const auto* more : {R"(, "relays": true)", R"(, "screening_default": "hold")"}) {
    const auto changed = diff_policies(plain, compiled(rule("A", "withhold", "offence"), more));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->changes.size(), 1U) << more;
    EXPECT_TRUE(changed->loosens) << more;
  }
  EXPECT_TRUE(diff_policies(compiled(rule("A", "withhold", "offence"), R"(, "never": [{ "items": ["2.2"] }])"), plain)->loosens);
}

TEST(Warnings, name_rules_that_never_decide) {
  const auto policy = compiled(rule("A", "disclose", "offence", R"("purpose": ["alert"])") + "," + rule("B", "withhold", "offence"));
  const auto found = warnings(policy);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_NE(found->at(0).find("rule A never decides"), std::string::npos);
  EXPECT_TRUE(warnings(compiled(rule("A", "disclose", "offence")))->empty());
}
