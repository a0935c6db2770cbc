// What has to hold for a queued execution to start, and what becomes of it while that does not.
#include "workflow_fixture.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Constrained : public Workflow {
 protected:
  std::vector<std::string> seen(const std::string& key, const std::string& missing) {
    return harness->handle(ConstraintSeen{key, missing});
  }
  // Of a queued execution.
  std::string reason(ExecutionId id = 1) {
    const LiveExecution* live = harness->engine().live(id);
    return live == nullptr ? "does not live" : live->row.reason;
  }
  bool queued(ExecutionId id = 1) {
    const LiveExecution* live = harness->engine().live(id);
    return live != nullptr && live->row.state == ExecutionState::queued;
  }
};

TEST_F(Constrained, WaitsUntilAllHoldAndSaysWhichDoNot) {
  with("[constraints]\nac_power = true\nnetwork = \"online\"\n" + step("a"));
  EXPECT_THAT(start(), Contains("> await ac_power = true"));
  EXPECT_EQ(reason(), "waits for ac_power = true: not known yet; network = online: not known yet");
  EXPECT_THAT(started(seen("network = online", "")), IsEmpty());
  EXPECT_THAT(started(seen("ac_power = true", "the machine runs on battery")), IsEmpty());
  EXPECT_EQ(reason(), "waits for ac_power = true: the machine runs on battery");
  const auto lines = seen("ac_power = true", "");
  EXPECT_THAT(started(lines), ElementsAre("1.1.0.1"));
  EXPECT_THAT(lines, Contains("> forget ac_power = true"));
  EXPECT_THAT(lines, Contains("> forget network = online"));
  EXPECT_EQ(reason(), "");
}

TEST_F(Constrained, WhatStopsHoldingBeforeItsTurnHoldsItAgain) {
  Settings settings;
  settings.max_concurrent = 1;
  with_all({{"p", "[constraints]\nac_power = true\n" + step("a")}, {"busy", step("b")}}, settings);
  harness->start("busy");
  start();
  EXPECT_THAT(started(seen("ac_power = true", "")), IsEmpty());
  seen("ac_power = true", "the machine runs on battery");
  EXPECT_THAT(started(ended("1.1.0.1")), IsEmpty());
  EXPECT_THAT(started(seen("ac_power = true", "")), ElementsAre("2.1.0.1"));
}

TEST_F(Constrained, WhoComesToTheHeadLateIsPatientOnlyForWhatIsNotKnown) {
  with("overlap = \"queue\"\n[constraints]\nac_power = true\nmax_wait = \"1min\"\n" + step("a"));
  start();
  seen("ac_power = true", "the machine runs on battery");
  start();
  harness->advance(61s);
  harness->handle(Tick{});
  harness->handle(Tick{});
  EXPECT_FALSE(queued(1));
  EXPECT_FALSE(queued(2)) << "it has been said how things stand";
}

TEST_F(Constrained, NothingIsAskedOfTheMachineWhileThereIsNoRoom) {
  with("overlap = \"queue\"\n[constraints]\nac_power = true\n" + step("a"));
  start();
  seen("ac_power = true", "");
  EXPECT_THAT(start(), Not(Contains("> await ac_power = true")));
  EXPECT_EQ(reason(2), "");
  EXPECT_THAT(ended("1.1.0.1"), Contains("> await ac_power = true"));
  EXPECT_EQ(reason(2), "waits for ac_power = true: not known yet");
}

TEST_F(Constrained, OneQuestionServesAllWhoAsk) {
  const std::string text = "[constraints]\nac_power = true\n" + step("a");
  with_all({{"p", text}, {"q", text}});
  EXPECT_THAT(start(), Contains("> await ac_power = true"));
  EXPECT_THAT(harness->start("q"), Not(Contains("> await ac_power = true")));
  EXPECT_THAT(started(seen("ac_power = true", "")), ElementsAre("1.1.0.1", "2.1.0.1"));
}

