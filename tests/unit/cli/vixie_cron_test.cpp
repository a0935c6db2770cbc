// cron's own rule, by its manual and at the changes of a clock; and taktd's against it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "calendar/calendar.h"
#include "cli/schedule_proof.h"
#include "cli/vixie_cron.h"

namespace takt {
namespace {

using testing::HasSubstr;

WallTime at(const std::string& utc) {
  return parse_rfc3339(utc).value_or(WallTime());
}

// "2026-03-08T07:00:00Z 2026-03-08T07:00:00Z": the first ones after `from`.
std::string firings(const std::string& line, const std::string& from, const std::string& zone, std::size_t count) {
  const auto cron = VixieCron::parse(line);
  if (!cron) return cron.error().message;
  std::string text;
  for (const WallTime one : cron->instants(at(from), *Zone::find(zone), count))
    text += (text.empty() ? "" : " ") + format_utc(one);
  return text;
}

struct FiringCase {
  const char* name;
  const char* line;
  const char* from;
  const char* zone;
  const char* firings;
};

TEST(VixieCron, RunsInTheMinutesThatItsManualNames) {
  const FiringCase cases[] = {
      {"lists, ranges and steps", "5,20-40/10 1 * * *", "2026-01-01T00:00:00Z", "UTC",
       "2026-01-01T01:05:00Z 2026-01-01T01:20:00Z 2026-01-01T01:30:00Z 2026-01-01T01:40:00Z"},
      {"a step that leaves one value", "*/2147483647 */12 * * *", "2026-01-01T00:00:00Z", "UTC",
       "2026-01-01T12:00:00Z 2026-01-02T00:00:00Z 2026-01-02T12:00:00Z 2026-01-03T00:00:00Z"},
      {"either day, when both are said", "0 0 13 * FRI", "2026-02-01T00:00:00Z", "UTC",
       "2026-02-06T00:00:00Z 2026-02-13T00:00:00Z 2026-02-20T00:00:00Z 2026-02-27T00:00:00Z"},
      {"both days, when one begins with a star", "0 0 */2 * 1", "2026-02-01T00:00:00Z", "UTC",
       "2026-02-09T00:00:00Z 2026-02-23T00:00:00Z 2026-03-09T00:00:00Z 2026-03-23T00:00:00Z"},
      {"Sunday is 0 and 7", "0 0 * mar 7", "2026-03-01T00:00:00Z", "UTC",
       "2026-03-08T00:00:00Z 2026-03-15T00:00:00Z 2026-03-22T00:00:00Z 2026-03-29T00:00:00Z"},
      {"a leap day", "0 0 29 2 *", "2026-01-01T00:00:00Z", "UTC",
       "2028-02-29T00:00:00Z 2032-02-29T00:00:00Z 2036-02-29T00:00:00Z 2040-02-29T00:00:00Z"},
      {"a word", "@weekly", "2026-01-01T00:00:00Z", "Asia/Tehran",
       "2026-01-03T20:30:00Z 2026-01-10T20:30:00Z 2026-01-17T20:30:00Z 2026-01-24T20:30:00Z"},
      {"two times that the clock leaves out", "0,30 2 * * *", "2026-03-08T00:00:00Z", "America/New_York",
       "2026-03-08T07:00:00Z 2026-03-08T07:00:00Z 2026-03-09T06:00:00Z 2026-03-09T06:30:00Z"},
      {"the last time before them", "59 1 * * *", "2026-03-08T00:00:00Z", "America/New_York",
       "2026-03-08T06:59:00Z 2026-03-09T05:59:00Z 2026-03-10T05:59:00Z 2026-03-11T05:59:00Z"},
      {"a wildcard is not made up for", "30 * * * *", "2026-03-08T05:45:00Z", "America/New_York",
       "2026-03-08T06:30:00Z 2026-03-08T07:30:00Z 2026-03-08T08:30:00Z 2026-03-08T09:30:00Z"},
      {"nor where half an hour is left out", "*/10 2 * * *", "2026-10-03T15:00:00Z", "Australia/Lord_Howe",
       "2026-10-03T15:30:00Z 2026-10-03T15:40:00Z 2026-10-03T15:50:00Z 2026-10-04T15:00:00Z"},
      {"a time that comes twice", "30 1 * * *", "2026-11-01T00:00:00Z", "America/New_York",
       "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z 2026-11-03T06:30:00Z 2026-11-04T06:30:00Z"},
      {"a wildcard goes through both hours", "*/30 1 * * *", "2026-11-01T00:00:00Z", "America/New_York",
       "2026-11-01T05:00:00Z 2026-11-01T05:30:00Z 2026-11-01T06:00:00Z 2026-11-01T06:30:00Z"},
      {"a clock that goes on by three hours was set", "30 3 * * *", "2009-10-16T00:00:00Z", "Antarctica/Casey",
       "2009-10-16T19:30:00Z 2009-10-18T16:30:00Z 2009-10-19T16:30:00Z 2009-10-20T16:30:00Z"},
      {"one that goes back by three hours was not", "30 0 * * *", "2010-03-03T00:00:00Z", "Antarctica/Casey",
       "2010-03-03T13:30:00Z 2010-03-04T13:30:00Z 2010-03-05T16:30:00Z 2010-03-06T16:30:00Z"},
      {"the first time after the repeated hour", "0 2 * * *", "2026-11-01T00:00:00Z", "America/New_York",
       "2026-11-01T07:00:00Z 2026-11-02T07:00:00Z 2026-11-03T07:00:00Z 2026-11-04T07:00:00Z"},
  };
  for (const FiringCase& one : cases) EXPECT_EQ(firings(one.line, one.from, one.zone, 4), one.firings) << one.name;
}

TEST(VixieCron, TakesCronsWords) {
  const auto first = [](const char* word) { return firings(word, "2026-01-01T00:00:00Z", "UTC", 1); };
  EXPECT_EQ(first("@yearly"), "2027-01-01T00:00:00Z");
  EXPECT_EQ(first("@annually"), "2027-01-01T00:00:00Z");
  EXPECT_EQ(first("@monthly"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(first("@weekly"), "2026-01-04T00:00:00Z");
  EXPECT_EQ(first("@daily"), "2026-01-02T00:00:00Z");
  EXPECT_EQ(first("@midnight"), "2026-01-02T00:00:00Z");
  EXPECT_EQ(first("@hourly"), "2026-01-01T01:00:00Z");
}

TEST(VixieCron, GivesNoMoreThanIsAskedFor) {
  EXPECT_EQ(firings("0,30 2 * * *", "2026-03-08T06:00:00Z", "America/New_York", 1), "2026-03-08T07:00:00Z");
}

TEST(VixieCron, WhatNeverComesEndsBefore2200) {
  EXPECT_EQ(firings("0 0 30 2 *", "2026-01-01T00:00:00Z", "UTC", 4), "");
  EXPECT_EQ(firings("0 0 29 2 *", "2199-01-01T00:00:00Z", "UTC", 4), "");
}

TEST(VixieCron, RefusesWhatCronRefuses) {
  for (const char* line : {"", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
                           "5-3 * * * *", "5/10 * * * *", "*/0 * * * *", "*/-5 * * * *", "* * * * * *", "1,,2 * * * *",
                           "@never", "0 0 L * *", "x * * * *"})
    EXPECT_FALSE(VixieCron::parse(line).has_value()) << line;
}

ScheduleProof proof_of(const std::string& line, const std::string& zone) {
  const WallTime from = at("2026-01-01T00:00:00Z");
  const Zone where = *Zone::find(zone);
  const CalendarTrigger now{.calendar = *Calendar::parse_cron(line), .zone = where};
  return prove_schedule({.keys = {}, .old = OldSchedule::cron, .expression = line},
                        VixieCron::parse(line)->instants(from, where, proof_instants), now, from);
}

TEST(ScheduleProof, TaktdFiresWhenCronDid) {
  const char* lines[] = {"30 7 * * mon-fri", "*/5 * * * *", "0 */2 1-15 * *", "17 * * * *",
                         "25 6 * * *",       "47 6 * * 7",  "52 6 1 * *",     "0 0 13 * fri",
                         "0 0 */2 * 1",      "0 12 29 2 *", "@hourly",        "@monthly",
                         "59 23 31 12 *",    "0 2 * * *",   "30 1 * * 0",     "1-59/7 3,9 * jan-mar *"};
  for (const char* zone : {"UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tehran"}) {
    for (const char* line : lines) {
      const ScheduleProof proof = proof_of(line, zone);
      EXPECT_THAT(proof.differences, testing::IsEmpty()) << line << " in " << zone;
      EXPECT_GE(proof.compared, 40U) << line;
    }
  }
}

TEST(ScheduleProof, WhatDiffersIsToldWithItsRule) {
  const ScheduleProof proof = proof_of("0,30 2 * * *", "America/New_York");
  ASSERT_THAT(proof.differences, testing::SizeIs(2));
  EXPECT_EQ(format_utc(proof.differences[0].at), "2026-03-08T07:00:00Z");
  EXPECT_EQ(proof.differences[0].before, 2U);
  EXPECT_EQ(proof.differences[0].now, 1U);
  EXPECT_THAT(proof.differences[0].rule, HasSubstr("taktd once for all"));
  const std::vector<std::string> told = proof_sentences(proof, *Zone::find("America/New_York"));
  EXPECT_THAT(told.at(0), HasSubstr("2 of the next 1000"));
  EXPECT_THAT(told.at(1), HasSubstr("Sun 2026-03-08 03:00:00-04:00: 2 then, 1 now"));
}

TEST(ScheduleProof, TheFirstPassOfAnHourThatComesTwiceIsToldWithSystemdsRule) {
  const WallTime from = at("2026-11-01T05:00:00Z");
  const CalendarTrigger now{.calendar = *Calendar::parse_cron("30 * * * *"), .zone = *Zone::find("America/New_York")};
  const ScheduleProof proof = prove_schedule({.keys = {}, .old = OldSchedule::systemd, .expression = "*:30"},
                                             {at("2026-11-01T06:30:00Z")}, now, from);
  EXPECT_EQ(format_utc(proof.differences.at(0).at), "2026-11-01T05:30:00Z");
  EXPECT_THAT(proof.differences.at(0).rule, HasSubstr("taktd fires in both passes"));
}

TEST(ScheduleProof, AScheduleThatIsAnotherOneIsSaidToBe) {
  const WallTime from = at("2026-01-01T00:00:00Z");
  const CalendarTrigger now{.calendar = *Calendar::parse_cron("30 7 * * *"), .zone = Zone::utc()};
  const auto before = VixieCron::parse("30 7 * * mon-fri")->instants(from, Zone::utc(), proof_instants);
  const ScheduleProof proof =
      prove_schedule({.keys = {}, .old = OldSchedule::cron, .expression = "30 7 * * mon-fri"}, before, now, from);
  ASSERT_FALSE(proof.differences.empty());
  EXPECT_EQ(format_utc(proof.differences[0].at), "2026-01-03T07:30:00Z");
  EXPECT_EQ(proof.differences[0].rule, "");
  EXPECT_THAT(proof_sentences(proof, Zone::utc()), testing::SizeIs(4)) << "the first three";
  // One that ends has no more than it had.
  const ScheduleProof ended =
      prove_schedule({.keys = {}, .old = OldSchedule::systemd, .expression = "2026-01-01 07:30"},
                     {at("2026-01-01T07:30:00Z")}, now, from);
  EXPECT_EQ(format_utc(ended.differences.at(0).at), "2026-01-02T07:30:00Z");
}

}  // namespace
}  // namespace takt
