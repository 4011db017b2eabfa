// Policies: no rule means withhold, the strictest effect wins, facts of each person count for that person, and the fingerprint says what a policy means.
#include "core/policy/policy.h"

#include <algorithm>

#include "tests/unit/policy/fixture.h"

using namespace liaison;
using namespace liaison::policy;

TEST(DirectPolicy, discloses_everything_and_relays_nothing) {
  const auto direct = Policy::direct();
  ASSERT_TRUE(direct) << direct.error().message();
  EXPECT_EQ((*direct)->ref().name, "direct");
  EXPECT_EQ((*direct)->ref().version, 1U);
  EXPECT_FALSE((*direct)->relays());
  for (const FieldEffect& effect : (*direct)->decide_fields(fields(), foreign_police())) EXPECT_EQ(effect.effect, Effect::disclose);
}

TEST(Policy, no_rule_means_withhold_with_the_default_basis) {
  const auto made = compiled(rule("R1", "disclose", "offence"));
  const auto effect = made->decide_fields(fields(), foreign_police())[field("persons[].family_name")];
  EXPECT_EQ(effect.effect, Effect::withhold);
  EXPECT_EQ(effect.rule, -1);
  EXPECT_EQ(made->basis_of({}).id, "KE.NONE");
  EXPECT_EQ(made->basis_of({}).shown, "GENERAL");
}

TEST(Policy, the_strictest_effect_wins_in_any_order) {
  const std::vector<std::string> effects{"disclose", "refer", "withhold", "opaque"};
  const std::vector<Effect> strict{Effect::disclose, Effect::refer, Effect::withhold, Effect::opaque};
  for (std::size_t i = 0; i < effects.size(); ++i) {
    for (std::size_t j = 0; j < effects.size(); ++j) {
      const auto made = compiled(rule("A", effects[i], "offence") + "," + rule("B", effects[j], "**"));
      EXPECT_EQ(effect_of(*made, "offence"), strict[std::max(i, j)]) << effects[i] << " " << effects[j];
    }
  }
}

TEST(Policy, conditions_must_all_hold_and_one_listed_value_is_enough) {
  const auto made = compiled(rule("A", "disclose", "offence", R"("purpose": ["wanted", "investigation"], "recipient_class": ["law_enforcement"])"));
  auto situation = foreign_police();
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::disclose);
  situation.purpose = "alert";
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::withhold);
  situation.purpose = "wanted";
  situation.recipient.classes = class_bit(RecipientClass::laboratory);
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::withhold);
}

TEST(Policy, an_unknown_fact_restricts_and_never_permits) {
  const auto made = compiled(rule("A", "disclose", "offence") + "," + rule("B", "withhold", "offence", R"("authorisation": ["none"])") + "," +
                             rule("C", "disclose", "code_name", R"("authorisation": ["court", "prosecutor", "ministry", "none"])"));
  auto situation = foreign_police();
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::withhold);
  EXPECT_EQ(effect_of(*made, "code_name", situation), Effect::withhold);
  situation.stated.authorisation = Authorisation::court;
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::disclose);
  EXPECT_EQ(effect_of(*made, "code_name", situation), Effect::disclose);
}

