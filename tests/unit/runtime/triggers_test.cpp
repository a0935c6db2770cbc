// Time that comes, and what the administrator reads of it.
#include "base/names.h"
#include "fixture.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::_;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class Triggers : public RuntimeTest {
 protected:
  void boot_with(std::map<std::string, std::string> texts) {
    definitions.texts = std::move(texts);
    runner.fate = [this](const AttemptSpec&) { return fate; };
    boot();
    world.clear();
  }
  std::size_t runs_of(const std::string& process) const {
    return static_cast<std::size_t>(std::count_if(disk.executions.begin(), disk.executions.end(),
                                                  [&](const auto& one) { return one.second.process == process; }));
  }
  WallTime mark() const { return disk.marks.begin()->second.fired_at; }
  void set_clock(WallTime to) {
    clock.value.wall = to;
    runtime->clock_changed();
    settle();
  }
  const LogEntry& last_entry() const { return log.entries.back(); }
  Fate fate{.lasts = 1s};
};

TEST_F(Triggers, FireAndAreWokenAtEachInstant) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"* * * * *\"\n") + one_step}});
  EXPECT_EQ(alarms.wall, clock.value.wall + 1min) << "the clock begins on a full minute";
  pass(150s);
  EXPECT_EQ(runs_of("p"), 2u);
  EXPECT_EQ(disk.marks.begin()->second.fired_at, *disk.executions.at(2).nominal_at);
}

TEST_F(Triggers, AreHeldWhenTheDaemonIsDisabled) {
  settings.enabled = false;
  boot_with({{"p", std::string("[[trigger]]\ncron = \"* * * * *\"\n") + one_step}});
  EXPECT_EQ(alarms.wall, std::nullopt);
  pass(150s);
  EXPECT_EQ(runs_of("p"), 0u);
  EXPECT_THAT(runtime->upcoming("p", 1), IsEmpty());
}

TEST_F(Triggers, AnInstantThatHasItsRowDoesNotFireAgain) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"* * * * *\"\n") + one_step}});
  pass(60s);
  const Firing again{"p", disk.executions.at(1).trigger_key, *disk.executions.at(1).nominal_at, 1, false, {}, "boot"};
  runtime->fire(again);
  settle();
  EXPECT_EQ(runs_of("p"), 1u);
  EXPECT_THAT(entries(LogPriority::warning), ElementsAre(HasSubstr("has its row already; the clock was set back")));
}

TEST_F(Triggers, AClockSetBackFurtherThanThreeHoursIsToldAsAWarning) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"* * * * *\"\n") + one_step}});
  pass(60s);
  clock.value.wall -= 3h;
  runtime->clock_changed();
  EXPECT_THAT(entries(LogPriority::warning), IsEmpty());
  clock.value.wall -= 1s;
  runtime->clock_changed();
  EXPECT_THAT(entries(LogPriority::warning), ElementsAre(HasSubstr("the new time is taken")));
  settle();
  EXPECT_EQ(alarms.wall, clock.value.wall + 1s);
}

// A restart would pass it once more, and count it into what the next one stands for.
TEST_F(Triggers, AnInstantThatHasItsRowMovesItsMark) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"0 * * * *\"\n") + one_step}});
  pass(6h);
  ASSERT_EQ(runs_of("p"), 6u);
  const WallTime third = *disk.executions.at(3).nominal_at;
  set_clock(third - 30min);
  EXPECT_EQ(mark(), third - 30min);
  pass(45min);
  EXPECT_EQ(runs_of("p"), 6u);
  EXPECT_EQ(mark(), third);
}

TEST_F(Triggers, WhatIsLetGoAndHasItsRowMovesItsMark) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"0 * * * *\"\ncatch_up = \"none\"\n") + one_step}});
  pass(6h);
  const WallTime third = *disk.executions.at(3).nominal_at;
  set_clock(third - 30min);
  set_clock(third + 30min);
  EXPECT_EQ(runs_of("p"), 6u);
  EXPECT_EQ(mark(), third);
}

TEST_F(Triggers, WhatIsLetGoLeavesItsRowBeforeThatOfAnInstantThatIsOnTime) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"* * * * *\"\ncatch_up = \"none\"\n") + one_step}});
  const WallTime begun = clock.value.wall;
  set_clock(begun + 3min);
  ASSERT_EQ(runs_of("p"), 2u);
  EXPECT_EQ(disk.executions.at(1).state, ExecutionState::skipped);
  EXPECT_EQ(disk.executions.at(1).nominal_at, begun + 2min);
  EXPECT_EQ(disk.executions.at(2).state, ExecutionState::running);
  EXPECT_EQ(disk.executions.at(2).nominal_at, begun + 3min);
  EXPECT_EQ(mark(), begun + 3min);
}

TEST_F(Triggers, AFinishAnchorGoesOnWhenARestartStartsWhatWasQueued) {
  settings.max_concurrent = 1;
  fate.lasts = 10s;
  boot_with(
      {{"blocker", one_step}, {"p", std::string("[[trigger]]\nevery = \"1min\"\nanchor = \"finish\"\n") + one_step}});
  start("blocker");
  start("p");
  settle();
  ASSERT_EQ(disk.executions.at(2).state, ExecutionState::queued);
  crash();
  settings.max_concurrent = 2;
  boot();
  ASSERT_EQ(disk.executions.at(2).state, ExecutionState::running);
  pass(75s);
  EXPECT_EQ(runs_of("p"), 2u) << "a minute after the end of the first";
}

