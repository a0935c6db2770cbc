// for_each, caches, variants, generated steps.
#include "base/limits.h"
#include "workflow_fixture.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string three = "for_each = \"{'x', 'y', 'z'}\"\nrun = [\"echo\", \"${item}\", \"${index}\"]\n";

TEST_F(Workflow, ItemsRunAFewAtATimeAndTheirResultsStandInOrder) {
  with(step("a", three + "max_parallel = 2"));
  EXPECT_THAT(started(start()), ElementsAre("1.1.0.1.i0", "1.1.0.2.i1"));
  EXPECT_THAT(harness->spec().argv, ElementsAre("echo", "y", "1"));
  EXPECT_THAT(started(ended("1.1.0.2.i1", 0, "two")), ElementsAre("1.1.0.3.i2"));
  harness->restart();
  ended("1.1.0.3.i2", 0, "three");
  EXPECT_EQ(outcome(), "lives");
  ended("1.1.0.1.i0", 0, "one");
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_EQ(row_of("a").result, Value({"one", "two", "three"}));
  EXPECT_EQ(row_of("a").items_ended, 3U);
}

TEST_F(Workflow, AnEmptyListSucceedsAtOnce) {
  with(step("a", "for_each = \"{}\"\nrun = [\"true\"]"));
  EXPECT_THAT(started(start()), IsEmpty());
  EXPECT_EQ(row_of("a").result, Value::array());
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Workflow, AListThatIsNoneFailsTheStep) {
  with(step("a", "for_each = \"7\"\nrun = [\"true\"]"));
  start();
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: for_each: 7 gives number, not a list");
}

TEST_F(Workflow, OneFailingItemStopsTheOthers) {
  with(step("a", three + "max_parallel = 2"));
  start();
  EXPECT_THAT(ended("1.1.0.2.i1", 7), Contains("> signal 1.1.0.1.i0 15"));
  ended("1.1.0.1.i0");
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: item 1: exit status 7 (2 attempts)");
}

TEST_F(Workflow, WithoutFailFastAllItemsRunAndTheFailuresAreCounted) {
  with(step("a", three + "max_parallel = 3\nfail_fast = false"));
  start();
  ended("1.1.0.3.i2", 2);
  ended("1.1.0.2.i1", 7);
  ended("1.1.0.1.i0", 0, "one");
  EXPECT_THAT(outcome(), HasSubstr("2 of 3 items failed; the first is item 1: exit status 7"));
  EXPECT_EQ(row_of("a").result, Value({"one", nullptr, nullptr}));
}

TEST_F(Workflow, AnItemIsTriedAgainByItself) {
  with(step("a", three + "max_parallel = 3\nretry = { limit = 1, delay = \"5s\" }"));
  start();
  ended("1.1.0.2.i1", 1);
  ended("1.1.0.1.i0");
  ended("1.1.0.3.i2");
  harness->restart();
  EXPECT_THAT(started(harness->tick()), ElementsAre("1.1.0.4.i1"));
  ended("1.1.0.4.i1");
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Workflow, ACancelEndsAllItems) {
  with(step("a", three + "max_parallel = 2\nretry = { limit = 1, delay = \"5s\" }"));
  start();
  ended("1.1.0.1.i0", 1);
  cancel();
  ended("1.1.0.2.i1");
  EXPECT_EQ(outcome(), "cancelled: cancelled by uid 0");
  EXPECT_EQ(states(), "a cancelled");
}