TEST(Policy, recipients_countries_groups_and_adequacy_are_conditions) {
  const auto one = [](const std::string& when) { return compiled(rule("A", "disclose", "offence", when), R"(, "adequate": ["fr", "int.gs"])"); };
  auto situation = foreign_police();
  situation.recipient.groups = {"ivory", "timber"};
  EXPECT_EQ(effect_of(*one(R"("recipient": ["de.bka"])"), "offence", situation), Effect::disclose);
  EXPECT_EQ(effect_of(*one(R"("recipient": ["de.zka"])"), "offence", situation), Effect::withhold);
  EXPECT_EQ(effect_of(*one(R"("recipient_country": ["de", "fr"])"), "offence", situation), Effect::disclose);
  EXPECT_EQ(effect_of(*one(R"("recipient_country": ["fr"])"), "offence", situation), Effect::withhold);
  EXPECT_EQ(effect_of(*one(R"("recipient_group": ["timber"])"), "offence", situation), Effect::disclose);
  EXPECT_EQ(effect_of(*one(R"("recipient_group": ["rhino"])"), "offence", situation), Effect::withhold);
  const auto adequate = one(R"("adequacy": ["yes"])");
  EXPECT_EQ(effect_of(*adequate, "offence", situation), Effect::withhold);
  situation.recipient = {"int.gs", "int", class_bit(RecipientClass::international_organisation), {}};
  EXPECT_EQ(effect_of(*adequate, "offence", situation), Effect::disclose);
  situation.recipient = {"ke.ncb", "ke", class_bit(RecipientClass::law_enforcement) | class_bit(RecipientClass::own_country), {}};
  EXPECT_EQ(effect_of(*adequate, "offence", situation), Effect::disclose);
}

TEST(Policy, one_listed_handling_code_restricts_and_only_all_permit) {
  const auto made = compiled(rule("A", "disclose", "offence", R"("handling": ["TLP:GREEN", "none"])") + "," + rule("B", "disclose", "code_name") + "," +
                             rule("C", "withhold", "code_name", R"("handling": ["H2"])"));
  auto situation = foreign_police();
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::disclose);
  situation.handling = {"TLP:GREEN"};
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::disclose);
  EXPECT_EQ(effect_of(*made, "code_name", situation), Effect::disclose);
  situation.handling = {"TLP:GREEN", "H2"};
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::withhold);
  EXPECT_EQ(effect_of(*made, "code_name", situation), Effect::withhold);
  situation.handling = {"NEW-CODE"};
  EXPECT_EQ(effect_of(*made, "offence", situation), Effect::withhold);
  EXPECT_EQ(effect_of(*made, "code_name", situation), Effect::withhold);
}

TEST(Policy, of_the_whole_message_anybody_restricts_and_everybody_must_permit) {
  const auto made = compiled(rule("A", "disclose", "additional_information", R"("person_nationality": ["other"])") + "," + rule("B", "disclose", "modus_operandi") + "," +
                             rule("C", "withhold", "modus_operandi", R"("person_nationality": ["own"], "person_status": ["witness"])"));
  auto situation = foreign_police();
  const PersonFacts foreigner{Status::witness, Nationality::other, Minor::adult, {}, {}, {}}, citizen{Status::suspect, Nationality::own, Minor::adult, {}, {}, {}};
  situation.persons = {foreigner};
  EXPECT_EQ(effect_of(*made, "additional_information", situation), Effect::disclose);
  situation.persons = {foreigner, citizen};
  EXPECT_EQ(effect_of(*made, "additional_information", situation), Effect::withhold);
  EXPECT_EQ(effect_of(*made, "modus_operandi", situation), Effect::disclose) << "no one person is both own and a witness";
  situation.persons = {};
  EXPECT_EQ(effect_of(*made, "additional_information", situation), Effect::disclose) << "nobody is named";
}

TEST(Policy, dual_nationality_counts_as_own) {
  const auto made = compiled(rule("A", "disclose", "persons[].family_name") + "," + rule("B", "withhold", "persons[].family_name", R"("person_nationality": ["own"])") + "," +
                             rule("C", "disclose", "persons[].aliases", R"("person_nationality": ["other"])"));
  auto situation = foreign_police();
  for (const auto& [nationality, name, alias] : {std::tuple{Nationality::own, Effect::withhold, Effect::withhold}, {Nationality::own_and_other, Effect::withhold, Effect::withhold},
                                                 {Nationality::other, Effect::disclose, Effect::disclose}, {Nationality::stateless, Effect::disclose, Effect::withhold},
                                                 {Nationality::unknown, Effect::withhold, Effect::withhold}}) {
    situation.persons[0].nationality = nationality;
    EXPECT_EQ(effect_of(*made, "persons[].family_name", situation), name) << static_cast<int>(nationality);
    EXPECT_EQ(effect_of(*made, "persons[].aliases", situation), alias) << static_cast<int>(nationality);
  }
}

