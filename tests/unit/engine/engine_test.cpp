// Decisions, tested as "this event -> these actions, in this order". One file past 500 lines, because it is one table:
// what the engine does, in the order of an execution's life.
#include <gmock/gmock.h>

#include "engine/limits.h"
#include "harness.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

ProcessDefinition with_trigger(ProcessDefinition definition, std::string when = "") {
  Trigger trigger{"at 1", AtTrigger{wall_from_us(1), CatchUp::latest}, std::move(when), Value::object(), true};
  definition.triggers.push_back(std::move(trigger));
  return definition;
}

TEST(Engine, RunsStepsOneAfterAnotherAndRecordsBeforeItActs) {
  Harness harness({process_of("p", {run_step("one"), run_step("two")})});
  EXPECT_THAT(harness.start("p"),
              ElementsAre("audit StartProcess", "execution 1 running", "step 1/one running", "attempt 1.1.0.1 running",
                          "! queued 1", "> answer 1", "! started 1", "! step started one", "> start 1.1.0.1"));
  EXPECT_THAT(harness.ended("1.1.0.1", 0),
              ElementsAre("attempt 1.1.0.1 succeeded", "step 1/one succeeded", "step 1/two running",
                          "attempt 1.1.1.1 running", "> acknowledge 1.1.0.1", "! step finished one succeeded",
                          "! progress 1/2", "! step started two", "> start 1.1.1.1"))
      << "the end of one attempt and the start of the next belong in the same commit";
  EXPECT_THAT(
      harness.ended("1.1.1.1", 0, 42),
      ElementsAre("attempt 1.1.1.1 succeeded", "execution 1 succeeded", "step 1/two succeeded", "> acknowledge 1.1.1.1",
                  "! step finished two succeeded", "! progress 2/2", "! finished 1 succeeded"));
  EXPECT_EQ(harness.ended_rows().at(0).result, 42);
  EXPECT_FALSE(harness.engine().next_at());
}

TEST(Engine, FailureEndsTheExecutionWithItsStepAndReason) {
  Harness harness({process_of("p", {run_step("one"), run_step("two")})});
  harness.start("p");
  EXPECT_THAT(harness.ended("1.1.0.1", 7), Contains("execution 1 failed (step 'one' failed: exit status 7)"));
  EXPECT_EQ(harness.ended_rows().at(0).error_step, "one");
  EXPECT_EQ(harness.steps_of(1).at(1).state, StepState::skipped);
  const auto* announced = std::get_if<Announce>(&harness.last().effects.back());
  EXPECT_EQ(std::get<ExecutionFinished>(announced->announcement).output_tail, "last words");
}

TEST(Engine, ContinueOnFailureGoesOn) {
  auto one = run_step("one");
  one.continue_on_failure = true;
  Harness harness({process_of("p", {one, run_step("two")})});
  harness.start("p");
  EXPECT_THAT(harness.ended("1.1.0.1", 7), Contains("> start 1.1.1.1"));
  EXPECT_THAT(harness.ended("1.1.1.1", 0), Contains("execution 1 succeeded"));
}

TEST(Engine, EachWayAnAttemptCanEndReadsClearly) {
  struct Row {
    AttemptEnded event;
    const char* error;
  };
  AttemptEnded no_program, by_signal, bad_result;
  no_program.error = "exec /usr/bin/x: No such file or directory";
  by_signal.signal = SIGSEGV;
  bad_result.exit_code = 0;
  bad_result.result = fail(ErrorCode::invalid_input, "result: not JSON");
  for (const Row& row : {Row{no_program, "exec /usr/bin/x: No such file or directory"},
                         Row{by_signal, "killed by signal 11 (SIGSEGV)"}, Row{bad_result, "result: not JSON"}}) {
    Harness harness({process_of("p", {run_step("one")})});
    harness.start("p");
    AttemptEnded event = row.event;
    event.token = "1.1.0.1";
    harness.handle(event);
    EXPECT_EQ(harness.steps_of(1).at(0).error, row.error);
  }
}

TEST(Engine, AnEndThatIsToldTwiceIsAcknowledgedAndNothingElse) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.start("p");
  harness.ended("1.1.0.1", 0);
  EXPECT_THAT(harness.ended("1.1.0.1", 0), ElementsAre("> acknowledge 1.1.0.1"));
}

// ---- Guards, inputs, expressions

