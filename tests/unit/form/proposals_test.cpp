// Proposals of facts (proposals, phrases): what the words of a form suggest in four languages, with how much confidence, and what they never do.
#include "core/form/proposals.h"

#include <gtest/gtest.h>

#include "core/form/json_reader.h"
#include "core/form/message.h"
#include "core/form/phrases.h"

using namespace liaison;
using form::Confidence;
using form::Proposal;

namespace {

Time now() { return *parse_time("2026-03-04T05:06:07.089Z"); }

std::string in_quotes(const std::string& chars) {
  std::string out = "\"";
  for (const char c : chars) out += c == '"' ? std::string("\\\"") : std::string(1, c);
  return out + "\"";
}
form::Value root_of(const std::string& json) {
  auto file = form::read_json(json);
  liaison_assert(file.problems.empty());
  return file.root;
}
form::Value person(const std::string& item, const std::string& text, const std::string& facts = "") {
  return root_of("{\"5\": [{" + in_quotes(item) + ": " + in_quotes(text) + "}]" + (facts.empty() ? "" : ", \"structured\": {\"persons\": [" + facts + "]}") + "}");
}
// "own clear", "not understood" or "nothing" for one fact of one item's text.
std::string told(const form::Value& root, const std::string& path, const std::string& country = "ke") {
  for (const Proposal& one : form::propose_facts(root, country, now())) {
    if (one.path != path) continue;
    if (one.values.empty()) return "not understood";
    std::string out;
    for (const auto& value : one.values) out += value + " ";
    return out + std::string(form::name(one.confidence)) + (one.meaning.empty() ? "" : " " + one.meaning) + (one.stated.empty() ? "" : " against " + one.stated);
  }
  return "nothing";
}
std::string nationality(const std::string& text, const std::string& country = "ke") { return told(person("5.g", text), "persons[0].nationality", country); }
std::string nationalities(const std::string& text) { return told(person("5.g", text), "persons[0].nationalities"); }
std::string birth(const std::string& text) { return told(person("5.f", text), "persons[0].birth"); }
std::string source(const std::string& text) { return told(root_of("{\"2.2\": " + in_quotes(text) + "}"), "source_class"); }
std::string status(const std::string& arrest, const std::string& other) {
  return told(root_of("{\"5\": [{\"5.a\": " + in_quotes(arrest) + ", \"5.l\": " + in_quotes(other) + "}]}"), "persons[0].status");
}

}  // namespace

TEST(Proposals, a_nationality_is_read_in_four_languages) {
  for (const auto* text : {"Kenyan", "kényane", "keniana", "keniata", "كيني", "كينية", "الكينية", "Kenya", "KE", "KEN", "KENYAN", "Kenyan citizen", "nationalité kényane"})
    EXPECT_EQ(nationality(text), "own clear") << text;
  for (const auto* text : {"malgache", "Tanzanian", "chinoise", "colombiana", "مصرية", "South African", "United Arab Emirates", "UK", "Viet Nam", "Nigérienne", "国"})
    EXPECT_EQ(nationality(text), std::string(text) == "国" ? "not understood" : "other clear") << text;
  EXPECT_EQ(nationality("malgache", "MG"), "own clear");
  EXPECT_EQ(nationalities("malgache"), "MG clear");
  EXPECT_EQ(nationalities("South African"), "ZA clear");
  EXPECT_EQ(nationalities("Equatorial Guinean"), "GQ clear");
  EXPECT_EQ(nationalities("Nigerian"), "NG clear");
  EXPECT_EQ(nationalities("Nigerien"), "NE clear");
  EXPECT_EQ(nationalities("estadounidense"), "US clear");
}

TEST(Proposals, dual_or_doubtful_counts_as_own) {
  EXPECT_EQ(nationality("Kenyan and British"), "own_and_other clear");
  EXPECT_EQ(nationality("dual: Kenyan/British"), "own_and_other clear");
  EXPECT_EQ(nationality("US; formerly British", "GB"), "own_and_other doubtful");
  EXPECT_EQ(nationality("US; formerly British", "US"), "own clear");
  EXPECT_EQ(nationality("US; formerly British", "KE"), "other likely");
  EXPECT_EQ(nationality("Kenyan or Tanzanian"), "own_and_other doubtful");
  EXPECT_EQ(nationality("possibly Kenyan"), "own doubtful");
  EXPECT_EQ(nationality("ex-Kenyan"), "own doubtful");
  EXPECT_EQ(nationality("Congolese", "CD"), "own doubtful");
  EXPECT_EQ(nationality("Congolese", "KE"), "other clear");
  EXPECT_EQ(nationalities("Congolese"), "nothing");
  EXPECT_EQ(nationalities("US; formerly British"), "US likely");
}

