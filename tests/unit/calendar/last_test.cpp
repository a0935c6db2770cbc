// The last instant of a calendar at or before one.
#include <gtest/gtest.h>

#include "calendar/calendar.h"

namespace takt {
namespace {

std::string last(const std::string& expression, const std::string& until, const std::string& zone = "UTC") {
  const auto at = Calendar::parse_calendar(expression).value().last(*parse_rfc3339(until), Zone::find(zone).value());
  return at ? format_utc(*at) : "none";
}

TEST(Last, IsAtTheInstantItselfOrBeforeIt) {
  EXPECT_EQ(last("08:00", "2026-11-28T08:00:00Z"), "2026-11-28T08:00:00Z");
  EXPECT_EQ(last("08:00", "2026-11-28T07:59:59Z"), "2026-11-27T08:00:00Z");
  EXPECT_EQ(last("08:00", "2026-11-28T23:00:00Z"), "2026-11-28T08:00:00Z");
  EXPECT_EQ(last("*:*:*", "2026-11-28T08:00:00Z"), "2026-11-28T08:00:00Z");
  EXPECT_EQ(last("Mon..Fri 08:00", "2026-11-29T12:00:00Z"), "2026-11-27T08:00:00Z");  // a Sunday
}

TEST(Last, MayLieFarBackOrNowhere) {
  EXPECT_EQ(last("*-02-29", "2026-11-28T00:00:00Z"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(last("2001-01-01", "2026-11-28T00:00:00Z"), "2001-01-01T00:00:00Z");
  EXPECT_EQ(last("2030-01-01", "2026-11-28T00:00:00Z"), "none");
}

TEST(Last, FollowsItsZoneThroughAChangeOfOffset) {
  // 02:30 lies in the gap of 2026-03-29, and is made up for at its end.
  EXPECT_EQ(last("02:30", "2026-03-29T01:00:00Z", "Europe/Berlin"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(last("02:30", "2026-03-29T00:59:59Z", "Europe/Berlin"), "2026-03-28T01:30:00Z");
  // Shown twice on 2026-10-25: the first pass counts.
  EXPECT_EQ(last("02:30", "2026-10-25T02:00:00Z", "Europe/Berlin"), "2026-10-25T00:30:00Z");
}

// Whatever the calendar: nothing lies between its last instant and the one it was asked for.
TEST(Last, IsTheOneThatNextLeadsTo) {
  const Zone zone = Zone::find("Australia/Lord_Howe").value();
  for (const char* expression : {"*:0/7", "Sat,Sun 03:00", "*-*~1 12:00", "*-*-* *:*:30", "hourly"}) {
    const Calendar calendar = Calendar::parse_calendar(expression).value();
    WallTime at = *parse_rfc3339("2026-10-01T00:00:00Z");
    for (int i = 0; i < 300; ++i) {
      const auto next = calendar.next(at, zone);
      ASSERT_TRUE(next);
      EXPECT_EQ(calendar.last(next->at, zone), next->at) << expression;
      EXPECT_LE(*calendar.last(next->at - Duration(1), zone), at) << expression;
      at = next->at;
    }
  }
}

}  // namespace
}  // namespace takt
