// `cron`, `calendar` and `at`: triggers that go by wall time.
#include "fixture.h"
#include "trigger/limits.h"
#include "trigger/timed.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Trigger once(WallTime when, CatchUp catch_up = CatchUp::latest) {
  return trigger("at " + format_utc(when), AtTrigger{when, catch_up});
}

TEST(Instants, ACalendarFiresAtEachOfItsInstants) {
  Machine machine(noon);
  machine.start({{"p", {cron("30 7 * * *")}}});
  EXPECT_EQ(machine.schedule->next_wall(), at("2026-12-20T07:30:00Z"));
  EXPECT_EQ(machine.schedule->next_boot(), std::nullopt);
  EXPECT_THAT(texts(machine.live(2 * day)), ElementsAre("2026-12-20T07:30:00Z", "2026-12-21T07:30:00Z"));
}

// 29 March 2026: Berlin's clocks go from 02:00 to 03:00.
TEST(Instants, ATriggerMayMeetAGapAsSystemdDoes) {
  const auto nightly = [](DaylightSaving dst) {
    return trigger("nightly", CalendarTrigger{.calendar = Calendar::parse_cron("30 2 * * *").value(),
                                              .zone = Zone::find("Europe/Berlin").value(),
                                              .dst = dst});
  };
  const auto first_after = [&nightly](DaylightSaving dst) {
    Machine machine(at("2026-03-28T12:00:00Z"));
    machine.start({{"p", {nightly(dst)}}});
    return machine.schedule->next_wall();
  };
  EXPECT_EQ(first_after(DaylightSaving::takt), at("2026-03-29T01:00:00Z"));
  EXPECT_EQ(first_after(DaylightSaving::systemd), at("2026-03-30T00:30:00Z"));
}

TEST(Instants, TheInstantAtWhichATriggerIsFirstSeenIsNotItsOwn) {
  Machine machine(noon);
  machine.start({{"p", {cron("0 12 * * *")}}});
  EXPECT_THAT(machine.due(), IsEmpty());
}

TEST(Instants, OldestFirstAcrossProcesses) {
  Machine machine(noon);
  machine.start({{"a", {cron("2 * * * *")}}, {"b", {cron("1 * * * *"), cron("2 * * * *")}}});
  std::vector<std::string> order;
  for (const Firing& firing : machine.sleep(2 * minute)) order.push_back(firing.process + " " + firing.key);
  EXPECT_THAT(order, ElementsAre("b cron 1 * * * *", "a cron 2 * * * *", "b cron 2 * * * *"));
}

TEST(Instants, DisabledTriggersAndProcessesHaveNone) {
  Machine machine(noon);
  Trigger off = cron("1 * * * *");
  off.enabled = false;
  auto loaded = definitions({{"p", {off}}, {"q", {cron("1 * * * *")}}});
  auto disabled = std::make_shared<ProcessDefinition>(*loaded["q"]);
  disabled->enabled = false;
  loaded["q"] = disabled;
  EXPECT_THAT(machine.schedule->set_definitions(loaded, {}, machine.now), IsEmpty());
  EXPECT_EQ(machine.schedule->next_wall(), std::nullopt);
  EXPECT_THAT(machine.schedule->upcoming("", 10, machine.now), IsEmpty());
}

TEST(Instants, DefinitionsSetAgainLeaveTheOthersUndisturbed) {
  Machine machine(noon);
  machine.start({{"p", {cron("1 * * * *")}}});
  machine.now = {noon + 5 * minute, machine.now.boot + 5 * minute};  // 12:01 is due, nobody has looked
  machine.load({{"p", {cron("1 * * * *"), cron("2 * * * *")}}});
  EXPECT_THAT(texts(machine.due()), ElementsAre("2026-12-19T12:01:00Z"));
  machine.load({});
  EXPECT_EQ(machine.schedule->next_wall(), std::nullopt);
}

