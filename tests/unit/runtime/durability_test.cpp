// Recorded first, performed then, answered last; and what a death in between leaves.
#include "fixture.h"

namespace takt::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr const char* two_steps = R"(
[[step]]
name = "one"
run = ["true"]
[[step]]
name = "two"
run = ["true"]
)";

class Durability : public RuntimeTest {
 protected:
  void boot_with(const std::string& text) {
    definitions.texts = {{"p", text}};
    runner.fate = [this](const AttemptSpec&) { return fate; };
    boot();
    world.clear();
  }
  Fate fate{.lasts = 1s};
};

TEST_F(Durability, NothingIsDoneOrSaidBeforeItIsDurable) {
  boot_with(two_steps);
  start("p");
  EXPECT_THAT(world, IsEmpty());
  turn();
  EXPECT_THAT(world, IsEmpty()) << "the batch waits for the disk";
  write();
  EXPECT_THAT(world, ElementsAre("durable 4")) << "audit, execution, step, attempt";
  report();
  EXPECT_THAT(world, ElementsAre("durable 4", "announce queued 1", "reply start", "announce started 1",
                                 "announce step one started", "start 1.1.0.1"));
}

TEST_F(Durability, OneTurnIsOneBatch) {
  boot_with(std::string("overlap = \"queue\"\n") + two_steps);
  start("p");
  start("p");
  turn();
  EXPECT_EQ(store->waiting(), 1u);
}

TEST_F(Durability, EffectsKeepTheirOrderAcrossBatches) {
  boot_with(std::string("overlap = \"allow\"\nmax_instances = 2\n") + two_steps);
  start("p");
  turn();
  runtime->control({}, ExecutionVerb::pause, 1, "", true, reply_to<ExecutionId>("pause"));
  turn();
  runtime->start({}, "nobody", Value::object(), {}, reply_to<ExecutionId>("start of nobody"));
  turn();  // nothing to record, and yet it is not said before what came before it
  write();
  write();
  EXPECT_THAT(world, ElementsAre("durable 4", "durable 3"));
  report();
  EXPECT_THAT(world, Contains("start 1.1.0.1"));
  EXPECT_THAT(world, Not(Contains("freeze 1.1.0.1")));
  world.clear();
  report();
  EXPECT_THAT(world, ElementsAre("freeze 1.1.0.1", "announce changed 1", "reply pause",
                                 "refuse start of nobody: no process is named 'nobody'"));
}

TEST_F(Durability, TheEndOfAnAttemptAndTheStartOfTheNextAreOneCommit) {
  boot_with(two_steps);
  start("p");
  settle();
  world.clear();
  pass(1s);
  EXPECT_THAT(world, ElementsAre("durable 4", "acknowledge 1.1.0.1", "announce step one succeeded",
                                 "announce progress 1/2", "announce step two started", "start 1.1.1.1"));
}

TEST_F(Durability, AStoreThatCannotWriteEndsTheDaemonAndNothingIsDone) {
  boot_with(two_steps);
  start("p");
  turn();
  store->write(fail(ErrorCode::io, "disk full"));
  report();
  EXPECT_THAT(broken, ElementsAre("disk full"));
  EXPECT_THAT(world, IsEmpty());
}

TEST_F(Durability, StopWaitsForWhatWasDecidedAndTakesNothingNew) {
  boot_with(two_steps);
  start("p");
  bool stopped = false;
  runtime->stop([&] { stopped = true; });
  start("p");
  turn();
  write();
  EXPECT_FALSE(stopped);
  report();
  EXPECT_TRUE(stopped);
  EXPECT_THAT(world, Contains("start 1.1.0.1"));
  EXPECT_EQ(disk.executions.size(), 1u);
}

TEST_F(Durability, CancelAllIsDoneWhenNothingLives) {
  boot_with(two_steps);
  start("p");
  settle();
  bool done = false;
  runtime->cancel_all("the daemon stops", [&] { done = true; });
  turn();
  EXPECT_FALSE(done);
  settle();
  EXPECT_TRUE(done);
  EXPECT_EQ(disk.executions.at(1).state, ExecutionState::cancelled);
  EXPECT_EQ(disk.executions.at(1).reason, "the daemon stops");
}

// ---- The runner

TEST_F(Durability, AnAttemptThatWasNotSentIsNotAskedAfter) {
  boot_with(two_steps);
  start("p");
  turn();
  executor->disconnect();
  executor->connect(*runtime);
  EXPECT_THAT(world, ElementsAre("readopt")) << "the runner would say that it is lost";
  settle();
  EXPECT_EQ(runner.journal.at("1.1.0.1").starts, 1);
}

TEST_F(Durability, AnEndThatIsNotYetRecordedIsKeptByTheRunner) {
  fate.exit_code = 7;
  boot_with(two_steps);
  start("p");
  settle();
  clock.advance(1s);
  runner.pass_time();
  executor->deliver(*runtime);  // the daemon knows of the end, the disk does not
  world.clear();
  executor->disconnect();
  executor->connect(*runtime);
  EXPECT_THAT(world, ElementsAre("readopt 1.1.0.1"));
  crash();
  boot();
  EXPECT_EQ(disk.attempts.at("1.1.0.1").exit_code, 7);
  EXPECT_EQ(disk.attempts.at("1.1.0.1").outcome, Outcome::failed);
}

