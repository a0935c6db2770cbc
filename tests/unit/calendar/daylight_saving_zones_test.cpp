// Each row of the rule for offset changes, in zones that change at midnight, by half an hour, by two, in winter instead
// of summer, or by a law that is no daylight saving.
#include <gmock/gmock.h>

#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;

std::vector<std::string> three_hours_before(const Calendar& of, const char* zone_name, const char* change, int count,
                                            DaylightSaving dst = DaylightSaving::takt) {
  return upcoming(of, zone_name, format_utc(at(change) - std::chrono::hours(3)), count, dst);
}

// A reading of the wall clock that a change leaves out, and what becomes of it.
struct Gap {
  const char* zone;
  const char* change;
  int hour, minute;
  const char* end;        // where an instant in it moves to
  const char* star;       // the first after it of a schedule that fires each hour at that minute
  const char* next_time;  // the first at that reading
};

constexpr Gap gaps[] = {
    {"Europe/Berlin", "2026-03-29T01:00:00Z", 2, 30, "2026-03-29 03:00:00+02:00", "2026-03-29 03:30:00+02:00",
     "2026-03-30 02:30:00+02:00"},
    {"America/New_York", "2026-03-08T07:00:00Z", 2, 30, "2026-03-08 03:00:00-04:00", "2026-03-08 03:30:00-04:00",
     "2026-03-09 02:30:00-04:00"},
    {"Australia/Lord_Howe", "2026-10-03T15:30:00Z", 2, 15, "2026-10-04 02:30:00+11:00", "2026-10-04 03:15:00+11:00",
     "2026-10-05 02:15:00+11:00"},
    {"Pacific/Apia", "2012-09-29T14:00:00Z", 3, 30, "2012-09-30 04:00:00+14:00", "2012-09-30 04:30:00+14:00",
     "2012-10-01 03:30:00+14:00"},
    {"Africa/Casablanca", "2026-03-22T02:00:00Z", 2, 30, "2026-03-22 03:00:00+01:00", "2026-03-22 03:30:00+01:00",
     "2026-03-23 02:30:00+01:00"},
    {"Asia/Tehran", "2022-03-21T20:30:00Z", 0, 30, "2022-03-22 01:00:00+04:30", "2022-03-22 01:30:00+04:30",
     "2022-03-23 00:30:00+04:30"},
    {"America/Nuuk", "2024-03-31T01:00:00Z", 23, 30, "2024-03-31 00:00:00-01:00", "2024-03-31 00:30:00-01:00",
     "2024-03-31 23:30:00-01:00"},
    {"America/Havana", "2026-03-08T05:00:00Z", 0, 30, "2026-03-08 01:00:00-04:00", "2026-03-08 01:30:00-04:00",
     "2026-03-09 00:30:00-04:00"},
    {"Europe/Dublin", "2026-03-29T01:00:00Z", 1, 30, "2026-03-29 02:00:00+01:00", "2026-03-29 02:30:00+01:00",
     "2026-03-30 01:30:00+01:00"},
    {"America/Santiago", "2026-09-06T04:00:00Z", 0, 30, "2026-09-06 01:00:00-03:00", "2026-09-06 01:30:00-03:00",
     "2026-09-07 00:30:00-03:00"},
    {"Antarctica/Troll", "2026-03-29T01:00:00Z", 1, 30, "2026-03-29 03:00:00+02:00", "2026-03-29 03:30:00+02:00",
     "2026-03-30 01:30:00+02:00"},
    {"Africa/Cairo", "2026-04-23T22:00:00Z", 0, 30, "2026-04-24 01:00:00+03:00", "2026-04-24 01:30:00+03:00",
     "2026-04-25 00:30:00+03:00"},
    {"Asia/Pyongyang", "2018-05-04T15:00:00Z", 23, 45, "2018-05-05 00:00:00+09:00", "2018-05-05 00:45:00+09:00",
     "2018-05-05 23:45:00+09:00"},
};

TEST(DaylightSavingZones, a_fixed_time_in_a_gap_moves_to_its_end_once) {
  for (const Gap& gap : gaps) {
    SCOPED_TRACE(gap.zone);
    const std::string moved = std::string(gap.end) + " (shifted)";
    const std::string line = fmt::format("{} {} * * *", gap.minute, gap.hour);
    EXPECT_THAT(three_hours_before(cron(line), gap.zone, gap.change, 2), ElementsAre(moved, gap.next_time));
    const Calendar expression = calendar(fmt::format("{}:{}", gap.hour, gap.minute));
    EXPECT_THAT(three_hours_before(expression, gap.zone, gap.change, 2), ElementsAre(moved, gap.next_time));
    // Several in one gap are one.
    const Calendar several = cron("0,10,20-40 " + line);
    EXPECT_THAT(three_hours_before(several, gap.zone, gap.change, 2), ElementsAre(moved, gap.next_time));
    // Asked at the gap's end, the gap is over.
    EXPECT_THAT(upcoming(cron(line), gap.zone, gap.change, 1), ElementsAre(gap.next_time));
  }
}

