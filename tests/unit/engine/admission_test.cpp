// Who may start when: pools, nested executions, debounce, rates, starts for later, firings that are skipped.
#include <gmock/gmock.h>

#include <algorithm>

#include "engine/engine.h"
#include "support/definitions.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Admission : public testing::Test {
 protected:
  void with(const std::vector<ProcessDefinition>& processes) {
    engine_.emplace(settings, evaluator_, std::map<std::string, std::string>{});
    std::map<std::string, Definition> definitions;
    for (const ProcessDefinition& one : processes) definitions[one.name] = shared(one);
    handle(DefinitionsChanged{definitions, {}});
  }
  void handle(const Event& event) {
    for (const Record& record : engine_->handle(event, now).records) {
      if (const auto* row = std::get_if<ExecutionRow>(&record)) rows[row->id] = *row;
      if (const auto* row = std::get_if<AttemptRow>(&record)) attempts[row->token] = *row;
      if (const auto* row = std::get_if<ProcessRow>(&record)) process = *row;
    }
  }
  ExecutionId fire() {
    now.wall += 1us;  // each is another instant
    now.boot += 1us;
    handle(TriggerFired{Firing{"p", "t", now.wall, 1, false, Value::object(), "boot"}});
    return rows.rbegin()->first;
  }
  ExecutionId start(const std::string& name, std::optional<int> priority = std::nullopt) {
    StartRequested request;
    request.process = name;
    request.priority = priority;
    handle(request);
    return rows.rbegin()->first;
  }
  void end(const std::string& token) {
    AttemptEnded ended;
    ended.token = token;
    ended.exit_code = 0;
    handle(ended);
  }
  void pass(Duration span) {
    const BootTime until = now.boot + span;
    for (auto next = engine_->next_at(); next && *next <= until; next = engine_->next_at()) {
      now.wall += *next - now.boot;
      now.boot = *next;
      handle(Tick{});
    }
    now.wall += until - now.boot;
    now.boot = until;
  }
  std::vector<ExecutionId> in(ExecutionState state) const {
    std::vector<ExecutionId> found;
    for (const auto& [id, row] : rows)
      if (row.state == state) found.push_back(id);
    return found;
  }
  std::vector<std::string> running() const { return engine_->running_tokens(); }

  static ProcessDefinition triggered() {
    ProcessDefinition definition = process_of("p", {run_step("one")});
    definition.overlap = Overlap::queue;
    definition.triggers = {{.key = "t",
                            .kind = EveryTrigger{.period = 1h},
                            .when = {},
                            .inputs = Value::object(),
                            .enabled = true,
                            .debounce = std::nullopt,
                            .rate = std::nullopt}};
    return definition;
  }
  static ProcessDefinition pooled(const std::string& name, std::uint32_t slots) {
    ProcessDefinition definition = process_of(name, {run_step("one")});
    definition.overlap = Overlap::allow;
    definition.max_instances = 100;
    definition.pool = "gpu";
    definition.slots = slots;
    return definition;
  }

  Settings settings;
  Now now{wall_from_us(1'800'000'000'000'000), boot_from_us(1'000'000'000)};
  std::map<ExecutionId, ExecutionRow> rows;
  std::map<std::string, AttemptRow> attempts;
  ProcessRow process;
  Evaluator evaluator_;
  std::optional<Engine> engine_;
};

// ---- Pools

TEST_F(Admission, ExecutionsTakeTheirSlotsWhileTheyRun) {
  settings.pools = {{"gpu", 3}};
  with({pooled("p", 2), pooled("q", 1)});
  start("p");
  start("q");
  start("q");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(1, 2));
  end("2.1.0.1");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(1, 3));
}

TEST_F(Admission, ALargeOneIsNotStarvedBySmallOnes) {
  settings.pools = {{"gpu", 2}};
  with({pooled("large", 2), pooled("small", 1)});
  start("small");
  start("large");
  start("small");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(1)) << "the third would fit, and the second was there before";
  end("1.1.0.1");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(2));
  end("2.1.0.1");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(3));
}

TEST_F(Admission, PriorityComesBeforeAgeInAPool) {
  settings.pools = {{"gpu", 1}};
  with({pooled("p", 1), pooled("q", 1)});
  start("p");
  start("p");
  start("q", 5);
  end("1.1.0.1");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(3));
}

