#include "base/time.h"

#include <gmock/gmock.h>

namespace takt {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

TEST(ParseDuration, reads_every_unit) {
  const std::pair<const char*, Duration> table[] = {
      {"0", Duration(0)},
      {"5", seconds(5)},
      {"1.5", Duration(1'500'000)},
      {"5min", minutes(5)},
      {"1h 30min", minutes(90)},
      {"1h30min", minutes(90)},
      {"2 h", hours(2)},
      {"55s500ms", Duration(55'500'000)},
      {"300ms20s 5day", Duration(300'000) + seconds(20) + days(5)},
      {"1y 12month", seconds(31'557'600 + 12 * 2'630'016)},
      {"2.5s", Duration(2'500'000)},
      {".5s", Duration(500'000)},
      {"1usec", Duration(1)},
      {"7us", Duration(7)},
      {"7µs", Duration(7)},
      {"3hr", hours(3)},
      {"2days", days(2)},
      {"1w", days(7)},
      {"2weeks", days(14)},
      {" 1 d ", days(1)},
      {"0.1y", seconds(3'155'760)},
      {"0.0000019s", Duration(1)},
      {"100y", 100 * seconds(31'557'600)},
  };
  for (const auto& [text, span] : table) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, span) << text;
  }
}

TEST(ParseDuration, refuses_and_says_why) {
  const std::pair<const char*, const char*> table[] = {
      {"", "such as"},
      {"  ", "such as"},
      {"-5s", "a number is expected at \"-5s\""},
      {"+5s", "a number is expected"},
      {"5 parsecs", "no unit \"parsecs\""},
      {"min", "a number is expected"},
      {"1h 30", "a unit is expected after \"30\""},
      {"30 1h", "a unit is expected after \"30\""},
      {".", "a number is expected"},
      {"101y", "more than 100 years"},
      {"99999999999999999999999s", "more than 100 years"},
      {"9223372036854775807us", "more than 100 years"},
      {"60y 60y", "more than 100 years"},
      {"1h -5min", "a number is expected at \"-5min\""},
  };
  for (const auto& [text, why] : table) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(parsed.error().message, HasSubstr(why)) << text;
  }
}

TEST(FormatDuration, writes_what_is_read_back) {
  const std::pair<Duration, const char*> table[] = {
      {Duration(0), "0"},
      {Duration(14), "14us"},
      {Duration(1'500), "1.5ms"},
      {Duration(250'000), "250ms"},
      {Duration(2'500'000), "2.5s"},
      {Duration(1'000'001), "1.000001s"},
      {minutes(90), "1h 30min"},
      {seconds(90), "1min 30s"},
      {minutes(1) + Duration(250'000), "1min 0.25s"},
      {days(90), "90d"},
      {days(2) + seconds(1), "2d 1s"},
      {seconds(31'557'600), "1y"},
      {seconds(2'630'016), "1month"},
  };
  for (const auto& [span, text] : table) {
    EXPECT_EQ(format_duration(span), text);
    EXPECT_EQ(parse_duration(text).value(), span) << text;
  }
}

TEST(FormatDuration, short_form_has_the_two_largest_units) {
  const std::pair<Duration, const char*> table[] = {
      {Duration(0), "0"},
      {Duration(14), "14us"},
      {Duration(14'632), "14ms"},
      {Duration(1'432), "1.4ms"},
      {Duration(2'543'210), "2.5s"},
      {Duration(12'543'210), "12s"},
      {Duration(59'999'999), "59s"},
      {seconds(61) + Duration(5), "1min 1s"},
      {hours(1) + minutes(30) + seconds(59), "1h 30min"},
      {days(2) + hours(3) + minutes(4), "2d 3h"},
      {-seconds(90), "-1min 30s"},
  };
  for (const auto& [span, text] : table) EXPECT_EQ(format_duration_short(span), text);
}

TEST(Rfc3339, reads_and_writes) {
  const std::tuple<const char*, std::int64_t, const char*> table[] = {
      {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
      {"2026-12-19T07:30:00+03:30", 1'797'652'800'000'000, "2026-12-19T04:00:00Z"},
      {"2026-12-18T23:00:00-05:00", 1'797'652'800'000'000, "2026-12-19T04:00:00Z"},
      {"2026-12-19t04:00:00z", 1'797'652'800'000'000, "2026-12-19T04:00:00Z"},
      {"2026-12-19 04:00:00.25Z", 1'797'652'800'250'000, "2026-12-19T04:00:00.250Z"},
      {"2026-12-19T04:00:00.0000019Z", 1'797'652'800'000'001, "2026-12-19T04:00:00.000001Z"},
      {"1969-12-31T23:59:59.5Z", -500'000, "1969-12-31T23:59:59.500Z"},
      {"2000-02-29T00:00:00Z", 951'782'400'000'000, "2000-02-29T00:00:00Z"},
  };
  for (const auto& [text, us, normal] : table) {
    const auto at = parse_rfc3339(text);
    ASSERT_TRUE(at) << text << ": " << at.error().message;
    EXPECT_EQ(to_us(*at), us) << text;
    EXPECT_EQ(format_utc(*at), normal);
  }
}

TEST(Rfc3339, refuses_and_says_why) {
  const std::pair<const char*, const char*> table[] = {
      {"", "YYYY-MM-DD"},
      {"26-12-19T04:00:00Z", "YYYY-MM-DD"},
      {"2026-02-29T04:00:00Z", "no such day"},
      {"2026-13-01T04:00:00Z", "no such day"},
      {"2026-12-19", "a T"},
      {"2026-12-19T4:00:00Z", "HH:MM:SS"},
      {"2026-12-19T24:00:00Z", "no such time"},
      {"2026-12-19T04:00:60Z", "no such time"},
      {"2026-12-19T04:00:00.Z", "digits are missing"},
      {"2026-12-19T04:00:00", "the offset"},
      {"2026-12-19T04:00:00+0330", "the offset"},
      {"2026-12-19T04:00:00+24:00", "the offset"},
      {"2026-12-19T04:00:00Z ", "goes on"},
  };
  for (const auto& [text, why] : table) {
    const auto at = parse_rfc3339(text);
    ASSERT_FALSE(at) << text;
    EXPECT_THAT(at.error().message, HasSubstr(why)) << text;
  }
}

}  // namespace
}  // namespace takt
