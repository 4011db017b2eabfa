// Tests of the offline `liaison form` commands: what they print, what they write, their exit codes.
#include "admin-cli/form_commands.cpp"  // the program itself is not a library

#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "tests/unit/form/sample.h"

namespace liaison::cli {
namespace {
namespace test = form::test;

// A folder of its own that goes away with the test, and a command's two streams.
class FormCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("liaison_form_" + std::to_string(::getpid()) + "_" + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string put(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  FormContext context(std::string language = "en") {
    out_.str({});
    err_.str({});
    return FormContext{out_, err_, std::move(language)};
  }
  int convert(const std::string& in, const std::string& out, bool fill = false) { return form_convert({in, out, fill, {}}, context()); }

  std::filesystem::path folder_;
  std::ostringstream out_, err_;
};

TEST_F(FormCommands, convert_there_and_back_keeps_every_example) {
  for (const auto& example : test::examples()) {
    ASSERT_EQ(convert(example.string(), path("m.bin")), 0) << err_.str();
    ASSERT_EQ(convert(path("m.bin"), path("m.json")), 0) << err_.str();
    ASSERT_EQ(convert(path("m.json"), path("n.bin")), 0) << err_.str();
    EXPECT_EQ(test::read_text_file(path("m.bin")), test::read_text_file(path("n.bin"))) << example;
    EXPECT_FALSE(std::filesystem::exists(path("m.bin.part")));
    EXPECT_EQ(std::filesystem::status(path("m.bin")).permissions() & std::filesystem::perms::all, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
}

TEST_F(FormCommands, gaps_stop_a_conversion_until_they_are_filled) {
  const std::string form = put("f.json", R"({"1.1":"x","5":[{"5.b":"y"}]})");
  EXPECT_EQ(convert(form, path("m.bin")), 1);
  EXPECT_FALSE(std::filesystem::exists(path("m.bin")));
  EXPECT_NE(err_.str().find("17 items say nothing"), std::string::npos) << err_.str();
  EXPECT_NE(err_.str().find("5.l (no. 1)"), std::string::npos);
  EXPECT_EQ(convert(form, path("m.bin"), true), 0);
  EXPECT_EQ(form_check({path("m.bin"), {}, {}, false}, context()), 0);
}

TEST_F(FormCommands, a_binary_message_can_be_filled_too) {
  const form::Import partial = form::import_json(R"({"1.1":"x"})");
  ASSERT_TRUE(partial.message);
  const std::string in = put("p.bin", std::string(text(*partial.message)));
  EXPECT_EQ(form_check({in, {}, {}, false}, context()), 1);
  EXPECT_EQ(convert(in, path("p.json")), 0);  // what came in is shown, gaps and all
  EXPECT_EQ(convert(in, path("q.bin"), true), 0);
  EXPECT_EQ(form_check({path("q.bin"), {}, {}, false}, context()), 0);
}

TEST_F(FormCommands, check_lists_everything_in_the_chosen_language) {
  const std::string form = put("f.json", "{\"1.1\":1,\n\"1.4\":\"x\",\"structured\":{\"contraband\":[{\"species\":\"Falco rusticolos\"}]}}");
  EXPECT_EQ(form_check({form, {}, {}, false}, context("fr")), 1);
  for (const char* part : {"est de type number", "n'existe pas", "n'est pas renseigné", "Falco rusticolus", "ligne 2, colonne 1"}) {
    EXPECT_NE(out_.str().find(part), std::string::npos) << part << "\n" << out_.str();
  }
  EXPECT_EQ(form_check({form, {}, {}, true}, context()), 1);
  const auto json = form::read_json(out_.str());
  ASSERT_TRUE(json.problems.empty());
  EXPECT_EQ(json.root.find("problems")->elements.size(), 2U);
  EXPECT_EQ(json.root.find("gaps")->elements.size(), 6U);
  EXPECT_EQ(json.root.find("flags")->elements[0].find("code")->text, "species_not_in_list");
  EXPECT_FALSE(json.root.find("complete")->truth);
}

TEST_F(FormCommands, required_items_can_be_set) {
  const std::string form = put("f.json", R"({"1.3":"x"})");
  EXPECT_EQ(form_check({form, {}, {"1.3"}, false}, context()), 0);
  EXPECT_EQ(form_check({form, {}, {"1.2", "1.3"}, false}, context()), 1);
  EXPECT_EQ(form_check({form, {}, {"1.9"}, false}, context()), 2);
}

TEST_F(FormCommands, another_species_list_is_used_and_named_by_its_date) {
  const std::string form = put("f.json", R"({"1.1":"a","2.1":"b","2.3":"c","3":"d","4.1":"e","4.2":"f","10":"g","structured":{"contraband":[{"species":"Draco inventus"}]}})");
  const std::string list = put("s.csv", "name,appendix\nDraco inventus,II\n");
  EXPECT_EQ(form_check({form, {list, "2026-05-06"}, {}, false}, context()), 0);
  EXPECT_EQ(out_.str().find('!'), std::string::npos);
  EXPECT_EQ(form_check({form, {list, ""}, {}, false}, context()), 2);
  EXPECT_EQ(form_check({form, {path("none.csv"), "2026-05-06"}, {}, false}, context()), 2);
}

TEST_F(FormCommands, files_and_flags_that_cannot_be_used_are_exit_code_2) {
  const std::string form = put("f.json", test::form_with(""));
  EXPECT_EQ(convert(path("none.json"), path("m.bin")), 2);
  EXPECT_EQ(convert(form, path("m.txt")), 2);
  EXPECT_EQ(convert(form, path("no/such/folder/m.bin")), 2);
  EXPECT_EQ(convert(form, form), 2);
  EXPECT_EQ(convert(folder_.string() + "/.json", path("m.bin")), 2);
  EXPECT_EQ(form_check({form, {}, {}, false}, context("klingon")), 2);
  EXPECT_EQ(convert(put("bad.bin", "not a message"), path("m.json")), 1);
}

TEST_F(FormCommands, blank_prints_a_form_or_explains_it) {
  EXPECT_EQ(form_blank({2, 0, false, false}, context()), 0);
  EXPECT_EQ(form::read_json(out_.str()).root.find("5")->elements.size(), 2U);
  EXPECT_EQ(form_blank({1, 1, false, true}, context("es")), 0);
  EXPECT_NE(out_.str().find("5.g  Nacionalidad (obligatorio)"), std::string::npos) << out_.str();
}

}  // namespace
}  // namespace liaison::cli
