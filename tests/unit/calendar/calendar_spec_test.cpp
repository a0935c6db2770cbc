#include <chrono>

#include <gmock/gmock.h>

#include "calendar/calendar_spec.h"
#include "calendar/limits.h"
#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The examples of systemd.time(7), and the corners that `systemd-analyze calendar` shows.
TEST(CalendarExpression, normal_form_is_systemds) {
  const std::pair<const char*, const char*> table[] = {
      {"Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00"},
      {"Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00"},
      {"Wed *-1", "Wed *-*-01 00:00:00"},
      {"Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00"},
      {"Wed, 17:48", "Wed *-*-* 17:48:00"},
      {"Tue..Sat 12-10-16 1:2:3", "Tue..Sat 2012-10-16 01:02:03"},
      {"*-*-7 0:0:0", "*-*-07 00:00:00"},
      {"10-15", "*-10-15 00:00:00"},
      {"monday *-12-* 17:00", "Mon *-12-* 17:00:00"},
      {"Mon,Fri *-*-3,1,2 *:30:45", "Mon,Fri *-*-01,02,03 *:30:45"},
      {"12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00"},
      {"12..14:10,20,30", "*-*-* 12..14:10,20,30:00"},
      {"mon,fri *-1/2-1,3 *:30:45", "Mon,Fri *-01/2-01,03 *:30:45"},
      {"03-05 08:05:40", "*-03-05 08:05:40"},
      {"08:05:40", "*-*-* 08:05:40"},
      {"05:40", "*-*-* 05:40:00"},
      {"Sat,Sun 12-05 08:05:40", "Sat,Sun *-12-05 08:05:40"},
      {"2003-03-05 05:40", "2003-03-05 05:40:00"},
      {"05:40:23.4200004/3.1700005", "*-*-* 05:40:23.420000/3.170001"},
      {"2003-02..04-05", "2003-02..04-05 00:00:00"},
      {"2003-03-05 05:40 utc", "2003-03-05 05:40:00 UTC"},
      {"minutely", "*-*-* *:*:00"},
      {"HOURLY", "*-*-* *:00:00"},
      {"daily UTC", "*-*-* 00:00:00 UTC"},
      {"weekly Pacific/Auckland", "Mon *-*-* 00:00:00 Pacific/Auckland"},
      {"monthly", "*-*-01 00:00:00"},
      {"yearly", "*-01-01 00:00:00"},
      {"annually", "*-01-01 00:00:00"},
      {"quarterly", "*-01,04,07,10-01 00:00:00"},
      {"semiannually", "*-01,07-01 00:00:00"},
      {"bi-annually", "*-01,07-01 00:00:00"},
      {"*:2/3", "*-*-* *:02/3:00"},
      {"Mon..Sun", "*-*-* 00:00:00"},
      {"mon-fri 10:00", "Mon..Fri *-*-* 10:00:00"},
      {"Mon..Tue", "Mon,Tue *-*-* 00:00:00"},
      {"Mon..Wed,Fri..Sun", "Mon..Wed,Fri..Sun *-*-* 00:00:00"},
      {"*-*-1,1,2..5,3", "*-*-01,02..05,03 00:00:00"},
      {"*:5/7,5..7,5", "*-*-* *:05,05/7,05..07:00"},
      {"2012..2015/2-1-1", "2012..2014/2-01-01 00:00:00"},
      {"98..05-1-1", "1998..2005-01-01 00:00:00"},
      {"69,70-1-1", "1970,2069-01-01 00:00:00"},
      {"*:*:0..1", "*-*-* *:*:00..01"},
      {"1..2/5:00", "*-*-* 01:00:00"},
      {"*-*~1..4/2", "*-*~01..03/2 00:00:00"},
      {"Mon *-05~07/1", "Mon *-05~07/1 00:00:00"},
      {"1~1 10:00", "*-01~01 10:00:00"},
      {"*-*~*", "*-*-* 00:00:00"},
      {"*:*:*", "*-*-* *:*:*"},
      {"*:*:0/1", "*-*-* *:*:*"},
      {"*:*:0/1,5", "*-*-* *:*:*"},
      {"*:*:0..59", "*-*-* *:*:00..59"},
      {"*:*:1.5..3.7/0.4", "*-*-* *:*:01.500000..03.500000/0.400000"},
      {"*:*:5.9999999", "*-*-* *:*:06"},
      {"*:*:0/59.5", "*-*-* *:*:00/59.500000"},
      {"@1395716396", "2014-03-25 02:59:56 UTC"},
      {"@5 Europe/Berlin", "1970-01-01 00:00:05 UTC"},
      {"10:00 CET", "*-*-* 10:00:00 CET"},
  };
  for (const auto& [text, normal] : table) {
    const auto parsed = Calendar::parse_calendar(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(parsed->to_string(), normal) << text;
    EXPECT_EQ(calendar(normal).to_string(), normal);
  }
}

TEST(CalendarExpression, errors_name_the_field_and_what_it_allows) {
  const std::pair<const char*, const char*> table[] = {
      {"", "empty; such as"},
      {" UTC", "weekday: \"UTC\" is none"},
      {"12", "\"12\" is neither a date (year-month-day) nor a time"},
      {"Mon 10", "\"10\" is neither"},
      {"today", "weekday: \"today\" is none"},
      {"Mondey", "weekday: \"Mondey\" is none, did you mean Monday?"},
      {"Sat..Mon", "weekday: the range Sat..Mon runs backwards; the week begins with Mon"},
      {"Mon.Tue", "weekday: \"Mon.Tue\" is none"},
      {"Mon..,Tue", "weekday: \"\" is none"},
      {"24:00", "hour: 24 is not within 0 to 23"},
      {"*:60", "minute: 60 is not within 0 to 59"},
      {"*:*:60", "second: 60 is not within 0 to 59"},
      {"*:*:59.9999999", "second: 60 is not within 0 to 59"},
      {"*-*-32", "day: 32 is not within 1 to 31"},
      {"*-*-0", "day: 0 is not within 1 to 31"},
      {"*-13-1", "month: 13 is not within 1 to 12"},
      {"2200-1-1", "year: 2200 is not within 1970 to 2199"},
      {"100-1-1", "year: 100 is not within 1970 to 2199"},
      {"1969-1-1", "year: 1969 is not within 1970 to 2199"},
      {"99999999999999999999-1-1", "year: 999999999 is not within 1970 to 2199"},
      {"*-2~29", "day from the end (~): 29 is not within 1 to 28"},
      {"22..2:00", "hour: the range 22..2 runs backwards; write two ranges"},
      {"*:59/1", "minute: the step of 59/1 leads beyond 59 at once"},
      {"*-*~1/2", "day from the end (~): the step of 1/2 leads beyond 1 at once"},
      {"*:0/0", "minute: \"0/0\" has a step of zero"},
      {"*:*:0..59/2148", "second: the step of 0..59/2148 is too wide"},
      {"*:*/5", "minute: \"*/5\" is not understood; *, 0 to 59, ranges a..b, and steps a/n are allowed"},
      {"*:1..*:0", "minute: \"1..*\" is not understood"},
      {"*:*:*,5", "second: \"*\" is not understood"},
      {"*:*:5.", "second: \"5.\" is not understood"},
      {"*:5.5", "minute: \"5.5\" is not understood"},
      {"*:*:1..1.5", "second: the range 1..1.5 is shorter than its step of one second"},
      {"10:", "minute: \"\" is not understood"},
      {"1:2:3:4", "\"1:2:3:4\" is not a time"},
      {"1-2-3-4", "\"1-2-3-4\" is not a date"},
      {"*~*~1", "\"*~*~1\" is not a date"},
      {"10:00 *-*-1", "\"*-*-1\" is neither"},
      {"10:00 Mars/Base", "unknown time zone \"Mars/Base\""},
      {"10:00 europe/berlin", "did you mean \"Europe/Berlin\"?"},
      {"10:00 UTC UTC", "\"UTC\" is neither"},
      {"@-1", "\"@-1\" is not an instant"},
      {"@1.5", "\"@1.5\" is not an instant"},
      {"@7258118400", "before 2200"},
      {"@99999999999999999999", "is not an instant"},
      {"*-02-30", "never fires: there is no 30 February"},
      {"2023-02-29", "never fires: there is no 29 February in its years"},
      {"*-2,4-31", "never fires: there is no 31 February or April"},
      {"Mon 2012-02-28", "never fires: none of its dates falls on such a weekday"},
  };
  for (const auto& [text, why] : table) {
    const auto parsed = Calendar::parse_calendar(text);
    ASSERT_FALSE(parsed) << text;
    const bool never = std::string_view(why).starts_with("never");
    EXPECT_EQ(parsed.error().code, never ? ErrorCode::invalid_definition : ErrorCode::invalid_argument) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr(why)) << text;
  }
}

