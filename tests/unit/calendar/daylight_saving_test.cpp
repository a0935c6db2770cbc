// What happens where a zone's offset changes. A schedule whose hour or minute begins with a star (in a calendar
// expression: is a star or has an open step) follows the wall clock; any other runs exactly once.
#include <gmock/gmock.h>

#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;

// 29 March 2026, 02:00 -> 03:00; 25 October 2026, 03:00 -> 02:00.
constexpr const char* berlin = "Europe/Berlin";
constexpr const char* berlin_gap = "2026-03-28T12:00:00Z";
constexpr const char* berlin_overlap = "2026-10-24T12:00:00Z";

TEST(DaylightSaving, an_instant_in_the_gap_moves_to_its_end) {
  for (const Calendar& nightly : {cron("30 2 * * *"), calendar("02:30")})
    EXPECT_THAT(upcoming(nightly, berlin, berlin_gap, 2),
                ElementsAre("2026-03-29 03:00:00+02:00 (shifted)", "2026-03-30 02:30:00+02:00"));
  EXPECT_THAT(upcoming(cron("0 2 * * *"), berlin, berlin_gap, 1), ElementsAre("2026-03-29 03:00:00+02:00 (shifted)"));
  EXPECT_THAT(upcoming(calendar("02:59:59.999999"), berlin, berlin_gap, 1),
              ElementsAre("2026-03-29 03:00:00+02:00 (shifted)"));
  EXPECT_THAT(upcoming(calendar("01:59:59.999999"), berlin, berlin_gap, 1),
              ElementsAre("2026-03-29 01:59:59.999999+01:00"));
  EXPECT_THAT(upcoming(cron("0 3 * * *"), berlin, berlin_gap, 1), ElementsAre("2026-03-29 03:00:00+02:00"));
}

TEST(DaylightSaving, several_instants_in_one_gap_are_one) {
  EXPECT_THAT(
      upcoming(cron("0,15,30 1-2 * * *"), berlin, "2026-03-29T00:20:00Z", 3),
      ElementsAre("2026-03-29 01:30:00+01:00", "2026-03-29 03:00:00+02:00 (shifted)", "2026-03-30 01:00:00+02:00"));
  // The gap's end is asked for in its own right: it is not a shifted one, and there is one.
  EXPECT_THAT(upcoming(cron("0,30 2,3 * * *"), berlin, berlin_gap, 2),
              ElementsAre("2026-03-29 03:00:00+02:00", "2026-03-29 03:30:00+02:00"));
  EXPECT_THAT(upcoming(cron("* 30 2 * * *"), berlin, berlin_gap, 2),
              ElementsAre("2026-03-29 03:00:00+02:00 (shifted)", "2026-03-30 02:30:00+02:00"));
}

TEST(DaylightSaving, an_instant_in_the_overlap_fires_on_the_first_pass) {
  for (const Calendar& nightly : {cron("30 2 * * *"), calendar("02:30")})
    EXPECT_THAT(upcoming(nightly, berlin, berlin_overlap, 2),
                ElementsAre("2026-10-25 02:30:00+02:00", "2026-10-26 02:30:00+01:00"));
  EXPECT_THAT(upcoming(cron("0,30 1-3 * * *"), berlin, "2026-10-24T22:45:00Z", 7),
              ElementsAre("2026-10-25 01:00:00+02:00", "2026-10-25 01:30:00+02:00", "2026-10-25 02:00:00+02:00",
                          "2026-10-25 02:30:00+02:00", "2026-10-25 03:00:00+01:00", "2026-10-25 03:30:00+01:00",
                          "2026-10-26 01:00:00+01:00"));
  // Asked from within the second pass.
  EXPECT_THAT(upcoming(cron("30 2 * * *"), berlin, "2026-10-25T01:10:00Z", 1),
              ElementsAre("2026-10-26 02:30:00+01:00"));
}

TEST(DaylightSaving, a_range_of_hours_is_no_star) {
  EXPECT_THAT(
      upcoming(calendar("01..02:30"), berlin, berlin_gap, 3),
      ElementsAre("2026-03-29 01:30:00+01:00", "2026-03-29 03:00:00+02:00 (shifted)", "2026-03-30 01:30:00+02:00"));
}

TEST(DaylightSaving, a_star_follows_the_wall_clock) {
  for (const Calendar& half_hourly :
       {cron("*/30 * * * *"), cron("0,30 * * * *"), calendar("*:0/30"), calendar("*:0,30")}) {
    EXPECT_THAT(upcoming(half_hourly, berlin, "2026-03-29T00:00:00Z", 3),
                ElementsAre("2026-03-29 01:30:00+01:00", "2026-03-29 03:00:00+02:00", "2026-03-29 03:30:00+02:00"));
    EXPECT_THAT(upcoming(half_hourly, berlin, "2026-10-24T23:45:00Z", 5),
                ElementsAre("2026-10-25 02:00:00+02:00", "2026-10-25 02:30:00+02:00", "2026-10-25 02:00:00+01:00",
                            "2026-10-25 02:30:00+01:00", "2026-10-25 03:00:00+01:00"));
  }
  // Nothing in the gap, both passes of the overlap.
  for (const Calendar& in_the_hour : {cron("*/30 2 * * *"), calendar("02:0/30")}) {
    EXPECT_THAT(upcoming(in_the_hour, berlin, berlin_gap, 1), ElementsAre("2026-03-30 02:00:00+02:00"));
    EXPECT_THAT(upcoming(in_the_hour, berlin, berlin_overlap, 5),
                ElementsAre("2026-10-25 02:00:00+02:00", "2026-10-25 02:30:00+02:00", "2026-10-25 02:00:00+01:00",
                            "2026-10-25 02:30:00+01:00", "2026-10-26 02:00:00+01:00"));
  }
  for (const Calendar& hourly : {cron("15 */2 * * *"), calendar("0/2:15")})
    EXPECT_THAT(upcoming(hourly, berlin, "2026-03-28T23:30:00Z", 1), ElementsAre("2026-03-29 04:15:00+02:00"));
}

