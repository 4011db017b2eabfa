// Repeated values (repeats, needles, repeat_search): a withheld name, number or telephone found again in other words, scripts and orders; the
// shipped examples raise no false alarm.
#include "core/policy/repeats.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "core/form/import.h"
#include "core/policy/needles.h"
#include "core/policy/repeat_search.h"
#include "core/record/path.h"
#include "tests/support/messages.h"

using namespace liaison;
using policy::Repeat;
using record::LeafEffect;

namespace {

struct Case {
  record::Openings openings;
  std::vector<record::LeafDecision> leaves;
};
const record::Schema& schema() {
  static const auto made = support::ecomessage_schema();
  return *made;
}

record::Openings open_form(const std::string& json) {
  const auto import = form::import_json(json);
  liaison_assert(import.message.has_value());
  auto leaves = record::flatten(schema(), *import.message, *parse_time("2026-03-04T05:06:07.089Z"));
  liaison_assert(leaves);
  const auto zeros = [](std::span<std::uint8_t> out) { std::fill(out.begin(), out.end(), std::uint8_t{0}); };
  auto openings = record::Openings::commit({}, std::move(*leaves), zeros);
  liaison_assert(openings);
  return std::move(*openings);
}

// The form with these items (texts and what stands beside them) withheld; `person`: only of that element.
Case withhold(const std::string& json, const std::set<std::string>& items, LeafEffect effect = LeafEffect::withhold) {
  Case out{open_form(json), {}};
  for (std::size_t i = 0; i < out.openings.size(); ++i) {
    const auto facts = schema().describe(out.openings.path(i));
    const bool held = items.contains(facts->item) || items.contains(facts->twin);
    out.leaves.push_back({held ? effect : LeafEffect::open, held ? "GENERAL" : ""});
  }
  return out;
}
std::vector<Repeat> repeats(const Case& one) { return policy::find_repeats(schema(), one.openings, one.leaves); }

// "5.b>13" for every place found, each once.
std::set<std::string> places(const std::string& json, const std::set<std::string>& items, LeafEffect effect = LeafEffect::withhold) {
  std::set<std::string> out;
  for (const Repeat& repeat : repeats(withhold(json, items, effect))) out.insert(repeat.held_item + ">" + repeat.found_item);
  return out;
}
using Places = std::set<std::string>;

std::string in_quotes(const std::string& chars) {
  std::string out = "\"";
  for (const char c : chars) out += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}
// A form with one person; `where`: item 12.
std::string person(const std::string& family, const std::string& first, const std::string& where, const std::string& more = "") {
  return R"({"5": [{"5.b": )" + in_quotes(family) + R"(, "5.c": )" + in_quotes(first) + more + R"(}], "12": )" + in_quotes(where) + "}";
}
bool name_found(const std::string& family, const std::string& first, const std::string& where) { return !places(person(family, first, where), {"5.b", "5.c"}).empty(); }
// Another item of the person, alone withheld.
bool found(const std::string& item, const std::string& value, const std::string& where) {
  return !places(person("unknown", "unknown", where, ", \"" + item + "\": " + in_quotes(value)), {item}).empty();
}

std::vector<std::filesystem::path> example_files() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(LIAISON_SOURCE_DIR "/integration/examples"))
    if (entry.path().extension() == ".json") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}
std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

}  // namespace

TEST(Repeats, a_withheld_name_is_found_wherever_it_stands_again) {
  const std::string form = R"({"1.2": "Operation Barasa", "5": [{"5.b": "Barasa", "5.c": "Josphat Wanyonyi", "5.e": "Jos", "5.h": "c/o Wanyonyi, Mombasa"}],
      "6": [{"6.b": "Barasa & Sons Ltd"}], "7": "truck of J. BARASA", "11": "nothing", "13": "arrest record of Wanyonyi Josphat Barasa",
      "structured": {"transport": [{"carrier": "barasa transporters", "route": ["KE"]}]}})";
  EXPECT_EQ(places(form, {"5.b"}), (Places{"5.b>1.2", "5.b>6.b", "5.b>7", "5.b>13"}));
  EXPECT_EQ(places(form, {"5.c"}), (Places{"5.c>5.h", "5.c>13"}));
  EXPECT_EQ(places(form, {"5.b"}, LeafEffect::opaque), places(form, {"5.b"}));
  EXPECT_TRUE(places(form, {}).empty());
}