TEST(Engine, GuardsSeeEarlierStepsAndSkip) {
  auto two = run_step("two");
  two.when = "steps.one.result.count > 3";
  auto three = run_step("three", {"echo", "${steps.one.result.count}", "${inputs.word} ${execution.id}"});
  ProcessDefinition definition = process_of("p", {run_step("one"), two, three});
  definition.inputs.push_back({"word", InputType::string, "", Value("a b"), {}, "", {}, {}});
  Harness harness({definition});
  harness.start("p");
  EXPECT_THAT(harness.ended("1.1.0.1", 0, {{"count", 3}}), Contains("step 1/two skipped"));
  EXPECT_THAT(harness.spec().argv, ElementsAre("echo", "3", "a b 1"));
  EXPECT_EQ(harness.spec().environment.at("TAKT_INPUT_WORD"), "a b");
  EXPECT_EQ(harness.spec().environment.at("TAKT_STEP"), "three");
}

TEST(Engine, AnErrorInAnExpressionFailsTheStepWithItsReason) {
  auto one = run_step("one", {"echo", "${inputs.missing.member}"});
  Harness harness({process_of("p", {one})});
  harness.start("p");
  EXPECT_EQ(harness.ended_rows().at(0).state, ExecutionState::failed);
  EXPECT_THAT(harness.ended_rows().at(0).reason, HasSubstr("inputs.missing.member"));
  auto two = run_step("two");
  two.when = "steps.nothing.result";
  Harness guard({process_of("p", {two})});
  guard.start("p");
  EXPECT_THAT(guard.ended_rows().at(0).reason, HasSubstr("when: "));
}

TEST(Engine, AShellScriptIsHandedOverAsItIs) {
  auto step = run_step("one");
  step.action = ShellAction{"echo ${HOME} \"$TAKT_INPUT_X\"", "/bin/sh"};
  Harness harness({process_of("p", {step})});
  harness.start("p");
  EXPECT_THAT(harness.spec().argv, ElementsAre("/bin/sh", "-c", "echo ${HOME} \"$TAKT_INPUT_X\""));
}

TEST(Engine, InputsAreCheckedBeforeAnythingIsRecorded) {
  ProcessDefinition definition = process_of("p", {run_step("one")});
  definition.inputs.push_back({"n", InputType::integer, "", std::nullopt, {}, "", {}, {}});
  Harness harness({definition});
  EXPECT_THAT(harness.start("p"), ElementsAre(HasSubstr("> refuse")));
  EXPECT_THAT(harness.start("p", {{"n", "x"}}), ElementsAre(HasSubstr("> refuse")));
  EXPECT_THAT(harness.start("q"), ElementsAre("> refuse (no process is named 'q')"));
  EXPECT_THAT(harness.start("p", {{"n", 1}}), Contains("> answer 1"));
}

TEST(Engine, ANulCharacterFailsTheStepAndNothingIsCutOff) {
  auto one = run_step("one", {"echo", "${inputs.text}"});
  ProcessDefinition definition = process_of("p", {one});
  definition.inputs.push_back({"text", InputType::string, "", std::nullopt, {}, "", {}, {}});
  Harness harness({definition});
  harness.start("p", {{"text", std::string("a\0b", 3)}});
  EXPECT_THAT(harness.ended_rows().at(0).reason, HasSubstr("NUL"));
}

// ---- Retries

TEST(Engine, RetriesWithBackoffUpToItsCap) {
  auto one = run_step("one");
  one.retry = Retry{3, 5s, 2.0, 12s, {Outcome::failed}};
  Harness harness({process_of("p", {one})});
  harness.start("p");
  std::vector<Duration> delays;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    harness.ended(fmt::format("1.1.0.{}", attempt), 1);
    const BootTime before = harness.now().boot;
    EXPECT_THAT(harness.tick(), Contains(fmt::format("> start 1.1.0.{}", attempt + 1)));
    delays.push_back(harness.now().boot - before);
  }
  EXPECT_THAT(delays, ElementsAre(5s, 10s, 12s));
  EXPECT_THAT(harness.ended("1.1.0.4", 1),
              Contains("execution 1 failed (step 'one' failed: exit status 1 (4 attempts))"));
}