TEST(Proposals, nothing_clear_is_never_a_guess) {
  for (const auto* text : {"possibly Tanzanian", "not Kenyan", "Swahili coast", "see passport", "dit être tanzanien", "ليس كينيا"}) EXPECT_EQ(nationality(text), "not understood") << text;
  for (const auto* text : {"unknown", "inconnue", "", "  ", "غير معروف"}) EXPECT_EQ(nationality(text), "nothing") << text;
  EXPECT_EQ(nationality("stateless"), "stateless clear");
  EXPECT_EQ(nationality("apatride"), "stateless clear");
  EXPECT_EQ(nationality("عديم الجنسية"), "stateless clear");
  EXPECT_EQ(nationality("Kenyan passport holder"), "own likely");
  EXPECT_EQ(nationality("Kenyan", ""), "nothing");
  EXPECT_EQ(nationality("to be verified in de facto register"), "not understood") << "codes count in capitals only";
}

TEST(Proposals, a_birth_is_proposed_as_precisely_as_it_is_said) {
  EXPECT_EQ(birth("17 August 1981, Bungoma"), "1981-08-17 clear adult");
  EXPECT_EQ(birth("30 mai 2010, Toliara"), "2010-05-30 clear minor");
  EXPECT_EQ(birth("4 de marzo de 2008"), "2008-03-04 clear adult");
  EXPECT_EQ(birth("5 de marzo de 2008"), "2008-03-05 clear minor");
  EXPECT_EQ(birth("1977، مكان الولادة غير معروف"), "1977 clear adult");
  EXPECT_EQ(birth("3/4/1981"), "1981 clear adult");
  EXPECT_EQ(birth("about 1985"), "1985 doubtful adult");
  for (const auto* text : {"1980 or 1981", "31 February 1981", "aged 17", "2031", "Bungoma", "not 1981"}) EXPECT_EQ(birth(text), "nothing") << text;
}

TEST(Proposals, a_status_is_proposed_when_the_words_are_clear) {
  EXPECT_EQ(status("unknown", "témoin, tél. 000"), "witness clear");
  EXPECT_EQ(status("4 March 2026", "convicted in 2019 of the same"), "convicted clear");
  EXPECT_EQ(status("unknown", "المشتبه به الرئيسي"), "suspect clear");
  EXPECT_EQ(status("unknown", "procesada"), "accused clear");
  EXPECT_EQ(status("4 March 2026", "driver"), "suspect likely");
  EXPECT_EQ(status("non arrêtée", "driver"), "nothing");
  EXPECT_EQ(status("unknown", "not a suspect"), "nothing");
  EXPECT_EQ(status("unknown", "victim, later suspect"), "nothing");
}

TEST(Proposals, an_informant_counts_before_what_was_done_with_the_tip) {
  EXPECT_EQ(source("informant"), "informant clear");
  EXPECT_EQ(source("dénonciation d'un informateur, puis contrôle aux rayons X"), "informant likely");
  EXPECT_EQ(source("aviso de una fuente confidencial"), "informant clear");
  EXPECT_EQ(source("بلاغ سري من مخبر"), "informant clear");
  EXPECT_EQ(source("Risk profile, then scanner image and physical examination"), "official clear");
  EXPECT_EQ(source("تفتيش عشوائي"), "official clear");
  EXPECT_EQ(source("member of the public called"), "private_person clear");
  EXPECT_EQ(source("report of an NGO"), "ngo clear");
  for (const auto* text : {"no informant", "sans informateur", "informant: none", "see file"}) EXPECT_EQ(source(text), "nothing") << text;
}