TEST(Instants, ATriggerThatWasDisabledDoesNotMakeUpForThatTime) {
  Machine machine(noon);
  machine.start({{"p", {cron("1 * * * *")}}});
  machine.load({});
  machine.sleep(day);
  machine.load({{"p", {cron("1 * * * *")}}});
  EXPECT_THAT(machine.due(), IsEmpty());
}

struct CatchUpCase {
  const char* name;
  CatchUp catch_up;
  Duration asleep;
  std::vector<std::string> fires;
};
class CatchUpTable : public testing::TestWithParam<CatchUpCase> {};
const CatchUpCase catch_up_cases[] = {
    {"NoneLetsGo", CatchUp::none, 3 * hour + 30 * minute, {}},
    {"NoneFiresWhatIsDueNow", CatchUp::none, 3 * hour, {"2026-12-19T15:00:00Z"}},
    {"NoneFiresWhatIsALittleLate", CatchUp::none, hour + 40 * second, {"2026-12-19T13:00:00Z"}},
    {"LatestIsOne", CatchUp::latest, hour + 30 * minute, {"2026-12-19T13:00:00Z"}},
    {"LatestStandsForAll", CatchUp::latest, 3 * hour + 30 * minute, {"2026-12-19T15:00:00Z x3"}},
    {"AllIsEach",
     CatchUp::all,
     3 * hour + 30 * minute,
     {"2026-12-19T13:00:00Z", "2026-12-19T14:00:00Z", "2026-12-19T15:00:00Z"}},
};
INSTANTIATE_TEST_SUITE_P(Instants, CatchUpTable, testing::ValuesIn(catch_up_cases),
                         [](const auto& row) { return row.param.name; });

TEST_P(CatchUpTable, AfterASuspend) {
  Machine machine(noon);
  machine.start({{"p", {cron("0 * * * *", GetParam().catch_up)}}});
  EXPECT_EQ(texts(machine.sleep(GetParam().asleep)), GetParam().fires);
  EXPECT_THAT(machine.due(), IsEmpty());
}

TEST_P(CatchUpTable, AfterADowntime) {
  Machine machine(noon);
  machine.start({{"p", {cron("0 * * * *", GetParam().catch_up)}}});
  machine.reboot(GetParam().asleep);
  EXPECT_EQ(texts(machine.due()), GetParam().fires);
  machine.restart();
  EXPECT_THAT(machine.due(), IsEmpty());
}

TEST_P(CatchUpTable, AfterAClockSetForward) {
  Machine machine(noon);
  machine.start({{"p", {cron("0 * * * *", GetParam().catch_up)}}});
  machine.now.wall += GetParam().asleep;
  machine.set_clock();
  EXPECT_EQ(texts(machine.due()), GetParam().fires);
}

TEST(Instants, WhatIsLetGoLeavesAMark) {
  Machine machine(noon);
  machine.start({{"p", {cron("0 * * * *", CatchUp::none)}}});
  machine.sleep(3 * hour + 30 * minute);
  const TriggerMark& mark = machine.marks.at({"p", "cron 0 * * * *"});
  EXPECT_EQ(mark.fired_at, noon + 3 * hour);
  EXPECT_EQ(mark.boot_id, "boot");
}

// Also of those that are too many to count.
TEST(Instants, WhatPassedBeforeAnInstantThatIsOnTimeIsLetGo) {
  for (const Duration asleep : {3 * minute, 30 * day}) {
    Machine machine(noon);
    machine.start({{"p", {cron("* * * * *", CatchUp::none)}}});
    machine.now.wall += asleep;
    std::vector<TriggerMark> let_go;
    EXPECT_EQ(texts(machine.schedule->due(machine.now, let_go)), std::vector{format_utc(noon + asleep)});
    ASSERT_EQ(let_go.size(), 1u);
    EXPECT_EQ(let_go[0].fired_at, noon + asleep - minute);
  }
}

