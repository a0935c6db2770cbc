// `every` and `boot`: triggers that go by boot time.
#include "fixture.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Trigger every(Duration period, Anchor anchor = Anchor::start, Duration jitter = Duration(0)) {
  return trigger("every " + format_duration(period), EveryTrigger{period, anchor, jitter});
}
Trigger boot(Duration delay) {
  return trigger("boot " + format_duration(delay), BootTrigger{delay});
}

TEST(Every, FiresEachSpanFromTheDaemonsStart) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute)}}});
  EXPECT_EQ(machine.schedule->next_boot(), machine.now.boot + 10 * minute);
  EXPECT_EQ(machine.schedule->next_wall(), std::nullopt);
  EXPECT_THAT(texts(machine.live(30 * minute)),
              ElementsAre("2026-12-19T12:10:00Z", "2026-12-19T12:20:00Z", "2026-12-19T12:30:00Z"));
}

TEST(Every, TellsWhatFired) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute)}}});
  const auto firings = machine.live(10 * minute);
  ASSERT_EQ(firings.size(), 1u);
  EXPECT_EQ(firings[0].process, "p");
  EXPECT_EQ(firings[0].key, "every 10min");
  EXPECT_EQ(firings[0].boot_id, "boot");
  EXPECT_EQ(firings[0].fields,
            Value({{"kind", "every"}, {"at", "2026-12-19T12:10:00Z"}, {"stands_for", 1}, {"shifted", false}}));
}

TEST(Every, ASuspendIsOneFiringThatStandsForWhatPassedAndKeepsTheRhythm) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute)}}});
  EXPECT_THAT(texts(machine.sleep(35 * minute)), ElementsAre("2026-12-19T12:30:00Z x3"));
  EXPECT_THAT(texts(machine.live(5 * minute)), ElementsAre("2026-12-19T12:40:00Z"));
}

TEST(Every, AClockThatIsSetDoesNotDisturbIt) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute)}}});
  machine.now.wall += 5 * hour;
  machine.set_clock();
  EXPECT_THAT(machine.live(9 * minute), IsEmpty());
  EXPECT_THAT(texts(machine.live(minute)), ElementsAre("2026-12-19T17:10:00Z"));
}

TEST(Every, TheSameReadingOfAClockSetBackIsNotTheSameInstant) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute)}}});
  machine.live(10 * minute);
  machine.now.wall -= 10 * minute;
  machine.set_clock();
  EXPECT_THAT(texts(machine.live(10 * minute)), ElementsAre("2026-12-19T12:10:00.000001Z"));
}

TEST(Every, ARestartKeepsTheRhythm) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute)}}});
  machine.live(15 * minute);
  machine.now = {machine.now.wall + minute, machine.now.boot + minute};
  machine.restart();
  EXPECT_THAT(texts(machine.live(4 * minute)), ElementsAre("2026-12-19T12:20:00Z"));
}

TEST(Every, SpansThatPassedWhileTheMachineWasOffAreOneFiringAtOnce) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute)}}});
  machine.live(10 * minute);
  machine.reboot(25 * minute);
  EXPECT_THAT(texts(machine.due()), ElementsAre("2026-12-19T12:30:00Z x2"));
  EXPECT_THAT(texts(machine.live(5 * minute)), ElementsAre("2026-12-19T12:40:00Z"));
}

TEST(Every, ADaemonThatNeverLivesForAWholeSpanStillFires) {
  Machine machine(noon);
  machine.start({{"p", {every(day)}}});
  std::vector<Firing> fired;
  for (int i = 0; i < 5; ++i) {
    for (const Firing& firing : machine.live(2 * hour)) fired.push_back(firing);
    machine.reboot(5 * hour);
  }
  EXPECT_THAT(texts(fired), ElementsAre("2026-12-20T12:00:00Z"));
}

TEST(Every, AMarkFromTheFutureWaitsForNoLongerThanOneSpan) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute)}}});
  machine.live(10 * minute);
  machine.reboot(-10 * day);
  EXPECT_THAT(machine.live(9 * minute), IsEmpty());
  EXPECT_EQ(machine.live(minute).size(), 1u);
}