TEST(Proposals, what_the_form_states_is_asked_again_only_when_its_words_contradict_it) {
  EXPECT_EQ(told(person("5.g", "Kenyan", R"({"nationality": "own"})"), "persons[0].nationality"), "nothing");
  EXPECT_EQ(told(person("5.g", "Kenyan", R"({"nationality": "other"})"), "persons[0].nationality"), "own clear against other");
  EXPECT_EQ(told(person("5.g", "Kenyan", R"({"nationality": "unknown"})"), "persons[0].nationality"), "nothing");
  EXPECT_EQ(told(person("5.f", "17 August 1981", R"({"birth": "1981"})"), "persons[0].birth"), "nothing");
  EXPECT_EQ(told(person("5.f", "17 August 1981", R"({"birth": "1982"})"), "persons[0].birth"), "1981-08-17 clear adult against 1982");
}

TEST(Proposals, a_proposal_names_item_person_and_words) {
  const auto all = form::propose_facts(root_of(R"({"5": [{"5.g": "inconnu"}, {"5.g": "malgache"}]})"), "mg", now());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].path, "persons[1].nationality");
  EXPECT_EQ(all[0].number, 2U);
  EXPECT_EQ(all[0].item, "5.g");
  EXPECT_EQ(all[0].words, "malgache");
  const auto long_one = form::propose_facts(person("5.g", std::string(118, 'x') + "éé and more"), "ke", now());
  ASSERT_EQ(long_one.size(), 1U);
  EXPECT_EQ(long_one[0].words, std::string(118, 'x') + "é…");
}

TEST(Proposals, answers_go_into_the_structured_part_and_nowhere_else) {
  auto root = root_of(R"({"1.1": "x", "5": [{"5.b": "A"}, {"5.b": "B", "5.g": "Kenyan"}], "structured": {"subject": "wildlife", "persons": [{"sex": "male"}]}})");
  ASSERT_TRUE(form::apply_answers(root, {{"persons[1].nationality", {"own"}}, {"persons[1].nationalities", {"KE", "GB"}}, {"persons[1].birth", {"1981-08"}}, {"source_class", {"informant"}}}));
  const auto built = form::build_message(root);
  ASSERT_TRUE(built.message.has_value());
  const auto again = form::write_json(*form::read_message(*built.message));
  for (const auto* part : {"\"own\"", "\"GB\"", "\"1981-08\"", "\"informant\"", "\"wildlife\"", "\"male\""}) EXPECT_NE(again.find(part), std::string::npos) << part;
  EXPECT_TRUE(form::apply_answers(root, {{"persons[1].nationality", {"unknown"}}}));
  EXPECT_EQ(root.find("structured")->find("persons")->elements[1].find("nationality")->text, "unknown");
}

TEST(Proposals, every_wrong_answer_is_named_and_nothing_is_written) {
  auto root = root_of(R"({"5": [{"5.b": "A"}]})");
  const auto before = form::write_json(root);
  const auto done = form::apply_answers(root, {{"persons[0].nationality", {"ours"}}, {"persons[1].birth", {"1981"}}, {"persons[0].birth", {"soon"}}, {"offence", {"x"}}, {"persons[0].status", {"suspect"}}});
  ASSERT_FALSE(done);
  for (const auto* part : {"persons[0].nationality: must be one of", "persons[1].birth: no such", "persons[0].birth: must be a date", "offence: no such"})
    EXPECT_NE(done.error().detail.find(part), std::string::npos) << done.error().detail;
  EXPECT_EQ(form::write_json(root), before);
  EXPECT_TRUE(form::is_askable(root, "persons[0].status"));
  for (const auto* path : {"persons[0]", "persons[].status", "persons[0].family_name", "persons[99999999999999999999].birth", "subject", ""}) EXPECT_FALSE(form::is_askable(root, path)) << path;
}

TEST(Phrases, the_longest_phrase_is_found_and_codes_count_in_capitals_only) {
  const std::string text = "South African; US; us";
  const record::Words words(text);
  const auto found = form::find_phrases(form::country_phrases(), words, text);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(*found[0].phrase->meanings.begin(), "ZA");
  EXPECT_EQ(*found[1].phrase->meanings.begin(), "US");
  EXPECT_GT(form::country_phrases().size(), 1'500U);
  EXPECT_FALSE(form::status_phrases().empty() || form::source_phrases().empty() || form::sign_phrases().empty());
}