TEST(Engine, OnlyTheNamedOutcomesAreTriedAgain) {
  auto one = run_step("one");
  one.retry = Retry{3, 5s, 1.0, {}, {Outcome::timed_out}};
  Harness harness({process_of("p", {one})});
  harness.start("p");
  EXPECT_THAT(harness.ended("1.1.0.1", 1), Contains("! finished 1 failed"));
}

TEST(Engine, ARetryDelaySurvivesARestartWithItsInstantAndNumber) {
  auto one = run_step("one");
  one.retry = Retry{3, 60s, 1.0, {}, {Outcome::failed}};
  Harness harness({process_of("p", {one})});
  harness.start("p");
  harness.ended("1.1.0.1", 1);
  const BootTime promised = *harness.engine().next_at();
  harness.advance(20s);
  harness.restart();
  EXPECT_EQ(harness.engine().next_at(), promised);
  EXPECT_THAT(harness.tick(), Contains("> start 1.1.0.2"));
}

// ---- Time-outs, cancel, kill

TEST(Engine, AStepTimesOutIsToldThenKilled) {
  auto one = run_step("one");
  one.timeout = 5s;
  one.kill = Kill{SIGINT, 2s, false};
  Harness harness({process_of("p", {one})});
  harness.start("p");
  EXPECT_THAT(harness.tick(), Contains(fmt::format("> signal 1.1.0.1 {}", SIGINT)));
  EXPECT_THAT(harness.tick(), ElementsAre("> kill 1.1.0.1"));
  AttemptEnded event;
  event.token = "1.1.0.1";
  event.signal = SIGKILL;
  EXPECT_THAT(harness.handle(event), Contains("step 1/one timed-out (timed out after 5s)"));
  EXPECT_EQ(harness.ended_rows().at(0).state, ExecutionState::failed);
}

TEST(Engine, WhatEndedInTimeWhileTheDaemonWasDownDidNotTimeOut) {
  auto one = run_step("one");
  one.timeout = 60s;
  one.retry = Retry{3, 0s, 1.0, std::nullopt, {Outcome::failed, Outcome::timed_out}};
  Harness harness({process_of("p", {one, run_step("two")})});
  harness.start("p");
  AttemptEnded event;
  event.token = "1.1.0.1";
  event.exit_code = 0;
  harness.advance(30s);
  event.ended_at = harness.now().wall;
  harness.advance(1h);
  harness.restart();
  EXPECT_THAT(harness.tick(), Contains("> signal 1.1.0.1 15")) << "the runner has not been heard yet";
  EXPECT_THAT(harness.handle(event), testing::AllOf(Contains("step 1/one succeeded"), Contains("> start 1.1.1.1")));
}

TEST(Engine, ARetryWithoutDelayNeverWaitsHoweverOftenItIsTried) {
  auto one = run_step("one");
  one.retry = Retry{2000, 0s, 10.0, std::nullopt, {Outcome::failed}};
  Harness harness({process_of("p", {one})});
  harness.start("p");
  for (int attempt = 1; attempt <= 400; ++attempt) {
    ASSERT_THAT(harness.ended("1.1.0." + std::to_string(attempt), 1),
                Contains("> start 1.1.0." + std::to_string(attempt + 1)));
  }
}

TEST(Engine, AnExecutionTimesOutAndSaysInWhichStep) {
  auto definition = process_of("p", {run_step("one")});
  definition.timeout = 60s;
  Harness harness({definition});
  harness.start("p");
  EXPECT_THAT(harness.tick(), Contains("> signal 1.1.0.1 15"));
  harness.ended("1.1.0.1", 0);
  EXPECT_EQ(harness.ended_rows().at(0).state, ExecutionState::timed_out);
  EXPECT_EQ(harness.ended_rows().at(0).reason, "timed out after 1min, in step 'one'");
}

TEST(Engine, CancelEndsAQueuedOneAtOnceAndARunningOneWithItsChildren) {
  auto definition = process_of("p", {run_step("one")});
  definition.overlap = Overlap::queue;
  Harness harness({definition});
  harness.start("p");
  harness.start("p");
  EXPECT_THAT(harness.request(ExecutionVerb::cancel, 2), Contains("! finished 2 cancelled"));
  EXPECT_THAT(harness.request(ExecutionVerb::cancel, 1), Contains("> signal 1.1.0.1 15"));
  EXPECT_THAT(harness.request(ExecutionVerb::cancel, 1), Not(Contains(HasSubstr("signal")))) << "it was told";
  EXPECT_THAT(harness.ended("1.1.0.1", 0), Contains("! finished 1 cancelled"));
  EXPECT_THAT(harness.request(ExecutionVerb::cancel, 1), ElementsAre(HasSubstr("> refuse")));
}

