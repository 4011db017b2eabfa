// Words of a text (words, fold_table, word_lists): folding, scripts, romanisation, gaps, common words, dates. What is compared here decides repetitions.
#include "core/record/words.h"

#include <gtest/gtest.h>

#include "core/record/fold_table.h"
#include "core/record/word_lists.h"

using namespace liaison;
using namespace liaison::record;

namespace {
std::vector<std::string> keys(std::string_view text) {
  const Words words(text);
  std::vector<std::string> out;
  for (const Word& word : words.list()) out.emplace_back(words.key(word));
  return out;
}
using Keys = std::vector<std::string>;
std::string latin(std::string_view text) {
  const Words words(text);
  return words.size() == 1 ? std::string(words.latin(words[0])) : std::string("several");
}
std::string sound(std::string_view text) { return sound_of(latin(text)); }
std::string dates(std::string_view text) {
  std::string out;
  for (const auto& date : find_dates(Words(text))) out += std::to_string(date.year) + "-" + std::to_string(date.month) + "-" + std::to_string(date.day) + " ";
  return out;
}
}  // namespace

TEST(Words, case_accents_width_and_ligatures_do_not_matter) {
  EXPECT_EQ(keys("Łukasz MÜLLER Ñandú Straße"), (Keys{"lukasz", "muller", "nandu", "strasse"}));
  EXPECT_EQ(keys("e\u0301te\u0301 \uFF21\uFF22\uFF23 o\uFB03ce"), (Keys{"ete", "abc", "office"}));
  EXPECT_EQ(keys("İstanbul ISPARTA ısparta"), (Keys{"istanbul", "isparta", "isparta"}));
  EXPECT_EQ(keys("zero\u200Bwidth so\u00ADft"), (Keys{"zerowidth", "soft"}));
}

TEST(Words, every_script_is_cut_and_folded) {
  EXPECT_EQ(keys("الخيالي والخيالي أحمد فاطمة"), keys("خيالي خيالي احمد فاطمه"));
  EXPECT_EQ(keys("Кузнецов Кузнецова Кузнецовым КУЗНЕЦОВУ"), (Keys{"кузнецов", "кузнецов", "кузнецов", "кузнецов"}));
  EXPECT_EQ(keys("王小明"), (Keys{"王", "小", "明"}));
  EXPECT_EQ(keys("Παπαδόπουλος"), keys("ΠΑΠΑΔΟΠΟΥΛΟΣ"));
  EXPECT_EQ(keys("٠٧١٢ ۰۷۱۲"), (Keys{"0712", "0712"}));
}

TEST(Words, romanisations_of_one_name_sound_alike) {
  EXPECT_EQ(sound("Кузнецов"), sound("Kuznetsov"));
  EXPECT_EQ(sound("Михаил"), sound("Mikhail"));
  EXPECT_EQ(sound("Юрий"), sound("Yuri"));
  EXPECT_EQ(sound("Щербаков"), sound("Shcherbakov"));
  EXPECT_EQ(sound("Müller"), sound("Mueller"));
  EXPECT_EQ(bones_of(sound("سالم")), bones_of(sound("Salem")));
  EXPECT_NE(sound("Barasa"), sound("Barata"));
}

TEST(Words, places_are_bytes_of_the_text_and_gaps_are_told_apart) {
  const std::string text = "né à Dakar, le 3. Puis Z00-X7/9";
  const Words words(text);
  ASSERT_EQ(words.size(), 9U);
  EXPECT_EQ(text.substr(words[2].begin, words[2].end - words[2].begin), "Dakar");
  EXPECT_TRUE(words[2].capital);
  EXPECT_EQ(words[3].before, Gap::comma);
  EXPECT_EQ(words[5].before, Gap::sentence);
  EXPECT_EQ(words[7].before, Gap::tight);
  EXPECT_TRUE(words[6].has_digit && words[6].has_letter);
}

TEST(Words, bytes_that_are_not_text_are_gaps) {
  EXPECT_EQ(keys("ab\xFF\xFE" "cd"), (Keys{"ab", "cd"}));
  EXPECT_EQ(keys("\xE4\xB8"), Keys{});
  EXPECT_EQ(keys(""), Keys{});
  EXPECT_EQ(fold_of(0x10FFFF).kind, FoldKind::gap);
}

TEST(Words, common_words_of_four_languages_say_little) {
  for (const auto* word : {"unknown", "male", "street", "inconnu", "rue", "calle", "desconocido"}) EXPECT_EQ(common_word(word), Common::stop) << word;
  for (const auto* word : {"captain", "mohamed", "leaf"}) EXPECT_EQ(common_word(word), Common::weak) << word;
  EXPECT_EQ(common_word("barasa"), Common::none);
  EXPECT_EQ(common_word(keys("شارع")[0]), Common::stop);
}

TEST(Words, dates_are_found_however_they_are_written) {
  for (const auto* text : {"17 August 1981, Bungoma", "1981-08-17", "born 17.8.1981", "17 août 1981", "17 de agosto de 1981", "August 17, 1981", "17 أغسطس 1981", "17/08/1981", "17th of August 1981"})
    EXPECT_EQ(dates(text), "1981-8-17 ") << text;
  EXPECT_EQ(dates("2026-03-04T05:40+03:00"), "2026-3-4 ");
  EXPECT_EQ(dates("4/3/1981"), "1981-0-0 ");
  EXPECT_EQ(dates("August 1981; in 1977"), "1981-8-0 1977-0-0 ");
  EXPECT_EQ(dates("Plot 88, 402 Moi Avenue, 1,097.5 kg"), "");
}