std::vector<std::string> spec_days(const char* text, const char* after, int count) {
  auto texts = upcoming(calendar(text), "UTC", after, count);
  for (std::string& day : texts) day = day.substr(0, 10);
  return texts;
}

TEST(CalendarExpression, fires_at_its_times) {
  const char* after = "2026-12-19T04:00:00Z";  // a Saturday
  EXPECT_THAT(upcoming(calendar("Mon..Fri 07:30"), "UTC", after, 1), ElementsAre("2026-12-21 07:30:00+00:00"));
  EXPECT_THAT(
      upcoming(calendar("*:*:58.5/0.75"), "UTC", after, 3),
      ElementsAre("2026-12-19 04:00:58.500+00:00", "2026-12-19 04:00:59.250+00:00", "2026-12-19 04:01:58.500+00:00"));
  EXPECT_THAT(upcoming(calendar("04:00:00.000001"), "UTC", after, 1), ElementsAre("2026-12-19 04:00:00.000001+00:00"));
  EXPECT_THAT(upcoming(calendar("@1800000000"), "UTC", after, 2), ElementsAre("2027-01-15 08:00:00+00:00", "never"));
  EXPECT_THAT(spec_days("*-*~1", after, 3), ElementsAre("2026-12-31", "2027-01-31", "2027-02-28"));
  EXPECT_THAT(spec_days("*-02~03", after, 2), ElementsAre("2027-02-26", "2028-02-27"));
  EXPECT_THAT(spec_days("*-02~1..5/2", after, 4), ElementsAre("2027-02-24", "2027-02-26", "2027-02-28", "2028-02-25"));
  EXPECT_THAT(spec_days("Mon *-05~07/1", after, 2), ElementsAre("2027-05-31", "2028-05-29"));
  EXPECT_THAT(spec_days("Mon *-02-29", after, 2), ElementsAre("2044-02-29", "2072-02-29"));
}