TEST(Engine, TheGraceOfACancelGoesOnAfterARestart) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.start("p");
  harness.request(ExecutionVerb::cancel, 1);
  const BootTime kill_at = *harness.engine().next_at();
  harness.advance(3s);
  EXPECT_THAT(harness.restart(), ElementsAre("version p v1", "> signal 1.1.0.1 15", "> thaw 1.1.0.1"));
  EXPECT_EQ(harness.engine().next_at(), kill_at);
  EXPECT_THAT(harness.tick(), ElementsAre("> kill 1.1.0.1"));
  EXPECT_THAT(harness.ended("1.1.0.1", 0), Contains("! finished 1 cancelled"));
}

// ---- Pause

TEST(Engine, APauseFreezesAndItsTimeOutsStandStill) {
  auto one = run_step("one");
  one.timeout = 60s;
  Harness harness({process_of("p", {one})});
  harness.start("p");
  const BootTime deadline = *harness.engine().next_at();
  harness.advance(10s);
  EXPECT_THAT(harness.request(ExecutionVerb::pause, 1), Contains("> freeze 1.1.0.1"));
  EXPECT_FALSE(harness.engine().next_at());
  harness.advance(1000s);
  EXPECT_THAT(harness.request(ExecutionVerb::resume, 1), Contains("> thaw 1.1.0.1"));
  EXPECT_EQ(harness.engine().next_at(), deadline + 1000s);
}

TEST(Engine, APauseTakesNothingOfTheGrace) {
  auto one = run_step("one");
  one.timeout = 60s;
  one.kill.grace = 10s;
  Harness harness({process_of("p", {one})});
  harness.start("p");
  EXPECT_THAT(harness.tick(), Contains("> signal 1.1.0.1 15"));
  harness.request(ExecutionVerb::pause, 1);
  harness.advance(1000s);
  harness.request(ExecutionVerb::resume, 1);
  EXPECT_EQ(harness.engine().next_at(), harness.now().boot + 10s) << "a frozen child cannot use it";
  EXPECT_THAT(harness.tick(), Contains("> kill 1.1.0.1"));
}

TEST(Engine, APauseSurvivesARestart) {
  auto one = run_step("one");
  one.timeout = 60s;
  Harness harness({process_of("p", {one, run_step("two")})});
  harness.start("p");
  const BootTime deadline = *harness.engine().next_at();
  harness.request(ExecutionVerb::pause, 1);
  harness.advance(100s);
  EXPECT_THAT(harness.restart(), ElementsAre("version p v1", "> freeze 1.1.0.1"));
  EXPECT_FALSE(harness.engine().next_at());
  harness.advance(100s);
  harness.request(ExecutionVerb::resume, 1);
  EXPECT_EQ(harness.engine().next_at(), deadline + 200s);
}

TEST(Engine, NoStepStartsWhileItIsPaused) {
  Harness harness({process_of("p", {run_step("one"), run_step("two")})});
  harness.start("p");
  harness.request(ExecutionVerb::pause, 1);
  EXPECT_THAT(harness.ended("1.1.0.1", 0), Not(Contains("> start 1.1.1.1")));
  EXPECT_THAT(harness.request(ExecutionVerb::resume, 1), Contains("> start 1.1.1.1"));
}

TEST(Engine, ACancelReachesThePaused) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.start("p");
  harness.request(ExecutionVerb::pause, 1);
  const auto actions = harness.request(ExecutionVerb::cancel, 1);
  EXPECT_THAT(actions, Contains("> signal 1.1.0.1 15"));
  EXPECT_THAT(actions, Contains("> thaw 1.1.0.1"));
}

TEST(Engine, TheGraceOfACancelOwesNothingToAPause) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.start("p");
  harness.request(ExecutionVerb::pause, 1);
  harness.advance(1000s);
  harness.request(ExecutionVerb::cancel, 1);
  EXPECT_EQ(harness.engine().next_at(), harness.now().boot + 10s);
}