TEST_F(Workflow, AThousandItemsThatAreDoneAtOnce) {
  with(step("a", "for_each = \"inputs.n\"\nmax_parallel = 8\nset = { twice = \"${item * 2}\" }") +
       "[inputs.n]\ntype = \"array\"\n");
  Value list = Value::array();
  for (int i = 0; i < 1'000; ++i) list.push_back(i);
  start({{"n", list}});
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_EQ(row_of("a").result[999], Value({{"twice", 1998}}));
}

TEST_F(Workflow, OneItemIsRetriedAlone) {
  with(step("a", three + "max_parallel = 3\nfail_fast = false") + step("b"));
  start();
  ended("1.1.0.1.i0", 0, "one");
  ended("1.1.0.2.i1", 1);
  ended("1.1.0.3.i2", 0, "three");
  EXPECT_EQ(states(), "a failed, b skipped");
  EXPECT_THAT(started(harness->handle(retry_of(1, "a", 1))), ElementsAre("1.2.0.1.i1"));
  harness->restart();
  EXPECT_THAT(started(ended("1.2.0.1.i1", 0, "two")), ElementsAre("1.2.1.1"));
  EXPECT_EQ(row_of("a").result, Value({"one", "two", "three"}));
  ended("1.2.1.1");
  EXPECT_THAT(harness->handle(retry_of(1, "a", 9)), ElementsAre("> refuse (step 'a' of execution 1 has no item 9)"));
}

TEST_F(Workflow, AStepThatEndsWaitsForNoSlotAnyMore) {
  Settings settings;
  settings.pools["disk"] = 1;
  with("[[step]]\nname = \"other\"\nneeds = []\nrun = [\"true\"]\n" +
           step("a", three + "max_parallel = 2\nneeds = []\npool = \"disk\"\ncontinue_on_failure = true"),
       settings);
  EXPECT_THAT(started(start()), ElementsAre("1.1.0.1", "1.1.1.1.i0"));
  ended("1.1.1.1.i0", 1);
  EXPECT_EQ(states(), "other running, a failed");
  ended("1.1.0.1");
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Workflow, WhatAFailedItemStoppedStaysStoppedThroughARestart) {
  with(step("a", three + "max_parallel = 2"));
  start();
  ended("1.1.0.2.i1", 7);
  harness->restart();
  EXPECT_THAT(started(ended("1.1.0.1.i0")), IsEmpty());
  EXPECT_THAT(outcome(), HasSubstr("failed at a: step 'a' failed: item 1: exit status 7"));
}

TEST_F(Workflow, ItemsThatAllWaitForAPoolAreThereAfterARestart) {
  Settings settings;
  settings.pools["disk"] = 1;
  with(step("other", "needs = []\npool = \"disk\"") + step("a", three + "needs = []\npool = \"disk\""), settings);
  EXPECT_THAT(started(start()), ElementsAre("1.1.0.1"));
  harness->restart();
  EXPECT_THAT(started(ended("1.1.0.1")), ElementsAre("1.1.1.1.i0"));
}

TEST_F(Workflow, ItemsWhoseResultsAreTooLargeTogetherAreUndone) {
  with(step("a", three + "max_parallel = 3\nundo = [\"undo\"]"));
  start();
  const std::string large(limits::value_bytes / 2, 'x');
  ended("1.1.0.1.i0", 0, large);
  ended("1.1.0.2.i1", 0, large);
  EXPECT_THAT(started(ended("1.1.0.3.i2", 0, large)), ElementsAre("1.1.0.1.i2.u"));
  harness->restart();
  EXPECT_THAT(started(ended("1.1.0.1.i2.u")), ElementsAre("1.1.0.2.i1.u"));
  ended("1.1.0.2.i1.u");
  ended("1.1.0.3.i0.u");
  EXPECT_THAT(outcome(), HasSubstr("the results of its items are"));
}

TEST_F(Workflow, ARetriedItemWhoseStepHasNotBegunIsEndedWithItsExecution) {
  with(step("a", "undo = [\"undo\"]") + step("b", three + "max_parallel = 3\nfail_fast = false"));
  start();
  ended("1.1.0.1");
  ended("1.1.1.1.i0");
  ended("1.1.1.2.i1", 1);
  ended("1.1.1.3.i2");
  ended("1.1.0.1.u");
  EXPECT_EQ(states(), "a undone, b failed");
  EXPECT_THAT(started(harness->handle(retry_of(1, "b", 1))), ElementsAre("1.2.0.1"));
  cancel();
  ended("1.2.0.1", 1);
  EXPECT_EQ(states(), "a cancelled, b skipped");
}

TEST_F(Workflow, ItemsThatWereUndoneAreDoneAgainWithTheOneThatIsRetried) {
  with(step("a", three + "max_parallel = 3\nfail_fast = false\nundo = [\"undo\"]"));
  start();
  ended("1.1.0.1.i0");
  ended("1.1.0.2.i1", 1);
  ended("1.1.0.3.i2");
  ended("1.1.0.1.i2.u");
  ended("1.1.0.2.i0.u", 9);  // what i0 did is still there
  EXPECT_THAT(started(harness->handle(retry_of(1, "a", 1))), ElementsAre("1.2.0.1.i1", "1.2.0.2.i2"));
  ended("1.2.0.1.i1");
  ended("1.2.0.2.i2");
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_EQ(row_of("a").items_failed, 0U);
}

TEST_F(Workflow, AStepOfWhichItemsWereUndoneRunsAgain) {
  with(step("a", three + "max_parallel = 3\nundo = [\"undo\"]") + step("b"));
  start();
  for (const char* token : {"1.1.0.1.i0", "1.1.0.2.i1", "1.1.0.3.i2"}) ended(token);
  ended("1.1.1.1", 1);
  ended("1.1.0.1.i2.u");
  ended("1.1.0.2.i1.u", 9);
  ended("1.1.0.3.i0.u");
  EXPECT_EQ(states(), "a succeeded, b failed");
  EXPECT_THAT(started(harness->handle(retry_of(1))), ElementsAre("1.2.0.1.i0", "1.2.0.2.i1", "1.2.0.3.i2"));
}

TEST_F(Workflow, AnItemOfAStepThatRepeatsNothingAnyMoreIsNotRetried) {
  with(step("a", three));
  start();
  ended("1.1.0.1.i0", 1);
  RetryRequested request = retry_of(1, "a", 0);
  request.definition = std::make_shared<ProcessDefinition>(written("p", step("a")));
  EXPECT_THAT(harness->handle(request), ElementsAre("> refuse (step 'a' of execution 1 has no item 0)"));
}

// ---- Cache

TEST_F(Workflow, AKeptResultStandsInForTheStep) {
  with(step("a", "cache = { key = \"${inputs.n}\", ttl = \"1h\" }") + "[inputs.n]\ntype = \"integer\"\n");
  start({{"n", 1}});
  EXPECT_THAT(ended("1.1.0.1", 0, "found"), Contains("keep a/1"));
  EXPECT_THAT(started(start({{"n", 1}})), IsEmpty());
  EXPECT_EQ(states(2), "a cached");
  EXPECT_EQ(ended_row(2)->result, Value("found"));
  EXPECT_THAT(started(start({{"n", 2}})), ElementsAre("3.1.0.1"));
  ended("3.1.0.1");
  harness->restart();
  EXPECT_THAT(started(start({{"n", 1}})), IsEmpty());
  harness->advance(1h);
  EXPECT_THAT(started(start({{"n", 1}})), ElementsAre("5.1.0.1"));
}

TEST_F(Workflow, AClearedCacheIsEmpty) {
  with(step("a", "cache = { key = \"k\", ttl = \"1h\" }"));
  start();
  ended("1.1.0.1");
  CacheCleared event;
  event.what = {"p", "a", std::nullopt};
  EXPECT_THAT(harness->handle(event), ElementsAre("drop p/a", "audit ClearCache", "> answer 0"));
  EXPECT_THAT(started(start()), ElementsAre("2.1.0.1"));
}

// ---- Variants

TEST_F(Workflow, TheSameKeyHasTheSameVariant) {
  with(step("a",
            "variant_key = \"${inputs.n}\"\nvariants = [{ name = \"x\", weight = 1, run = [\"x\"] }, { name = "
            "\"y\", weight = 3, run = [\"y\"] }, { name = \"z\", weight = 0, run = [\"z\"] }]") +
       "[inputs.n]\ntype = \"integer\"\n");
  std::map<std::string, int> taken;
  for (int n = 0; n < 200; ++n) {
    std::string first;
    for (int again = 0; again < 2; ++again) {
      start({{"n", n}});
      const std::string token = fmt::format("{}.1.0.1", harness->rows().last_execution);
      ended(token);
      const StepRow row = row_of("a", harness->rows().last_execution);
      EXPECT_EQ(harness->spec().argv.front(), row.variant);
      if (again == 0) first = row.variant;
      EXPECT_EQ(row.variant, first);
    }
    ++taken[first];
  }
  EXPECT_EQ(taken["z"], 0);
  EXPECT_GT(taken["x"], 25);  // a quarter of 200, give or take four standard deviations
  EXPECT_LT(taken["x"], 75);
}

// ---- Generated steps

const Value generated = {{{"name", "g1"}, {"run", {"one"}}}, {{"name", "g2"}, {"run", {"two"}}}};

TEST_F(Workflow, GeneratedStepsRunBehindTheirStepAndWhatFollowsWaits) {
  with(step("a", "generate = true") + step("b"));
  start();
  EXPECT_THAT(started(ended("1.1.0.1", 0, generated)), ElementsAre("1.1.2.1"));
  harness->restart();
  EXPECT_THAT(started(ended("1.1.2.1")), ElementsAre("1.1.3.1"));
  harness->restart();
  EXPECT_THAT(started(ended("1.1.3.1")), ElementsAre("1.1.1.1"));
  ended("1.1.1.1");
  EXPECT_EQ(outcome(), "succeeded");
  EXPECT_EQ(states(), "a succeeded, b succeeded, g1 succeeded, g2 succeeded");
}

TEST_F(Workflow, WrongGeneratedStepsFailTheirStep) {
  with(step("a", "generate = true") + step("b"));
  start();
  ended("1.1.0.1", 0, {{{"name", "b"}, {"run", {"one"}}}});
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: generate: step[1].name: a step is named \"b\" already");
}

