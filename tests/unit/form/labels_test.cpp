// Tests of core/form/labels and view: every item, fact and problem has words in four languages; views are safe to print.
#include "core/form/labels.h"

#include <gtest/gtest.h>

#include <set>

#include "core/form/json_reader.h"
#include "core/form/shape.h"
#include "core/form/text.h"
#include "core/form/view.h"
#include "schemas/embedded.h"
#include "tests/unit/form/sample.h"

namespace liaison::form {
namespace {
using test::form_with;

void collect(const Table& table, std::set<std::string>& items, std::set<std::string>& facts) {
  for (const Field& field : table.fields) {
    if (!field.item.empty()) items.insert(field.item);
    if (field.item.empty() || field.kind == FieldKind::table_list) facts.insert(field.name);
    if (field.table) collect(*field.table, items, facts);
  }
}

TEST(form_labels, every_entry_has_four_languages) {
  const JsonFile file = read_json(schemas::embedded("labels.json"));
  ASSERT_TRUE(file.problems.empty());
  for (const Member& section : file.root.members) {
    for (const Member& entry : section.value.members) {
      for (const char* language : {"en", "fr", "es", "ar"}) {
        const Value* text = entry.value.find(language);
        EXPECT_TRUE(text && !is_blank(text->text)) << section.key << " " << entry.key << " " << language;
      }
    }
  }
}

TEST(form_labels, every_item_fact_and_problem_has_words) {
  std::set<std::string> items, facts;
  collect(ecomessage(), items, facts);
  EXPECT_EQ(items.size(), 21U + 12U + 6U);
  for (const auto& item : items) EXPECT_FALSE(item_label(item, "fr").empty()) << item;
  for (const auto& fact : facts) EXPECT_NE(fact_label(fact, "ar"), fact) << fact;
  for (int code = 0; code <= static_cast<int>(ProblemCode::appendix_differs); ++code) {
    Problem problem;
    problem.code = static_cast<ProblemCode>(code);
    EXPECT_FALSE(problem_text(problem, "es").empty()) << name(problem.code);
  }
}

TEST(form_labels, the_flag_wins_then_the_locale_then_english) {
  const std::vector<std::string> french = {"", "", "fr_MG.UTF-8"};
  EXPECT_EQ(choose_language("es", french), "es");
  EXPECT_EQ(choose_language("AR", french), "ar");
  EXPECT_EQ(choose_language("", french), "fr");
  EXPECT_EQ(choose_language("", std::vector<std::string>{"sw_KE.UTF-8", "", "fr_FR"}), "en");
  EXPECT_EQ(choose_language(""), "en");
  EXPECT_TRUE(is_language("fr"));
  EXPECT_FALSE(is_language("klingon"));
}

TEST(form_labels, a_line_names_item_number_place_and_what_to_do) {
  const Import import = import_json("{\"1.1\":\"a\",\n\"5\":[{},{\"5.g\":7}]}");
  ASSERT_EQ(import.problems.size(), 1U);
  EXPECT_EQ(problem_line(import.problems[0], "en"), "5.g (no. 2) Nationality: is a number, must be: string [line 2, column 16, 5[1].5.g]");
  EXPECT_NE(problem_line(import.problems[0], "fr").find("Nationalité"), std::string::npos);
}

TEST(form_view, lines_follow_the_form_and_show_structure_and_flags) {
  const Import import = import_json(form_with(R"("5":[{"5.b":"Barasa"}],"structured":{"discovery_place":{"area":"KE-28","coordinates":{"latitude":-4.5,"longitude":39}},
      "persons":[{"birth":"1981"}],"contraband":[{"species":"Draco inventus"}]})"));
  ASSERT_TRUE(import.message);
  const auto lines = view_lines(*import.message, "en");
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->front().item, "1.1");
  EXPECT_EQ(lines->front().label, "Brief description of the offence");
  EXPECT_EQ(lines->back().kind, ViewLine::Kind::flag);
  const std::string text = view_text(*lines);
  for (const char* part : {"5.b (1) Family name (and maiden name): Barasa", "2.1 Place of discovery · Country or region: KE-28 (Kenya)", "-4.5, 39",
                           "5.f (1) Person · Date of birth: 1981", "! 4.1 (1) Note: \"Draco inventus\" is not in the species list"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(form_view, no_text_can_pass_for_another_line_or_move_the_cursor) {
  const Import import = import_json(form_with(R"("7":"lorry\n10 Law enforcement agency responsible: forged\u001b[2J\u202eabc")"));
  ASSERT_TRUE(import.message);
  const std::string text = view_text(*view_lines(*import.message, "en"));
  EXPECT_NE(text.find("lorry\n      | 10 Law"), std::string::npos);
  EXPECT_NE(text.find("<U+001B>[2J<U+202E>abc"), std::string::npos);
  EXPECT_EQ(text.find('\x1B'), std::string::npos);
}

TEST(form_view, bytes_from_strangers_are_refused) { EXPECT_FALSE(view_lines(Bytes(32, 1), "en")); }

}  // namespace
}  // namespace liaison::form