// 8 March 2026, 02:00 -> 03:00; 1 November 2026, 02:00 -> 01:00.
TEST(DaylightSaving, new_york) {
  EXPECT_THAT(upcoming(cron("30 2 * * sun"), "America/New_York", "2026-03-07T12:00:00Z", 2),
              ElementsAre("2026-03-08 03:00:00-04:00 (shifted)", "2026-03-15 02:30:00-04:00"));
  EXPECT_THAT(upcoming(cron("30 1 * * *"), "America/New_York", "2026-10-31T12:00:00Z", 2),
              ElementsAre("2026-11-01 01:30:00-04:00", "2026-11-02 01:30:00-05:00"));
  EXPECT_THAT(upcoming(calendar("*:30"), "America/New_York", "2026-11-01T05:00:00Z", 3),
              ElementsAre("2026-11-01 01:30:00-04:00", "2026-11-01 01:30:00-05:00", "2026-11-01 02:30:00-05:00"));
}

// Half an hour: 4 October 2026, 02:00 -> 02:30; 5 April 2026, 02:00 -> 01:30.
TEST(DaylightSaving, lord_howe) {
  const char* zone_name = "Australia/Lord_Howe";
  EXPECT_THAT(upcoming(cron("15 2 * * *"), zone_name, "2026-10-03T12:00:00Z", 2),
              ElementsAre("2026-10-04 02:30:00+11:00 (shifted)", "2026-10-05 02:15:00+11:00"));
  EXPECT_THAT(upcoming(cron("45 1 * * *"), zone_name, "2026-04-04T12:00:00Z", 2),
              ElementsAre("2026-04-05 01:45:00+11:00", "2026-04-06 01:45:00+10:30"));
  EXPECT_THAT(upcoming(cron("*/15 * * * *"), zone_name, "2026-04-04T14:30:00Z", 4),
              ElementsAre("2026-04-05 01:45:00+11:00", "2026-04-05 01:30:00+10:30", "2026-04-05 01:45:00+10:30",
                          "2026-04-05 02:00:00+10:30"));
}

// Midnight itself: 22 March 2022, 00:00 -> 01:00; 22 September 2022, 00:00 -> 21 September, 23:00; none since.
TEST(DaylightSaving, tehran) {
  const char* zone_name = "Asia/Tehran";
  for (const Calendar& daily : {cron("@daily"), calendar("daily")})
    EXPECT_THAT(upcoming(daily, zone_name, "2022-03-21T12:00:00Z", 2),
                ElementsAre("2022-03-22 01:00:00+04:30 (shifted)", "2022-03-23 00:00:00+04:30"));
  EXPECT_THAT(upcoming(cron("30 23 * * *"), zone_name, "2022-09-21T12:00:00Z", 2),
              ElementsAre("2022-09-21 23:30:00+04:30", "2022-09-22 23:30:00+03:30"));
  EXPECT_THAT(upcoming(cron("0 0 * * *"), zone_name, "2022-09-21T12:00:00Z", 2),
              ElementsAre("2022-09-22 00:00:00+03:30", "2022-09-23 00:00:00+03:30"));
  EXPECT_THAT(upcoming(cron("30 7 * * *"), zone_name, "2026-03-21T12:00:00Z", 1),
              ElementsAre("2026-03-22 07:30:00+03:30"));
}

// Samoa left out 30 December 2011; Kwajalein 21 August 1993. Such days are not made up for.
TEST(DaylightSaving, the_date_line_is_not_made_up_for) {
  EXPECT_THAT(upcoming(cron("0 12 * * *"), "Pacific/Apia", "2011-12-29T12:00:00Z", 2),
              ElementsAre("2011-12-29 12:00:00-10:00", "2011-12-31 12:00:00+14:00"));
  EXPECT_THAT(upcoming(calendar("2011-12-30 12:00"), "Pacific/Apia", "2011-12-01T12:00:00Z", 1), ElementsAre("never"));
  EXPECT_THAT(upcoming(calendar("2011-12-30 *:*"), "Pacific/Apia", "2011-12-01T12:00:00Z", 1), ElementsAre("never"));
}

// Casey went from 03:00 to 06:00.
TEST(DaylightSaving, three_hours_are_made_up_for) {
  EXPECT_THAT(upcoming(cron("30 4 * * *"), "Antarctica/Casey", "2019-10-03T12:00:00Z", 1),
              ElementsAre("2019-10-04 06:00:00+11:00 (shifted)"));
}

TEST(DaylightSaving, a_far_instant_still_meets_its_joint) {
  EXPECT_THAT(upcoming(calendar("2045-03-26 02:30"), berlin, "2026-01-01T00:00:00Z", 2),
              ElementsAre("2045-03-26 03:00:00+02:00 (shifted)", "never"));
  EXPECT_THAT(upcoming(calendar("2045-10-29 02:*"), berlin, "2045-10-29T00:58:30Z", 3),
              ElementsAre("2045-10-29 02:59:00+02:00", "2045-10-29 02:00:00+01:00", "2045-10-29 02:01:00+01:00"));
}

}  // namespace
}  // namespace takt
