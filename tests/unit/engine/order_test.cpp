// The order of steps: what starts when, and where an end leads.
#include "workflow_fixture.h"

namespace takt::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST_F(Workflow, ADiamondJoinsWhenBothSidesHaveEnded) {
  with(step("a") + step("b", "needs = [\"a\"]") + step("c", "needs = [\"a\"]") + step("d", "needs = [\"b\", \"c\"]"));
  EXPECT_THAT(started(start()), ElementsAre("1.1.0.1"));
  EXPECT_THAT(started(ended("1.1.0.1")), ElementsAre("1.1.1.1", "1.1.2.1"));
  EXPECT_THAT(started(ended("1.1.2.1")), IsEmpty());
  EXPECT_THAT(started(ended("1.1.1.1")), ElementsAre("1.1.3.1"));
  ended("1.1.3.1");
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_EQ(row_of("c").order, 1U);
  EXPECT_EQ(row_of("b").order, 2U);
}

TEST_F(Workflow, AGroupRunsSideBySideAndWhatFollowsWaitsForAll) {
  with(step("a") + step("b", "parallel_group = 1") + step("c", "parallel_group = 1") + step("d"));
  start();
  EXPECT_THAT(started(ended("1.1.0.1")), ElementsAre("1.1.1.1", "1.1.2.1"));
  EXPECT_THAT(started(ended("1.1.1.1")), IsEmpty());
  EXPECT_THAT(started(ended("1.1.2.1")), ElementsAre("1.1.3.1"));
}

TEST_F(Workflow, AFailureCancelsWhatRunsBesideIt) {
  with(step("a", "needs = []") + step("b", "needs = []") + step("c", "needs = [\"a\", \"b\"]"));
  EXPECT_THAT(started(start()), ElementsAre("1.1.0.1", "1.1.1.1"));
  EXPECT_THAT(ended("1.1.0.1", 3), Contains("> signal 1.1.1.1 15"));
  EXPECT_EQ(outcome(), "lives");
  ended("1.1.1.1");
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: exit status 3");
  EXPECT_EQ(states(), "a failed, b cancelled, c skipped");
  EXPECT_EQ(row_of("c").error, "the execution ended before it");
}

TEST_F(Workflow, WithoutFailFastTheRestRunsToItsEnd) {
  with("fail_fast = false\n" + step("a", "needs = []") + step("b", "needs = []") + step("c", "needs = [\"b\"]") +
       step("d", "needs = [\"a\"]"));
  start();
  EXPECT_THAT(ended("1.1.0.1", 3), Not(Contains("> signal 1.1.1.1 15")));
  EXPECT_THAT(started(ended("1.1.1.1")), ElementsAre("1.1.2.1"));
  ended("1.1.2.1");
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: exit status 3");
  EXPECT_EQ(states(), "a failed, b succeeded, c succeeded, d skipped");
}

TEST_F(Workflow, ARouteHandlesAFailure) {
  with(step("a", "on_failure = \"mend\"") + step("b") + step("mend"));
  start();
  EXPECT_THAT(started(ended("1.1.0.1", 1)), ElementsAre("1.1.2.1"));
  ended("1.1.2.1");
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_EQ(states(), "a failed, b skipped, mend succeeded");
  EXPECT_EQ(row_of("b").error, "nothing led to it");
}

TEST_F(Workflow, ARouteThatIsNotTakenIsSkipped) {
  with(step("a", "on_failure = \"mend\"") + step("b") + step("mend"));
  start();
  EXPECT_THAT(started(ended("1.1.0.1")), ElementsAre("1.1.1.1"));
  ended("1.1.1.1");
  EXPECT_EQ(states(), "a succeeded, b succeeded, mend skipped");
}

TEST_F(Workflow, EndEndsTheExecutionAtOnce) {
  with(step("a", "on_success = \"end\"\nneeds = []") + step("b", "needs = []") + step("c", "needs = [\"b\"]"));
  start();
  EXPECT_THAT(ended("1.1.0.1"), Contains("> signal 1.1.1.1 15"));
  ended("1.1.1.1");
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_EQ(states(), "a succeeded, b cancelled, c skipped");
}

TEST_F(Workflow, EndAfterAFailureFailsTheExecution) {
  with(step("a", "on_failure = \"end\"") + step("b"));
  start();
  ended("1.1.0.1", 2);
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: exit status 2");
}

