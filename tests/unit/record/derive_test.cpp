// Derived values (formats 2.1) by example, and the UTF-8 they stand on.
#include "core/record/derive.h"

#include "core/record/coding.h"
#include "core/record/utf8.h"
#include "tests/unit/record/fixture.h"

namespace liaison::record {
namespace {

std::string derived(Derived code, std::string_view value, std::string_view created = "2026-03-04T05:06:07.089Z") {
  const auto leaf = derive(code, view(value), *parse_time(created));
  return leaf ? std::string(text(leaf->value)) : "(none)";
}

TEST(derived_values, adult_or_minor_at_the_utc_date_of_created) {
  EXPECT_EQ(derived(Derived::adult, "2008-03-04"), "adult");
  EXPECT_EQ(derived(Derived::adult, "2008-03-05"), "minor");
  EXPECT_EQ(derived(Derived::adult, "2008-03-05", "2026-03-04T23:59:59.999Z"), "minor");
  EXPECT_EQ(derived(Derived::adult, "2008-02-29", "2026-02-28T12:00:00.000Z"), "minor");
  EXPECT_EQ(derived(Derived::adult, "2008-02-29", "2026-03-01T00:00:00.000Z"), "adult");
  EXPECT_EQ(derived(Derived::adult, "1950"), "adult");
  EXPECT_EQ(derived(Derived::adult, "2008"), "(none)");
  EXPECT_EQ(derived(Derived::adult, "2008-03"), "(none)");
  EXPECT_EQ(derived(Derived::adult, "2009"), "minor");
  EXPECT_EQ(derived(Derived::adult, "unknown"), "(none)");
  EXPECT_EQ(derived(Derived::adult, "2008-02-30"), "(none)");
}

TEST(derived_values, months_and_years) {
  EXPECT_EQ(derived(Derived::month, "2026-03-04T05:06"), "2026-03");
  EXPECT_EQ(derived(Derived::month, "2026"), "(none)");
  EXPECT_EQ(derived(Derived::month, "2026-13"), "(none)");
  EXPECT_EQ(derive(Derived::year, view("2026"), {})->value, *from_hex("00000000000007ea"));
  EXPECT_EQ(derived(Derived::year, "26"), "(none)");
}

TEST(derived_values, initials) {
  EXPECT_EQ(derived(Derived::initials, "Anna Maria Lee-Smith"), "A.M.L.S.");
  EXPECT_EQ(derived(Derived::initials, "Émile"), "É.");
  EXPECT_EQ(derived(Derived::initials, "E\xCC\x81mile"), "É.");
  EXPECT_EQ(derived(Derived::initials, "محمد علي"), "م.ع.");
  EXPECT_EQ(derived(Derived::initials, "  Ng  "), "N.");
  EXPECT_EQ(derived(Derived::initials, "O"), "(none)");
  EXPECT_EQ(derived(Derived::initials, "E\xCC\x81"), "(none)");
  EXPECT_EQ(derived(Derived::initials, ""), "(none)");
}

TEST(derived_values, country_last_four_and_presence) {
  EXPECT_EQ(derived(Derived::country, "KE-28"), "KE");
  EXPECT_EQ(derived(Derived::country, "KE"), "KE");
  EXPECT_EQ(derived(Derived::country, "Kenya"), "(none)");
  EXPECT_EQ(derived(Derived::country, "unknown"), "(none)");
  EXPECT_EQ(derived(Derived::last4, "12345678é"), "678é");
  EXPECT_EQ(derived(Derived::last4, "12345678"), "(none)");
  EXPECT_EQ(derived(Derived::presence, ""), "\x01");
}

TEST(derived_values, utf8_validity) {
  for (const std::string good : {"", "plain ascii text", "é", "Жук", "\xEF\xBF\xBF", "\xF0\x9F\x90\x98", "\xF4\x8F\xBF\xBF"}) EXPECT_TRUE(is_utf8(view(good)));
  for (const std::string bad : {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF5\x80\x80\x80", "\xE2\x82", "x\x80", "\xED\xBF\xBF"}) {
    EXPECT_FALSE(is_utf8(view(bad))) << to_hex(view(bad));
  }
}

TEST(derived_values, numbers_survive_the_coding_and_nothing_else_decodes) {
  std::array<std::uint8_t, 8> coded{}, back{};
  const std::int16_t value = -300;
  ASSERT_TRUE(encode_scalar(ScalarCode::i16, reinterpret_cast<const std::uint8_t*>(&value), coded.data()));
  ASSERT_TRUE(decode_scalar(ScalarCode::i16, coded.data(), back.data()));
  EXPECT_EQ(std::memcmp(back.data(), &value, 2), 0);
  EXPECT_FALSE(decode_scalar(ScalarCode::i8, coded.data(), back.data()));
  EXPECT_FALSE(decode_scalar(ScalarCode::u16, coded.data(), back.data()));
  EXPECT_FALSE(decode_scalar(ScalarCode::f32, from_hex("3ff0000000000001")->data(), back.data()));
  EXPECT_FALSE(decode_scalar(ScalarCode::f32, from_hex("7fe0000000000000")->data(), back.data()));
  EXPECT_TRUE(decode_scalar(ScalarCode::f32, from_hex("7ff0000000000000")->data(), back.data()));
}

}  // namespace
}  // namespace liaison::record