TEST(Instants, AllIsBoundedAndItsLastOneStandsForTheRest) {
  Machine machine(noon);
  machine.start({{"p", {cron("* * * * *", CatchUp::all)}}});
  const auto firings = machine.sleep(2000 * minute);
  ASSERT_EQ(firings.size(), limits::catch_up);
  EXPECT_EQ(firings.front().nominal, noon + minute);
  EXPECT_EQ(firings[limits::catch_up - 2].stands_for, 1u);
  EXPECT_EQ(firings.back().nominal, noon + 2000 * minute);
  EXPECT_EQ(firings.back().stands_for, 2000 - limits::catch_up + 1);
}

TEST(Instants, ALongDowntimeIsNotCountedForEver) {
  Machine machine(noon);
  machine.start({{"p", {cron("* * * * *", CatchUp::latest, 30 * second)}}});
  machine.reboot(3650 * day + 59 * second);
  const auto firings = machine.due();
  ASSERT_EQ(firings.size(), 1u);
  EXPECT_EQ(firings[0].nominal, noon + 3650 * day);
  EXPECT_EQ(firings[0].stands_for, limits::instants_counted + 1);
  EXPECT_GT(machine.schedule->next_wall(), machine.now.wall);
}

TEST(Instants, AClockSetBackByUpToThreeHoursFiresNothingAgain) {
  Machine machine(noon);
  machine.start({{"p", {cron("0 * * * *")}}});
  EXPECT_THAT(texts(machine.live(3 * hour)), testing::SizeIs(3));
  machine.now.wall -= 3 * hour;
  machine.set_clock();
  EXPECT_THAT(machine.live(3 * hour), IsEmpty());
  EXPECT_THAT(texts(machine.live(hour)), ElementsAre("2026-12-19T16:00:00Z"));
}

TEST(Instants, AClockSetBackFurtherIsTaken) {
  Machine machine(noon);
  machine.start({{"p", {cron("30 * * * *")}}});
  machine.live(4 * hour + 30 * minute);
  machine.now.wall -= 4 * hour;
  machine.set_clock();
  EXPECT_THAT(texts(machine.live(hour)), ElementsAre("2026-12-19T13:30:00Z"));
}

// The old mark lies less than three hours ahead of the second restart: without a new one it would go on from there.
TEST(Instants, AClockSetBackFurtherIsTakenByARestartToo) {
  for (const bool told : {true, false}) {
    Machine machine(noon);
    machine.start({{"p", {cron("30 * * * *")}}});
    machine.live(4 * hour + 30 * minute);
    machine.now.wall -= 4 * hour;
    told ? machine.set_clock() : machine.restart();
    machine.reboot(2 * hour);
    EXPECT_THAT(texts(machine.due()), ElementsAre("2026-12-19T14:30:00Z x2")) << "told: " << told;
  }
}

TEST(Instants, AClockSetBackBehindTheBeginningOfATriggerLosesNothing) {
  Machine machine(noon);
  machine.start({{"p", {cron("30 * * * *")}}});
  machine.now.wall -= hour;
  machine.set_clock();
  EXPECT_THAT(texts(machine.live(hour)), ElementsAre("2026-12-19T11:30:00Z"));
}

TEST(Instants, AnAtFiresOnceForEver) {
  Machine machine(noon);
  machine.start({{"p", {once(noon + hour)}}});
  EXPECT_THAT(texts(machine.live(2 * hour)), ElementsAre("2026-12-19T13:00:00Z"));
  machine.now.wall -= day;
  machine.set_clock();
  EXPECT_EQ(machine.schedule->next_wall(), std::nullopt);
  machine.restart();
  EXPECT_EQ(machine.schedule->next_wall(), std::nullopt);
}

// A machine whose clock is wrong until the network is there.
TEST(Instants, AnAtThatAWrongClockHadPassedIsNotLost) {
  Machine machine(noon + 365 * day);
  machine.start({{"p", {once(noon + hour)}}});
  EXPECT_EQ(machine.schedule->next_wall(), std::nullopt);
  machine.now.wall = noon;
  machine.restart();
  EXPECT_THAT(texts(machine.live(2 * hour)), ElementsAre("2026-12-19T13:00:00Z"));
}