TEST_F(Durability, AnEndThatIsOnRecordIsLetGoByTheRunnerAfterADeath) {
  boot_with("[[step]]\nname = \"one\"\nrun = [\"true\"]\n");
  start("p");
  settle();
  clock.advance(1s);
  runner.pass_time();
  executor->deliver(*runtime);
  turn();
  write();
  crash();  // before it was acknowledged
  EXPECT_TRUE(runner.journal.at("1.1.0.1").known);
  boot();
  EXPECT_FALSE(runner.journal.at("1.1.0.1").known);
}

TEST_F(Durability, AnAttemptThatEndedWhileNobodyWasThereHasItsTrueStatus) {
  fate.exit_code = 7;
  boot_with(two_steps);
  start("p");
  settle();
  crash();
  clock.advance(1s);
  runner.pass_time();
  boot();
  EXPECT_EQ(disk.attempts.at("1.1.0.1").exit_code, 7);
  EXPECT_EQ(disk.executions.at(1).state, ExecutionState::failed);
}

TEST_F(Durability, ADeathBetweenTheRecordAndTheStartIsMadeUpForAsTheRunnerWouldKnow) {
  boot_with(two_steps);
  start("p");
  turn();
  write();
  crash();
  EXPECT_FALSE(runner.journal.contains("1.1.0.1"));
  boot();
  EXPECT_EQ(disk.attempts.at("1.1.0.1").outcome, std::nullopt);
  EXPECT_EQ(runner.journal.at("1.1.0.1").starts, 1);
}

TEST_F(Durability, ItIsAnInterruptionWhenTheRunnerHasDiedToo) {
  boot_with(two_steps);
  start("p");
  turn();
  write();
  crash();
  runner.die();
  boot();
  EXPECT_EQ(disk.attempts.at("1.1.0.1").outcome, Outcome::interrupted);
  EXPECT_FALSE(runner.journal.contains("1.1.0.1")) << "it never ran, which nobody can know";
}

TEST_F(Durability, WhatARestartBeginsBeforeTheRunnerIsThereIsMadeUpForToo) {
  fate.exit_code = 7;
  boot_with("[[step]]\nname = \"one\"\nrun = [\"true\"]\nretry = { limit = 1, delay = \"5s\" }\n");
  start("p");
  settle();
  clock.advance(1s);
  runner.pass_time();
  settle();
  crash();
  clock.advance(10s);
  boot(false);
  EXPECT_EQ(disk.attempts.at("1.1.0.2").outcome, std::nullopt);
  crash();
  boot();
  EXPECT_EQ(disk.attempts.at("1.1.0.2").outcome, std::nullopt);
  EXPECT_EQ(runner.journal.at("1.1.0.2").starts, 1);
}

// ---- What is read must be what will be

TEST_F(Durability, ARetryGoesOnFromTheLastEndThoughItIsNotYetOnDisk) {
  boot_with("[[step]]\nname = \"one\"\nrun = [\"true\"]\nwhen = \"false\"\n");
  start("p");
  settle();  // skipped, so it has ended at once
  RetryOptions from_one;
  from_one.step = "one";
  runtime->retry({}, 1, from_one, reply_to<ExecutionId>("first retry"));
  runtime->retry({}, 1, from_one, reply_to<ExecutionId>("second retry"));
  settle();
  EXPECT_EQ(disk.executions.at(1).run, 3u);
  EXPECT_THAT(world, Contains("reply first retry"));
  EXPECT_THAT(world, Contains("reply second retry"));
}

TEST_F(Durability, AWaitIsAnsweredWhenTheEndIsDurable) {
  boot_with("[[step]]\nname = \"one\"\nrun = [\"true\"]\n");
  start("p");
  settle();
  std::vector<Outcome> outcomes;
  const auto answer = [&](const Result<Ended>& ended) { outcomes.push_back(ended.value().outcome); };
  EXPECT_NE(runtime->wait(1, answer), 0u);
  runtime->stop_waiting(runtime->wait(1, [](const Result<Ended>&) { ADD_FAILURE() << "it left"; }));
  fate.exit_code = 0;
  clock.advance(1s);
  runner.pass_time();
  executor->deliver(*runtime);
  turn();
  write();
  EXPECT_THAT(outcomes, IsEmpty());
  report();
  EXPECT_THAT(outcomes, ElementsAre(Outcome::succeeded));
  EXPECT_EQ(runtime->wait(1, answer), 0u) << "it has ended: answered at once";
  EXPECT_EQ(outcomes.size(), 2u);
  runtime->wait(99, reply_to<Ended>("wait"));
  EXPECT_EQ(world.back(), "refuse wait: no execution 99");
}

TEST_F(Durability, HistoryThatIsOverIsForgottenWithItsFiles) {
  boot_with("keep = { runs = 1 }\n[[step]]\nname = \"one\"\nrun = [\"true\"]\n");
  for (int i = 0; i < 2; ++i) {
    start("p");
    pass(1s);
  }
  EXPECT_FALSE(disk.executions.contains(1));
  EXPECT_TRUE(disk.executions.contains(2));
  EXPECT_THAT(world, Contains("forget 1"));
}

}  // namespace
}  // namespace takt::test
