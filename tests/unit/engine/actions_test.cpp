// Actions that no runner is needed for: requests, waits, approvals, events, nested executions.
#include "workflow_fixture.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Workflow, SetKeepsTheTypesOfItsValues) {
  with(step("a", "set = { n = \"${1 + 1}\", text = \"n is ${1 + 1}\", list = [\"${true}\", 3] }"));
  start();
  EXPECT_EQ(ended_row()->result, Value({{"n", 2}, {"text", "n is 2"}, {"list", {true, 3}}}));
}

TEST_F(Workflow, ARequestIsActedOnWithAllExpanded) {
  with(step("a", "http = { url = \"http://x/${inputs.n}\", body = { n = \"${inputs.n}\" } }") +
       "[inputs.n]\ntype = \"integer\"\n");
  EXPECT_THAT(started(start({{"n", 5}})), ElementsAre("1.1.0.1"));
  const auto effects = harness->last().effects;
  for (const Effect& effect : effects)
    if (const auto* act = std::get_if<StartAction>(&effect)) {
      EXPECT_EQ(std::get<HttpAction>(act->spec.action).url, "http://x/5");
      EXPECT_EQ(std::get<HttpAction>(act->spec.action).body, Value({{"n", 5}}));
    }
  harness->handle(ActionEnded{"1.1.0.1", Value({{"status", 200}})});
  EXPECT_EQ(ended_row()->result, Value({{"status", 200}}));
}

TEST_F(Workflow, ARequestThatTakesTooLongIsStopped) {
  with(step("a", "http = { url = \"http://x/\" }\ntimeout = \"5s\""));
  start();
  EXPECT_THAT(harness->tick(), Contains("> stop 1.1.0.1"));
  EXPECT_EQ(outcome(), "failed at a: step 'a' timed-out: timed out after 5s");
}

TEST_F(Workflow, ARequestIsLostWithTheDaemon) {
  with(step("a", "http = { url = \"http://x/\" }") + step("b"));
  start();
  EXPECT_THAT(harness->engine().running_tokens(), IsEmpty());
  harness->restart();
  EXPECT_EQ(outcome(),
            "failed at a: step 'a' interrupted: its end was not seen: the daemon that waited for it is gone");
}

TEST_F(Workflow, ARequestThatMayBeTriedAgainIsAfterARestart) {
  with(step("a", "http = { url = \"http://x/\" }\non_interrupt = \"retry\""));
  start();
  EXPECT_THAT(started(harness->restart()), ElementsAre("1.1.0.2"));
}

// ---- Waits

TEST_F(Workflow, AWaitEndsWithItsSpan) {
  with(step("a", "wait = \"1h\"") + step("b"));
  EXPECT_THAT(start(), Contains("! step waits a"));
  EXPECT_EQ(states(), "a waiting");
  harness->restart();
  EXPECT_THAT(started(harness->tick()), ElementsAre("1.1.1.1"));
}

TEST_F(Workflow, AWaitForAnInstantFollowsTheClock) {
  with(step("a", "wait = { until = \"${inputs.at}\" }") + "[inputs.at]\ntype = \"string\"\n");
  start({{"at", format_utc(harness->now().wall + 1h)}});
  const BootTime before = *harness->engine().next_at();
  harness->set_wall(harness->now().wall + 30min);
  harness->handle(ClockSet{});
  EXPECT_EQ(*harness->engine().next_at(), before - 30min);
  harness->tick();
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Workflow, AWaitForAnEventTakesTheOneThatMatches) {
  with(step("a", "wait = { event = \"paid\", match = { order = \"${inputs.order}\" } }") +
       "[inputs.order]\ntype = \"integer\"\n");
  start({{"order", 7}});
  EventEmitted event;
  event.event = "paid";
  event.payload = {{"order", 8}};
  EXPECT_THAT(harness->handle(event), Contains("> answer 0"));
  harness->restart();
  event.payload = {{"order", 7}, {"sum", 3}};
  EXPECT_THAT(harness->handle(event), Contains("> answer 1"));
  EXPECT_EQ(ended_row()->result, Value({{"order", 7}, {"sum", 3}}));
}

