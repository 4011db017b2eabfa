// Decisions over whole records: twins, derived values, lists, inseparable leaves, groups, overrides, what was held back before, and the digest.
#include <algorithm>

#include "core/policy/explain.h"
#include "core/record/path.h"
#include "tests/unit/policy/fixture.h"

using namespace liaison;
using namespace liaison::policy;

namespace {

const TestRecord& typical() {
  static const TestRecord record = make_record(support::typical_ecomessage());
  return record;
}
const TestRecord& two_persons() {
  static const TestRecord record = make_record(ecomessage(R"({ offence: "x", persons: [
    { family_name: "Barasa", nationality_text: "Kenyan", nationality: "own", nationalities: ["KE"], status: "suspect", birth: "1981-08-17" },
    { family_name: "Nguyen Van", nationality_text: "Vietnamese", nationality: "other", nationalities: ["VN"], status: "suspect", birth: "2015-01-01" }] })"));
  return record;
}
Situation situation_of(const TestRecord& record) {
  auto made = make_situation(*record.schema, record.manifest, record.openings, foreign_police().recipient, {}, "ke");
  if (!made) assertion_failed("situation", __FILE__, __LINE__);
  return *made;
}
Decided decide(const std::string& rules, const TestRecord& record, std::vector<Override> overrides = {}, std::vector<record::WithheldLeaf> held_back = {}, const std::string& more = "") {
  const std::vector<std::string> audience{"agency:de.bka"};
  auto made = compiled(rules, more)->decide(*record.schema, record.manifest, record.openings, situation_of(record), audience, overrides, held_back);
  if (!made) assertion_failed(made.error().message().c_str(), __FILE__, __LINE__);
  return *made;
}
Effect effect(const Decided& decided, const TestRecord& record, std::string_view name, int element = -1) { return decided.reasons[leaf(record, name, element)].effect; }
Bytes path(const TestRecord& record, std::string_view name, int element = -1) { return to_bytes(record.openings.path(leaf(record, name, element))); }
const std::string all = rule("D", "disclose", "**");

}  // namespace

TEST(Facts, come_from_structured_leaves_of_each_person) {
  const auto situation = situation_of(two_persons());
  ASSERT_EQ(situation.persons.size(), 2U);
  EXPECT_EQ(situation.persons[0].nationality, Nationality::own);
  EXPECT_EQ(situation.persons[0].nationality_from, "5.g 'Kenyan', confirmed by the sender");
  EXPECT_EQ(situation.persons[0].status, Status::suspect);
  EXPECT_EQ(situation.persons[0].minor, Minor::adult);
  EXPECT_EQ(situation.persons[1].nationality, Nationality::other);
  EXPECT_EQ(situation.persons[1].minor, Minor::minor);
}

TEST(Facts, nationality_is_seen_from_the_deciding_country_and_doubt_is_unknown) {
  const auto seen = [](const std::string& person, std::string_view country) {
    const auto record = make_record(ecomessage("{ offence: \"x\", persons: [{" + person + "}] }"));
    return make_situation(*record.schema, record.manifest, record.openings, {}, {}, country)->persons.at(0).nationality;
  };
  EXPECT_EQ(seen(R"(nationality: "own", nationalities: ["KE"])", "de"), Nationality::other);
  EXPECT_EQ(seen(R"(nationality: "other", nationalities: ["DE"])", "de"), Nationality::own);
  EXPECT_EQ(seen(R"(nationalities: ["DE", "KE"])", "ke"), Nationality::own_and_other);
  EXPECT_EQ(seen(R"(nationality: "own", nationalities: ["VN"])", "ke"), Nationality::own_and_other) << "a contradiction counts as own";
  EXPECT_EQ(seen(R"(nationality: "other")", "ke"), Nationality::other);
  EXPECT_EQ(seen(R"(nationality: "other")", "de"), Nationality::unknown) << "it may be ours";
  EXPECT_EQ(seen(R"(nationality: "own")", "de"), Nationality::other);
  EXPECT_EQ(seen(R"(nationalities: ["XX"])", "ke"), Nationality::unknown);
  EXPECT_EQ(seen(R"(nationality_text: "Kenyan")", "ke"), Nationality::unknown) << "text is never read here";
}

