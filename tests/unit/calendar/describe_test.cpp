// Calendars in words, and what they are warned of.
#include "calendar/describe.h"

#include <gmock/gmock.h>

#include "support.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Describe, cron_lines) {
  const std::pair<const char*, const char*> table[] = {
      {"* * * * *", "every minute"},
      {"*/5 * * * *", "every 5 minutes"},
      {"*/7 * * * *", "every 7th minute from 0 to 56 of every hour"},
      {"*/30 * * * *", "at minutes 0 and 30 of every hour"},
      {"5-59/10 * * * *", "every 10th minute from 5 to 55 of every hour"},
      {"0 * * * *", "at minute 0 of every hour"},
      {"15,20-22,40 * * * *", "at minutes 15, 20 to 22 and 40 of every hour"},
      {"*/15 9-17 * * mon-fri", "every 15 minutes from 09:00 to 17:45 on Monday to Friday"},
      {"* 9,17 * * *", "every minute of hours 9 and 17"},
      {"0 */2 * * *", "at minute 0 of every 2nd hour"},
      {"0 9-17 * * *", "at minute 0 of hours 9 to 17"},
      {"* * * * * *", "every second"},
      {"*/10 * * * * *", "every 10 seconds"},
      {"*/10 5 * * * *", "every 10th second of minute 5 of every hour"},
      {"30 7 * * *", "at 07:30 every day"},
      {"0 9,12,15 * * *", "at 09:00, 12:00 and 15:00 every day"},
      {"15 30 7 * * *", "at 07:30:15 every day"},
      {"0 0 1 1 *", "at 00:00 on the 1st of January"},
      {"0 0 1,15,22-24 * *", "at 00:00 on the 1st, the 15th and the 22nd to the 24th of the month"},
      {"0 0 */2 * *", "at 00:00 on every 2nd day from the 1st to the 31st of the month"},
      {"0 0 L * *", "at 00:00 on the last day of the month"},
      {"0 0 L-2,L 3 *", "at 00:00 on the 3rd last and the last day of March"},
      {"0 0 1,15W,LW * *", "at 00:00 on the 1st, the workday nearest to the 15th and the last workday of the month"},
      {"0 0 * * sun", "at 00:00 on Sunday"},
      {"0 0 * * sat,sun", "at 00:00 on Saturday and Sunday"},
      {"0 0 * jan-mar mon", "at 00:00 on Monday in January to March"},
      {"0 0 * * fri#2,monL", "at 00:00 on the 2nd Friday and the last Monday of the month"},
      {"0 0 * 6 *", "at 00:00 every day in June"},
      {"* * * */2 *", "every minute in every 2nd month from January to November"},
      {"0 0 13 * fri", "at 00:00 on the 13th of the month, and on every Friday"},
      {"0 0 13 * +fri", "at 00:00 on the 13th of the month, if it is a Friday"},
      {"0 0 13 2 fri#1", "at 00:00 on the 13th of February, and on the 1st Friday of February"},
      {"0 0 1-7 * +mon-fri", "at 00:00 on the 1st to the 7th of the month, if it is a Monday to Friday"},
      {"0 0 1-31 * fri", "at 00:00 every day"},
      {"0 0 1-7 * +sat,sun", "at 00:00 on the 1st to the 7th of the month, if it is a Saturday or Sunday"},
  };
  for (const auto& [text, words] : table) EXPECT_EQ(describe(cron(text)), words) << text;
}