TEST_F(Constrained, OthersDoNotWaitBehindIt) {
  with_all({{"p", "priority = 10\n[constraints]\nac_power = true\n" + step("a")}, {"q", step("b")}});
  start();
  EXPECT_THAT(started(harness->start("q")), ElementsAre("2.1.0.1"));
}

TEST_F(Constrained, AHigherPriorityTakesItsPlaceAndItsReason) {
  with("overlap = \"queue\"\n[constraints]\nac_power = true\n" + step("a"));
  start();
  seen("ac_power = true", "the machine runs on battery");
  StartRequested first;
  first.process = "p";
  first.priority = 10;
  const auto lines = harness->handle(first);
  EXPECT_THAT(lines, Not(Contains("> forget ac_power = true")));  // the same is asked for
  EXPECT_EQ(reason(1), "");
  EXPECT_EQ(reason(2), "waits for ac_power = true: the machine runs on battery");
}

TEST_F(Constrained, IsSkippedWhenItHasWaitedForAsLongAsItMay) {
  with("[constraints]\nac_power = true\nmax_wait = \"2h\"\n" + step("a"));
  start();
  seen("ac_power = true", "the machine runs on battery");
  const Now begun = harness->now();
  EXPECT_THAT(harness->tick(), Contains("> forget ac_power = true"));
  EXPECT_EQ(harness->now().boot - begun.boot, 2h);
  EXPECT_EQ(outcome(), "skipped: constraint: ac_power = true: the machine runs on battery; max_wait, 2h, is over");
}

TEST_F(Constrained, MaxWaitIsNotForOneThatIsReady) {
  Settings settings;
  settings.max_concurrent = 1;
  with_all({{"p", "[constraints]\nac_power = true\nmax_wait = \"2h\"\n" + step("a")}, {"busy", step("b")}}, settings);
  harness->start("busy");
  start();
  seen("ac_power = true", "");
  harness->advance(3h);
  harness->handle(Tick{});
  EXPECT_TRUE(queued(2));
  // From the moment at which something is missing, there is no time left.
  seen("ac_power = true", "the machine runs on battery");
  harness->tick();
  EXPECT_THAT(outcome(2), HasSubstr("max_wait"));
}

TEST_F(Constrained, TheMachineHasTimeToAnswerAfterALongWaitForATurn) {
  with("overlap = \"queue\"\n[constraints]\nac_power = true\nmax_wait = \"1h\"\n" + step("a"));
  start();
  seen("ac_power = true", "");
  start();
  harness->advance(5h);
  ended("1.1.0.1");
  harness->handle(Tick{});
  EXPECT_TRUE(queued(2));
  EXPECT_THAT(started(seen("ac_power = true", "")), ElementsAre("2.1.0.1"));
}

TEST_F(Constrained, ARestartGoesOnWaitingAndForgetsNothingOfIt) {
  with("[constraints]\nac_power = true\nmax_wait = \"2h\"\n" + step("a"));
  start();
  seen("ac_power = true", "the machine runs on battery");
  harness->advance(1h);
  const auto lines = harness->restart();
  EXPECT_THAT(lines, Contains("> await ac_power = true"));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("execution 1"))));  // its row is as it was
  EXPECT_EQ(reason(), "waits for ac_power = true: the machine runs on battery");
  const Now begun = harness->now();
  harness->tick();
  EXPECT_EQ(harness->now().boot - begun.boot, 1h);
  EXPECT_THAT(outcome(), HasSubstr("max_wait"));
}

TEST_F(Constrained, ACancelledOneAsksForNothingMore) {
  with("[constraints]\nac_power = true\n" + step("a"));
  start();
  EXPECT_THAT(cancel(), Contains("> forget ac_power = true"));
  EXPECT_THAT(seen("ac_power = true", ""), IsEmpty());
}