TEST(DaylightSavingZones, the_end_of_a_gap_is_not_shifted_when_it_is_asked_for) {
  for (const Gap& gap : gaps) {
    SCOPED_TRACE(gap.zone);
    // "2026-03-29 03:00:00+02:00"
    const std::string end(gap.end);
    const Calendar both =
        calendar(fmt::format("{},{}:{},{}", gap.hour, end.substr(11, 2), gap.minute, end.substr(14, 2)));
    const auto next = both.next(at(gap.change) - Duration(1), zone(gap.zone));
    EXPECT_EQ(zone(gap.zone).format(next->at), end);
    EXPECT_FALSE(next->shifted);
  }
}

TEST(DaylightSavingZones, a_star_has_nothing_in_a_gap) {
  for (const Gap& gap : gaps) {
    SCOPED_TRACE(gap.zone);
    const auto before_change = format_utc(at(gap.change) - Duration(1));
    EXPECT_THAT(upcoming(cron(fmt::format("{} * * * *", gap.minute)), gap.zone, before_change, 1),
                ElementsAre(gap.star));
    EXPECT_THAT(upcoming(calendar(fmt::format("0/1:{}", gap.minute)), gap.zone, before_change, 1),
                ElementsAre(gap.star));
  }
}

TEST(DaylightSavingZones, systemd_leaves_out_what_is_in_a_gap) {
  for (const Gap& gap : gaps) {
    SCOPED_TRACE(gap.zone);
    const std::string line = fmt::format("{} {} * * *", gap.minute, gap.hour);
    EXPECT_THAT(three_hours_before(cron(line), gap.zone, gap.change, 1, DaylightSaving::systemd),
                ElementsAre(gap.next_time));
  }
}

// A reading of the wall clock that a change shows twice.
struct Overlap {
  const char* zone;
  const char* change;
  int hour, minute;
  const char* first;
  const char* second;
  const char* next_day;
};

constexpr Overlap overlaps[] = {
    {"Europe/Berlin", "2026-10-25T01:00:00Z", 2, 30, "2026-10-25 02:30:00+02:00", "2026-10-25 02:30:00+01:00",
     "2026-10-26 02:30:00+01:00"},
    {"America/New_York", "2026-11-01T06:00:00Z", 1, 30, "2026-11-01 01:30:00-04:00", "2026-11-01 01:30:00-05:00",
     "2026-11-02 01:30:00-05:00"},
    {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", 1, 45, "2026-04-05 01:45:00+11:00", "2026-04-05 01:45:00+10:30",
     "2026-04-06 01:45:00+10:30"},
    {"Pacific/Apia", "2012-03-31T14:00:00Z", 3, 30, "2012-04-01 03:30:00+14:00", "2012-04-01 03:30:00+13:00",
     "2012-04-02 03:30:00+13:00"},
    {"Africa/Casablanca", "2026-02-15T02:00:00Z", 2, 30, "2026-02-15 02:30:00+01:00", "2026-02-15 02:30:00+00:00",
     "2026-02-16 02:30:00+00:00"},
    {"Asia/Tehran", "2022-09-21T19:30:00Z", 23, 30, "2022-09-21 23:30:00+04:30", "2022-09-21 23:30:00+03:30",
     "2022-09-22 23:30:00+03:30"},
    {"America/Nuuk", "2024-10-27T01:00:00Z", 23, 30, "2024-10-26 23:30:00-01:00", "2024-10-26 23:30:00-02:00",
     "2024-10-27 23:30:00-02:00"},
    {"America/Havana", "2026-11-01T05:00:00Z", 0, 30, "2026-11-01 00:30:00-04:00", "2026-11-01 00:30:00-05:00",
     "2026-11-02 00:30:00-05:00"},
    {"Europe/Dublin", "2026-10-25T01:00:00Z", 1, 30, "2026-10-25 01:30:00+01:00", "2026-10-25 01:30:00+00:00",
     "2026-10-26 01:30:00+00:00"},
    {"America/Santiago", "2026-04-05T03:00:00Z", 23, 30, "2026-04-04 23:30:00-03:00", "2026-04-04 23:30:00-04:00",
     "2026-04-05 23:30:00-04:00"},
    {"Africa/Cairo", "2026-10-29T21:00:00Z", 23, 30, "2026-10-29 23:30:00+03:00", "2026-10-29 23:30:00+02:00",
     "2026-10-30 23:30:00+02:00"},
    {"Asia/Pyongyang", "2015-08-14T15:00:00Z", 23, 45, "2015-08-14 23:45:00+09:00", "2015-08-14 23:45:00+08:30",
     "2015-08-15 23:45:00+08:30"},
};