TEST(Repeats, a_place_is_the_leaf_and_the_byte_and_never_the_value) {
  const Case one = withhold(R"({"5": [{"5.b": "Barasa"}], "13": "é: on Barasa, and again: BARASA"})", {"5.b"});
  const auto found = repeats(one);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(text(one.openings[found[0].held_back].value), "Barasa");
  EXPECT_EQ(text(one.openings[found[0].found_in].value).substr(found[0].offset, 6), "Barasa");
  EXPECT_EQ(text(one.openings[found[1].found_in].value).substr(found[1].offset, 6), "BARASA");
  EXPECT_EQ(found[0].held_item, "5.b");
  EXPECT_EQ(found[0].found_item, "13");
}

TEST(Repeats, elements_of_a_list_are_searched_too) {
  const Case one = withhold(R"({"5": [{"5.b": "Barasa"}], "structured": {"contraband": [{"species": "Barasa barasa", "common_name": "x"}], "transit_countries": ["KE", "TZ"]}})", {"5.b"});
  const auto found = repeats(one);
  ASSERT_EQ(found.size(), 2U);
  for (const auto& place : found) EXPECT_TRUE(place.offset == 0 || place.offset == 7) << place.offset;
  const Case list = withhold(R"({"5": [{"5.b": "Barasa"}], "structured": {"contraband": [{"species_check": {"nearest": ["ox", "Barasa"]}, "species": "x"}]}})", {"5.b"});
  for (const auto& place : repeats(list)) EXPECT_EQ(text(list.openings[place.found_in].value).substr(place.offset, 6), "Barasa");
}

TEST(Repeats, order_case_accents_and_joining_do_not_hide_a_name) {
  EXPECT_TRUE(name_found("Núñez Ibáñez", "José", "ask for IBANEZ, Nunez"));
  EXPECT_TRUE(name_found("Müller", "Jürgen", "Mueller was seen"));
  EXPECT_TRUE(name_found("Rakoto Zafinirina", "Hery", "the Rakotozafinirina family"));
  EXPECT_TRUE(name_found("Rakotozafinirina", "Hery", "the Rakoto-Zafinirina family"));
  EXPECT_TRUE(name_found("Straßner", "Eva", "STRASSNER"));
  EXPECT_TRUE(name_found("Barasa", "unknown", "Barasa's lorry"));
  EXPECT_TRUE(name_found("O'Brien", "Sean", "the O’Brien house"));
  EXPECT_TRUE(name_found("\uFF22\uFF41\uFF52\uFF41\uFF53\uFF41", "x", "Barasa"));
}

TEST(Repeats, names_are_found_across_scripts) {
  EXPECT_TRUE(name_found("Кузнецов", "Михаил", "Mr Kuznetsov owns it"));
  EXPECT_TRUE(name_found("Kuznetsov", "Mikhail", "груз Кузнецов забрал"));
  EXPECT_TRUE(name_found("Кузнецов", "Михаил", "груз передан Кузнецову"));
  EXPECT_TRUE(name_found("Παπαδόπουλος", "Νίκος", "ask Papadopoulos"));
  EXPECT_TRUE(name_found("الخيالي", "منذر سالم", "طلب سجل الخيالي"));
  EXPECT_TRUE(name_found("الخيالي", "منذر", "السيارة والخيالي والسائق"));
  EXPECT_TRUE(name_found("البرادعي", "مصطفى", "Mustafa Al-Baradei drove"));
  EXPECT_TRUE(name_found("王", "小明", "嫌疑人王小明的电话"));
  EXPECT_TRUE(name_found("王", "小明", "records of Xiaoming Wang"));
  EXPECT_TRUE(name_found("Wang", "Xiaoming", "嫌疑人王小明的电话"));
  EXPECT_TRUE(name_found("김", "철수", "용의자 김철수가"));
  EXPECT_TRUE(name_found("ჯაფარიძე", "გიორგი", "owner: Japaridze"));
  EXPECT_TRUE(name_found("Հակոբյան", "Արամ", "Hakobyan"));
}

TEST(Repeats, a_name_inside_a_longer_word_is_no_repetition) {
  EXPECT_FALSE(name_found("Bara", "Josh", "the Barasa warehouse, Joshua Tree"));
  EXPECT_FALSE(name_found("Otter", "Ann", "potters and otters, annual"));
  EXPECT_FALSE(name_found("Kamau", "Rosina", "Kamaungu road"));
}