TEST(Describe, calendar_expressions) {
  const std::pair<const char*, const char*> table[] = {
      {"Mon..Fri 07:30", "at 07:30 on Monday to Friday"},
      {"Mon..Wed,Fri,Sun 07:30 Asia/Tehran", "at 07:30 on Monday to Wednesday, Friday and Sunday, Asia/Tehran time"},
      {"hourly UTC", "at minute 0 of every hour, UTC"},
      {"quarterly", "at 00:00 on the 1st of every 3rd month from January to October"},
      {"*-*~1", "at 00:00 on the last day of the month"},
      {"*-02~03", "at 00:00 on the 3rd last day of February"},
      {"*-*~1..5", "at 00:00 on the 5th last to the last day of the month"},
      {"Mon *-05~07/1", "at 00:00 on the 7th last to the last day of May, if it is a Monday"},
      {"2027-03-05 05:40", "at 05:40 on the 5th of March in 2027"},
      {"2027..2030-*-* 05:40", "at 05:40 every day in 2027 to 2030"},
      {"04:00:00.000001", "at 04:00:00.000001 every day"},
      {"*:*:58.5/0.75", "at seconds 58.5 and 59.25 of every minute"},
      {"*:*:0/0.75", "every 0.75 seconds from 0 to 59.25 of every minute"},
      {"*:*:30", "at second 30 of every minute"},
      {"*:0/15:30", "at second 30 of every 15th minute of every hour"},
      {"*:*:*", "every second"},
      {"*:1/24", "at minutes 1, 25 and 49 of every hour"},
      {"1..5:00/20", "every 20 minutes from 01:00 to 05:40"},
  };
  for (const auto& [text, words] : table) EXPECT_EQ(describe(calendar(text)), words) << text;
}

constexpr const char* either =
    "it fires when the day of the month or the weekday matches; write + before the weekday to ask for both";

TEST(Traps, cron_lines) {
  EXPECT_THAT(traps(cron("30 7 13 * fri")), ElementsAre(either));
  EXPECT_THAT(traps(cron("30 7 31 * fri")), ElementsAre(either));
  EXPECT_THAT(traps(cron("30 7 31 * *")),
              ElementsAre("it skips February, April, June, September and November, where there is no such day"));
  EXPECT_THAT(traps(cron("30 7 30 1-4 *")), ElementsAre("it skips February, where there is no such day"));
  EXPECT_THAT(traps(cron("30 7 31W 4,5 *")), ElementsAre("it skips April, where there is no such day"));
  EXPECT_THAT(traps(cron("30 7 29 * *")), ElementsAre("it fires in February only in leap years"));
  EXPECT_THAT(traps(cron("30 7 29 2 *")), ElementsAre("it fires in February only in leap years"));
  EXPECT_THAT(traps(cron("*/7 * * * *")),
              ElementsAre("minute: */7 does not divide evenly, and begins anew with each hour"));
  EXPECT_THAT(traps(cron("*/40 */5 * */2,1 */3")),
              ElementsAre("minute: */40 does not divide evenly, and begins anew with each hour",
                          "hour: */5 does not divide evenly, and begins anew with each day",
                          "weekday: */3 does not divide evenly, and begins anew with each week"));
  EXPECT_THAT(traps(cron("0 0 */2 * *")),
              ElementsAre("day of month: */2 does not divide evenly, and begins anew with each month"));
  for (const char* plain : {"30 7 * * mon-fri", "*/15 */6 * */3 */7", "0 0 13 * +fri", "0 0 28,31 * *", "0 0 L * *",
                            "0 0 * * fri#5", "0 0 1 * *", "7,14,21,28 * * * *", "1-59/7 * * * *"})
    EXPECT_THAT(traps(cron(plain)), IsEmpty()) << plain;
  EXPECT_TRUE(day_trap(cron("30 7 13 * fri")));
  EXPECT_FALSE(day_trap(cron("30 7 */2 * fri")));
  EXPECT_FALSE(day_trap(cron("30 7 31 * *")));
}

TEST(Traps, calendar_expressions) {
  EXPECT_THAT(traps(calendar("*:0/7")),
              ElementsAre("minute: 0/7 does not divide evenly, and begins anew with each hour"));
  EXPECT_THAT(traps(calendar("*:*:0.5/0.7")),
              ElementsAre("second: 0.500000/0.700000 does not divide evenly, and begins anew with each minute"));
  EXPECT_THAT(traps(calendar("*-*-1/2")),
              ElementsAre("day: 1/2 does not divide evenly, and begins anew with each month"));
  EXPECT_THAT(traps(calendar("*-04..06-31")), ElementsAre("it skips April and June, where there is no such day"));
  for (const char* plain : {"Mon..Fri 07:30", "*:0/15", "0/6:00", "*:50/3", "*:7/7", "*-*~07/2", "*-*~05/3",
                            "2000/3-01-01", "Fri *-*-13", "*:*:0/0.75"})
    EXPECT_THAT(traps(calendar(plain)), IsEmpty()) << plain;
}

}  // namespace
}  // namespace takt
