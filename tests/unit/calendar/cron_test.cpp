#include <gmock/gmock.h>

#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Cron, normal_form_reads_back_as_itself) {
  const std::pair<const char*, const char*> table[] = {
      {"* * * * *", "* * * * *"},
      {"  30\t7  * * mon-fri ", "30 7 * * 1-5"},
      {"0 30 7 * * *", "30 7 * * *"},
      {"*/5 30 7 * * *", "*/5 30 7 * * *"},
      {"30 7 * JAN,Dec SUN", "30 7 * 1,12 0"},
      {"0 0 * * 7", "0 0 * * 0"},
      {"0 0 * * fri-sun", "0 0 * * 5-7"},
      {"0 0 * * sun-sun", "0 0 * * 0-0"},
      {"5,5,1-3,2 * ? * ?/2", "5,5,1-3,2 * * * */2"},
      {"0 0 * * 5-7", "0 0 * * 5-7"},
      {"0-59/15 9-17/1 1,15 */2 ?", "0-59/15 9-17 1,15 */2 *"},
      {"07 08 09 09 *", "7 8 9 9 *"},
      {"@yearly", "0 0 1 1 *"},
      {"@annually", "0 0 1 1 *"},
      {"@monthly", "0 0 1 * *"},
      {"@weekly", "0 0 * * 0"},
      {"@Daily", "0 0 * * *"},
      {"@midnight", "0 0 * * *"},
      {"@hourly", "0 * * * *"},
      {"0 0 L,15w,lw,l-3 * +fri#2,mon#L,7l", "0 0 L,15W,LW,L-3 * +5#2,1L,0L"},
  };
  for (const auto& [text, normal] : table) {
    const auto parsed = Calendar::parse_cron(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(parsed->to_string(), normal);
    EXPECT_EQ(cron(parsed->to_string()).to_string(), normal);
  }
}

TEST(Cron, errors_name_the_field_and_what_it_allows) {
  const std::pair<const char*, const char*> table[] = {
      {"", "0 fields; five (minute hour day month weekday) or six (second first) are needed"},
      {"* * * *", "4 fields"},
      {"* * * * * * *", "7 fields"},
      {"60 * * * *", "minute: 60 is not within 0 to 59"},
      {"* 24 * * *", "hour: 24 is not within 0 to 23"},
      {"* * 0 * *", "day of month: 0 is not within 1 to 31"},
      {"* * 32 * *", "day of month: 32 is not within 1 to 31"},
      {"* * * 13 *", "month: 13 is not within 1 to 12 or jan to dec"},
      {"* * * * 8", "weekday: 8 is not within 0 to 7 or sun to sat"},
      {"60 * * * * *", "second: 60 is not within 0 to 59"},
      {"99999999999999999999 * * * *", "minute: 99999999999999999999 is not within 0 to 59"},
      {"-5 * * * *", "minute: \"\" is not understood"},
      {"* * * * mom", "weekday: \"mom\" is no name; did you mean mon?"},
      {"x * * * *", "minute: \"x\" is not understood; 0 to 59 are allowed"},
      {"5, * * * *", "minute: a value is missing; 0 to 59 are allowed"},
      {"5- * * * *", "minute: \"\" is not understood"},
      {"5-10-15 * * * *", "minute: \"10-15\" is not understood"},
      {"*/0 * * * *", "minute: \"/0\" is no step"},
      {"*/ * * * *", "minute: \"/\" is no step"},
      {"*/60 * * * *", "minute: a step of 60 is wider than 0 to 59"},
      {"5/10 * * * *", "minute: 5/10 is a step without a range; write 5-59/10"},
      {"* 22-2 * * *", "hour: 22-2 runs backwards; write two ranges"},
      {"*5 * * * *", "minute: \"*5\" is not understood"},
      {"? * * * *", "minute: ? stands only for the day of month or the weekday; write *"},
      {"* ?/2 * * *", "hour: ? stands only"},
      {"? * * * * *", "second: ? stands only"},
      {"* * * ? *", "month: ? stands only"},
      {"* * +1 * *", "day of month: \"+1\" is not understood; 1 to 31 are allowed"},
      {"* * * * mon,+fri", "weekday: \"+fri\" is no name; did you mean fri?"},
      {"* * * * +", "weekday: a value is missing"},
      {"* * 1-15W * *", "day of month: \"1-15W\": L, W and # go with one day, not with a range"},
      {"* * W * *", "day of month: \"W\" is not understood"},
      {"* * L-31 * *", "day of month, after L-: 31 is not within 1 to 30"},
      {"* * * * #2", "weekday: \"\" is not understood"},
      {"* * * * 1#", "weekday, after #: \"\" is not understood"},
      {"* * * * 1-5L", "weekday: \"1-5L\": L, W and # go with one day"},
      {"* * * * mon-fri#2", "weekday: \"mon-fri#2\": L, W and # go with one day"},
      {"* * * * 1#2/3", "weekday, after #: \"2/3\" is not understood"},
      {"* L * * *", "hour: \"L\" is not understood; 0 to 23 are allowed"},
      {"* * * * L", "weekday: L needs the weekday before it"},
      {"* * * * 1#6", "weekday, after #: 6 is not within 1 to 5"},
      {"* * 32W * *", "day of month: 32 is not within 1 to 31"},
      {"@fortnightly", "@yearly, @annually"},
      {"@reboot", "there is the trigger `boot`"},
      {"0 0 30 2 *", "never fires: there is no 30 February"},
      {"0 0 31 2,4,6,9,11 *", "never fires: there is no 31 February, April, June, September or November"},
      {"0 0 30,31 feb *", "never fires: there is no 30 or 31 February"},
      {"0 0 L-29 2 *", "never fires: there is no 30th last day of February"},
      {"0 0 31,L-29 2 *", "never fires: there is no 31 or 30th last day of February"},
      {"0 0 31W 4 *", "never fires: there is no 31 April"},
      {"0 0 1-7 * +mon#2", "never fires: none of its dates falls on such a weekday"},
  };
  for (const auto& [text, why] : table) {
    const auto parsed = Calendar::parse_cron(text);
    ASSERT_FALSE(parsed) << text;
    const bool never = std::string_view(why).starts_with("never");
    EXPECT_EQ(parsed.error().code, never ? ErrorCode::invalid_definition : ErrorCode::invalid_argument) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr(why)) << text;
  }
}