TEST(Policy, the_fingerprint_follows_the_meaning_not_the_spelling) {
  const auto one = compiled(rule("A", "disclose", "offence"));
  const auto spaced = Policy::compile("// a comment\n" + policy_file("   " + rule("A", "disclose", "offence") + "\n\n"));
  ASSERT_TRUE(spaced);
  EXPECT_EQ(one->ref().fingerprint, (*spaced)->ref().fingerprint);
  const std::vector<std::string> others{rule("A", "withhold", "offence"), rule("A", "disclose", "code_name"), rule("A2", "disclose", "offence"),
    rule("A", "disclose", "offence", R"("purpose": ["alert"])"), rule("A", "disclose", "offence", R"("purpose": ["wanted"])"), rule("A", "disclose", "offence", R"("recipient": ["de.bka"])"),
    rule("A", "disclose", "offence", R"("recipient_group": ["de.bka"])"), rule("A", "refer", "offence"),
    R"({ "id": "A", "effect": "refer", "paths": ["offence"], "basis": "KE.DPA.48", "approvals": 2 })",
    R"({ "id": "A", "effect": "refer", "paths": ["offence"], "basis": "KE.DPA.48", "emergency": true, "review_within_hours": 24 })",
    R"({ "id": "A", "effect": "disclose", "paths": ["offence"], "basis": "KE.NATIONALS" })", R"({ "id": "A", "effect": "disclose", "items": ["1.1"], "basis": "KE.DPA.48" })"};
  std::set<Hash> seen{one->ref().fingerprint};
  for (const auto& other : others) EXPECT_TRUE(seen.insert(compiled(other)->ref().fingerprint).second) << other;
  for (const auto* more : {R"(, "relays": true)", R"(, "adequate": ["de"])", R"(, "never": [{ "items": ["2.2"] }])", R"(, "screening_default": "hold")",
                           R"(, "screening_default": "accept", "screening": [{ "id": "S", "effect": "hold", "reason": "size", "when": { "larger_than_bytes": 10 } }])"})
    EXPECT_TRUE(seen.insert(compiled(rule("A", "disclose", "offence"), more)->ref().fingerprint).second) << more;
}

TEST(Screening, the_strictest_matching_rule_decides_and_gives_its_reason) {
  const auto made = compiled(rule("A", "disclose", "offence"), R"(, "screening_default": "hold", "screening": [
    { "id": "S1", "effect": "accept", "when": { "sender_class": ["law_enforcement"] } },
    { "id": "S2", "effect": "hold", "reason": "grade", "when": { "source_grade": ["d", "e"] } },
    { "id": "S3", "effect": "refuse", "reason": "too-large", "when": { "larger_than_bytes": 1000 } } ])");
  ScreenFacts facts{foreign_police(), 500};
  facts.situation.source_grade = SourceGrade::a;
  EXPECT_EQ(made->screen(facts).verdict, Screen::accept);
  EXPECT_EQ(made->screen(facts).rule, "S1");
  facts.situation.source_grade = SourceGrade::unknown;
  EXPECT_EQ(made->screen(facts).verdict, Screen::hold);
  EXPECT_EQ(made->screen(facts).public_reason, "grade");
  facts.bytes = 1001;
  EXPECT_EQ(made->screen(facts).verdict, Screen::refuse);
  EXPECT_EQ(made->screen(facts).public_reason, "too-large");
  facts = {foreign_police(), 1000};
  facts.situation.source_grade = SourceGrade::b;
  facts.situation.recipient.classes = class_bit(RecipientClass::customs);
  EXPECT_EQ(made->screen(facts).verdict, Screen::hold);
  EXPECT_EQ(made->screen(facts).rule, "");
  EXPECT_EQ((*Policy::direct())->screen(facts).verdict, Screen::accept);
}