TEST(Instants, AnAtThatPassedWhileTheMachineWasOffIsCaughtUp) {
  Machine machine(noon);
  machine.start({{"p", {once(noon + hour)}}, {"q", {once(noon + hour, CatchUp::none)}}});
  machine.reboot(2 * hour);
  const auto firings = machine.due();
  ASSERT_EQ(firings.size(), 1u);
  EXPECT_EQ(firings[0].process, "p");
  machine.restart();
  EXPECT_EQ(machine.schedule->next_wall(), std::nullopt);
}

TEST(Instants, AnAtThatWasPastWhenItWasFirstSeenNeverFires) {
  Machine machine(noon);
  machine.start({{"p", {once(noon - second)}}});
  EXPECT_EQ(machine.schedule->next_wall(), std::nullopt);
  machine.reboot(hour);
  EXPECT_THAT(machine.due(), IsEmpty());
}

TEST(Jitter, IsFixedAndEvenlySpread) {
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    const double place = jitter_place("machine", "process" + std::to_string(i), "key");
    EXPECT_GE(place, 0.0);
    EXPECT_LT(place, 1.0);
    EXPECT_EQ(place, jitter_place("machine", "process" + std::to_string(i), "key"));
    sum += place;
  }
  EXPECT_NEAR(sum / 1000, 0.5, 0.05);
  EXPECT_NE(jitter_place("machine", "p", "key"), jitter_place("other", "p", "key"));
  EXPECT_NE(jitter_place("machine", "p", "key"), jitter_place("machine", "p", "key2"));
  EXPECT_NE(jitter_place("machine", "pk", "ey"), jitter_place("machine", "p", "key"));
}

TEST(Jitter, DelaysAFiringAndNeverReachesTheNextInstant) {
  for (int i = 0; i < 50; ++i) {
    Machine machine(noon);
    const std::string process = "p" + std::to_string(i);
    machine.start({{process, {cron("* * * * *", CatchUp::all, hour)}}});
    const auto upcoming = machine.schedule->upcoming(process, 3, machine.now);
    ASSERT_EQ(upcoming.size(), 3u);
    for (const Upcoming& next : upcoming) {
      EXPECT_GE(next.at, next.nominal);
      EXPECT_LT(next.at, next.nominal + minute);
      EXPECT_EQ(next.at - next.nominal, upcoming[0].at - upcoming[0].nominal);
    }
    EXPECT_EQ(machine.schedule->next_wall(), upcoming[0].at);
  }
}

TEST(Jitter, ARestartBetweenTheInstantAndItsFiringLosesNothing) {
  Machine machine(noon);
  machine.start({{"p", {cron("0 * * * *", CatchUp::none, hour)}}});
  const WallTime fires_at = *machine.schedule->next_wall();
  machine.sleep(hour + second);
  machine.restart();
  EXPECT_EQ(machine.schedule->next_wall(), fires_at);
}

TEST(UpcomingList, MergesAllInOrderOfTime) {
  Machine machine(noon);
  machine.start({{"a", {cron("*/20 * * * *")}},
                 {"b", {trigger("every 30min", EveryTrigger{30 * minute}), once(noon + 25 * minute)}},
                 {"c", {trigger("boot 2h", BootTrigger{2 * hour})}}});
  std::vector<std::string> list;
  for (const Upcoming& next : machine.schedule->upcoming("", 7, machine.now)) {
    list.push_back(next.process + " " + format_utc(next.at) + " " + next.zone);
  }
  EXPECT_THAT(list, ElementsAre("a 2026-12-19T12:20:00Z UTC", "b 2026-12-19T12:25:00Z ", "b 2026-12-19T12:30:00Z ",
                                "a 2026-12-19T12:40:00Z UTC", "a 2026-12-19T13:00:00Z UTC", "b 2026-12-19T13:00:00Z ",
                                "c 2026-12-19T13:00:00Z "));
  EXPECT_EQ(machine.schedule->upcoming("b", 2, machine.now).size(), 2u);
  EXPECT_THAT(machine.schedule->upcoming("nobody", 2, machine.now), IsEmpty());
}

}  // namespace
}  // namespace takt