std::vector<std::string> cron_days(const char* line, const char* after, int count) {
  auto texts = upcoming(cron(line), "UTC", after, count);
  for (std::string& text : texts) text = text.substr(0, 10);
  return texts;
}

TEST(Cron, fires_at_its_times) {
  const char* after = "2026-12-19T04:00:00Z";  // a Saturday
  EXPECT_THAT(upcoming(cron("30 7 * * mon-fri"), "UTC", after, 2),
              ElementsAre("2026-12-21 07:30:00+00:00", "2026-12-22 07:30:00+00:00"));
  EXPECT_THAT(upcoming(cron("*/20 4 * * *"), "UTC", after, 3),
              ElementsAre("2026-12-19 04:20:00+00:00", "2026-12-19 04:40:00+00:00", "2026-12-20 04:00:00+00:00"));
  EXPECT_THAT(upcoming(cron("10,40 */30 4 * * *"), "UTC", after, 3),
              ElementsAre("2026-12-19 04:00:10+00:00", "2026-12-19 04:00:40+00:00", "2026-12-19 04:30:10+00:00"));
  EXPECT_THAT(upcoming(cron("0 0 29 2 *"), "UTC", "2096-03-01T00:00:00Z", 2),
              ElementsAre("2104-02-29 00:00:00+00:00", "2108-02-29 00:00:00+00:00"));
  EXPECT_THAT(upcoming(cron("0 0 1 1 *"), "UTC", "2198-06-01T00:00:00Z", 2),
              ElementsAre("2199-01-01 00:00:00+00:00", "never"));
}

TEST(Cron, day_and_weekday_as_vixie_cron_has_them) {
  const char* after = "2026-12-01T12:00:00Z";  // a Tuesday
  // Both restricted: either. One that begins with a star, even with a step: both. With a plus: both.
  EXPECT_THAT(cron_days("0 0 13 * fri", after, 4), ElementsAre("2026-12-04", "2026-12-11", "2026-12-13", "2026-12-18"));
  EXPECT_THAT(cron_days("0 0 */10 * fri", after, 2), ElementsAre("2026-12-11", "2027-01-01"));
  // It has to begin with it.
  EXPECT_THAT(cron_days("0 0 13,*/30 * fri", after, 3), ElementsAre("2026-12-04", "2026-12-11", "2026-12-13"));
  EXPECT_THAT(cron_days("0 0 13 * */2", after, 2), ElementsAre("2026-12-13", "2027-02-13"));
  EXPECT_THAT(cron_days("0 0 13 * +fri", after, 2), ElementsAre("2027-08-13", "2028-10-13"));
  EXPECT_THAT(cron_days("0 0 ? * sun", after, 2), ElementsAre("2026-12-06", "2026-12-13"));
  EXPECT_THAT(cron_days("0 0 * * 7", after, 2), ElementsAre("2026-12-06", "2026-12-13"));
  EXPECT_THAT(cron_days("0 0 * * sun-sun", after, 2), ElementsAre("2026-12-06", "2026-12-13"));
  EXPECT_THAT(cron_days("0 0 * * 0,7,sun", after, 2), ElementsAre("2026-12-06", "2026-12-13"));
}

TEST(Cron, last_nearest_and_numbered_days) {
  const char* after = "2026-12-01T12:00:00Z";
  EXPECT_THAT(cron_days("0 0 L * *", after, 3), ElementsAre("2026-12-31", "2027-01-31", "2027-02-28"));
  EXPECT_THAT(cron_days("0 0 L-2 2 *", after, 2), ElementsAre("2027-02-26", "2028-02-27"));
  EXPECT_THAT(cron_days("0 0 LW * *", after, 3), ElementsAre("2026-12-31", "2027-01-29", "2027-02-26"));
  // 12 December 2026 is a Saturday, 13 a Sunday; 1 May 2027 a Saturday, 31 January 2027 a Sunday.
  EXPECT_THAT(cron_days("0 0 12W 12 *", after, 1), ElementsAre("2026-12-11"));
  EXPECT_THAT(cron_days("0 0 13W 12 *", after, 1), ElementsAre("2026-12-14"));
  EXPECT_THAT(cron_days("0 0 1W 5 *", after, 1), ElementsAre("2027-05-03"));
  EXPECT_THAT(cron_days("0 0 31W 1 *", after, 1), ElementsAre("2027-01-29"));
  EXPECT_THAT(cron_days("0 0 * * fri#2", after, 2), ElementsAre("2026-12-11", "2027-01-08"));
  EXPECT_THAT(cron_days("0 0 * * 7#2", after, 1), ElementsAre("2026-12-13"));
  EXPECT_THAT(cron_days("0 0 * * mon#5", after, 2), ElementsAre("2027-03-29", "2027-05-31"));
  EXPECT_THAT(cron_days("0 0 * * 5L", after, 2), ElementsAre("2026-12-25", "2027-01-29"));
  EXPECT_THAT(cron_days("0 0 * * 3L", "2027-03-01T12:00:00Z", 1), ElementsAre("2027-03-31"));
}

}  // namespace
}  // namespace takt
