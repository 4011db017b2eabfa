// Office hours of the directory: open or closed in the office's own zone, across midnight, weekends and the change to summer time; other texts are not guessed.
#include <gtest/gtest.h>

#include "admin-cli/office_hours.h"

namespace liaison::cli {
namespace {

Time at(std::string_view chars) { return parse_time(chars).value(); }

TEST(OfficeHours, OpenInTheZoneOfTheOffice) {
  const std::string_view hours = "Mo-Fr 08:00-17:00; Sa 09:00-12:00";
  EXPECT_EQ(is_open(hours, "Africa/Nairobi", at("2026-06-01T05:00:00.000Z")), true);    // Monday 08:00 there
  EXPECT_EQ(is_open(hours, "Africa/Nairobi", at("2026-06-01T04:59:59.000Z")), false);
  EXPECT_EQ(is_open(hours, "Africa/Nairobi", at("2026-06-01T14:00:00.000Z")), false);   // 17:00
  EXPECT_EQ(is_open(hours, "Africa/Nairobi", at("2026-06-06T07:00:00.000Z")), true);    // Saturday 10:00
  EXPECT_EQ(is_open(hours, "Africa/Nairobi", at("2026-06-07T07:00:00.000Z")), false);   // Sunday
  EXPECT_EQ(is_open(hours, "Europe/Paris", at("2026-01-05T07:30:00.000Z")), true);      // 08:30 in winter
  EXPECT_EQ(is_open(hours, "Europe/Paris", at("2026-07-06T06:30:00.000Z")), true);      // 08:30 in summer
  EXPECT_EQ(is_open(hours, "Europe/Paris", at("2026-01-05T06:30:00.000Z")), false);
}

TEST(OfficeHours, NightsReachIntoTheNextDay) {
  EXPECT_EQ(is_open("Fr-Su 20:00-06:00", "Etc/UTC", at("2026-06-05T23:00:00.000Z")), true);   // Friday
  EXPECT_EQ(is_open("Fr-Su 20:00-06:00", "Etc/UTC", at("2026-06-08T05:00:00.000Z")), true);   // Monday morning
  EXPECT_EQ(is_open("Fr-Su 20:00-06:00", "Etc/UTC", at("2026-06-05T05:00:00.000Z")), false);  // Friday morning
  EXPECT_EQ(is_open("24h", "", at("2026-06-05T05:00:00.000Z")), true);
}

TEST(OfficeHours, WhatIsNotOfThisFormIsNotGuessed) {
  for (const std::string_view hours : {"office hours", "Mo-Fr 8:00-17:00", "Mo-Fr 08:00", "Xx 08:00-17:00", "Mo-Fr 25:00-26:00", "Mo-Fr 08:60-09:00", "Mo-Fr 08:00-08:00", "", "Mo-Fr 08:00-17:00;", "24 h"}) {
    EXPECT_EQ(is_open(hours, "Africa/Nairobi", at("2026-06-01T05:00:00.000Z")), std::nullopt) << hours;
    EXPECT_FALSE(are_hours(hours)) << hours;
  }
  EXPECT_EQ(is_open("Mo-Fr 08:00-17:00", "Africa/Nowhere", at("2026-06-01T05:00:00.000Z")), std::nullopt);
  EXPECT_EQ(is_open("Mo-Fr 08:00-17:00", "", at("2026-06-01T05:00:00.000Z")), std::nullopt);
  EXPECT_TRUE(are_hours("Mo 00:00-24:00; Sa-Mo 09:00-12:00"));
  EXPECT_TRUE(is_zone("Asia/Ho_Chi_Minh"));
  EXPECT_FALSE(is_zone("Local"));
}

}  // namespace
}  // namespace liaison::cli
