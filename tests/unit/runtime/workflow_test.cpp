// What people ask of a runtime beside start and cancel: keys, versions, later starts, pauses that end; and what the
// administrator reads of workflows.
#include "base/limits.h"
#include "base/names.h"
#include "engine/limits.h"
#include "fixture.h"
#include "runtime/entries.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

constexpr const char* guarded = "[[step]]\nname = \"one\"\nrun = [\"true\"]\nwhen = \"false\"\n";  // ends at once

class Workflow : public RuntimeTest {
 protected:
  void boot_with(std::map<std::string, std::string> texts) {
    definitions.texts = std::move(texts);
    runner.fate = [](const AttemptSpec&) { return Fate{.lasts = 1s}; };
    boot();
    world.clear();
  }
  void start_keyed(const std::string& process, const std::string& key) {
    StartOptions options;
    options.idempotency_key = key;
    runtime->start({}, process, Value::object(), options, [this](const Result<ExecutionId>& id) {
      world.push_back(id ? fmt::format("execution {}", *id) : id.error().message);
    });
  }
};

// ---- Keys

TEST_F(Workflow, AKeyStartsOnceThoughItsEndIsNotYetOnDisk) {
  boot_with({{"p", guarded}});
  start_keyed("p", "k");
  start_keyed("p", "k");  // the first has ended, and nobody has it on disk
  turn();
  start_keyed("p", "k");
  settle();
  start_keyed("p", "k");
  EXPECT_THAT(broken, testing::IsEmpty());
  EXPECT_EQ(disk.executions.size(), 1u);
  EXPECT_EQ(std::count(world.begin(), world.end(), "execution 1"), 4);
  crash();
  boot();
  start_keyed("p", "k");
  EXPECT_EQ(world.back(), "execution 1");
}

TEST_F(Workflow, AKeyOfOneThatLivesIsAnsweredToo) {
  boot_with({{"p", one_step}});
  start_keyed("p", "k");
  start_keyed("p", "k");
  settle();
  EXPECT_EQ(disk.executions.size(), 1u);
  start_keyed("p", std::string(limits::key_bytes + 1, 'k'));
  EXPECT_THAT(world.back(), HasSubstr("an idempotency key of 1025 bytes"));
}

TEST_F(Workflow, AKeyIsItsProcesssOwn) {
  boot_with({{"p", guarded}, {"q", guarded}});
  start_keyed("p", "k");
  start_keyed("q", "k");
  settle();
  EXPECT_EQ(disk.executions.size(), 2u);
}

// ---- Versions

TEST_F(Workflow, AnOldVersionIsStartedByName) {
  boot_with({{"p", one_step}});
  const std::string old = disk.versions.back().version;
  definitions.texts["p"] = "[[step]]\nname = \"other\"\nrun = [\"true\"]\n";
  runtime->reload();
  settle();
  StartOptions options;
  options.version = old;
  runtime->start({}, "p", Value::object(), options, reply_to<ExecutionId>("start"));
  settle();
  EXPECT_EQ(runtime->live_execution(1)->definition->steps[0].name, "one");
  EXPECT_EQ(disk.executions.at(1).version, old);
  options.version = "0000";
  runtime->start({}, "p", Value::object(), options, reply_to<ExecutionId>("start"));
  EXPECT_EQ(world.back(), "refuse start: process 'p' has no version '0000'");

  const auto versions = runtime->versions("p");
  ASSERT_TRUE(versions);
  EXPECT_EQ(versions->size(), 2u);
  EXPECT_EQ(versions->back().version, old);
  EXPECT_EQ(runtime->versions("q").error().message, "no process is named 'q'");
}

// ---- Later

TEST_F(Workflow, AStartForLaterOutlivesADeath) {
  boot_with({{"p", one_step}});
  StartOptions options;
  options.at = clock.value.wall + 1h;
  runtime->start({}, "p", Value::object(), options, reply_to<ExecutionId>("start"));
  settle();
  EXPECT_THAT(world, Contains("reply start"));
  EXPECT_EQ(alarms.boot, clock.value.boot + 1h);
  crash();
  boot();
  pass(59min);
  EXPECT_EQ(disk.executions.at(1).state, ExecutionState::queued);
  pass(1min);
  EXPECT_EQ(disk.executions.at(1).state, ExecutionState::running);
}

TEST_F(Workflow, APauseEndsAtItsTimeThoughTheDaemonDied) {
  boot_with({{"p", one_step}});
  const WallTime until = clock.value.wall + 1h;
  runtime->pause_process({}, "p", true, until, reply_to<ExecutionId>("pause"));
  settle();
  EXPECT_EQ(runtime->process("p")->paused_until, until);
  crash();
  boot();
  pass(59min);
  EXPECT_TRUE(runtime->process("p")->paused);
  pass(1min);
  EXPECT_FALSE(runtime->process("p")->paused);
  EXPECT_FALSE(disk.processes.at("p").paused);
  runtime->pause_process({}, "p", true, until, reply_to<ExecutionId>("pause"));
  settle();
  EXPECT_THAT(world.back(), HasSubstr("refuse pause: "));
}