TEST_F(Constrained, ItsTimeOutBeginsWithItsRun) {
  with("timeout = \"1h\"\n[constraints]\nac_power = true\nmax_wait = \"1d\"\n" + step("a"));
  start();
  harness->advance(5h);
  seen("ac_power = true", "");
  const Now begun = harness->now();
  harness->tick();
  EXPECT_EQ(harness->now().boot - begun.boot, 1h);
}

// The harness begins on Fri 2027-01-15 08:00 UTC.
class BlackedOut : public Constrained {
 protected:
  [[nodiscard]] std::string clock() const { return format_utc(harness->now().wall); }
};

TEST_F(BlackedOut, StartsWhenTheBlackoutEnds) {
  with("[constraints]\nnot_between = { from = \"Mon..Fri 06:00\", to = \"18:30\" }\n" + step("a"));
  EXPECT_THAT(started(start()), IsEmpty());
  EXPECT_EQ(reason(),
            "waits for not_between = Mon..Fri *-*-* 06:00:00 and *-*-* 18:30:00 (UTC): until 2027-01-15T18:30:00Z");
  EXPECT_THAT(started(harness->tick()), ElementsAre("1.1.0.1"));
  EXPECT_EQ(clock(), "2027-01-15T18:30:00Z");
}

TEST_F(BlackedOut, OutsideOfItNothingWaitsAndNothingWakes) {
  with("[constraints]\nnot_between = { from = \"Sat 06:00\", to = \"Sat 18:00\" }\n" + step("a"));
  EXPECT_THAT(started(start()), ElementsAre("1.1.0.1"));
  EXPECT_FALSE(harness->engine().next_at());
}

TEST_F(BlackedOut, BeginsForOneThatIsReadyAndHasNoSlot) {
  Settings settings;
  settings.max_concurrent = 1;
  with_all(
      {{"p", "[constraints]\nnot_between = { from = \"09:00\", to = \"10:00\" }\n" + step("a")}, {"busy", step("b")}},
      settings);
  harness->start("busy");
  start();
  EXPECT_EQ(reason(2), "");
  harness->tick();
  EXPECT_EQ(clock(), "2027-01-15T09:00:00Z");
  EXPECT_THAT(reason(2), HasSubstr("until 2027-01-15T10:00:00Z"));
  EXPECT_THAT(started(ended("1.1.0.1")), IsEmpty());
  EXPECT_THAT(started(harness->tick()), ElementsAre("2.1.0.1"));
}

TEST_F(BlackedOut, LiesInTheProcessesZone) {
  with("timezone = \"Asia/Tehran\"\n[constraints]\nnot_between = { from = \"11:00\", to = \"12:00\" }\n" + step("a"));
  EXPECT_THAT(started(start()), IsEmpty());  // 11:30 there
  harness->tick();
  EXPECT_EQ(clock(), "2027-01-15T08:30:00Z");
}

TEST_F(BlackedOut, OneOfSeveralIsEnough) {
  with("[constraints]\nnot_between = [{ from = \"07:00\", to = \"09:00\" }, { from = \"08:30\", to = \"10:00\" }]\n" +
       step("a"));
  start();
  EXPECT_THAT(started(harness->tick()), IsEmpty());  // the second begins
  EXPECT_THAT(started(harness->tick()), IsEmpty());  // the first ends
  EXPECT_THAT(started(harness->tick()), ElementsAre("1.1.0.1"));
  EXPECT_EQ(clock(), "2027-01-15T10:00:00Z");
}

TEST_F(BlackedOut, AClockThatIsSetIsFollowed) {
  with("[constraints]\nnot_between = { from = \"07:00\", to = \"09:00\" }\n" + step("a"));
  start();
  harness->set_wall(harness->now().wall + 2h);
  EXPECT_THAT(started(harness->handle(ClockSet{})), ElementsAre("1.1.0.1"));
}

}  // namespace
}  // namespace takt::test