TEST_F(Workflow, AnEventThatDoesNotComeTimesOut) {
  with(step("a", "wait = { event = \"paid\" }\ntimeout = \"1h\""));
  start();
  harness->tick();
  EXPECT_EQ(outcome(), "failed at a: step 'a' timed-out: no event 'paid' came within 1h");
}

TEST_F(Workflow, AnEmittedEventIsHeardInTheSameTurn) {
  with_all({{"p", step("a", "wait = { event = \"done\" }")},
            {"q", step("b", "emit = { event = \"done\", payload = { n = 1 } }")}});
  start();
  EXPECT_THAT(harness->start("q"), Contains("! finished 1 succeeded"));
  EXPECT_EQ(ended_row(1)->result, Value({{"n", 1}}));
}

// ---- Approvals

ApprovalGiven approval(bool yes, const std::string& comment = "") {
  ApprovalGiven given;
  given.caller.uid = 1000;
  given.execution = 1;
  given.step = "a";
  given.yes = yes;
  given.comment = comment;
  return given;
}

TEST_F(Workflow, AnApprovalLetsTheRestRun) {
  with(step("a", "approve = { message = \"Send ${inputs.n}?\" }") + step("b") + "[inputs.n]\ntype = \"integer\"\n");
  start({{"n", 3}});
  EXPECT_EQ(row_of("a").message, "Send 3?");
  harness->restart();
  EXPECT_THAT(started(harness->handle(approval(true, "fine"))), ElementsAre("1.1.1.1"));
  EXPECT_EQ(row_of("a").result, Value({{"approved", true}, {"by", 1000}, {"comment", "fine"}}));
  EXPECT_THAT(harness->handle(approval(true)), ElementsAre("> refuse (step 'a' of execution 1 waits for no approval)"));
}

TEST_F(Workflow, ARejectionFailsTheStep) {
  with(step("a", "approve = { message = \"?\" }"));
  start();
  harness->handle(approval(false, "no money"));
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: rejected by uid 1000: no money");
}

TEST_F(Workflow, AnApprovalThatNobodyGivesEndsAsItsDefaultSays) {
  const std::pair<const char*, const char*> ends[] = {
      {"", "failed at a: step 'a' timed-out: nobody answered within 1h"},
      {", default = false", "failed at a: step 'a' failed: nobody answered within 1h: that is a no by default"},
      {", default = true", "succeeded"}};
  for (const auto& [fallback, end] : ends) {
    with(step("a", std::string("approve = { message = \"?\"") + fallback + " }\ntimeout = \"1h\""));
    start();
    harness->tick();
    EXPECT_EQ(outcome(), end);
  }
}

TEST_F(Workflow, AnApprovalIsCancelledWithItsExecution) {
  with(step("a", "approve = { message = \"?\" }"));
  start();
  cancel();
  EXPECT_EQ(states(), "a cancelled");
}

// ---- Nested executions

TEST_F(Workflow, AStepStartsAnExecutionAndTakesItsResult) {
  with_all({{"p", step("a", "process = \"q\"\ninputs = { n = \"${1 + 1}\" }") + step("b")},
            {"q", step("c") + "[inputs.n]\ntype = \"integer\"\n"}});
  EXPECT_THAT(started(start()), ElementsAre("2.1.0.1"));
  harness->restart();
  EXPECT_THAT(started(ended("2.1.0.1", 0, "R")), ElementsAre("1.1.1.1"));
  EXPECT_EQ(row_of("a").result, Value("R"));
  EXPECT_EQ(ended_row(2)->parent, ExecutionId{1});
}

TEST_F(Workflow, AFailureWithinFailsTheStep) {
  with_all({{"p", step("a", "process = \"q\"")}, {"q", step("c")}});
  start();
  ended("2.1.0.1", 1);
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: execution 2 of 'q' failed: step 'c' failed: exit status 1");
}

