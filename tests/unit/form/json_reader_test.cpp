// Tests of core/form/json_reader.h and the tree of value.h it fills: places, duplicates, and everything that is not strict JSON.
#include "core/form/json_reader.h"

#include <gtest/gtest.h>

#include "core/base/limits.h"

namespace liaison::form {
namespace {

Problem only_problem(std::string_view json) {
  const JsonFile file = read_json(json);
  EXPECT_EQ(file.problems.size(), 1U) << json;
  return file.problems.empty() ? Problem{} : file.problems.front();
}

TEST(form_json, values_know_their_places) {
  const JsonFile file = read_json("{\n  \"1.1\": \"\xC3\xB1\",  \"n\": 12.50,\n  \"5\": [ {\"5.a\": true}, null ]\n}");
  ASSERT_TRUE(file.problems.empty());
  const Value* text = file.root.find("1.1");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->place.line, 2U);
  EXPECT_EQ(text->place.column, 10U);
  EXPECT_EQ(file.root.find("n")->place.column, 21U);  // counted in characters
  EXPECT_EQ(file.root.find("n")->text, "12.50");
  const Value& list = *file.root.find("5");
  EXPECT_EQ(list.place.line, 3U);
  EXPECT_EQ(list.elements.at(0).find("5.a")->place.column, 18U);
  EXPECT_TRUE(list.elements.at(1).is(Value::Kind::null));
}

TEST(form_json, escapes_give_their_characters) {
  const JsonFile file = read_json(R"({"k":"\u00f1\n\"\\ \ud83d\udc18 \/"})");
  ASSERT_TRUE(file.problems.empty());
  EXPECT_EQ(file.root.find("k")->text, "ñ\n\"\\ \xF0\x9F\x90\x98 /");
}

TEST(form_json, every_duplicate_key_is_reported_with_its_place) {
  const JsonFile file = read_json("{\"1.1\":\"a\",\n\"1.1\":\"b\",\"5\":[{},{\"5.b\":\"x\",\"5.b\":\"y\"}]}");
  ASSERT_EQ(file.problems.size(), 2U);
  const Problem& inner = file.problems[0];
  EXPECT_EQ(inner.code, ProblemCode::duplicate_key);
  EXPECT_EQ(inner.item, "5.b");
  EXPECT_EQ(inner.number, 2U);
  EXPECT_EQ(inner.path, "5[1].5.b");
  EXPECT_EQ(file.problems[1].item, "1.1");
  EXPECT_EQ(file.problems[1].place.line, 2U);
  EXPECT_EQ(file.problems[1].place.column, 1U);
}

TEST(form_json, keys_equal_after_escapes_are_duplicates) {
  EXPECT_EQ(only_problem(R"({"1.1":"a","\u0031.1":"b"})").code, ProblemCode::duplicate_key);
}

TEST(form_json, invalid_utf8_names_item_and_place) {
  const Problem found = only_problem("{\"1.1\":\"a\",\n \"5\":[{\"5.a\":\"x\",\"5.b\":\"Jos\xE9\"}]}");
  EXPECT_EQ(found.code, ProblemCode::invalid_utf8);
  EXPECT_EQ(found.item, "5.b");
  EXPECT_EQ(found.number, 1U);
  EXPECT_EQ(found.place.line, 2U);
  EXPECT_EQ(found.place.column, 28U);
}

TEST(form_json, what_is_not_strict_json_is_refused) {
  for (const char* json : {"", " ", "{", "{\"a\":1,}", "[1,]", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":+1}", "// c\n{}", "{} {}", "{}x", "\"\\ud800\"",
                           "\"\\udc00\\ud800\"", "\"a\nb\"", "{\"a\" 1}", "{a:1}", "tru", "\"abc", "{\"a\":\"\\x\"}"}) {
    EXPECT_EQ(only_problem(json).code, ProblemCode::not_json) << json;
  }
}

TEST(form_json, a_byte_order_mark_is_skipped) { EXPECT_TRUE(read_json("\xEF\xBB\xBF{}").problems.empty()); }

TEST(form_json, depth_is_bounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(read_json(nested(json_depth_max)).problems.empty());
  EXPECT_EQ(only_problem(nested(json_depth_max + 1)).code, ProblemCode::too_deep);
  EXPECT_EQ(only_problem(std::string(1'000'000, '[')).code, ProblemCode::too_deep);
}

TEST(form_json, count_and_size_are_bounded) {
  std::string many = "[1";
  for (std::size_t i = 0; i < json_values_max; ++i) many += ",1";
  EXPECT_EQ(only_problem(many + "]").code, ProblemCode::too_many_values);
  EXPECT_EQ(only_problem(std::string(limits::form_file_bytes_max + 1, ' ')).code, ProblemCode::file_too_large);
}

TEST(form_json, every_truncation_is_refused) {
  const std::string json = R"({"1.1":"a\u00f1b","5":[{"5.a":"x"},{}],"n":-1.5e3,"t":true})";
  ASSERT_TRUE(read_json(json).problems.empty());
  for (std::size_t size = 0; size < json.size(); ++size) EXPECT_EQ(read_json(json.substr(0, size)).problems.size(), 1U) << size;
}

}  // namespace
}  // namespace liaison::form