TEST_F(Admission, OneThatAsksForMoreThanThereIsRunsAlone) {
  settings.pools = {{"gpu", 2}};
  with({pooled("p", 5), pooled("q", 1)});
  start("q");
  start("p");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(1));
  end("1.1.0.1");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(2));
}

TEST_F(Admission, APoolThatNobodyKnowsBoundsNothing) {
  with({pooled("p", 5)});
  start("p");
  start("p");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(1, 2));
}

TEST_F(Admission, AStepWaitsForItsPoolAndGoesOnWhenItIsItsTurn) {
  settings.pools = {{"gpu", 1}};
  Step step = run_step("one");
  step.pool = "gpu";
  ProcessDefinition definition = process_of("p", {step});
  definition.overlap = Overlap::allow;
  definition.max_instances = 3;
  with({definition});
  start("p");
  start("p");
  start("p", 5);
  EXPECT_THAT(running(), ElementsAre("1.1.0.1"));
  end("1.1.0.1");
  EXPECT_THAT(running(), ElementsAre("3.1.0.1"));
  handle(ExecutionRequested{0, {}, ExecutionVerb::cancel, 2, "", true});
  end("3.1.0.1");
  EXPECT_THAT(running(), IsEmpty()) << "one that was cancelled as it waited holds nobody up";
  start("p");
  EXPECT_THAT(running(), ElementsAre("4.1.0.1"));
}

TEST_F(Admission, WhatIsDoneWithinOneThatHoldsOfThePoolTakesNoMoreOfIt) {
  settings.pools = {{"gpu", 2}};
  ProcessDefinition holder = pooled("holder", 1);
  holder.steps[0].pool = "gpu";
  with({holder});
  start("holder");
  start("holder");
  start("holder");
  EXPECT_THAT(running(), ElementsAre("1.1.0.1", "2.1.0.1")) << "else each would wait for the other";
  end("1.1.0.1");
  EXPECT_THAT(running(), ElementsAre("2.1.0.1", "3.1.0.1"));
}

// ---- Debounce, rates

TEST_F(Admission, TheLastFiringBeforeQuietCounts) {
  ProcessDefinition definition = triggered();
  definition.triggers[0].debounce = 5s;
  with({definition});
  fire();
  pass(3s);
  fire();
  EXPECT_EQ(rows.at(1).state, ExecutionState::skipped);
  EXPECT_EQ(rows.at(1).reason, "debounce: coalesced into execution 2");
  EXPECT_EQ(rows.at(2).start_at, now.wall + 5s);
  EXPECT_EQ(engine_->load("p").queued, 0u) << "it is in no queue yet";
  pass(4s);
  EXPECT_EQ(rows.at(2).state, ExecutionState::queued);
  pass(1s);
  EXPECT_EQ(rows.at(2).state, ExecutionState::running);
  EXPECT_EQ(rows.at(2).start_at, std::nullopt);
}

TEST_F(Admission, WhatIsBeyondTheRateIsSkippedAndToldUntilWhen) {
  ProcessDefinition definition = triggered();
  definition.triggers[0].rate = Rate{2, 1h, Excess::skip};
  with({definition});
  fire();
  const WallTime first = now.wall;
  fire();
  fire();
  EXPECT_EQ(rows.at(3).state, ExecutionState::skipped);
  EXPECT_EQ(rows.at(3).reason, "rate: 2 in 1h, the next is taken from " + format_utc(first + 1h));
  pass(1h);
  EXPECT_NE(rows.at(fire()).state, ExecutionState::skipped);
}

TEST_F(Admission, WhatIsBeyondTheRateIsCoalescedIntoOneThatWaitsForRoom) {
  ProcessDefinition definition = triggered();
  definition.triggers[0].rate = Rate{1, 1h, Excess::coalesce};
  with({definition});
  fire();
  end("1.1.0.1");
  pass(10min);
  fire();
  fire();
  EXPECT_EQ(rows.at(2).state, ExecutionState::queued);
  EXPECT_EQ(rows.at(3).reason, "rate: coalesced into execution 2");
  pass(49min);
  EXPECT_EQ(rows.at(2).state, ExecutionState::queued);
  pass(1min);
  EXPECT_EQ(rows.at(2).state, ExecutionState::running);
  fire();
  EXPECT_EQ(rows.at(4).state, ExecutionState::queued) << "the one that waited has taken the room";
}

// ---- Later

