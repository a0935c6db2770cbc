// Undo, rollback, and retries of what has ended.
#include "workflow_fixture.h"

namespace takt::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string undoable(const std::string& name, const std::string& keys = "") {
  return step(name, "undo = [\"undo-" + name + "\", \"${steps." + name + ".result}\"]\n" + keys);
}

TEST_F(Workflow, WhatSucceededIsUndoneInReverseOrderOfItsEnds) {
  with(undoable("a", "needs = []") + undoable("b", "needs = []") + step("c", "needs = [\"a\", \"b\"]"));
  start();
  ended("1.1.1.1", 0, "B");
  ended("1.1.0.1", 0, "A");
  EXPECT_THAT(started(ended("1.1.2.1", 1)), ElementsAre("1.1.0.1.u"));
  EXPECT_THAT(harness->spec().argv, ElementsAre("undo-a", "A"));
  harness->restart();
  EXPECT_THAT(started(ended("1.1.0.1.u")), ElementsAre("1.1.1.1.u"));
  EXPECT_THAT(harness->spec().argv, ElementsAre("undo-b", "B"));
  ended("1.1.1.1.u");
  EXPECT_EQ(outcome(), "failed at c: step 'c' failed: exit status 1");
  EXPECT_EQ(states(), "a undone, b undone, c failed");
}

TEST_F(Workflow, AnUndoIsTriedAgainAndItsFailureIsToldAndHoldsNothingUp) {
  with(undoable("a") + undoable("b", "retry = { limit = 1, delay = \"5s\" }") + step("c"));
  start();
  ended("1.1.0.1", 0, "A");
  ended("1.1.1.1", 0, "B");
  ended("1.1.2.1", 1);
  EXPECT_THAT(started(ended("1.1.1.1.u", 1)), IsEmpty());
  harness->restart();
  EXPECT_THAT(started(harness->tick()), ElementsAre("1.1.1.2.u"));
  EXPECT_THAT(started(ended("1.1.1.2.u", 9)), ElementsAre("1.1.0.1.u"));
  ended("1.1.0.1.u");
  EXPECT_EQ(states(), "a undone, b succeeded, c failed");
  EXPECT_EQ(row_of("b").error, "undo: exit status 9");
}

TEST_F(Workflow, ItemsAreUndoneOneByOneFromTheLast) {
  with(step("a",
            "for_each = \"{'x', 'y', 'z'}\"\nmax_parallel = 3\nfail_fast = false\nrun = [\"do\"]\nundo = "
            "[\"undo\", \"${item}\"]"));
  start();
  ended("1.1.0.1.i0");
  ended("1.1.0.2.i1", 1);
  EXPECT_THAT(started(ended("1.1.0.3.i2")), ElementsAre("1.1.0.1.i2.u"));
  EXPECT_THAT(harness->spec().argv, ElementsAre("undo", "z"));
  harness->restart();
  EXPECT_THAT(started(ended("1.1.0.1.i2.u")), ElementsAre("1.1.0.2.i0.u"));
  ended("1.1.0.2.i0.u");
  EXPECT_EQ(states(), "a failed");
  EXPECT_THAT(outcome(), HasSubstr("failed at a"));
}

TEST_F(Workflow, ACancelWithoutUndoLeavesAllAsItIs) {
  with(undoable("a") + step("b"));
  start();
  ended("1.1.0.1", 0, "A");
  ExecutionRequested request;
  request.execution = 1;
  request.verb = ExecutionVerb::cancel;
  request.undo = false;
  harness->handle(request);
  ended("1.1.1.1");
  EXPECT_EQ(states(), "a succeeded, b cancelled");
}

TEST_F(Workflow, ARollbackUndoesAnEndedExecutionOnceEach) {
  with(undoable("a") + undoable("b") + undoable("c"));
  start();
  for (const char* token : {"1.1.0.1", "1.1.1.1", "1.1.2.1"}) ended(token, 0, "R");
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_THAT(started(harness->handle(rollback_of(1, "a"))), ElementsAre("1.1.2.1.u"));
  EXPECT_EQ(outcome(), "lives");
  harness->restart();
  EXPECT_THAT(started(ended("1.1.2.1.u")), ElementsAre("1.1.1.1.u"));
  harness->restart();
  ended("1.1.1.1.u");
  EXPECT_EQ(outcome(), "succeeded: rolled back by uid 0");
  EXPECT_EQ(states(), "a succeeded, b undone, c undone");
  EXPECT_THAT(started(harness->handle(rollback_of(1))), ElementsAre("1.1.0.1.u"));
  ended("1.1.0.1.u");
  EXPECT_THAT(harness->handle(rollback_of(1)), ElementsAre(HasSubstr("has nothing to undo")));
}

