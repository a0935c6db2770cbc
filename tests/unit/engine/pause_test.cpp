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

TEST_F(Workflow, ItemsGoOnAfterTheResume) {
  with(step("a", "for_each = \"{1, 2}\"\nrun = [\"true\"]"));
  start();
  harness->request(ExecutionVerb::pause, 1);
  EXPECT_THAT(started(ended("1.1.0.1.i0")), IsEmpty());
  EXPECT_THAT(started(harness->request(ExecutionVerb::resume, 1)), ElementsAre("1.1.0.2.i1"));
}

}  // namespace
}  // namespace takt::test