TEST_F(Workflow, AGeneratedStepIsRetried) {
  with(step("a", "generate = true") + step("b"));
  start();
  ended("1.1.0.1", 0, generated);
  ended("1.1.2.1");
  ended("1.1.3.1", 1);
  EXPECT_THAT(outcome(), HasSubstr("failed at g2"));
  EXPECT_THAT(started(harness->handle(retry_of(1))), ElementsAre("1.2.3.1"));
  EXPECT_THAT(started(ended("1.2.3.1")), ElementsAre("1.2.1.1"));
}

TEST_F(Workflow, AnItemOfAGeneratedStepIsGeneratedAgainWhenItsGeneratorRunsAgain) {
  with(step("a", "undo = [\"undo\"]") + step("b", "generate = true"));
  start();
  ended("1.1.0.1");
  ended("1.1.1.1", 0, {{{"name", "g"}, {"run", {"one"}}, {"for_each", "{'x', 'y'}"}}});
  ended("1.1.2.1.i0", 1);
  ended("1.1.0.1.u");
  EXPECT_THAT(outcome(), HasSubstr("failed at g"));
  EXPECT_THAT(started(harness->handle(retry_of(1, "g", 0))), ElementsAre("1.2.0.1")) << "it was undone";
  EXPECT_THAT(started(ended("1.2.0.1")), ElementsAre("1.2.1.1"));
}

}  // namespace
}  // namespace takt::test