TEST_F(Workflow, ARollbackOfEachOutcomeEndsAsThatAgain) {
  for (const char* end : {"failed", "timed-out", "cancelled"}) {
    with("timeout = \"1min\"\n" + undoable("a") + step("b"));
    start();
    ended("1.1.0.1", 0, "A");
    if (end == std::string("failed")) ended("1.1.1.1", 1);
    if (end == std::string("timed-out")) harness->tick(), ended("1.1.1.1");
    if (end == std::string("cancelled")) cancel(), ended("1.1.1.1");
    ended("1.1.0.1.u", 1);  // it stays as it is
    EXPECT_THAT(outcome(), HasSubstr(end));
    EXPECT_THAT(started(harness->handle(rollback_of(1))), ElementsAre("1.1.0.2.u"));
    ended("1.1.0.2.u");
    EXPECT_THAT(outcome(), HasSubstr(end));
    EXPECT_EQ(row_of("a").state, StepState::undone);
    harness->handle(retry_of(1, "a"));
    EXPECT_EQ(row_of("a").state, StepState::running);
  }
}

TEST_F(Workflow, ARollbackToAStepThatIsNotThereIsRefused) {
  with(undoable("a"));
  start();
  ended("1.1.0.1", 0, "A");
  EXPECT_THAT(harness->handle(rollback_of(1, "z")), ElementsAre("> refuse (execution 1 has no step 'z')"));
}

// ---- Retry

TEST_F(Workflow, ARetryGoesOnWithTheStepThatARouteHadLedTo) {
  with(step("a", "on_failure = \"mend\"") + step("b") + step("mend"));
  start();
  ended("1.1.0.1", 1);
  ended("1.1.2.1", 1);
  EXPECT_EQ(outcome(), "failed at mend: step 'mend' failed: exit status 1");
  EXPECT_THAT(started(harness->handle(retry_of(1))), ElementsAre("1.2.2.1"));
  ended("1.2.2.1");
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Workflow, ARetryWaitsForItsTurnWhateverTheEnd) {
  Settings settings;
  settings.max_concurrent = 1;
  for (const char* end : {"succeeded", "failed", "timed-out", "cancelled"}) {
    with_all({{"p", "timeout = \"1min\"\n" + step("a")}, {"q", step("b")}}, settings);
    start();
    if (end == std::string("timed-out")) harness->tick();
    if (end == std::string("cancelled")) cancel();
    ended("1.1.0.1", end == std::string("failed") ? 1 : 0);
    EXPECT_THAT(outcome(), HasSubstr(end));
    harness->start("q");
    harness->handle(retry_of(1, "a"));
    EXPECT_EQ(harness->engine().live(1)->row.state, ExecutionState::queued);
    EXPECT_THAT(started(ended("2.1.0.1")), ElementsAre("1.2.0.1"));
  }
}

TEST_F(Workflow, ARetryKeepsWhatRanBeside) {
  with("fail_fast = false\n" + step("a", "needs = []") + step("b", "needs = []") + step("c", "needs = [\"a\", \"b\"]"));
  start();
  ended("1.1.0.1", 1);
  ended("1.1.1.1", 0, "B");
  EXPECT_THAT(started(harness->handle(retry_of(1))), ElementsAre("1.2.0.1"));
  EXPECT_THAT(started(ended("1.2.0.1")), ElementsAre("1.2.2.1"));
  EXPECT_EQ(row_of("b").result, Value("B"));
}