TEST(Every, FromTheFinishCountsFromTheEndOfTheRunAndHoldsStillMeanwhile) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute, Anchor::finish)}}});
  ASSERT_EQ(machine.live(10 * minute).size(), 1u);
  machine.schedule->execution_started("p");
  machine.schedule->execution_started("p");
  EXPECT_EQ(machine.schedule->next_boot(), std::nullopt);
  EXPECT_THAT(machine.live(hour), IsEmpty());
  machine.schedule->execution_ended("p", machine.now);
  EXPECT_THAT(machine.live(hour), IsEmpty());
  machine.schedule->execution_ended("p", machine.now);
  EXPECT_THAT(texts(machine.live(10 * minute)), ElementsAre("2026-12-19T14:20:00Z"));
}

TEST(Every, FromTheFinishGoesOnWhenAFiringRunsNothing) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute, Anchor::finish)}}});
  EXPECT_EQ(machine.live(30 * minute).size(), 3u);
}

TEST(Every, FromTheFinishIsHeldByARunThatARestartFoundLive) {
  Machine machine(noon);
  machine.start({});
  machine.schedule->execution_started("p");
  machine.load({{"p", {every(10 * minute, Anchor::finish)}}});
  EXPECT_EQ(machine.schedule->next_boot(), std::nullopt);
}

TEST(Every, JitterMovesThePhaseAndNotTheNominalInstant) {
  Machine machine(noon);
  machine.start({{"p", {every(10 * minute, Anchor::start, 5 * minute)}}});
  const Duration offset = *machine.schedule->next_boot() - machine.now.boot - 10 * minute;
  EXPECT_GT(offset, Duration(0));
  EXPECT_LT(offset, 5 * minute);
  EXPECT_THAT(texts(machine.live(20 * minute + offset)), ElementsAre("2026-12-19T12:10:00Z", "2026-12-19T12:20:00Z"));
}

TEST(Boot, FiresOnceABoot) {
  Machine machine(noon, second);
  machine.start({{"p", {boot(minute)}}});
  EXPECT_THAT(machine.live(58 * second), IsEmpty());
  EXPECT_THAT(texts(machine.live(second)), ElementsAre("2026-12-19T12:00:59Z"));
  EXPECT_THAT(machine.live(day), IsEmpty());
  machine.restart();
  EXPECT_THAT(machine.live(day), IsEmpty());
  machine.reboot(minute);
  EXPECT_EQ(machine.live(minute).size(), 1u);
}

TEST(Boot, FiresLateWhenTheDaemonStartsLate) {
  Machine machine(noon, 5 * minute);
  machine.start({{"p", {boot(minute)}}});
  EXPECT_THAT(texts(machine.due()), ElementsAre("2026-12-19T11:56:00Z"));
}

TEST(Boot, ARestartBeforeItsInstantLosesNothing) {
  Machine machine(noon, second);
  machine.start({{"p", {boot(minute)}}});
  machine.live(30 * second);
  machine.restart();
  EXPECT_EQ(machine.live(30 * second).size(), 1u);
}

TEST(Boot, OneThatComesByAReloadTooLateWaitsForTheNextBoot) {
  Machine machine(noon, hour);
  machine.start({});
  machine.load({{"p", {boot(minute)}}});
  EXPECT_THAT(machine.live(hour), IsEmpty());
  machine.restart();
  EXPECT_THAT(machine.live(hour), IsEmpty());
  machine.reboot(minute);
  EXPECT_EQ(machine.live(minute).size(), 1u);
}

TEST(Boot, AMachineWithoutAClockOfItsOwnHasDistinctInstants) {
  Machine machine(WallTime(second), second);
  machine.start({{"p", {boot(minute)}}});
  const auto first = machine.live(minute);
  machine.now.wall = WallTime(Duration(0));
  machine.reboot(second);
  const auto second_boot = machine.live(minute);
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second_boot.size(), 1u);
  EXPECT_NE(first[0].nominal, second_boot[0].nominal);
}

}  // namespace
}  // namespace takt
