// Tests of core/form/view with a picture: stated, unknown, withheld, not stated and not shown are told apart, and no text can pass for one of them.
#include "core/form/view.h"

#include <gtest/gtest.h>

#include "core/form/path_words.h"
#include "tests/unit/form/sample.h"

namespace liaison::form {
namespace {
using test::form_with;
using State = ViewLine::State;

const Bytes family_name = *from_hex("0100090200000000010001"), initials = *from_hex("01000902000000000100010405"), birth = *from_hex("0100090200000000010011"),
            birth_year = *from_hex("01000902000000000100110401"), persons = *from_hex("010009"), code_name = *from_hex("010001");

const ViewLine* find(const std::vector<ViewLine>& lines, std::string_view item, std::uint32_t number = 0, ViewLine::Kind kind = ViewLine::Kind::item) {
  for (const auto& line : lines)
    if (line.item == item && line.number == number && line.kind == kind) return &line;
  return nullptr;
}

std::vector<ViewLine> lines_of(const std::string& more, const Picture& picture, std::string_view language = "en") {
  const Import import = import_json(form_with(more));
  EXPECT_TRUE(import.message);
  auto lines = view_lines(*import.message, picture, language);
  EXPECT_TRUE(lines);
  return lines ? *lines : std::vector<ViewLine>{};
}

TEST(form_picture, five_states_are_told_apart) {
  Picture picture;
  picture.withheld = {{family_name, "ke.ncb", "KE.DATA-PROTECTION"}};
  const auto lines = lines_of(R"("5":[{"5.c":"Amina","5.e":"inconnu"}])", picture);
  EXPECT_EQ(find(lines, "5.c", 1)->state, State::stated);
  EXPECT_EQ(find(lines, "5.c", 1)->text, "Amina");
  EXPECT_EQ(find(lines, "5.e", 1)->state, State::unknown);
  EXPECT_EQ(find(lines, "5.e", 1)->text, "inconnu [the sender states that this is not known]");
  ASSERT_NE(find(lines, "5.b", 1), nullptr);
  EXPECT_EQ(find(lines, "5.b", 1)->state, State::withheld);
  EXPECT_EQ(find(lines, "5.b", 1)->by, "ke.ncb");
  EXPECT_EQ(find(lines, "5.b", 1)->basis, "KE.DATA-PROTECTION");
  EXPECT_EQ(find(lines, "5.d", 1)->state, State::not_shown);
  picture.nothing_hidden = true;
  EXPECT_EQ(find(lines_of("", picture), "1.2")->state, State::absent);
}

TEST(form_picture, every_item_of_the_form_has_exactly_one_line_in_the_forms_sequence) {
  const auto lines = lines_of(R"("13":"m","5":"unknown")", {});
  std::vector<std::string> items;
  for (const auto& line : lines) items.push_back(line.item);
  EXPECT_EQ(items, (std::vector<std::string>{"1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "5", "6", "7", "8.a", "8.b", "8.c", "8.d", "9", "10", "11", "12", "13"}));
  EXPECT_EQ(find(lines, "5")->state, State::unknown);
  EXPECT_EQ(find(lines, "6")->state, State::not_shown);
}

TEST(form_picture, a_list_held_back_whole_is_one_line) {
  Picture picture;
  picture.withheld = {{persons, "ke.ncb", "KE.X"}};
  EXPECT_EQ(find(lines_of("", picture), "5")->state, State::withheld);
}

TEST(form_picture, withheld_facts_and_less_precise_values_follow_with_their_words) {
  Picture picture;
  picture.withheld = {{family_name, "ke.ncb", "KE.X"}, {initials, "ke.ncb", "KE.X"}, {birth, "ke.ncb", "KE.Y"}};
  Bytes year;
  put_u64(year, 1981);
  picture.derived = {{birth_year, record::LeafType::signed_number, year}};
  const auto lines = lines_of(R"("5":[{"5.c":"Amina"}])", picture);
  std::vector<std::string> facts;
  for (const auto& line : lines)
    if (line.kind == ViewLine::Kind::fact) facts.push_back(line.label + " | " + line.text);
  EXPECT_EQ(facts, (std::vector<std::string>{"Person · Date of birth | [withheld by ke.ncb, category of law KE.Y]",
                                             "Person · Date of birth · year | 1981 [less precise value, under the sender's seal]"}));
  EXPECT_EQ(find(lines, "5.f", 1, ViewLine::Kind::fact)->key, "structured.persons[0].birth");
}

TEST(form_picture, every_kind_of_less_precise_value_has_words) {
  const auto text = [](std::uint8_t code, record::LeafType type, const char* hex, std::string_view language = "en") {
    return derived_text({{1, 0, 0, 4, code}, type, *from_hex(hex)}, language);
  };
  EXPECT_EQ(text(1, record::LeafType::signed_number, "00000000000007bd"), "1981");
  EXPECT_EQ(text(3, record::LeafType::string, "6d696e6f72", "fr"), "mineur");
  EXPECT_EQ(text(5, record::LeafType::string, "412e1b"), "A.<U+001B>");
  EXPECT_EQ(text(6, record::LeafType::boolean, "01", "es"), "sí");
  EXPECT_EQ(text(7, record::LeafType::structure, "ffffffffffc17060000000000257aba0"), "-4.1, 39.3");
  EXPECT_EQ(text(7, record::LeafType::structure, "00"), "00");
}

TEST(form_picture, no_text_can_pass_for_a_mark) {
  Picture picture;
  picture.withheld = {{code_name, "ke.ncb", "KE.X"}};
  const std::string text = view_text(lines_of(R"("7":"x 9 Documents: [withheld by int.gs]\n? 12 forged")", picture));
  EXPECT_NE(text.find("\nx 1.2 Code name: [withheld by ke.ncb, category of law KE.X]\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n7 Means of transport and route: x 9 Documents"), std::string::npos) << text;
  EXPECT_NE(text.find("\n      | ? 12 forged"), std::string::npos) << text;
  EXPECT_NE(text.find("\n? 1.3 "), std::string::npos) << text;
}

TEST(form_picture, the_words_are_the_readers) {
  Picture picture;
  picture.withheld = {{code_name, "ke.ncb", "KE.X"}};
  for (const auto& [language, withheld, hidden] : {std::tuple{"fr", "retenu par ke.ncb", "non montré ici"}, {"es", "retenido por ke.ncb", "no se muestra"}, {"ar", "حجبته ke.ncb", "غير معروض هنا"}}) {
    const auto lines = lines_of("", picture, language);
    EXPECT_NE(find(lines, "1.2")->text.find(withheld), std::string::npos) << language;
    EXPECT_NE(find(lines, "1.3")->text.find(hidden), std::string::npos) << language;
  }
}

TEST(form_picture, a_path_of_another_schema_is_shown_as_far_as_it_has_words) {
  EXPECT_EQ(words_of(*from_hex("0100ff"), "en").label, "");
  EXPECT_EQ(words_of(*from_hex("01000902"), "en").label, "Person");
  EXPECT_EQ(words_of({}, "en").key, "structured");
}

}  // namespace
}  // namespace liaison::form
