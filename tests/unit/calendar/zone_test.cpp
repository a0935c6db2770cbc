#include "calendar/zone.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "calendar/posix_rules.h"
#include "support.h"

namespace takt {
namespace {

using testing::HasSubstr;

TEST(Zone, formats_with_its_offset) {
  const std::tuple<const char*, const char*, const char*> table[] = {
      {"UTC", "2026-12-19T04:00:00Z", "2026-12-19 04:00:00+00:00"},
      {"Asia/Tehran", "2026-12-19T04:00:00Z", "2026-12-19 07:30:00+03:30"},
      {"Europe/Berlin", "2026-07-01T10:00:00Z", "2026-07-01 12:00:00+02:00"},
      {"Europe/Berlin", "2026-03-29T00:59:59.999999Z", "2026-03-29 01:59:59.999999+01:00"},
      {"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29 03:00:00+02:00"},
      {"America/New_York", "2026-11-01T05:59:59.250Z", "2026-11-01 01:59:59.250-04:00"},
      {"America/New_York", "2026-11-01T06:00:00Z", "2026-11-01 01:00:00-05:00"},
      {"America/St_Johns", "2026-01-01T00:00:00Z", "2025-12-31 20:30:00-03:30"},
      {"Australia/Lord_Howe", "2026-07-01T00:00:00Z", "2026-07-01 10:30:00+10:30"},
      {"Africa/Monrovia", "1970-01-01T00:00:00Z", "1969-12-31 23:15:30-00:44:30"},
  };
  for (const auto& [name, instant, text] : table) EXPECT_EQ(zone(name).format(at(instant)), text);
}

// The tables of the database end with 2037; the rules behind them go on.
TEST(Zone, keeps_daylight_saving_after_2037) {
  const std::tuple<const char*, const char*, const char*> table[] = {
      {"Europe/Berlin", "2037-12-01T00:00:00Z", "2037-12-01 01:00:00+01:00"},
      {"Europe/Berlin", "2038-03-28T00:59:59Z", "2038-03-28 01:59:59+01:00"},
      {"Europe/Berlin", "2038-03-28T01:00:00Z", "2038-03-28 03:00:00+02:00"},
      {"Europe/Berlin", "2199-07-01T00:00:00Z", "2199-07-01 02:00:00+02:00"},
      {"America/New_York", "2050-11-06T05:59:59Z", "2050-11-06 01:59:59-04:00"},
      {"America/New_York", "2050-11-06T06:00:00Z", "2050-11-06 01:00:00-05:00"},
      {"Australia/Lord_Howe", "2050-01-01T00:00:00Z", "2050-01-01 11:00:00+11:00"},
      {"Europe/Dublin", "2050-07-01T00:00:00Z", "2050-07-01 01:00:00+01:00"},
      {"Asia/Tehran", "2050-07-01T00:00:00Z", "2050-07-01 03:30:00+03:30"},
  };
  for (const auto& [name, instant, text] : table) EXPECT_EQ(zone(name).format(at(instant)), text);
}

TEST(Zone, names_the_nearest_for_an_unknown_one) {
  const std::pair<const char*, const char*> table[] = {
      {"europe/berlin", "unknown time zone \"europe/berlin\"; did you mean \"Europe/Berlin\"?"},
      {"Asia/Teheran", "did you mean \"Asia/Tehran\"?"},
      {"Mars/Olympus_Mons", "such as Europe/Berlin"},
      {"../../../etc/passwd", "unknown time zone"},
      {"America//Nuuk", "did you mean \"America/Nuuk\"?"},
      {"", "unknown time zone"},
  };
  for (const auto& [name, why] : table) {
    const auto found = Zone::find(name);
    ASSERT_FALSE(found) << name;
    EXPECT_EQ(found.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(found.error().message, HasSubstr(why));
  }
}

TEST(Zone, local_follows_the_environment) {
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  for (const char* text : {"Asia/Tehran", ":Asia/Tehran", ":/usr/share/zoneinfo/Asia/Tehran"}) {
    ::setenv("TZ", text, 1);
    EXPECT_EQ(Zone::local()->name(), "Asia/Tehran") << text;
  }
  ::setenv("TZ", "", 1);
  EXPECT_EQ(Zone::local()->name(), "UTC");
  ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  ASSERT_FALSE(Zone::local());
  EXPECT_THAT(Zone::local().error().message, HasSubstr("TZ: unknown time zone"));
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
}

TEST(PosixRules, read_every_kind_of_change) {
  const auto days_of_2028 = [](const char* text) {
    std::vector<std::string> days;
    for (const auto& change : PosixRules::parse(text).value().changes(2028)) days.push_back(format_utc(change.at));
    return days;
  };
  using testing::ElementsAre;
  EXPECT_THAT(days_of_2028("CET-1CEST,M3.5.0,M10.5.0/3"), ElementsAre("2028-03-26T01:00:00Z", "2028-10-29T01:00:00Z"));
  EXPECT_THAT(days_of_2028("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
              ElementsAre("2028-03-26T01:00:00Z", "2028-10-29T01:00:00Z"));
  EXPECT_THAT(days_of_2028("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"),
              ElementsAre("2028-04-01T15:00:00Z", "2028-09-30T15:30:00Z"));
  EXPECT_THAT(days_of_2028("IST-2IDT,M3.4.4/26,M10.5.0"), ElementsAre("2028-03-24T00:00:00Z", "2028-10-28T23:00:00Z"));
  EXPECT_THAT(days_of_2028("AAA0BBB,J60/0,59/0"), ElementsAre("2028-02-28T23:00:00Z", "2028-03-01T00:00:00Z"));
  for (const char* text : {"", "UTC0", "<+0330>-3:30", "CET-1CEST", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0,",
                           "CET-1CEST,M3.5.0,M10.5.0/3x", "C-1CEST,M3.5.0,M10.5.0"})
    EXPECT_FALSE(PosixRules::parse(text)) << text;
}

}  // namespace
}  // namespace takt