TEST(Engine, AStepThatFailsAsItIsFrozenEndsItsExecution) {
  Harness harness({process_of("p", {run_step("one"), run_step("two")})});
  harness.start("p");
  harness.request(ExecutionVerb::pause, 1);
  EXPECT_THAT(harness.ended("1.1.0.1", 1), Contains("! finished 1 failed"));
  EXPECT_TRUE(harness.engine().live_executions().empty());
}

// ---- Overlap, slots, priorities

TEST(Engine, OverlapSkipRecordsWhatWasInTheWay) {
  Harness harness({with_trigger(process_of("p", {run_step("one")}))});
  harness.start("p");
  harness.advance(1s);
  EXPECT_THAT(
      harness.fire("p", "at 1"),
      ElementsAre("mark p at 1", "execution 2 skipped (overlap: execution 1 is running)", "! finished 2 skipped"));
}

TEST(Engine, OverlapQueueWaits) {
  auto definition = process_of("p", {run_step("one")});
  definition.overlap = Overlap::queue;
  Harness harness({definition});
  harness.start("p");
  EXPECT_THAT(harness.start("p"), Not(Contains("! started 2")));
  EXPECT_THAT(harness.ended("1.1.0.1", 0), Contains("! started 2"));
}

TEST(Engine, OverlapReplaceCancelsFirst) {
  auto definition = process_of("p", {run_step("one")});
  definition.overlap = Overlap::replace;
  Harness harness({definition});
  harness.start("p");
  const auto actions = harness.start("p");
  EXPECT_THAT(actions, Contains("> signal 1.1.0.1 15"));
  EXPECT_THAT(actions, Not(Contains("! started 2")));
  const auto after = harness.ended("1.1.0.1", 0);
  EXPECT_THAT(after, Contains("execution 1 cancelled (replaced by execution 2)"));
  EXPECT_THAT(after, Contains("! started 2"));
}

TEST(Engine, OverlapAllowRunsUpToItsInstances) {
  auto definition = process_of("p", {run_step("one")});
  definition.overlap = Overlap::allow;
  definition.max_instances = 2;
  Harness harness({definition});
  EXPECT_THAT(harness.start("p"), Contains("! started 1"));
  EXPECT_THAT(harness.start("p"), Contains("! started 2"));
  EXPECT_THAT(harness.start("p"), Not(Contains("! started 3")));
  EXPECT_THAT(harness.ended("2.1.0.1", 0), Contains("! started 3"));
}

TEST(Engine, SlotsGoByPriorityThenAge) {
  Settings settings;
  settings.max_concurrent = 1;
  auto urgent = process_of("urgent", {run_step("one")});
  urgent.priority = 5;
  Harness harness({process_of("a", {run_step("one")}), process_of("b", {run_step("one")}),
                   process_of("c", {run_step("one")}), urgent},
                  settings);
  harness.start("a");
  harness.start("b");
  harness.start("c");
  harness.start("urgent");
  EXPECT_THAT(harness.ended("1.1.0.1", 0), Contains("! started 4"));
  EXPECT_THAT(harness.ended("4.1.0.1", 0), Contains("! started 2"));
  EXPECT_THAT(harness.restart(),
              ElementsAre("version a v1", "version b v1", "version c v1", "version urgent v1", "> thaw 2.1.0.1"));
  EXPECT_THAT(harness.ended("2.1.0.1", 0), Contains("! started 3"));
}

TEST(Engine, TheQueueIsBounded) {
  Settings settings;
  settings.max_queued = 1;
  auto definition = with_trigger(process_of("p", {run_step("one")}));
  definition.overlap = Overlap::queue;
  Harness harness({definition}, settings);
  harness.start("p");
  harness.start("p");
  EXPECT_THAT(harness.start("p"), ElementsAre(HasSubstr("> refuse (limit: 1 executions are queued")));
  EXPECT_THAT(harness.fire("p", "at 1"), Contains(HasSubstr("skipped (limit: 1 executions")));
}

// ---- Firings

TEST(Engine, EveryFiringLeavesARow) {
  Harness guarded({with_trigger(process_of("p", {run_step("one")}), "trigger.kind == 'cron'")});
  EXPECT_THAT(guarded.fire("p", "at 1"), Contains("execution 1 skipped (guard: trigger.kind == 'cron' is false)"));
  Harness broken({with_trigger(process_of("p", {run_step("one")}), "trigger.kind.x.y")});
  EXPECT_THAT(broken.fire("p", "at 1"), Contains(HasSubstr("execution 1 failed (guard: ")));
  Harness harness({with_trigger(process_of("p", {run_step("one")}))});
  harness.handle(ProcessPauseRequested{1, Caller{1000}, "p", true});
  EXPECT_THAT(harness.fire("p", "at 1"), Contains(HasSubstr("skipped (the process is paused, by uid 1000")));
  EXPECT_THAT(harness.fire("p", "unknown"), IsEmpty());
}