TEST(Facts, who_may_be_hidden_is_unknown_and_who_is_not_there_is_nobody) {
  const auto record = make_record(ecomessage(R"({ offence: "x" })"));
  EXPECT_TRUE(situation_of(record).persons.empty());
  auto partial = record;
  ++partial.manifest.leaves;
  ASSERT_EQ(situation_of(partial).persons.size(), 1U);
  EXPECT_EQ(situation_of(partial).persons[0].nationality, Nationality::unknown);
  EXPECT_EQ(situation_of(make_record(ecomessage(R"({ offence: "x", persons_unknown: "unknown" })"))).persons.size(), 1U);
}

TEST(Decide, two_persons_of_one_message_are_decided_separately) {
  const auto decided = decide(all + "," + rule("N", "withhold", "persons[].**", R"("person_nationality": ["own"])"), two_persons());
  EXPECT_EQ(effect(decided, two_persons(), "persons[].family_name", 0), Effect::withhold);
  EXPECT_EQ(effect(decided, two_persons(), "persons[].family_name", 1), Effect::disclose);
  EXPECT_EQ(effect(decided, two_persons(), "persons"), Effect::disclose);
  EXPECT_EQ(decided.leaves[leaf(two_persons(), "persons[].family_name", 0)].public_basis, "KE.DATA-PROTECTION");
  EXPECT_TRUE(decided.may_leave());
}

TEST(Decide, audience_stays_closed_but_for_the_recipient_and_decoys_stay_open) {
  const auto record = make_record(support::tiny_ecomessage(), {"agency:de.bka", "agency:fr.opj", "country:ke"});
  const auto decided = decide(all, record);
  std::size_t open = 0, closed = 0;
  for (std::size_t i = 0; i < record.openings.size(); ++i) {
    const ByteView at = record.openings.path(i);
    if (record::is_decoy(at)) {
      EXPECT_EQ(decided.leaves[i].effect, record::LeafEffect::open);
    }
    if (!record::is_audience(at)) continue;
    const bool ours = text(record.openings[i].value) == "agency:de.bka";
    EXPECT_EQ(decided.leaves[i].effect, ours ? record::LeafEffect::open : record::LeafEffect::opaque);
    ++(ours ? open : closed);
  }
  EXPECT_EQ(open, 1U);
  EXPECT_EQ(closed, 2U);
}

TEST(Decide, a_rule_on_one_twin_binds_text_structure_and_derived_values) {
  for (const auto* named : {"persons[].birth_text", "persons[].birth", "persons[].birth_place.city"}) {
    const auto decided = decide(all + "," + rule("B", "withhold", named), typical());
    for (const auto* bound : {"persons[].birth_text", "persons[].birth", "persons[].birth#year", "persons[].birth_place.city"}) EXPECT_EQ(effect(decided, typical(), bound), Effect::withhold) << named << " " << bound;
    EXPECT_EQ(effect(decided, typical(), "persons[].family_name"), Effect::disclose);
  }
}

TEST(Decide, a_derived_value_with_a_rule_of_its_own_follows_it_unless_the_base_is_opaque) {
  const std::string year = rule("Y", "disclose", "persons[].birth#year");
  auto decided = decide(year + "," + rule("B", "withhold", "persons[].birth"), typical());
  EXPECT_EQ(effect(decided, typical(), "persons[].birth"), Effect::withhold);
  EXPECT_EQ(effect(decided, typical(), "persons[].birth#year"), Effect::disclose);
  EXPECT_EQ(effect(decided, typical(), "persons[].birth#month"), Effect::withhold);
  decided = decide(year + "," + rule("B", "opaque", "persons[].birth"), typical());
  EXPECT_EQ(effect(decided, typical(), "persons[].birth#year"), Effect::opaque);
  decided = decide(year + "," + rule("B", "withhold", "persons[].**"), typical());
  EXPECT_EQ(effect(decided, typical(), "persons[].birth#year"), Effect::withhold) << "a subtree covers everything in it";
}