TEST(DaylightSavingZones, a_fixed_time_in_an_overlap_fires_on_the_first_pass) {
  for (const Overlap& overlap : overlaps) {
    SCOPED_TRACE(overlap.zone);
    const std::string line = fmt::format("{} {} * * *", overlap.minute, overlap.hour);
    for (const auto dst : {DaylightSaving::takt, DaylightSaving::systemd}) {
      EXPECT_THAT(three_hours_before(cron(line), overlap.zone, overlap.change, 2, dst),
                  ElementsAre(overlap.first, overlap.next_day));
    }
    // A search that begins on the second pass has had its first one with us; systemd does not look back.
    EXPECT_THAT(upcoming(cron(line), overlap.zone, overlap.change, 1), ElementsAre(overlap.next_day));
    EXPECT_THAT(upcoming(cron(line), overlap.zone, overlap.change, 1, DaylightSaving::systemd),
                ElementsAre(overlap.second));
  }
}

TEST(DaylightSavingZones, a_star_has_both_passes_of_an_overlap) {
  for (const Overlap& overlap : overlaps) {
    SCOPED_TRACE(overlap.zone);
    const Calendar hourly = cron(fmt::format("{} * * * *", overlap.minute));
    const auto fired = three_hours_before(hourly, overlap.zone, overlap.change, 5);
    EXPECT_THAT(fired, testing::Contains(overlap.first));
    EXPECT_THAT(fired, testing::Contains(overlap.second));
    const auto as_systemd = three_hours_before(hourly, overlap.zone, overlap.change, 5, DaylightSaving::systemd);
    EXPECT_THAT(as_systemd, testing::Contains(overlap.first));
    EXPECT_THAT(as_systemd, testing::Not(testing::Contains(overlap.second)));
  }
}

TEST(DaylightSavingZones, a_pass_is_known) {
  for (const Overlap& overlap : overlaps) {
    SCOPED_TRACE(overlap.zone);
    const Zone in = zone(overlap.zone);
    const Calendar hourly = cron(fmt::format("{} * * * *", overlap.minute));
    WallTime last = at(overlap.change) - std::chrono::hours(3);
    for (int i = 0; i < 6; ++i) {
      last = hourly.next(last, in)->at;
      const std::string text = in.format(last);
      EXPECT_EQ(in.pass(last), text == overlap.first    ? Pass::first
                               : text == overlap.second ? Pass::second
                                                        : Pass::only)
          << text;
    }
  }
  const Zone berlin = zone("Europe/Berlin");
  EXPECT_EQ(berlin.pass(at("2026-10-24T23:59:59.999999Z")), Pass::only);
  EXPECT_EQ(berlin.pass(at("2026-10-25T00:00:00Z")), Pass::first);
  EXPECT_EQ(berlin.pass(at("2026-10-25T00:59:59.999999Z")), Pass::first);
  EXPECT_EQ(berlin.pass(at("2026-10-25T01:00:00Z")), Pass::second);
  EXPECT_EQ(berlin.pass(at("2026-10-25T01:59:59.999999Z")), Pass::second);
  EXPECT_EQ(berlin.pass(at("2026-10-25T02:00:00Z")), Pass::only);
  EXPECT_EQ(Zone::utc().pass(at("2026-10-25T01:00:00Z")), Pass::only);
}

// Apia had a day that it left out and, as in other years, an hour; only the hour is made up for.
TEST(DaylightSavingZones, more_than_three_hours_are_not_made_up_for) {
  const Calendar noon = cron("0 12 * * *");
  for (const auto dst : {DaylightSaving::takt, DaylightSaving::systemd})
    EXPECT_THAT(upcoming(noon, "Pacific/Apia", "2011-12-29T20:00:00Z", 2, dst),
                ElementsAre("2011-12-29 12:00:00-10:00", "2011-12-31 12:00:00+14:00"));
  EXPECT_THAT(upcoming(cron("30 23 * * *"), "Pacific/Apia", "2011-12-30T09:00:00Z", 2),
              ElementsAre("2011-12-29 23:30:00-10:00", "2011-12-31 23:30:00+14:00"));
}

}  // namespace
}  // namespace takt
