// Tests of core/form/text: UTF-8, folding, the words for unknown, visible characters.
#include "core/form/text.h"

#include <gtest/gtest.h>

namespace liaison::form {
namespace {

TEST(form_text, unknown_is_known_in_four_languages_in_any_case) {
  for (const char* word : {"unknown", "UNKNOWN", " Unknown\t", "inconnu", "INCONNUE", "desconocido", "Desconocida", "غير معروف", " غير  معروفة ", "ｕｎｋｎｏｗｎ"}) {
    EXPECT_TRUE(is_unknown(word)) << word;
  }
  for (const char* word : {"", "unknown man", "not unknown", "inconnus de nos services", "معروف", "un known"}) EXPECT_FALSE(is_unknown(word)) << word;
  EXPECT_FALSE(is_unknown(std::string(100'000, ' ') + "unknown"));
}

TEST(form_text, every_language_writes_a_word_it_reads) {
  for (const char* language : {"en", "fr", "es", "ar", "xx"}) EXPECT_TRUE(is_unknown(unknown_word(language)));
}

TEST(form_text, invalid_utf8_is_found_at_its_first_byte) {
  EXPECT_FALSE(find_invalid_utf8("Ñahui 覃 غير \xF0\x9F\x90\x98"));
  EXPECT_EQ(find_invalid_utf8("ab\xFFz"), 2U);
  EXPECT_EQ(find_invalid_utf8("\xC3"), 0U);                  // cut
  EXPECT_EQ(find_invalid_utf8("x\xED\xA0\x80"), 1U);         // surrogate
  EXPECT_EQ(find_invalid_utf8("\xC0\xAF"), 0U);              // overlong
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0U);      // beyond U+10FFFF
}

TEST(form_text, control_and_bidi_characters_become_visible) {
  EXPECT_EQ(visible("a\xE2\x80\xAE" "b"), "a<U+202E>b");
  EXPECT_EQ(visible("\x1B[31mred"), "<U+001B>[31mred");
  EXPECT_EQ(visible("a\nb"), "a<U+000A>b");
  EXPECT_EQ(visible("a\nb", true), "a\nb");
  EXPECT_EQ(visible("a\r\nb", true), "a<U+000D>\nb");
  EXPECT_EQ(visible("a\xFFz"), "a<0xFF>z");
  EXPECT_EQ(visible("\xC2\x9B" "2J"), "<U+009B>2J");
  EXPECT_EQ(visible("Ñahui 覃 غير معروف"), "Ñahui 覃 غير معروف");
}

TEST(form_text, blank_means_nothing_can_be_seen) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\n\xC2\xA0\xE2\x80\x8B\xE2\x80\x8D"));
  EXPECT_FALSE(is_blank(" - "));
}

TEST(form_text, folding_ignores_case_and_spaces) { EXPECT_EQ(fold("  Astrochelys   YNIPHORA "), "astrochelys yniphora"); }

}  // namespace
}  // namespace liaison::form
