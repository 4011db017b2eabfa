// Tests of core/form/species and lists: lookup, nearest names, list files, the full list where it lies beside the repository.
#include "core/form/species.h"

#include <gtest/gtest.h>

#include <chrono>

#include "core/form/formats.h"
#include "core/form/lists.h"
#include "tests/unit/form/sample.h"

namespace liaison::form {
namespace {

constexpr std::string_view small_list = "# date: 2026-01-02\nname,rank,appendix\nManis,genus,I/II\nManis javanica,species,I\n\"Manis, odd\",species,NC\n";

// The plain recurrence, to compare with.
std::size_t slow_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

TEST(form_species, lookup_ignores_case_spaces_and_spp) {
  const auto list = SpeciesList::parse(small_list, {"small", {}});
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 3U);
  EXPECT_EQ(list->date(), "2026-01-02");
  for (const char* name : {"Manis javanica", " MANIS\t JAVANICA ", "manis javanica"}) ASSERT_TRUE(list->find(name)) << name;
  EXPECT_EQ(list->find("Manis spp.")->appendix, "I/II");
  EXPECT_TRUE(list->find("manis, odd"));
  EXPECT_FALSE(list->find("Manis javanic"));
  EXPECT_FALSE(list->find(""));
  EXPECT_FALSE(list->find(std::string(100'000, 'x')));
}

TEST(form_species, nearest_names_come_nearest_first) {
  const SpeciesList& list = shipped_species();
  EXPECT_EQ(list.nearest("Loxodonta afrikana").at(0), "Loxodonta africana");
  EXPECT_EQ(list.nearest("Dalbergia nigre").at(0), "Dalbergia");  // the genus is listed, so it comes first
  EXPECT_EQ(list.nearest("Dalbergia nigre").at(1), "Dalbergia nigra");
  EXPECT_TRUE(list.nearest("Qzxwv").empty());
  EXPECT_TRUE(list.nearest("").empty());
  EXPECT_TRUE(list.nearest(std::string(10'000, 'x')).empty());
  EXPECT_LE(list.nearest("Python").size(), 3U);
}

TEST(form_species, fast_and_slow_distances_agree) {
  const std::vector<std::string> words = {"", "a", "manis", "manis javanica", "loxodonta africana", "kitten", "sitting", std::string(64, 'a'), std::string(63, 'a') + "b", "aabbaabb"};
  for (const auto& a : words) {
    for (const auto& b : words) EXPECT_EQ(edit_distance(a, b), slow_distance(a, b)) << a << " / " << b;
  }
}

TEST(form_species, bad_lists_are_refused_with_their_line) {
  const auto refusal = [](std::string_view csv, std::string date = "2026-01-02") { return SpeciesList::parse(csv, {"x", std::move(date)}).error(); };
  EXPECT_EQ(refusal("").code, Errc::bad_format);
  EXPECT_EQ(refusal("a,b\n").code, Errc::bad_format);
  EXPECT_EQ(refusal("name,appendix\nManis\n").detail, "species list: line 2");
  EXPECT_EQ(refusal("name,appendix\nManis,IV\n").code, Errc::bad_format);
  EXPECT_EQ(refusal("name,appendix\n,I\n").code, Errc::bad_format);
  EXPECT_EQ(refusal("name,appendix\nManis\xFF,I\n").code, Errc::bad_format);
  EXPECT_EQ(refusal("name,appendix\nManis,I\n", "").code, Errc::invalid_argument);
}

TEST(form_species, the_full_list_loads_and_is_searched_in_milliseconds) {
  const auto path = std::filesystem::path(LIAISON_SOURCE_DIR) / "../shared/data/cites/species.csv";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no full list beside the repository";
  const auto list = SpeciesList::parse(test::read_text_file(path), {"full", "2017-04-21"});
  ASSERT_TRUE(list);
  EXPECT_GT(list->size(), 38'000U);
  EXPECT_EQ(list->find("manis PENTADACTYLA")->appendix, "I");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(list->nearest("Cephalophus zebre").at(0), "Cephalophus zebra");
  const auto spent = std::chrono::steady_clock::now() - start;
  EXPECT_LT(spent, std::chrono::milliseconds(500));
  RecordProperty("nearest_us", static_cast<int>(std::chrono::duration_cast<std::chrono::microseconds>(spent).count()));
}

TEST(form_lists, shipped_lists_are_usable) {
  EXPECT_GT(shipped_species().size(), 300U);
  EXPECT_TRUE(is_date(shipped_species().date()));
  for (const char* code : {"KE", "MG", "XX", "HS", "VN"}) EXPECT_TRUE(is_country(code)) << code;
  for (const char* code : {"ke", "QQ", "", "KEN", "co"}) EXPECT_FALSE(is_country(code)) << code;
  EXPECT_EQ(country_name("KE"), "Kenya");
  EXPECT_EQ(parse_csv_line("a,\"b,\"\"c\",,"), (std::vector<std::string>{"a", "b,\"c", "", ""}));
}

TEST(form_formats, dates_times_and_numbers) {
  for (const char* good : {"2026", "2026-03", "2024-02-29", "0001-01-01"}) EXPECT_TRUE(is_date(good)) << good;
  for (const char* bad : {"", "26", "2026-3", "2025-02-29", "2026-00", "2026-01-00", "2026-01-32", "0000", "2026/01/01", "2026-03-04 "}) EXPECT_FALSE(is_date(bad)) << bad;
  for (const char* good : {"2026", "2026-03-04", "2026-03-04T05:06", "2026-03-04T05:06:07Z", "2026-03-04T05:06+03:00", "2026-03-04T23:59:60-11:30"}) EXPECT_TRUE(is_time(good)) << good;
  for (const char* bad : {"2026-03T05:06", "2026-03-04T", "2026-03-04T5:06", "2026-03-04T24:00", "2026-03-04T05:06+3", "2026-03-04T05:06ZZ", "2026-03-04 05:06", "2026-03-04Txx:yy"}) EXPECT_FALSE(is_time(bad)) << bad;
  for (const char* good : {"0", "12", "0.5", "1097.50"}) EXPECT_TRUE(is_decimal(good)) << good;
  for (const char* bad : {"", "-1", "01", ".5", "5.", "1e3", "1,5", "+1", "1234567890123456789012345678901"}) EXPECT_FALSE(is_decimal(bad)) << bad;
  for (const char* good : {"I", "II", "III", "NC", "I/II", "I/II/III/NC", "I/NC"}) EXPECT_TRUE(is_appendix(good)) << good;
  for (const char* bad : {"", "IV", "II/I", "I/", "/I", "I/I", "i"}) EXPECT_FALSE(is_appendix(bad)) << bad;
  EXPECT_EQ(parse_degrees("-4.0435", 90), -4043500);
  EXPECT_EQ(parse_degrees("180", 180), 180000000);
  for (const char* bad : {"", "-", "91", "90.000001", "1.1234567", "1e1", "--1"}) EXPECT_FALSE(parse_degrees(bad, 90)) << bad;
  EXPECT_EQ(degrees_text(-4043500), "-4.0435");
  EXPECT_EQ(degrees_text(0), "0");
  EXPECT_EQ(degrees_text(-1), "-0.000001");
}

}  // namespace
}  // namespace liaison::form