// An expression's own zone wins over the process's.
TEST(CalendarExpression, a_step_of_seconds_reaches_to_the_last_microsecond) {
  EXPECT_THAT(upcoming(calendar("*:0:0/0.000003"), "UTC", "2026-12-19T04:00:59.999996Z", 2),
              ElementsAre("2026-12-19 04:00:59.999997+00:00", "2026-12-19 05:00:00+00:00"));
  EXPECT_THAT(upcoming(calendar("*:0:0.999999/1"), "UTC", "2026-12-19T04:00:59Z", 1),
              ElementsAre("2026-12-19 04:00:59.999999+00:00"));
}

TEST(CalendarExpression, has_a_finest_step) {
  EXPECT_EQ(calendar("*:*:0/0.1,30").finest_step(), std::chrono::milliseconds(100));
  EXPECT_EQ(calendar("*:*:*").finest_step(), std::chrono::seconds(1));
  EXPECT_EQ(cron("*/5 * * * *").finest_step(), std::chrono::minutes(1));
}

TEST(CalendarExpression, own_zone_wins) {
  const Calendar own = calendar("Mon 07:30 Asia/Tehran");
  EXPECT_EQ(own.zone().value().name(), "Asia/Tehran");
  EXPECT_THAT(upcoming(own, "America/New_York", "2026-12-19T04:00:00Z", 1), ElementsAre("2026-12-21 07:30:00+03:30"));
  EXPECT_FALSE(calendar("Mon 07:30").zone());
}

TEST(CalendarExpression, its_text_is_bounded) {
  std::string text = "*:0";
  while (text.size() <= limits::calendar_bytes) text += ",0";
  const auto parsed = Calendar::parse_calendar(text);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::limit_exceeded);
}

// The best of a few tries, so that a busy machine does not decide.
template <class Function>
std::chrono::nanoseconds fastest(const Function& function) {
  auto best = std::chrono::nanoseconds::max();
  for (int i = 0; i < 10; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    function();
    best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
  }
  return best;
}

// By a bound on the work, which any machine keeps well within ten milliseconds.
TEST(CalendarExpression, never_is_found_after_a_look_at_a_year_of_each_kind) {
  for (const char* never : {"*-02-30", "*-4,6,9,11-31 *:*:*"}) {
    EXPECT_FALSE(Calendar::parse_calendar(never)) << never;
    const CalendarFields fields = fields_of(parse_spec(never).value());
    EXPECT_EQ(fields.years_of_each_kind().size(), 14u);
    EXPECT_FALSE(fields.ever_fires());
  }
  EXPECT_EQ(fields_of(parse_spec("2026,2027,2037-1-1").value()).years_of_each_kind().size(), 2u);
  EXPECT_FALSE(Calendar::parse_cron("0 0 1-7 * +mon#2"));
}

TEST(CalendarExpression, a_far_instant_costs_little) {
  const Zone berlin = zone("Europe/Berlin");
  const Calendar far = calendar("2199-12-31 23:59:59.999999");
  EXPECT_LT(fastest([&] { EXPECT_TRUE(far.next(at("1970-01-01T00:00:00Z"), berlin)); }), std::chrono::milliseconds(2));
  const Calendar gone = calendar("1971-01-01 *:*");
  EXPECT_LT(fastest([&] { EXPECT_FALSE(gone.next(at("1972-01-01T00:00:00Z"), berlin)); }),
            std::chrono::milliseconds(2));
}

TEST(CalendarExpression, ends_of_time_are_survived) {
  const Calendar yearly = calendar("yearly");
  EXPECT_EQ(yearly.next(WallTime::min(), Zone::utc()).value().at, at("1970-01-01T00:00:00Z"));
  EXPECT_FALSE(yearly.next(WallTime::max(), Zone::utc()));
  EXPECT_EQ(yearly.next(WallTime::min(), zone("Europe/Berlin")).value().at, at("1969-12-31T23:00:00Z"));
  EXPECT_FALSE(yearly.next(WallTime::max(), zone("Europe/Berlin")));
}

}  // namespace
}  // namespace takt