TEST_F(Triggers, AFinishAnchorCountsFromAnEndBeforeTheRestart) {
  fate.lasts = 50s;
  boot_with({{"p", std::string("[[trigger]]\nevery = \"1min\"\nanchor = \"finish\"\n") + one_step}});
  pass(115s);  // it began after a minute, and ended after 110 s
  ASSERT_EQ(disk.executions.at(1).state, ExecutionState::succeeded);
  crash();
  boot();
  pass(50s);
  EXPECT_EQ(runs_of("p"), 1u) << "a minute after the firing is none after the end";
  pass(10s);
  EXPECT_EQ(runs_of("p"), 2u);
}

TEST_F(Triggers, WhatIsFollowedNoMoreBeginsAnewAlsoOverARestart) {
  const std::string minutely = std::string("[[trigger]]\ncron = \"* * * * *\"\n") + one_step;
  boot_with({{"p", minutely}, {"b", std::string("[[trigger]]\nboot = \"1s\"\n") + one_step}});
  pass(65s);
  ASSERT_EQ(runs_of("p"), 1u);
  definitions.texts["p"] = "enabled = false\n" + minutely;
  definitions.texts.erase("b");
  runtime->reload({}, reply_to<Diagnostics>("reload"));
  settle();
  EXPECT_THAT(disk.marks, ElementsAre(Pair(Pair("b", "boot 1s"), _))) << "it fired in this boot";
  crash();
  clock.value.wall += 24h;
  definitions.texts["p"] = minutely;
  boot();
  EXPECT_EQ(runs_of("p"), 1u) << "nothing is caught up";
}

// ---- What the administrator reads

TEST_F(Triggers, TheStartTellsEachNextRunInItsZone) {
  boot_with({{"p", std::string("timezone = \"Asia/Tehran\"\n[[trigger]]\ncron = \"30 12 * * *\"\n") + one_step}});
  EXPECT_THAT(entries(), ElementsAre("p: next run at 2027-01-15 12:30:00+03:30"));
  EXPECT_EQ(last_entry().message_id, names::id_next_run);
  EXPECT_THAT(last_entry().fields, Contains(Pair("TAKT_PROCESS", "p")));
}

TEST_F(Triggers, AClockSetBackFurtherWhileTheDaemonWasDownIsToldAtItsStart) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"0 0 1 * *\"\n") + one_step}});
  pass(31 * 24h);
  crash();
  clock.value.wall -= 20 * 24h;
  boot();
  EXPECT_THAT(entries(LogPriority::warning), ElementsAre(HasSubstr("the triggers concerned (1) go on from there")));
  EXPECT_EQ(mark(), clock.value.wall);
}

TEST_F(Triggers, AClockSetBackThatOnlyTheZonesTellOfIsTaken) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"0 * * * *\"\n") + one_step}});
  pass(6h);
  clock.value.wall -= 4h;
  runtime->zones_changed();
  settle();
  EXPECT_EQ(mark(), clock.value.wall);
}

TEST_F(Triggers, AFailureIsToldWithItsStepItsReasonAndItsLastWords) {
  fate.exit_code = 3;
  boot_with({{"p", one_step}});
  start("p");
  pass(1s);
  EXPECT_THAT(entries(LogPriority::error), ElementsAre("p: execution 1 failed: step 'one' failed: exit status 3; the "
                                                       "last of its output:\nthe last words of 1.1.0.1"));
  EXPECT_EQ(last_entry().message_id, names::id_execution_failed);
  EXPECT_THAT(last_entry().fields, AllOf(Contains(Pair("TAKT_PROCESS", "p")), Contains(Pair("TAKT_EXECUTION", "1")),
                                         Contains(Pair("TAKT_STEP", "one")), Contains(Pair("TAKT_TRIGGER", "manual"))));
}

TEST_F(Triggers, ASkippedFiringIsToldWithWhatWasInItsWay) {
  fate.lasts = 10min;
  boot_with({{"p", std::string("[[trigger]]\ncron = \"* * * * *\"\n") + one_step}});
  pass(120s);
  EXPECT_THAT(entries(LogPriority::notice), ElementsAre("p: execution 2 skipped: overlap: execution 1 is running"));
  EXPECT_EQ(last_entry().message_id, names::id_firing_skipped);
}

TEST_F(Triggers, AFailureThatIsTriedAgainIsAWarning) {
  fate.exit_code = 3;
  boot_with({{"p", std::string(one_step) + "retry = { limit = 1, delay = \"1h\" }\n"}});
  start("p");
  pass(1s);
  EXPECT_THAT(entries(LogPriority::warning),
              ElementsAre(HasSubstr("step 'one' attempt 1 failed: exit status 3; next attempt at ")));
}

TEST_F(Triggers, OrdinaryTransitionsAreDebug) {
  boot_with({{"p", one_step}});
  start("p");
  pass(1s);
  EXPECT_THAT(entries(LogPriority::info), IsEmpty());
  EXPECT_THAT(entries(LogPriority::debug), Contains("p: execution 1 succeeded"));
}

}  // namespace
}  // namespace takt::test