TEST_F(Workflow, FiringsToBeSkippedAreCountedDown) {
  boot_with({{"p", std::string("[[trigger]]\ncron = \"* * * * *\"\n") + one_step}});
  runtime->skip_next({1000}, "p", 2, reply_to<ExecutionId>("skip"));
  settle();
  EXPECT_EQ(world.back(), "reply skip");
  EXPECT_EQ(disk.audit.back().method, "SkipNext");
  pass(1min);
  EXPECT_EQ(runtime->process("p")->skip_next, 1u);
  EXPECT_EQ(disk.executions.at(1).reason, "skipped as uid 1000 asked");
}

// ---- What has ended

TEST_F(Workflow, WhatHasEndedTakesNoAnswerAndWhatLivesIsNotRolledBack) {
  boot_with({{"p", one_step}});
  start("p");
  settle();
  runtime->rollback({}, 1, "", reply_to<ExecutionId>("rollback"));
  EXPECT_THAT(world.back(), HasSubstr("refuse rollback: execution 1 has not ended"));
  pass(1s);
  runtime->approve({}, 1, "one", true, "", reply_to<ExecutionId>("approve"));
  EXPECT_EQ(world.back(), "refuse approve: execution 1 has ended: succeeded");
  runtime->approve({}, 1, "one", true, std::string(limits::message_bytes + 1, 'x'), reply_to<ExecutionId>("approve"));
  EXPECT_THAT(world.back(), HasSubstr("a comment of 4097 bytes"));
  runtime->rollback({}, 9, "", reply_to<ExecutionId>("rollback"));
  EXPECT_EQ(world.back(), "refuse rollback: no execution 9");
  EXPECT_EQ(runtime->statistics({})->processes.at(0).outcomes.at("succeeded"), 1u);
}

// ---- What the administrator reads

ExecutionRow row_of(ExecutionState state) {
  ExecutionRow row;
  row.id = 7;
  row.process = "p";
  row.state = state;
  return row;
}

TEST(Entries, AnApprovalThatWaitsIsANoticeWithTheWayToGiveIt) {
  StepRow waits;
  waits.name = "ask";
  waits.message = "deploy 1.2?";
  waits.waits_until = wall_from_us(1'800'000'000'000'000);
  const auto entry = log_entry(StepWaits{row_of(ExecutionState::running), waits});
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->priority, LogPriority::notice);
  EXPECT_EQ(entry->message_id, names::id_approval);
  EXPECT_EQ(entry->message, "p: execution 7: step 'ask' waits for an approval until " + format_utc(*waits.waits_until) +
                                ": deploy 1.2?; 'taktctl approve 7 ask' gives it");
  EXPECT_THAT(entry->fields, AllOf(Contains(Pair("TAKT_PROCESS", "p")), Contains(Pair("TAKT_EXECUTION", "7")),
                                   Contains(Pair("TAKT_STEP", "ask"))));
}

TEST(Entries, AWaitIsNobodysBusiness) {
  StepRow waits;
  waits.name = "nap";
  waits.waits_until = wall_from_us(1'800'000'000'000'000);
  EXPECT_EQ(log_entry(StepWaits{row_of(ExecutionState::running), waits})->priority, LogPriority::debug);
}

TEST(Entries, ARollbackIsANoticeAndNoFailure) {
  ExecutionRow row = row_of(ExecutionState::failed);
  row.phase = Phase::rollback;
  row.reason = "rolled back by uid 1000";
  const auto entry = log_entry(ExecutionFinished{row, ""});
  EXPECT_EQ(entry->priority, LogPriority::notice);
  EXPECT_EQ(entry->message_id, names::id_rollback);
  EXPECT_EQ(entry->message, "p: execution 7: rolled back by uid 1000");
}

TEST(Entries, ALoopThatIsUsedUpIsAFailureWithItsHead) {
  ExecutionRow row = row_of(ExecutionState::failed);
  row.error_step = "poll";
  row.reason = "step 'poll' would be visited 4 times; max_visits is 3";
  const auto entry = log_entry(ExecutionFinished{row, ""});
  EXPECT_EQ(entry->priority, LogPriority::error);
  EXPECT_EQ(entry->message, "p: execution 7 failed: step 'poll' would be visited 4 times; max_visits is 3");
  EXPECT_THAT(entry->fields, Contains(Pair("TAKT_STEP", "poll")));
}

TEST(Entries, AnEventIsToldWithWhoEmittedIt) {
  EXPECT_EQ(log_entry(Emitted{"done", Value::object(), "p", 7})->message, "event 'done' emitted by execution 7 of p");
  EXPECT_EQ(log_entry(Emitted{"done", Value::object(), "", 0})->message, "event 'done' emitted");
}

}  // namespace
}  // namespace takt::test