TEST(Decide, what_is_disclosed_opens_its_list_and_an_opaque_list_hides_all_below) {
  auto decided = decide(rule("D", "disclose", "persons[].family_name"), typical());
  EXPECT_EQ(effect(decided, typical(), "persons"), Effect::disclose);
  EXPECT_TRUE(decided.reasons[leaf(typical(), "persons")].structural);
  decided = decide(all + "," + rule("O", "opaque", "persons"), typical());
  EXPECT_EQ(effect(decided, typical(), "persons[].family_name"), Effect::opaque);
  EXPECT_EQ(effect(decided, typical(), "persons[].family_name#initials"), Effect::opaque);
  EXPECT_EQ(effect(decided, typical(), "offence"), Effect::disclose);
}

TEST(Decide, an_inseparable_leaf_waits_for_a_person) {
  auto record = typical();
  record.manifest.inseparable = {path(record, "offence")};
  for (const auto* strict : {"withhold", "opaque"}) {
    const auto decided = decide(all + "," + rule("W", strict, "offence"), record);
    ASSERT_EQ(decided.referred, std::vector<std::size_t>{leaf(record, "offence")});
    EXPECT_EQ(decided.approvals, 1U);
    EXPECT_FALSE(decided.may_leave());
    EXPECT_EQ(decided.leaves[decided.referred[0]].effect, record::LeafEffect::withhold);
  }
  const std::vector<Override> released{{path(record, "offence"), Effect::disclose}};
  EXPECT_TRUE(decide(all + "," + rule("W", "withhold", "offence"), record, released).may_leave());
}

TEST(Decide, a_group_goes_whole_or_waits) {
  auto record = typical();
  const Bytes prefix(record.openings.path(leaf(record, "persons[].family_name")).begin(), record.openings.path(leaf(record, "persons[].family_name")).begin() + 8);
  record.manifest.groups = {{0, prefix}};
  const auto split = decide(all + "," + rule("W", "withhold", "persons[].aliases"), record);
  EXPECT_EQ(split.referred, std::vector<std::size_t>{leaf(record, "persons[].aliases")});
  EXPECT_TRUE(decide(all, record).may_leave());
  const auto none = decide(all + "," + rule("W", "opaque", "persons[].**"), record);
  EXPECT_TRUE(none.may_leave());
  EXPECT_EQ(effect(none, record, "persons[].aliases"), Effect::withhold) << "named in the manifest, so never opaque";
}

TEST(Decide, handling_codes_of_a_part_count_for_that_part) {
  auto record = typical();
  record.manifest.handling = {{"H2", path(record, "modus_operandi")}};
  const auto decided = decide(all + "," + rule("H", "opaque", "**", R"("handling": ["H2"])"), record);
  EXPECT_EQ(effect(decided, record, "modus_operandi"), Effect::withhold) << "named in the manifest, so never opaque";
  EXPECT_EQ(effect(decided, record, "offence"), Effect::disclose);
}

TEST(Decide, what_was_withheld_before_cannot_become_opaque_without_a_person) {
  const auto& whole = two_persons();
  auto rest = whole;
  std::vector<bool> keep(whole.openings.size(), true);
  keep[leaf(whole, "persons[].family_name", 0)] = false;
  rest.openings = whole.openings.subset(keep);
  const std::vector<record::WithheldLeaf> held{{path(whole, "persons[].family_name", 0), {}}};
  EXPECT_TRUE(decide(all + "," + rule("W", "withhold", "persons[].**"), rest, {}, held).may_leave());
  const std::string opaque = all + "," + rule("O", "opaque", "persons[].**") + "," + rule("P", "opaque", "persons");
  const auto decided = decide(opaque, rest, {}, held);
  EXPECT_EQ(decided.referred_upstream, std::vector<std::size_t>{0});
  EXPECT_EQ(effect(decided, rest, "persons"), Effect::withhold) << "its length is needed";
  EXPECT_TRUE(decide(opaque, rest, {{held[0].path, Effect::withhold}}, held).may_leave());
}