TEST_F(Workflow, AProcessThatIsNotThereFailsTheStep) {
  with(step("a", "process = \"q\""));
  start();
  EXPECT_EQ(outcome(), "failed at a: step 'a' failed: no process is named 'q'");
}

TEST_F(Workflow, AProcessThatWouldWaitForItselfIsRefused) {
  with(step("a", "process = \"p\""));
  start();
  EXPECT_THAT(outcome(1), HasSubstr("'p' may not run beside it"));
}

TEST_F(Workflow, ACancelAndAPauseReachThreeDeep) {
  with_all({{"p", step("a", "process = \"q\"")}, {"q", step("b", "process = \"r\"")}, {"r", step("c")}});
  start();
  EXPECT_THAT(harness->request(ExecutionVerb::pause, 1), Contains("> freeze 3.1.0.1"));
  EXPECT_EQ(harness->engine().live(3)->row.state, ExecutionState::paused);
  EXPECT_THAT(harness->request(ExecutionVerb::resume, 1), Contains("> thaw 3.1.0.1"));
  EXPECT_THAT(cancel(), Contains("> signal 3.1.0.1 15"));
  ended("3.1.0.1");
  for (const ExecutionId id : {1U, 2U, 3U}) EXPECT_THAT(outcome(id), HasSubstr("cancelled"));
  EXPECT_THAT(harness->engine().live_executions(), IsEmpty());
}

TEST_F(Workflow, AResumedParentTakesWhatItsChildGaveMeanwhile) {
  with_all({{"p", step("a", "process = \"q\"") + step("b")}, {"q", step("c", "wait = \"1h\"")}});
  start();
  harness->request(ExecutionVerb::pause, 1);
  harness->advance(2h);
  EXPECT_THAT(harness->tick(), ElementsAre("nothing is due"));
  harness->request(ExecutionVerb::resume, 1);
  EXPECT_THAT(started(harness->tick()), ElementsAre("1.1.1.1"));
}

TEST_F(Workflow, ANestedExecutionThatIsAdmittedBeneathAPauseBeginsPaused) {
  with_all({{"p", step("a", "process = \"q\"")}, {"q", "overlap = \"queue\"\n" + step("c")}});
  harness->start("q");
  start();
  harness->request(ExecutionVerb::pause, 2);
  EXPECT_THAT(started(ended("1.1.0.1")), IsEmpty());
  harness->restart();
  EXPECT_THAT(started(harness->request(ExecutionVerb::resume, 2)), ElementsAre("3.1.0.1"));
  ended("3.1.0.1");
  EXPECT_EQ(outcome(2), "succeeded");
}

TEST_F(Workflow, ANestedExecutionTakesNoMoreOfThePoolThatItsStepHolds) {
  Settings settings;
  settings.pools["disk"] = 1;
  with_all({{"p", step("a", "process = \"q\"\npool = \"disk\"")}, {"q", "pool = \"disk\"\n" + step("c")}}, settings);
  EXPECT_THAT(started(start()), ElementsAre("2.1.0.1")) << "else it would wait for the step that waits for it";
  harness->restart();
  ended("2.1.0.1");
  EXPECT_EQ(outcome(), "succeeded");
}

TEST_F(Workflow, APoolHasOneOrderForExecutionsAndSteps) {
  Settings settings;
  settings.pools["disk"] = 1;
  const std::string pool = "pool = \"disk\"\n";
  with_all({{"holder", pool + step("h")},
            {"parent", step("p", "process = \"nested\"")},
            {"nested", pool + step("n")},
            {"stepped", "priority = 3\n" + step("s", pool)},
            {"whole", "priority = 5\n" + pool + step("w")}},
           settings);
  harness->start("holder");
  harness->start("parent");
  harness->start("stepped");
  harness->start("whole");
  EXPECT_THAT(started(ended("1.1.0.1")), ElementsAre("3.1.0.1")) << "what a step waits for comes first";
  EXPECT_THAT(started(ended("3.1.0.1")), ElementsAre("5.1.0.1"));
  EXPECT_THAT(started(ended("5.1.0.1")), ElementsAre("4.1.0.1"));
}

}  // namespace
}  // namespace takt::test