TEST_F(Workflow, ALoopEndsAtItsLastVisit) {
  with(step("check", "max_visits = 3\non_failure = \"mend\"") + step("done") + step("mend", "on_success = \"check\""));
  EXPECT_THAT(started(start()), ElementsAre("1.1.0.1"));
  EXPECT_THAT(started(ended("1.1.0.1", 1)), ElementsAre("1.1.2.1"));
  EXPECT_THAT(started(ended("1.1.2.1")), ElementsAre("1.1.0.2"));
  harness->restart();
  EXPECT_THAT(started(ended("1.1.0.2", 1)), ElementsAre("1.1.2.2"));
  EXPECT_THAT(started(ended("1.1.2.2")), ElementsAre("1.1.0.3"));
  EXPECT_THAT(started(ended("1.1.0.3", 1)), ElementsAre("1.1.2.3"));
  ended("1.1.2.3");
  EXPECT_EQ(outcome(), "failed at check: step 'check' would be visited 4 times; max_visits is 3");
}

TEST_F(Workflow, ALoopIsLeftByItsCondition) {
  with(step("check", "max_visits = 3\non_failure = \"mend\"") + step("done") + step("mend", "on_success = \"check\""));
  start();
  ended("1.1.0.1", 1);
  ended("1.1.2.1");
  EXPECT_THAT(started(ended("1.1.0.2")), ElementsAre("1.1.1.1"));
  ended("1.1.1.1");
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_EQ(row_of("check").visits, 2U);
  EXPECT_EQ(row_of("check").attempts, 2U);
}

TEST_F(Workflow, ARouteBackRunsAgainWhatHadEndedWhateverItsEnd) {
  with(step("head", "max_visits = 3\nset = { n = 1 }") + step("ok", "run = [\"true\"]") +
       step("bad", "run = [\"true\"]\ncontinue_on_failure = true") +
       step("late", "run = [\"true\"]\ncontinue_on_failure = true\ntimeout = \"5s\"") +
       step("not", "when = \"false\"\nset = {}") + step("kept", "cache = { key = \"k\", ttl = \"1h\" }\nset = {}") +
       step("lost", "run = [\"true\"]\ncontinue_on_failure = true") +
       step("back", "run = [\"true\"]\non_failure = \"head\""));
  start();
  for (const char* visit : {"1", "2", "3"}) {
    ended(std::string("1.1.1.") + visit);
    ended(std::string("1.1.2.") + visit, 1);
    harness->tick();
    ended(std::string("1.1.3.") + visit, 1);
    harness->handle(AttemptLost{std::string("1.1.6.") + visit});
    if (visit != std::string("3")) ended(std::string("1.1.7.") + visit, 1);
  }
  EXPECT_EQ(states(),
            "head succeeded, ok succeeded, bad failed, late timed-out, not skipped, kept cached, lost "
            "interrupted, back running");
}

TEST_F(Workflow, FinallyRunsWhateverTheEndAndOneByOne) {
  with(step("a") +
       "[[finally]]\nname = \"f\"\nrun = [\"true\"]\n[[finally]]\nname = \"g\"\nrun = [\"echo\", "
       "\"${execution.outcome}\"]\n");
  start();
  EXPECT_THAT(started(ended("1.1.0.1", 1)), ElementsAre("1.1.1.1"));
  harness->restart();
  EXPECT_THAT(started(ended("1.1.1.1", 1)), ElementsAre("1.1.2.1"));
  EXPECT_THAT(harness->spec().argv, ElementsAre("echo", "failed"));
  ended("1.1.2.1");
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: exit status 1");
}

TEST_F(Workflow, AFailingFinallyFailsWhatHadSucceeded) {
  with(step("a") + "[[finally]]\nname = \"f\"\nrun = [\"true\"]\n");
  start();
  ended("1.1.0.1");
  ended("1.1.1.1", 4);
  EXPECT_EQ(outcome(), "failed at f: step 'f' failed: exit status 4");
}

TEST_F(Workflow, ACancelEndsWhatRunsAndFinallyStillRuns) {
  with(step("a") + step("b") + "[[finally]]\nname = \"f\"\nrun = [\"true\"]\n");
  start();
  EXPECT_THAT(cancel(), Contains("> signal 1.1.0.1 15"));
  EXPECT_THAT(started(ended("1.1.0.1")), ElementsAre("1.1.2.1"));
  ended("1.1.2.1");
  EXPECT_EQ(outcome(), "cancelled: cancelled by uid 0");
  EXPECT_EQ(states(), "a cancelled, b skipped, f succeeded");
}

}  // namespace
}  // namespace takt::test
