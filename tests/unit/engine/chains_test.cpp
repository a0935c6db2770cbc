// What the ends of executions and events set off.
#include "engine/limits.h"
#include "workflow_fixture.h"

namespace takt::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Chains : public Workflow {
 protected:
  std::vector<std::string> emit(const std::string& event, Value payload = Value::object()) {
    return harness->handle(EventEmitted{7, Caller{1000}, event, std::move(payload)});
  }
  Value context(ExecutionId id) {
    const LiveExecution* one = harness->engine().live(id);
    return one != nullptr ? one->row.trigger : ended_row(id)->trigger;
  }
};

std::string trigger(const std::string& keys) {
  return "[[trigger]]\n" + keys + "\n";
}

TEST_F(Chains, AnEndStartsWhatFollowsItInTheSameTurn) {
  with_all({{"p", step("a")}, {"q", trigger("after = \"p\"") + step("b")}});
  start();
  EXPECT_THAT(started(ended("1.1.0.1", 3)), ElementsAre("2.1.0.1"));
  const Value seen = context(2);
  EXPECT_EQ(seen["kind"], "after");
  EXPECT_EQ(seen["process"], "p");
  EXPECT_EQ(seen["execution"], 1);
  EXPECT_EQ(seen["outcome"], "failed");
  EXPECT_EQ(seen["step"], "a");
  EXPECT_EQ(seen["reason"], "step 'a' failed: exit status 3");
}

TEST_F(Chains, OnlyTheOutcomesThatAreNamedCount) {
  with_all({{"p", step("a")},
            {"failure", trigger("after = [\"other\", \"p\"]\noutcome = [\"failed\", \"timed-out\"]") + step("b")},
            {"success", trigger("after = \"p\"\noutcome = \"succeeded\"") + step("c")}});
  start();
  ended("1.1.0.1");
  EXPECT_EQ(harness->engine().live(2)->row.process, "success");
  EXPECT_EQ(harness->engine().live(3), nullptr);
}

TEST_F(Chains, AnyMeansAnyOther) {
  with_all({{"p", step("a")}, {"watcher", trigger("after = \"*\"") + step("b")}});
  start();
  EXPECT_THAT(started(ended("1.1.0.1")), ElementsAre("2.1.0.1"));
  EXPECT_THAT(started(ended("2.1.0.1", 1)), IsEmpty()) << "its own end would set it off for ever";
}

TEST_F(Chains, AGuardMayAskForTheInputs) {
  with("[inputs.region]\ntype = \"string\"\n" +
       trigger("event = \"deployed\"\nwhen = \"inputs.region == 'eu'\"\n"
               "inputs = { region = \"${trigger.payload.region}\" }") +
       step("a"));
  EXPECT_THAT(emit("deployed", {{"region", "us"}}),
              Contains(HasSubstr("skipped (guard: inputs.region == 'eu' is false)")));
  EXPECT_THAT(started(emit("deployed", {{"region", "eu"}})), ElementsAre("2.1.0.1"));
  EXPECT_THAT(emit("deployed"), Contains(HasSubstr("failed (inputs: ")));
}

TEST_F(Chains, OneEndIsOneFiring) {
  with_all({{"p", step("a")}, {"q", "overlap = \"allow\"\n" + trigger("after = [\"p\", \"*\", \"p\"]") + step("b")}});
  start();
  ended("1.1.0.1");
  EXPECT_NE(harness->engine().live(2), nullptr);
  EXPECT_EQ(harness->engine().live(3), nullptr);
}

TEST_F(Chains, ACycleThroughANestedExecutionEndsToo) {
  with_all({{"p", trigger("event = \"again\"") + step("a", "process = \"q\"")},
            {"q", step("b", "emit = { event = \"again\" }")}});
  harness->handle(EventEmitted{7, Caller{1000}, "again", Value::object()});
  EXPECT_THAT(harness->ended_rows().back().reason, HasSubstr("have set each other off"));
  EXPECT_LE(harness->ended_rows().size(), 2 * limits::chain + 3U) << "two for each link, and the one that is too many";
}