// The order is that of the definition it goes on with.
TEST_F(Workflow, ARetryRunsAgainWhatComesAfterAStepThatRunsAgain) {
  with(step("a", "continue_on_failure = true") + step("b") + step("c"));
  start();
  ended("1.1.0.1", 1);
  ended("1.1.1.1");
  ended("1.1.2.1", 1);
  RetryRequested request = retry_of(1);
  request.definition = shared(written("p", step("a") + step("b") + step("c")));
  EXPECT_THAT(started(harness->handle(request)), ElementsAre("1.2.0.1")) << "its failure is not tolerated now";
  EXPECT_THAT(started(ended("1.2.0.1")), ElementsAre("1.2.1.1"));
  EXPECT_THAT(started(ended("1.2.1.1")), ElementsAre("1.2.2.1"));
}

TEST_F(Workflow, ARetryRunsAStepThatIsNewBeforeWhatComesAfterIt) {
  with("fail_fast = false\n" + step("a") + step("b") + step("c") + step("d", "needs = []"));
  start();
  ended("1.1.3.1");
  ended("1.1.0.1");
  ended("1.1.1.1");
  ended("1.1.2.1", 1);
  RetryRequested request = retry_of(1);
  request.definition = shared(written("p", step("a") + step("new") + step("b") + step("c") + step("d", "needs = []")));
  EXPECT_THAT(started(harness->handle(request)), ElementsAre("1.2.1.1")) << "a and d stay";
  EXPECT_THAT(started(ended("1.2.1.1")), ElementsAre("1.2.2.1"));
  EXPECT_THAT(started(ended("1.2.2.1")), ElementsAre("1.2.3.1"));
}

TEST_F(Workflow, ARetryRunsAgainWhatComesAfterWhatWasUndoneAndItsRoutes) {
  with(undoable("a") + step("b", "max_visits = 3\non_failure = \"mend\"") + step("c") +
       step("mend", "on_success = \"b\""));
  start();
  ended("1.1.0.1", 0, "A");
  ended("1.1.1.1", 1);
  ended("1.1.3.1");
  ended("1.1.1.2");
  EXPECT_THAT(started(ended("1.1.2.1", 1)), ElementsAre("1.1.0.1.u"));
  ended("1.1.0.1.u");
  EXPECT_THAT(started(harness->handle(retry_of(1))), ElementsAre("1.2.0.1"));
  EXPECT_THAT(started(ended("1.2.0.1", 0, "A")), ElementsAre("1.2.1.1"));
  EXPECT_THAT(started(ended("1.2.1.1", 1)), ElementsAre("1.2.3.1")) << "its failure leads there again";
  EXPECT_THAT(started(ended("1.2.3.1")), ElementsAre("1.2.1.2"));
  EXPECT_THAT(started(ended("1.2.1.2")), ElementsAre("1.2.2.1"));
}

TEST_F(Workflow, ARetryOfWhatWasCancelledRunsWhatHadNotEndedWell) {
  with(step("a") + step("b") + step("c"));
  start();
  ended("1.1.0.1");
  cancel();
  ended("1.1.1.1");
  EXPECT_THAT(started(harness->handle(retry_of(1))), ElementsAre("1.2.1.1"));
}

// ---- Who may end it

TEST_F(Workflow, AnUndoIsEndedByAPersonAlone) {
  with("overlap = \"replace\"\n" + undoable("a") + step("b"));
  start();
  ended("1.1.0.1", 0, "A");
  ended("1.1.1.1", 1);
  EXPECT_THAT(start(), Not(Contains(HasSubstr("> signal")))) << "the next execution waits for it";
  EXPECT_EQ(outcome(), "lives");
  EXPECT_THAT(cancel(), Contains("> signal 1.1.0.1.u 15"));
  EXPECT_THAT(started(ended("1.1.0.1.u", 1)), ElementsAre("2.1.0.1"));
}

TEST_F(Workflow, ACancelWithoutUndoReachesWhatItsStepsStarted) {
  with_all({{"p", undoable("a") + step("b", "process = \"q\"")}, {"q", undoable("c") + step("d")}});
  start();
  ended("1.1.0.1", 0, "A");
  ended("2.1.0.1", 0, "C");
  harness->handle(ExecutionRequested{1, {}, ExecutionVerb::cancel, 1, "", false});
  EXPECT_THAT(started(ended("2.1.1.1", 1)), IsEmpty());
  EXPECT_EQ(states(2), "c succeeded, d cancelled");
  EXPECT_EQ(states(), "a succeeded, b cancelled");
}

}  // namespace
}  // namespace takt::test
