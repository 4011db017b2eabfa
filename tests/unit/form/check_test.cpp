// Tests of core/form/check: gaps all at once, filling, species checks and flags.
#include "core/form/check.h"

#include <gtest/gtest.h>

#include "core/form/export.h"
#include "core/form/json_reader.h"
#include "core/form/lists.h"
#include "tests/unit/form/sample.h"

namespace liaison::form {
namespace {
using test::form_with;

std::vector<std::string> paths(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const Problem& problem : problems) out.push_back(problem.path);
  return out;
}

TEST(form_check, the_required_items_are_those_of_the_form) {
  std::vector<std::string> expected = {"1.1", "2.1", "2.3", "3", "4.1", "4.2", "10"};
  for (char c = 'a'; c <= 'l'; ++c) expected.push_back(std::string("5.") + c);
  for (char c = 'a'; c <= 'f'; ++c) expected.push_back(std::string("6.") + c);
  EXPECT_EQ(default_must_state().items, expected);
}

TEST(form_check, every_gap_is_listed_with_its_person_or_company) {
  const Import import = import_json(R"({"1.1":"x","2.1":" ","4.2":"unknown","5":[{"5.a":"x"},{}],"6":[{"6.f":"inconnu"}]})");
  ASSERT_TRUE(import.message);
  std::vector<std::string> expected = {"2.1", "2.3", "3", "4.1"};
  for (char c = 'b'; c <= 'l'; ++c) expected.push_back(std::string("5[0].5.") + c);
  for (char c = 'a'; c <= 'l'; ++c) expected.push_back(std::string("5[1].5.") + c);
  for (char c = 'a'; c <= 'e'; ++c) expected.push_back(std::string("6[0].6.") + c);
  expected.push_back("10");
  EXPECT_EQ(paths(import.gaps), expected);
  EXPECT_EQ(import.gaps[4].number, 1U);
  EXPECT_EQ(import.gaps[15].number, 2U);
  const auto checked = check_message(*import.message);
  ASSERT_TRUE(checked);
  EXPECT_EQ(paths(checked->gaps), expected);
}

TEST(form_check, filling_writes_the_word_of_the_language_into_gaps_only) {
  const std::string json = R"({"1.1":"x","3":"","5":[{"5.b":"Ñahui"}]})";
  for (const char* language : {"en", "fr", "es", "ar"}) {
    ImportOptions options;
    options.fill_unknown = language;
    const Import import = import_json(json, options);
    ASSERT_TRUE(import.is_complete());
    const JsonFile file = read_json(*export_json(*import.message));
    EXPECT_EQ(file.root.find("1.1")->text, "x");
    EXPECT_TRUE(file.root.find("3")->text != "" && file.root.find("10"));
    EXPECT_EQ(file.root.find("5")->elements[0].find("5.b")->text, "Ñahui");
    EXPECT_EQ(file.root.find("5")->elements[0].members.size(), 12U);
    EXPECT_FALSE(file.root.find("1.2"));
    EXPECT_FALSE(file.root.find("6"));
  }
}

TEST(form_check, the_required_items_are_a_setting) {
  const MustState must{{"1.3", "5.b"}};
  ImportOptions options;
  options.must = &must;
  EXPECT_EQ(paths(import_json(R"({"5":[{}]})", options).gaps), (std::vector<std::string>{"1.3", "5[0].5.b"}));
  EXPECT_TRUE(is_item("1.3") && is_item("5.b") && is_item("5"));
  EXPECT_FALSE(is_item("5.m") || is_item("structured") || is_item(""));
}

TEST(form_check, a_species_in_the_list_carries_its_appendix_and_date) {
  const Import import = import_json(form_with(R"("structured":{"contraband":[{"species":"astrochelys  YNIPHORA","appendix":"I"},{"species":"unknown"},{"description":"drums"}]})"));
  ASSERT_TRUE(import.message);
  EXPECT_TRUE(import.flags.empty());
  const JsonFile file = read_json(*export_json(*import.message));
  const Value& lines = *file.root.find("structured")->find("contraband");
  const Value* check = lines.elements[0].find("species_check");
  ASSERT_TRUE(check);
  EXPECT_EQ(check->find("status")->text, "in_list");
  EXPECT_EQ(check->find("listed_appendix")->text, "I");
  EXPECT_EQ(check->find("list_date")->text, shipped_species().date());
  EXPECT_FALSE(lines.elements[1].find("species_check"));
  EXPECT_FALSE(lines.elements[2].find("species_check"));
}

TEST(form_check, an_unknown_species_is_accepted_and_flagged_for_both_sides) {
  const Import import = import_json(form_with(R"("structured":{"contraband":[{"species":"Falco rusticolos"}]})"));
  ASSERT_TRUE(import.is_complete());
  ASSERT_EQ(import.flags.size(), 1U);
  EXPECT_EQ(import.flags[0].code, ProblemCode::species_not_in_list);
  const auto at_receiver = check_message(*import.message);
  ASSERT_TRUE(at_receiver);
  ASSERT_EQ(at_receiver->flags.size(), 1U);
  EXPECT_EQ(at_receiver->flags[0].args.at(1), shipped_species().date());
  EXPECT_NE(at_receiver->flags[0].args.at(2).find("Falco rusticolus"), std::string::npos);
  EXPECT_NE(export_json(*import.message)->find("not_in_list"), std::string::npos);
}

TEST(form_check, a_check_in_the_file_is_not_believed) {
  const Import import = import_json(form_with(R"("structured":{"contraband":[{"species":"Draco inventus","species_check":{"status":"in_list","list_date":"2026-01-01","listed_appendix":"I"}}]})"));
  ASSERT_EQ(import.flags.size(), 1U);
  EXPECT_EQ(import.flags[0].code, ProblemCode::species_not_in_list);
}

TEST(form_check, an_appendix_other_than_listed_is_flagged) {
  const Import import = import_json(form_with(R"("structured":{"contraband":[{"species":"Panthera tigris","appendix":"II"}]})"));
  ASSERT_EQ(import.flags.size(), 1U);
  EXPECT_EQ(import.flags[0].code, ProblemCode::appendix_differs);
  EXPECT_EQ(import.flags[0].args, (std::vector<std::string>{"Panthera tigris", "II", "I", shipped_species().date()}));
}

}  // namespace
}  // namespace liaison::form