TEST_F(Chains, ACycleEndsWithARowThatSaysWhy) {
  with_all({{"p", trigger("after = \"q\"") + step("a", "set = { x = 1 }")},
            {"q", trigger("after = \"p\"\noutcome = [\"succeeded\", \"skipped\"]") + step("b", "set = { x = 1 }")}});
  start();
  const auto& rows = harness->ended_rows();
  ASSERT_EQ(rows.size(), limits::chain + 2U);
  EXPECT_EQ(rows[limits::chain].state, ExecutionState::succeeded);
  EXPECT_EQ(rows.back().state, ExecutionState::skipped);
  EXPECT_EQ(rows.back().reason, "depth: 16 executions have set each other off, one after another");
  EXPECT_TRUE(harness->engine().live_executions().empty());
}

TEST_F(Chains, ARollbackSetsNothingOffAgain) {
  with_all({{"p", step("a", "undo = [\"undo\"]")}, {"q", trigger("after = \"p\"") + step("b", "set = { x = 1 }")}});
  start();
  ended("1.1.0.1");
  ASSERT_EQ(harness->ended_rows().size(), 2U);
  harness->handle(rollback_of(1));
  ended("1.1.0.1.u");
  EXPECT_EQ(harness->ended_rows().size(), 2U);
}

TEST_F(Chains, AnEventOfACallerFiresWhatMatches) {
  with_all({{"p", trigger("event = \"deployed\"\nmatch = { to = \"production\" }") + step("a")},
            {"q", trigger("event = \"deployed\"") + step("b")}});
  EXPECT_THAT(emit("deployed", {{"to", "test"}}), Contains("> answer 1"));
  EXPECT_EQ(harness->engine().live(1)->row.process, "q");
  EXPECT_THAT(emit("deployed", {{"to", "production"}}), Contains("> answer 2"));
  EXPECT_EQ(context(2)["payload"], Value({{"to", "production"}}));
  EXPECT_THAT(emit("withdrawn"), Contains("> answer 0"));
}

TEST_F(Chains, AnEventOfAStepFiresAndSaysWhose) {
  with_all({{"p", step("a", "emit = { event = \"done\", payload = { n = \"${1 + 1}\" } }")},
            {"q", trigger("event = \"done\"") + step("b")}});
  EXPECT_THAT(started(start()), ElementsAre("2.1.0.1"));
  EXPECT_EQ(context(2)["payload"], Value({{"n", 2}}));
  EXPECT_EQ(context(2)["process"], "p");
  EXPECT_EQ(context(2)["execution"], 1);
}

TEST_F(Chains, EventsThatSetEachOtherOffComeToAnEnd) {
  with_all({{"p", "overlap = \"allow\"\nmax_instances = 100\n" + trigger("event = \"again\"") +
                      step("a", "emit = { event = \"again\" }")}});
  emit("again");
  ASSERT_EQ(harness->ended_rows().size(), limits::chain + 2U);
  EXPECT_THAT(harness->ended_rows().back().reason, HasSubstr("depth: 16 executions"));
}

TEST_F(Chains, TwoEventsInOneInstantAreTwoFiringsAlsoOverARestart) {
  with_all({{"p", "overlap = \"queue\"\n" + trigger("event = \"e\"") + step("a")}});
  emit("e");
  harness->restart();
  emit("e");
  const auto live = harness->engine().live_executions();
  ASSERT_EQ(live.size(), 2U);
  EXPECT_EQ(*live[1]->row.nominal_at - *live[0]->row.nominal_at, Duration(1)) << "the store takes one row an instant";
}

TEST_F(Chains, WhatIsPausedOrDisabledRecordsOrDoesNothing) {
  with_all({{"p", step("a", "set = { x = 1 }")},
            {"paused", trigger("after = \"p\"") + step("b")},
            {"disabled", "enabled = false\n" + trigger("after = \"p\"") + step("c")},
            {"off", trigger("after = \"p\"\nenabled = false") + step("d")}});
  harness->handle(ProcessPauseRequested{1, Caller{0}, "paused", true});
  start();
  ASSERT_EQ(harness->ended_rows().size(), 2U);
  EXPECT_EQ(harness->ended_rows()[1].state, ExecutionState::skipped);
  EXPECT_THAT(harness->ended_rows()[1].reason, HasSubstr("paused"));
}

TEST_F(Chains, AnEndForGoodSetsNothingOff) {
  with_all({{"p", step("a")}, {"q", trigger("after = \"p\"") + step("b")}});
  start();
  harness->handle(CancelAll{"the daemon stops"});
  EXPECT_THAT(ended("1.1.0.1", 1), Not(Contains(HasSubstr("queued"))));
  EXPECT_TRUE(harness->engine().live_executions().empty()) << "else the daemon would never come to rest";
}

}  // namespace
}  // namespace takt::test