TEST(Repeats, common_words_short_names_and_countries_need_a_second_sign) {
  EXPECT_FALSE(name_found("Leaf", "Rose", "tea leaf under a rose"  " bush"));
  EXPECT_TRUE(name_found("Leaf", "Rose", "Rose Leaf was there"));
  EXPECT_FALSE(name_found("Li", "Bo", "li batteries; the bo tree"));
  EXPECT_TRUE(name_found("Li", "Bo", "met Bo Li"));
  EXPECT_FALSE(name_found("Jordan", "Chad", "via Jordan, not to Sudan or anywhere near Chad"));
  EXPECT_FALSE(name_found("unknown", "unknown", "unknown unknown; the driver is unknown"));
  EXPECT_FALSE(name_found("inconnu", "homme", "un homme inconnu dans la rue"));
  EXPECT_FALSE(found("5.g", "Kenyan", "seized in Kenya by Kenyan customs"));
  EXPECT_FALSE(found("5.j", "clearing agent", "the clearing agent signed"));
  EXPECT_FALSE(found("5.d", "male", "two male lions"));
}

TEST(Repeats, telephones_are_found_however_they_are_written) {
  const std::string number = "tel. +254 700 000 117; silver car";
  for (const auto* text : {"call 0700000117", "00254-700-000117", "(0700) 000.117", "+254700000117 at noon", "254 (0)700 000 117", "٠٧٠٠٠٠٠١١٧", "0700 000117 12 March"})
    EXPECT_TRUE(found("5.l", number, text)) << text;
  EXPECT_TRUE(found("5.l", "0700 000 117", "+254700000117"));
  for (const auto* text : {"0700 000 118", "1700000117999", "call 117", "000 117", "KES 700,000"}) EXPECT_FALSE(found("5.l", number, text)) << text;
}

TEST(Repeats, documents_plates_and_references_are_found) {
  EXPECT_TRUE(found("5.i", "passport Z00X00417, issued Antananarivo", "history of passport z00x00417"));
  EXPECT_TRUE(found("5.i", "passport Z00X00417", "Z 00 X 00417"));
  EXPECT_TRUE(found("5.i", "National identity card 90000117, issued 2 February 2019", "ID 90 000 117"));
  EXPECT_TRUE(found("5.l", "wagon KZZ 117Q", "seen: KZZ117Q"));
  EXPECT_TRUE(found("5.l", "wagon KZZ117Q", "seen: kzz-117-q"));
  EXPECT_FALSE(found("5.i", "card 90000117, issued 2 February 2019", "on 2 February 2019; weight 90000 kg"));
  EXPECT_FALSE(found("5.i", "passport Z00X00417", "passport Z00X00418, Z00X"));
}

TEST(Repeats, births_and_addresses_need_enough_to_recognise_them) {
  for (const auto* text : {"born 1981-08-17", "né le 17 août 1981", "17.8.1981"}) EXPECT_TRUE(found("5.f", "17 August 1981, Bungoma", text)) << text;
  EXPECT_FALSE(found("5.f", "17 August 1981, Bungoma", "a case of 1981; Bungoma; 17 March"));
  EXPECT_TRUE(found("5.h", "Plot 88, Links Road, Nyali, Mombasa", "stored at Links Road 88"));
  EXPECT_TRUE(found("5.h", "Plot 88, Links Road, Nyali, Mombasa", "a house in Nyali (Mombasa)"));
  EXPECT_FALSE(found("5.h", "Plot 88, Links Road, Nyali, Mombasa, Kenya", "from Mombasa, Kenya, by road; 88 boxes"));
}

TEST(Repeats, a_source_named_in_running_text_is_found) {
  const std::string form = R"({"2.2": "informant Njoroge Kamau called the office of Marine Enforcement", "11": "met by kamau njoroge at the gate", "12": "nothing", "13": "Njoroge's street"})";
  EXPECT_EQ(places(form, {"2.2"}), (Places{"2.2>11"}));
  const std::string run = R"({"2.2": "a neighbour saw lights in the warehouse at night", "12": "Somebody saw lights in the warehouse at night and called."})";
  EXPECT_EQ(places(run, {"2.2"}), (Places{"2.2>12"}));
}

TEST(Repeats, two_capitalised_words_of_a_remark_are_a_place_where_places_stand) {
  EXPECT_TRUE(places(R"({"7": "booked to Hai Phong", "8.d": "Hai Phong", "13": "history in Hai Phong"})", {"13"}).empty());
  EXPECT_EQ(places(R"({"7": "driven by Njoroge Kamau", "12": "x", "2.2": "a tip of Njoroge Kamau"})", {"2.2"}), (Places{"2.2>7"}));
  EXPECT_EQ(places(R"({"11": "shown by Njoroge Kamau", "12": "met Njoroge Kamau"})", {"12"}), (Places{"12>11"}));
}