TEST(Engine, AClockSetFarBackLeavesNoMarkInTheFuture) {
  Harness harness({with_trigger(process_of("p", {run_step("one")}))});
  const Trigger trigger = harness.engine().definitions().at("p")->triggers.at(0);
  Firing firing;
  firing.process = "p";
  firing.key = trigger.key;
  for (const auto& [at, marked] : {std::pair(20h, 20h), std::pair(18h, 20h), std::pair(15h, 15h)}) {
    firing.nominal = wall_from_us(0) + at;
    harness.handle(TriggerFired{firing});
    EXPECT_EQ(std::get<TriggerMark>(harness.last().records.at(0)).fired_at, wall_from_us(0) + marked);
  }
}

TEST(Engine, TriggersBringTheirInputs) {
  auto definition = process_of("p", {run_step("one", {"cat", "${inputs.file}"})});
  definition.inputs.push_back({"file", InputType::string, "", std::nullopt, {}, "", {}, {}});
  definition = with_trigger(definition);
  definition.triggers[0].inputs = {{"file", "${trigger.at}"}};
  Harness harness({definition});
  harness.fire("p", "at 1");
  EXPECT_EQ(harness.spec().argv[1], format_utc(harness.now().wall));
}

// ---- Recovery

TEST(Engine, AnAttemptWhoseEndWasNotSeenFailsUnlessItMayBeTriedAgain) {
  auto careful = run_step("one");
  auto again = run_step("one");
  again.on_interrupt = OnInterrupt::retry;
  Harness harness({process_of("careful", {careful}), process_of("again", {again})});
  harness.start("careful");
  harness.start("again");
  harness.restart();
  EXPECT_THAT(harness.engine().running_tokens(), ElementsAre("1.1.0.1", "2.1.0.1"));
  EXPECT_THAT(harness.handle(AttemptLost{"1.1.0.1"}),
              Contains(HasSubstr("execution 1 failed (step 'one' interrupted: ")));
  EXPECT_THAT(harness.handle(AttemptLost{"2.1.0.1"}), Contains("> start 2.1.0.2"));
}

TEST(Engine, WhatTheRunnerThatStillLivesNeverHadIsOrderedAgain) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.handle(RunnerSeen{"x"});
  harness.start("p");
  const AttemptSpec first = harness.spec();
  harness.restart();
  harness.handle(RunnerSeen{"x"});
  EXPECT_THAT(harness.handle(AttemptLost{"1.1.0.1"}), ElementsAre("> start 1.1.0.1"));
  EXPECT_EQ(harness.spec().context, first.context);
  EXPECT_EQ(harness.spec().argv, first.argv);
  harness.handle(RunnerSeen{"y"});
  EXPECT_THAT(harness.handle(AttemptLost{"1.1.0.1"}), Contains(HasSubstr("attempt 1.1.0.1 interrupted")))
      << "x may have had it";
}

TEST(Engine, WhatWasToldToEndIsNotOrderedAgain) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.handle(RunnerSeen{"x"});
  harness.start("p");
  harness.request(ExecutionVerb::cancel, 1);
  EXPECT_THAT(harness.handle(AttemptLost{"1.1.0.1"}), Contains("attempt 1.1.0.1 cancelled"));
}

TEST(Engine, WhatIsPausedIsOrderedAgainFrozen) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.handle(RunnerSeen{"x"});
  harness.start("p");
  harness.request(ExecutionVerb::pause, 1);
  EXPECT_THAT(harness.handle(AttemptLost{"1.1.0.1"}), ElementsAre("> start 1.1.0.1", "> freeze 1.1.0.1"));
}

TEST(Engine, AnOrderThatIsLostAgainAndAgainIsGivenUp) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.handle(RunnerSeen{"x"});
  harness.start("p");
  for (int i = 0; i < limits::lost_orders; ++i)
    EXPECT_THAT(harness.handle(AttemptLost{"1.1.0.1"}), ElementsAre("> start 1.1.0.1"));
  EXPECT_THAT(harness.handle(AttemptLost{"1.1.0.1"}),
              Contains("execution 1 failed (step 'one' interrupted: the runner lost the order to start it 11 times)"));
}

