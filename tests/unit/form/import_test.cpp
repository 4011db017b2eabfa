// Tests of core/form/import: what is refused, where, all at once; what is accepted; limits.
#include "core/form/import.h"

#include <gtest/gtest.h>

#include "core/base/limits.h"
#include "core/form/export.h"
#include "tests/unit/form/sample.h"

namespace liaison::form {
namespace {
using test::codes;
using test::form_with;
using Codes = std::vector<ProblemCode>;

Problem only_problem(const std::string& json) {
  const Import import = import_json(json);
  EXPECT_FALSE(import.message);
  EXPECT_EQ(import.problems.size(), 1U) << json;
  return import.problems.empty() ? Problem{} : import.problems.front();
}

TEST(form_import, the_required_items_alone_are_complete) { EXPECT_TRUE(import_json(form_with("")).is_complete()); }

TEST(form_import, a_key_that_is_not_on_the_form_is_refused) {
  EXPECT_EQ(only_problem(form_with(R"("1.4":"x")")).code, ProblemCode::unknown_key);
  EXPECT_EQ(only_problem(form_with(R"("5.a":"x")")).path, "5.a");
  EXPECT_EQ(only_problem(form_with(R"("1.1 ":"x")")).code, ProblemCode::unknown_key);
  EXPECT_EQ(only_problem(form_with(R"("offence":"x")")).code, ProblemCode::unknown_key);
  EXPECT_EQ(only_problem(form_with(R"("structured":{"specie":"x"})")).path, "structured.specie");
  EXPECT_EQ(only_problem(form_with(R"("structured":{"offence":"x"})")).code, ProblemCode::unknown_key);
  EXPECT_EQ(only_problem(form_with(R"("structured":{"discovery_place":{"town":""}})")).path, "structured.discovery_place.town");
  const Problem person = only_problem(form_with(R"("5":[{},{"6.a":"x"}])"));
  EXPECT_EQ(person.item, "5");
  EXPECT_EQ(person.number, 2U);
}

TEST(form_import, wrong_types_are_refused_with_item_and_place) {
  const Problem number = only_problem("{\"1.1\":\"a\",\n  \"4.2\": 12}");
  EXPECT_EQ(number.code, ProblemCode::wrong_type);
  EXPECT_EQ(number.item, "4.2");
  EXPECT_EQ(number.place.line, 2U);
  EXPECT_EQ(number.place.column, 10U);
  EXPECT_EQ(number.args, (std::vector<std::string>{"number", "string"}));
  for (const char* more : {R"("7":null)", R"("7":true)", R"("7":{})", R"("7":["x"])", R"("5":"somebody")", R"("5":{})", R"("5":3)", R"("5":["unknown"])",
                           R"("6":[[]])", R"("structured":[])", R"("structured":{"contraband":{}})", R"("structured":{"contraband":[1]})",
                           R"("structured":{"subject":1})", R"("structured":{"origin_country":7})", R"("structured":{"transit_countries":"KE"})",
                           R"("structured":{"contraband":[{"quantity":"12"}]})", R"("structured":{"discovery_place":"KE"})", R"("structured":{"persons":{}})"}) {
    EXPECT_EQ(only_problem(form_with(more)).code, ProblemCode::wrong_type) << more;
  }
  EXPECT_EQ(only_problem("[]").code, ProblemCode::not_an_object);
  EXPECT_EQ(only_problem("\"1.1\"").code, ProblemCode::not_an_object);
}

TEST(form_import, structured_values_obey_their_formats) {
  const std::vector<std::pair<const char*, ProblemCode>> cases = {
      {R"("structured":{"contraband":[{"quantity":-1}]})", ProblemCode::not_a_decimal},
      {R"("structured":{"contraband":[{"quantity":1e3}]})", ProblemCode::not_a_decimal},
      {R"("structured":{"contraband":[{"currency":"usd"}]})", ProblemCode::not_a_currency},
      {R"("structured":{"contraband":[{"appendix":"IV"}]})", ProblemCode::not_an_appendix},
      {R"("structured":{"contraband":[{"cites_source":"Z"}]})", ProblemCode::not_a_code},
      {R"("structured":{"contraband":[{"cites_purpose":"W"}]})", ProblemCode::not_a_code},
      {R"("structured":{"subject":"birds"})", ProblemCode::not_in_list},
      {R"("structured":{"origin_country":"ke"})", ProblemCode::not_a_country},
      {R"("structured":{"origin_country":"QQ"})", ProblemCode::not_a_country},
      {R"("structured":{"transit_countries":["KE","Kenya"]})", ProblemCode::not_a_country},
      {R"("structured":{"discovery_place":{"area":"KE-28000"}})", ProblemCode::not_an_area},
      {R"("structured":{"discovered_at":"2026-02-30"})", ProblemCode::not_a_time},
      {R"("structured":{"discovered_at":"4 March 2026"})", ProblemCode::not_a_time},
      {R"("5":[{}],"structured":{"persons":[{"birth":"1981-13"}]})", ProblemCode::not_a_date},
      {R"("5":[{}],"structured":{"persons":[{"company":0}]})", ProblemCode::out_of_range},
      {R"("5":[{}],"structured":{"persons":[{"company":65536}]})", ProblemCode::out_of_range},
      {R"("5":[{}],"structured":{"persons":[{"company":1.5}]})", ProblemCode::out_of_range},
      {R"("structured":{"discovery_place":{"coordinates":{"latitude":90.1,"longitude":0}}})", ProblemCode::out_of_range},
      {R"("structured":{"persons":[{}]})", ProblemCode::no_such_element},
      {R"("5":[{}],"structured":{"persons":[{},{}]})", ProblemCode::no_such_element},
  };
  for (const auto& [more, code] : cases) EXPECT_EQ(only_problem(form_with(more)).code, code) << more;
}

TEST(form_import, unknown_is_accepted_in_every_structured_text_and_code) {
  const Import import = import_json(form_with(R"("5":"Inconnu","6":"غير معروف","structured":{"subject":"UNKNOWN","discovered_at":"desconocido",
      "origin_country":"unknown","contraband":[{"species":"unknown","quantity":"inconnu","currency":"unknown","appendix":"unknown"}]})"));
  EXPECT_TRUE(import.is_complete());
  EXPECT_TRUE(import.flags.empty());
}

TEST(form_import, a_structured_problem_names_the_item_it_stands_beside) {
  const Problem found = only_problem(form_with("\"5\":[{},{}],\n\"structured\":{\"persons\":[{},\n{\"birth\":\"soon\"}]}"));
  EXPECT_EQ(found.item, "5.f");
  EXPECT_EQ(found.number, 2U);
  EXPECT_EQ(found.path, "structured.persons[1].birth");
  EXPECT_EQ(found.place.line, 3U);
  EXPECT_EQ(found.args, (std::vector<std::string>{"soon"}));
}

TEST(form_import, all_problems_and_gaps_come_at_once) {
  const Import import = import_json(R"({"1.1":1,"1.1":"b","9.9":"x","5":[{"5.b":2}],"structured":{"subject":"x"}})");
  EXPECT_EQ(codes(import.problems), (Codes{ProblemCode::duplicate_key, ProblemCode::unknown_key, ProblemCode::wrong_type, ProblemCode::wrong_type, ProblemCode::not_in_list}));
  EXPECT_EQ(import.gaps.size(), 6U + 11U);
}

TEST(form_import, large_values_are_kept_and_too_large_ones_named) {
  const std::string big(700'000, 'x');
  const Import kept = import_json(form_with("\"12\":\"" + big + "\""));
  ASSERT_TRUE(kept.message);
  EXPECT_LE(kept.message->size(), limits::message_bytes_max);
  const Problem found = only_problem(form_with("\"7\":\"short\",\"12\":\"" + big + "\",\"13\":\"" + std::string(400'000, 'y') + "\""));
  EXPECT_EQ(found.code, ProblemCode::message_too_large);
  EXPECT_EQ(found.item, "12");
  EXPECT_EQ(found.place.line, 1U);
}

TEST(form_import, more_leaves_than_a_record_may_have_are_refused) {
  std::string persons = "\"5\":[";
  for (int i = 0; i < 400; ++i) persons += std::string(i ? "," : "") + R"({"5.a":"a","5.b":"b","5.c":"c","5.d":"d","5.e":"e","5.f":"f","5.g":"g","5.h":"h","5.i":"i","5.j":"j","5.k":"k","5.l":"l"})";
  EXPECT_EQ(only_problem(form_with(persons + "]")).code, ProblemCode::too_many_values);
}

TEST(form_import, empty_texts_and_lists_count_as_absent) {
  const Import import = import_json(form_with(R"("7":"","5":[],"6":"","structured":{"contraband":[],"subject":"","discovery_place":{"city":""},"transport":[{"means":"","route":[]}]})"));
  const Import plain = import_json(form_with(""));
  ASSERT_TRUE(import.message && plain.message);
  EXPECT_EQ(*export_json(*import.message), *export_json(*plain.message));
}

TEST(form_import, every_truncation_and_flip_of_a_file_is_handled) {
  const std::string json = test::read_text_file(test::example("ae-falcons-dubai.json"));
  ASSERT_FALSE(json.empty());
  for (std::size_t size = 0; size + 2 < json.size(); size += 3) EXPECT_FALSE(import_json(json.substr(0, size)).message) << size;
  for (std::size_t i = 0; i < json.size(); i += 5) {
    std::string flipped = json;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
    const Import import = import_json(flipped);
    EXPECT_TRUE(import.message.has_value() == import.problems.empty());
  }
}

}  // namespace
}  // namespace liaison::form