TEST(Repeats, what_is_withheld_everywhere_is_no_repetition_and_a_derived_value_is_none_of_its_base) {
  const std::string form = R"({"5": [{"5.b": "Barasa", "5.f": "17 August 1981", "5.i": "card 90000117"}], "13": "Barasa",
      "structured": {"persons": [{"birth": "1981-08-17", "document": {"number": "90000117"}}]}})";
  EXPECT_TRUE(places(form, {"5.b", "13"}).empty());
  Case one = withhold(form, {"5.b", "5.f", "5.i", "13"});
  std::size_t opened = 0;
  for (std::size_t i = 0; i < one.openings.size(); ++i) {
    if (!record::is_derived(one.openings.path(i))) continue;
    one.leaves[i].effect = LeafEffect::open;
    ++opened;
  }
  EXPECT_GE(opened, 4U);
  EXPECT_TRUE(repeats(one).empty());
  Case twin = withhold(form, {"5.i", "13"});
  for (std::size_t i = 0; i < twin.openings.size(); ++i)
    if (schema().describe(twin.openings.path(i))->name == "persons[].document_text") twin.leaves[i].effect = LeafEffect::open;
  EXPECT_EQ(repeats(twin).size(), 1U) << "an open twin repeats the withheld fact";
}

TEST(Repeats, the_examples_raise_only_alarms_that_are_true) {
  // Repetitions a reader of the examples agrees with; everything else that is found is a false alarm.
  const std::map<std::string, Places> known{
      {"ae-falcons-dubai", {"13>9", "9>13"}},            // the number of one certificate
      {"cn-pangolin-guangxi", {"5.c>6.b"}},              // a company that bears its owner's name
      {"ke-timber-two-suspects", {"6.b>6.d"}},           // as in the next
      {"ke-ivory-mombasa", {"6.b>6.d", "6.f>8.b"}},      // its name in an electronic address; its warehouse
      {"mg-tortues-ivato", {"1.2>4.1"}}};                // the code name is the tortoise's own
  std::set<std::string> items;
  for (const char* letter : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}) items.insert(std::string("5.") + letter);
  for (const char* letter : {"a", "b", "c", "d", "e", "f"}) items.insert(std::string("6.") + letter);
  for (const char* item : {"1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "7", "8.a", "8.b", "8.c", "8.d", "9", "10", "11", "12", "13"}) items.insert(item);
  std::size_t forms = 0;
  for (const auto& file : example_files()) {
    const std::string json = read(file);
    Places all;
    for (const auto& item : items) all.merge(places(json, {item}));
    const auto expected = known.find(file.stem().string());
    EXPECT_EQ(all, expected == known.end() ? Places{} : expected->second) << file;
    ++forms;
  }
  EXPECT_GE(forms, 7U);
}

TEST(Repeats, a_message_of_100_kb_gives_no_false_alarm_and_an_endless_repetition_is_bounded) {
  std::string long_text;
  for (int i = 0; long_text.size() < 100'000; ++i) long_text += "Container ZZZU " + std::to_string(117'000 + i * 7) + " left the yard with tea cartons and household goods. ";
  const Case one = withhold(person("Barasa", "Josphat Wanyonyi", long_text, R"(, "5.l": "tel. +254 700 000 117", "5.h": "Plot 88, Links Road, Nyali, Mombasa")"), {"5.b", "5.c", "5.h", "5.l"});
  EXPECT_TRUE(repeats(one).empty());
  std::string endless;
  for (int i = 0; i < 5'000; ++i) endless += "Barasa ";
  EXPECT_EQ(repeats(withhold(person("Barasa", "x", endless), {"5.b"})).size(), policy::repeats_max);
}

TEST(Repeats, needles_say_what_a_field_holds) {
  EXPECT_EQ(policy::matter_of("person.name"), policy::Matter::name);
  EXPECT_EQ(policy::matter_of("company.name"), policy::Matter::company);
  EXPECT_EQ(policy::matter_of("source.informant"), policy::Matter::source);
  EXPECT_EQ(policy::matter_of("goods.quantity"), policy::Matter::figures);
  policy::Needles needles;
  needles.add({0, policy::Matter::name, 0, true}, "unknown");
  EXPECT_TRUE(needles.empty());
  needles.add({0, policy::Matter::name, 0, true}, "Barasa");
  EXPECT_EQ(policy::search_text(needles, "x barasa"), (std::vector<policy::Hit>{{0, 2}}));
}
