// ids.h: ids, times and agency names have one text form each; everything else is refused.
#include "core/base/ids.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace liaison;
using namespace std::chrono_literals;

TEST(Uuid, has_version_7_variant_and_the_time_in_front) {
  const std::array<std::uint8_t, 10> ones{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  // RFC 9562 appendix A.6: 2022-02-22T19:22:22Z = 017f22e2-79b0
  const Uuid id = make_uuid(time_from_millis(0x017F22E279B0), ones);
  EXPECT_EQ(to_string(id), "017f22e2-79b0-7fff-bfff-ffffffffffff");
}

TEST(Uuid, text_reads_back_and_other_spellings_are_refused) {
  const std::string good = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
  const auto id = parse_uuid(good);
  ASSERT_TRUE(id);
  EXPECT_EQ(to_string(*id), good);
  for (const auto* bad : {"017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                          "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2079b0-7cc3-98c4-dc0c0c07398f", ""})
    EXPECT_FALSE(parse_uuid(bad)) << bad;
}

TEST(Uuid, later_times_sort_later) {
  const std::array<std::uint8_t, 10> zeros{};
  const std::array<std::uint8_t, 10> ones{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  EXPECT_LT(make_uuid(time_from_millis(1'000), ones), make_uuid(time_from_millis(1'001), zeros));
}

TEST(Time, text_has_milliseconds_and_reads_back) {
  const Time time = time_from_millis(1772600767089);
  EXPECT_EQ(to_string(time), "2026-03-04T05:06:07.089Z");
  EXPECT_EQ(parse_time("2026-03-04T05:06:07.089Z"), time);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00.000Z"), Time{});
  EXPECT_EQ(to_string(*parse_time("9999-12-31T23:59:59.999Z")), "9999-12-31T23:59:59.999Z");
  EXPECT_TRUE(parse_time("2028-02-29T00:00:00.000Z"));
}

TEST(Time, other_spellings_and_impossible_dates_are_refused) {
  for (const auto* bad : {"2026-03-04T05:06:07Z", "2026-03-04T05:06:07.89Z", "2026-03-04 05:06:07.089Z", "2026-03-04T05:06:07.089z", "2026-03-04T05:06:07.089+00:00", "2026-02-29T00:00:00.000Z",
                          "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z", "2026-01-00T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z", "2026-01-01T00:00:60.000Z",
                          "1969-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000", ""})
    EXPECT_FALSE(parse_time(bad)) << bad;
}

TEST(Time, truncation_at_every_length_is_refused) {
  const std::string good = "2026-03-04T05:06:07.089Z";
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(parse_time(good.substr(0, size))) << size;
}

TEST(AgencyId, names_of_agencies_are_accepted) {
  for (const auto* good : {"ke.customs", "int.gs", "int.cites", "ke.ncb", "fr.douane-1.nord", "za.a"}) EXPECT_TRUE(is_agency_id(good)) << good;
  EXPECT_TRUE(is_agency_id("ke." + std::string(61, 'a')));
  EXPECT_EQ(country_of("ke.customs"), "ke");
  EXPECT_EQ(country_of("int.gs"), "int");
}

TEST(AgencyId, everything_else_is_refused) {
  for (const auto* bad : {"", "ke", "ke.", ".ke", "ke..customs", "KE.customs", "ke.Customs", "ken.customs", "k.customs", "ke.-a", "ke.a-", "ke.a_b", "ke.a b", "ke.caf\xC3\xA9", "1e.a", "ke.a\n", "ke/a.b"})
    EXPECT_FALSE(is_agency_id(bad)) << bad;
  EXPECT_FALSE(is_agency_id("ke." + std::string(62, 'a')));
}