TEST(Engine, AnExecutionKeepsItsVersionThroughAnEditAndARestart) {
  Harness harness({process_of("p", {run_step("one"), run_step("old", {"old"})})});
  harness.start("p");
  auto edited = process_of("p", {run_step("one"), run_step("new", {"new"})});
  edited.version = "v2";
  EXPECT_THAT(harness.handle(DefinitionsChanged{{{"p", shared(edited)}}, {}}),
              ElementsAre("version p v2", "! process changed p"));
  harness.restart();
  harness.ended("1.1.0.1", 0);
  EXPECT_THAT(harness.spec().argv, ElementsAre("old"));
}

TEST(Engine, ARestartStartsNothingBesideANewerOneThatCameFirst) {
  auto definition = process_of("p", {run_step("one")});
  definition.overlap = Overlap::queue;
  Harness harness({definition});
  harness.start("p");
  harness.start("p");
  harness.handle(StartRequested{9, Caller{0}, "p", Value::object(), 5});
  EXPECT_THAT(harness.ended("1.1.0.1", 0), Contains("> start 3.1.0.1")) << "its priority is higher";
  EXPECT_THAT(harness.restart(), ElementsAre("version p v1", "> thaw 3.1.0.1"));
  EXPECT_THAT(harness.ended("3.1.0.1", 0), Contains("> start 2.1.0.1"));
}

TEST(Engine, AnExecutionWhoseVersionIsGoneFailsAndSaysSo) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.start("p");
  Evaluator evaluator;
  Engine engine({}, evaluator, {});
  const auto actions = lines(engine.restore(harness.rows(), {}, {}, harness.now()));
  EXPECT_THAT(actions, Contains("execution 1 failed (the definition it ran with cannot be read any more)"));
  EXPECT_THAT(actions, Contains("> kill 1.1.0.1"));
  EXPECT_THAT(actions, Contains(HasSubstr("step 1/one interrupted")));
  EXPECT_THAT(actions, Contains(HasSubstr("attempt 1.1.0.1 interrupted")));
}

// ---- Retry of what has ended

TEST(Engine, RetryRunsFromTheFailedStepAsANewRun) {
  Harness harness({process_of("p", {run_step("one"), run_step("two", {"echo", "${steps.one.result}"})})});
  harness.start("p");
  harness.ended("1.1.0.1", 0, "kept");
  harness.ended("1.1.1.1", 1);
  const ExecutionRow row = harness.ended_rows().at(0);
  const Definition definition = harness.engine().definitions().at("p");
  EXPECT_THAT(harness.handle(RetryRequested{9, Caller{0}, row, harness.steps_of(1), {}, definition, "", {}, ""}),
              Contains("> start 1.2.1.1"));
  EXPECT_THAT(harness.spec().argv, ElementsAre("echo", "kept"));
  EXPECT_THAT(harness.ended("1.2.1.1", 0), Contains("! finished 1 succeeded"));
  EXPECT_EQ(harness.ended_rows().at(0).run, 2U);
  EXPECT_THAT(
      harness.handle(RetryRequested{9, Caller{0}, harness.ended_rows().at(0), {}, {}, definition, "three", {}, ""}),
      ElementsAre("> refuse (process 'p' has no step 'three')"));
}

TEST(Engine, HistoryThatIsOverIsForgottenWithItsFiles) {
  Harness harness({process_of("p", {run_step("one")})});
  harness.start("p");
  EXPECT_THAT(harness.handle(HistoryExpired{{1}}), IsEmpty()) << "it is live";
  harness.ended("1.1.0.1", 0);
  EXPECT_THAT(harness.handle(HistoryExpired{{1}}), ElementsAre("forget 1", "> forget files 1"));
}

TEST(Engine, CancelAllEndsAllThatLives) {
  Harness harness({process_of("a", {run_step("one")}), process_of("b", {run_step("one")})});
  harness.start("a");
  harness.start("b");
  const auto actions = harness.handle(CancelAll{"the daemon stops"});
  EXPECT_THAT(actions, Contains("> signal 1.1.0.1 15"));
  EXPECT_THAT(actions, Contains("> signal 2.1.0.1 15"));
}

}  // namespace
}  // namespace takt::test