TEST_F(Admission, AStartForLaterMeetsTheOverlapRuleWhenItIsDue) {
  ProcessDefinition definition = process_of("p", {run_step("one")});
  definition.overlap = Overlap::skip;
  with({definition});
  StartRequested later;
  later.process = "p";
  later.at = now.wall + 1h;
  handle(later);
  start("p");
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(2)) << "what is for later is in nobody's way";
  pass(1h);
  EXPECT_EQ(rows.at(1).reason, "overlap: execution 2 is running");
}

TEST_F(Admission, AStartForLaterFollowsTheWallClockAndQuietDoesNot) {
  ProcessDefinition definition = triggered();
  definition.triggers[0].debounce = 5s;
  with({definition, process_of("q", {run_step("one")})});
  StartRequested later;
  later.process = "q";
  later.at = now.wall + 1h;
  handle(later);
  fire();
  now.wall += 30min;
  handle(ClockSet{});
  EXPECT_EQ(rows.at(2).start_at, now.wall + 5s);
  pass(5s);
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(2));
  pass(30min);
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(1, 2));
}

TEST_F(Admission, WhatIsHeldCanBeCancelled) {
  with({process_of("p", {run_step("one")})});
  StartRequested later;
  later.process = "p";
  later.at = now.wall + 1h;
  handle(later);
  handle(ExecutionRequested{0, {}, ExecutionVerb::cancel, 1, "", true});
  EXPECT_THAT(in(ExecutionState::cancelled), ElementsAre(1));
  EXPECT_EQ(engine_->next_at(), std::nullopt);
}

TEST_F(Admission, AKeyOfALiveExecutionAnswersItsId) {
  with({process_of("p", {run_step("one")})});
  StartRequested keyed;
  keyed.process = "p";
  keyed.idempotency_key = "k";
  handle(keyed);
  keyed.request = 7;
  const Actions again = engine_->handle(keyed, now);
  EXPECT_THAT(again.records, IsEmpty());
  ASSERT_EQ(again.effects.size(), 1u);
  EXPECT_EQ(std::get<Answer>(again.effects[0]).result.value(), 1u);
}

// ---- Firings that are skipped, pauses that end

TEST_F(Admission, AsManyFiringsAreSkippedAsWereAsked) {
  with({triggered()});
  handle(SkipNextRequested{0, {1000}, "p", 2});
  fire();
  fire();
  fire();
  EXPECT_EQ(rows.at(1).reason, "skipped as uid 1000 asked");
  EXPECT_THAT(in(ExecutionState::skipped), ElementsAre(1, 2));
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(3));
  EXPECT_EQ(process.skip_next, 0u);
}

TEST_F(Admission, APauseEndsByItself) {
  with({triggered()});
  ProcessPauseRequested pause;
  pause.process = "p";
  pause.caller = {1000};
  pause.until = now.wall + 1h;
  handle(pause);
  fire();
  EXPECT_THAT(rows.at(1).reason, HasSubstr("paused, by uid 1000 at "));
  EXPECT_THAT(rows.at(1).reason, HasSubstr(", until "));
  now.wall += 59min;  // it is an instant of the wall clock
  handle(ClockSet{});
  pass(1min);
  EXPECT_FALSE(process.paused);
  fire();
  EXPECT_THAT(in(ExecutionState::running), ElementsAre(2));
}

TEST_F(Admission, HoldsOutliveARestart) {
  ProcessDefinition definition = triggered();
  definition.triggers[0].debounce = 5s;
  with({definition});
  fire();
  ProcessPauseRequested pause;
  pause.process = "p";
  pause.until = now.wall + 1h;
  handle(pause);
  LiveRows kept;
  kept.last_execution = 1;
  kept.executions = {rows.at(1)};
  kept.processes = {process};
  const Definition shared_one = shared(definition);
  engine_.emplace(settings, evaluator_, std::map<std::string, std::string>{});
  engine_->restore(kept, {{"p", shared_one}}, {{{"p", "v1"}, shared_one}}, now);
  fire();
  EXPECT_THAT(rows.at(2).reason, HasSubstr("is paused"));
  pass(5s);
  EXPECT_THAT(rows.at(1).reason, HasSubstr("is paused")) << "a pause holds what waited for quiet, too";
  pass(1h);
  EXPECT_FALSE(process.paused);
}

}  // namespace
}  // namespace takt::test