TEST(Decide, referred_leaves_wait_with_the_terms_of_their_rules) {
  const std::string two = R"({ "id": "A", "effect": "refer", "paths": ["offence"], "basis": "KE.DPA.48", "approvals": 2, "emergency": true, "review_within_hours": 24 })";
  const std::string one = R"({ "id": "B", "effect": "refer", "paths": ["code_name"], "basis": "KE.DPA.48", "emergency": true, "review_within_hours": 12 })";
  auto decided = decide(all + "," + two + "," + one, typical());
  EXPECT_EQ(decided.referred.size(), 2U);
  EXPECT_EQ(decided.approvals, 2U);
  EXPECT_TRUE(decided.emergency);
  EXPECT_EQ(decided.review_within, std::chrono::hours(12));
  decided = decide(all + "," + two + "," + rule("C", "refer", "code_name"), typical());
  EXPECT_FALSE(decided.emergency) << "one rule does not allow it";
  EXPECT_EQ(decided.review_within.count(), 0);
}

TEST(Override, releases_withholds_and_never_loosens_a_never) {
  const std::string rules = rule("D", "disclose", "offence") + "," + rule("W", "withhold", "code_name") + "," + rule("O", "opaque", "discovery_method");
  const std::string never = R"(, "never": [{ "items": ["2.2"] }])";
  const auto& record = typical();
  const auto decided = decide(rules, record, {{path(record, "offence"), Effect::withhold}, {path(record, "code_name"), Effect::disclose}, {path(record, "discovery_method"), Effect::disclose}}, {}, never);
  EXPECT_EQ(effect(decided, record, "offence"), Effect::withhold);
  EXPECT_EQ(effect(decided, record, "code_name"), Effect::disclose);
  EXPECT_TRUE(decided.reasons[leaf(record, "code_name")].overridden);
  EXPECT_EQ(effect(decided, record, "discovery_method"), Effect::opaque);
}

TEST(Digest, changes_with_whatever_a_person_approves) {
  const auto& record = typical();
  const auto base = decide(all, record);
  EXPECT_EQ(base.digest, decide(all, record).digest);
  std::set<Hash> seen{base.digest};
  EXPECT_TRUE(seen.insert(decide(all + "," + rule("W", "withhold", "offence"), record).digest).second);
  EXPECT_TRUE(seen.insert(decide(all, record, {{path(record, "offence"), Effect::withhold}}).digest).second);
  EXPECT_TRUE(seen.insert(decide(all, two_persons()).digest).second);
  const auto with = [&](const std::function<void(Situation&)>& change) {
    auto situation = situation_of(record);
    change(situation);
    const std::vector<std::string> audience{"agency:de.bka"};
    return compiled(all)->decide(*record.schema, record.manifest, record.openings, situation, audience)->digest;
  };
  EXPECT_EQ(with([](Situation&) {}), base.digest);
  EXPECT_TRUE(seen.insert(with([](Situation& one) { one.recipient.agency = "de.zka"; })).second);
  EXPECT_TRUE(seen.insert(with([](Situation& one) { one.purpose = "alert"; })).second);
  EXPECT_TRUE(seen.insert(with([](Situation& one) { one.stated.authorisation = Authorisation::court; })).second);
  EXPECT_TRUE(seen.insert(with([](Situation& one) { one.persons[0].minor = Minor::minor; })).second);
}

TEST(Explain, says_in_plain_words_why) {
  const auto policy = compiled(all + "," + R"({ "id": "R020", "effect": "withhold", "paths": ["persons[].**"], "basis": "KE.DPA.48", "when": { "person_nationality": ["own"], "authorisation": ["none"] } })");
  const auto& record = two_persons();
  const auto situation = situation_of(record);
  const auto decided = policy->decide(*record.schema, record.manifest, record.openings, situation, {});
  ASSERT_TRUE(decided);
  const auto explained = explain(*policy, *record.schema, record.openings, situation, *decided);
  ASSERT_TRUE(explained);
  const auto label = [](std::string_view item) -> std::string_view { return item == "5.b" ? "Family name" : ""; };
  std::vector<std::string> lines;
  for (const auto& one : *explained) {
    if (one.path == "persons[].family_name") lines.push_back(explain_line(one, situation, label));
    EXPECT_FALSE(one.path.starts_with("@"));
  }
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "5.b Family name: withheld from de.bka, rule R020, Data Protection Act, s. 48, because no authorisation is stated and the person is a national (from 5.g 'Kenyan', confirmed by the sender)");
  EXPECT_EQ(lines[1], "5.b Family name: disclosed to de.bka, rule D, Data Protection Act, s. 48");
}
