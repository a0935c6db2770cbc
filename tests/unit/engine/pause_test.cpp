// What ends while its execution is paused.
#include "workflow_fixture.h"

namespace takt::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(Workflow, AStepThatDiesFrozenWaitsForItsNextAttemptUntilTheResume) {
  with(step("a", "retry = { limit = 1, delay = \"5s\" }"));
  start();
  harness->request(ExecutionVerb::pause, 1);
  ended("1.1.0.1", 1);
  EXPECT_EQ(states(), "a waiting");
  harness->advance(std::chrono::seconds(9));
  EXPECT_THAT(harness->tick(), ElementsAre("nothing is due"));
  EXPECT_THAT(started(harness->request(ExecutionVerb::resume, 1)), ElementsAre("1.1.0.2"));
}

TEST_F(Workflow, ATimeOutThatHadStruckIsTheStepsEndThoughItIsPausedMeanwhile) {
  with(step("a", "timeout = \"5s\"\ncontinue_on_failure = true") + step("b"));
  start();
  EXPECT_THAT(harness->tick(), Contains("> signal 1.1.0.1 15"));
  harness->request(ExecutionVerb::pause, 1);
  EXPECT_THAT(started(ended("1.1.0.1")), IsEmpty());
  EXPECT_EQ(states(), "a timed-out");
  EXPECT_THAT(started(harness->request(ExecutionVerb::resume, 1)), ElementsAre("1.1.1.1"));
}

TEST_F(Workflow, AnEndThatNobodySawIsToldThoughItsExecutionIsPaused) {
  with(step("a", "continue_on_failure = true") + step("b"));
  start();
  harness->request(ExecutionVerb::pause, 1);
  harness->restart();
  harness->handle(AttemptLost{"1.1.0.1"});
  EXPECT_EQ(states(), "a interrupted");
}

TEST_F(Workflow, AStepsTimeCoversItsRetriesAndStandsStillInAPause) {
  with(step("a", "retry = { limit = 9, delay = \"7s\" }\ntotal_timeout = \"10s\"") + step("b"));
  start();
  ended("1.1.0.1", 1);
  harness->tick();
  ended("1.1.0.2", 1);
  harness->request(ExecutionVerb::pause, 1);
  harness->advance(std::chrono::hours(1));
  harness->request(ExecutionVerb::resume, 1);
  ended("1.1.0.3", 1);
  harness->restart();
  harness->tick();
  EXPECT_EQ(states(), "a timed-out, b skipped");
  EXPECT_EQ(outcome(), "failed at a: step 'a' timed-out: timed out after 10s in all (3 attempts)");
}

TEST_F(Workflow, AStepsTimeEndsTheAttemptThatRuns) {
  with(step("a", "retry = { limit = 9 }\ntotal_timeout = \"10s\""));
  start();
  ended("1.1.0.1", 1);
  EXPECT_THAT(harness->tick(), Contains("> signal 1.1.0.2 15"));
  EXPECT_THAT(started(ended("1.1.0.2", 1)), IsEmpty());
  EXPECT_EQ(outcome(), "failed at a: step 'a' timed-out: timed out after 10s in all (2 attempts)");
}

TEST_F(Workflow, AStepsTimeEndsItsItems) {
  with(step("a", "for_each = \"{1, 2, 3}\"\nmax_parallel = 2\nrun = [\"true\"]\ntotal_timeout = \"10s\""));
  start();
  ended("1.1.0.1.i0");
  harness->tick();
  ended("1.1.0.2.i1", 1);
  ended("1.1.0.3.i2", 1);
  EXPECT_EQ(outcome(), "failed at a: step 'a' timed-out: timed out after 10s in all (3 attempts)");
}

TEST_F(Workflow, ItemsGoOnAfterTheResume) {
  with(step("a", "for_each = \"{1, 2}\"\nrun = [\"true\"]"));
  start();
  harness->request(ExecutionVerb::pause, 1);
  EXPECT_THAT(started(ended("1.1.0.1.i0")), IsEmpty());
  EXPECT_THAT(started(harness->request(ExecutionVerb::resume, 1)), ElementsAre("1.1.0.2.i1"));
}

}  // namespace
}  // namespace takt::test
