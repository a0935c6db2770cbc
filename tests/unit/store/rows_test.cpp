// Every row comes back as it was written, and load() has what a start needs and nothing else.
#include <gmock/gmock.h>

#include <limits>
#include <tuple>

#include "store/limits.h"
#include "unit/store/support.h"

namespace takt {

// Members in their order: two rows are equal when these are.
static auto members(const ExecutionRow& row) {
  return std::tie(row.id, row.process, row.version, row.state, row.run, row.priority, row.trigger_kind, row.trigger_key,
                  row.nominal_at, row.trigger, row.inputs, row.requested_by, row.queued_at, row.started_at,
                  row.ended_at, row.deadline_at, row.paused_at, row.ending, row.reason, row.error_step, row.result,
                  row.phase, row.undo, row.start_at, row.idempotency_key, row.parent, row.parent_token, row.depth);
}
static auto members(const StepRow& row) {
  return std::tie(row.execution, row.run, row.step, row.name, row.state, row.attempts, row.started_at, row.ended_at,
                  row.retry_at, row.exit_code, row.signal, row.error, row.result, row.visits, row.tries, row.routed,
                  row.order, row.variant, row.to_undo, row.undo_tries, row.items, row.items_ended, row.items_failed,
                  row.deadline_at, row.waits_until, row.message, row.approved_by, row.comment, row.items_stopped);
}
static auto members(const AttemptRow& row) {
  return std::tie(row.token, row.execution, row.run, row.step, row.attempt, row.outcome, row.started_at, row.ended_at,
                  row.deadline_at, row.kill_at, row.ending, row.exit_code, row.signal, row.error, row.usage.cpu_user_us,
                  row.usage.cpu_system_us, row.usage.memory_peak_bytes, row.usage.io_read_bytes,
                  row.usage.io_write_bytes, row.output_bytes, row.output_cut, row.output_tail, row.kind, row.item);
}
static auto members(const VersionRow& row) {
  return std::tie(row.process, row.version, row.text, row.origin, row.user, row.loaded_at);
}
static auto members(const ProcessRow& row) {
  return std::tie(row.process, row.paused, row.paused_by, row.paused_at, row.paused_until, row.skip_next, row.skip_by);
}
static auto members(const TriggerMark& mark) {
  return std::tie(mark.process, mark.key, mark.fired_at, mark.boot_id);
}

namespace {

ExecutionRow full_execution() {
  ExecutionRow row;
  row.id = 7;
  row.process = "nightly";
  row.version = "3f2a";
  row.state = ExecutionState::paused;
  row.run = 3;
  row.priority = -5;
  row.trigger_kind = "cron";
  row.trigger_key = "cron 30 7 * * *";
  row.nominal_at = wall_from_us(1'798'000'000'000'001);
  row.trigger = Value{{"kind", "cron"}, {"shifted", true}};
  row.inputs = Value::parse(R"({"batch_id": "\u0000 ü", "n": 9007199254740993, "list": [1, 2.5, null]})");
  row.requested_by = 4'294'967'294;
  row.queued_at = wall_from_us(1);
  row.started_at = wall_from_us(2);
  row.ended_at = wall_from_us(3);
  row.deadline_at = wall_from_us(4);
  row.paused_at = wall_from_us(5);
  row.ending = Outcome::timed_out;
  row.reason = "it's \"over\"";
  row.error_step = "store";
  row.result = Value{{"success", true}};
  row.phase = Phase::undo;
  row.undo = false;
  row.start_at = wall_from_us(6);
  row.idempotency_key = "order 7";
  row.parent = 3;
  row.parent_token = "3.1.0.1";
  row.depth = 2;
  return row;
}

StepRow full_step() {
  StepRow row;
  row.execution = 7;
  row.run = 3;
  row.step = 2;
  row.name = "store";
  row.state = StepState::waiting;
  row.attempts = 4;
  row.started_at = wall_from_us(10);
  row.ended_at = wall_from_us(11);
  row.retry_at = wall_from_us(12);
  row.exit_code = 0;
  row.signal = 9;
  row.error = "exec /usr/bin/x: No such file or directory";
  row.result = Value::array({1, 2});
  row.visits = 5;
  row.tries = 3;
  row.routed = true;
  row.order = 9;
  row.variant = "blue";
  row.to_undo = true;
  row.undo_tries = 2;
  row.items = Value::array({"x"});
  row.items_ended = 1;
  row.items_failed = 1;
  row.items_stopped = true;
  row.deadline_at = wall_from_us(14);
  row.waits_until = wall_from_us(13);
  row.message = "Go?";
  row.approved_by = 1000;
  row.comment = "yes";
  return row;
}

AttemptRow full_attempt() {
  AttemptRow row;
  row.token = "7.3.2.4";
  row.execution = 7;
  row.run = 3;
  row.step = 2;
  row.attempt = 4;
  row.outcome = Outcome::interrupted;
  row.started_at = wall_from_us(10);
  row.ended_at = wall_from_us(20);
  row.deadline_at = wall_from_us(30);
  row.kill_at = wall_from_us(40);
  row.ending = Outcome::cancelled;
  row.exit_code = 255;
  row.signal = 15;
  row.error = "lost";
  row.usage = {1, 2, 3, 4, std::numeric_limits<std::int64_t>::max()};
  row.output_bytes = 123'456'789'012;
  row.output_cut = true;
  row.output_tail = std::string("bytes \xff\x00 of any kind", 20);
  row.kind = AttemptKind::undo;
  row.runner = "0123456789abcdef";
  row.item = 17;
  return row;
}

class RowsTest : public StoreTest {
 protected:
  void SetUp() override { open(); }
};

TEST_F(RowsTest, AnExecutionWithEveryOptional) {
  ASSERT_TRUE(commit({full_execution(), full_step(), full_attempt()}));
  reopen();
  const auto history = store_->history(7);
  ASSERT_TRUE(history) << history.error().message;
  EXPECT_EQ(members(history->execution), members(full_execution()));
  ASSERT_EQ(history->steps.size(), 1u);
  EXPECT_EQ(members(history->steps[0]), members(full_step()));
  ASSERT_EQ(history->attempts.size(), 1u);
  EXPECT_EQ(members(history->attempts[0]), members(full_attempt()));
}

TEST_F(RowsTest, AnExecutionWithNoOptional) {
  ExecutionRow execution;
  execution.id = 1;
  StepRow step;
  step.execution = 1;
  AttemptRow attempt;
  attempt.token = "1.1.0.1";
  attempt.execution = 1;
  ASSERT_TRUE(commit({execution, step, attempt}));
  const auto history = store_->history(1);
  ASSERT_TRUE(history) << history.error().message;
  EXPECT_EQ(members(history->execution), members(execution));
  EXPECT_EQ(members(history->steps.at(0)), members(step));
  EXPECT_EQ(members(history->attempts.at(0)), members(attempt));
}

TEST_F(RowsTest, EveryStateAndOutcomeHasItsWord) {
  ExecutionId id = 0;
  for (const char* word :
       {"queued", "running", "paused", "interrupted", "succeeded", "failed", "timed-out", "cancelled", "skipped"}) {
    const auto state = execution_state_from_word(word);
    ASSERT_TRUE(state) << word;
    ASSERT_TRUE(commit({execution_row(++id, "p", *state)}));
    EXPECT_EQ(store_->history(id)->execution.state, *state);
  }
  std::uint32_t number = 0;
  for (const char* word : {"pending", "running", "waiting", "paused", "succeeded", "failed", "timed-out", "cancelled",
                           "interrupted", "skipped", "cached", "undone"}) {
    StepRow step;
    step.execution = 1;
    step.step = number;
    const auto state = step_state_from_word(word);
    ASSERT_TRUE(state) << word;
    step.state = *state;
    ASSERT_TRUE(commit({step}));
    EXPECT_EQ(store_->history(1)->steps.at(number++).state, *state);
  }
  EXPECT_FALSE(execution_state_from_word("timed out"));
  EXPECT_FALSE(step_state_from_word(""));
}

TEST_F(RowsTest, WritingARowAgainReplacesItAndNothingElse) {
  ExecutionRow row = full_execution();
  ASSERT_TRUE(commit({row, full_step(), full_attempt()}));
  row.state = ExecutionState::succeeded;
  row.paused_at.reset();
  row.result = Value();
  StepRow step = full_step();
  step.state = StepState::succeeded;
  AttemptRow attempt = full_attempt();
  attempt.outcome = Outcome::succeeded;
  ASSERT_TRUE(commit({row, step, attempt}));
  ASSERT_TRUE(commit({row, step, attempt}));
  const auto history = store_->history(7);
  EXPECT_EQ(members(history->execution), members(row));
  ASSERT_EQ(history->steps.size(), 1u);
  EXPECT_EQ(members(history->steps[0]), members(step));
  ASSERT_EQ(history->attempts.size(), 1u);
  EXPECT_EQ(members(history->attempts[0]), members(attempt));
}

TEST_F(RowsTest, HistoryHasTheStepsOfTheCurrentRunAndTheAttemptsOfAll) {
  ExecutionRow row = execution_row(1);
  row.run = 2;
  std::vector<Record> batch{row};
  for (const std::uint32_t run : {2u, 1u})
    for (const std::uint32_t number : {1u, 0u}) {
      StepRow step;
      step.execution = 1;
      step.run = run;
      step.step = number;
      batch.emplace_back(step);
      AttemptRow attempt;
      attempt.token = fmt::format("1.{}.{}.1", run, number);
      attempt.execution = 1;
      attempt.run = run;
      attempt.step = number;
      batch.emplace_back(attempt);
    }
  ASSERT_TRUE(commit(std::move(batch)));
  const auto history = store_->history(1);
  std::vector<std::string> seen;
  for (const StepRow& step : history->steps) seen.push_back(fmt::format("{}.{}", step.run, step.step));
  EXPECT_EQ(seen, (std::vector<std::string>{"2.0", "2.1"}));
  seen.clear();
  for (const AttemptRow& attempt : history->attempts) seen.push_back(attempt.token);
  EXPECT_EQ(seen, (std::vector<std::string>{"1.1.0.1", "1.1.1.1", "1.2.0.1", "1.2.1.1"}));
}

TEST_F(RowsTest, LoadHasWhatIsLiveAndNothingElse) {
  std::vector<Record> batch;
  ExecutionId id = 0;
  for (const auto state : {ExecutionState::queued, ExecutionState::running, ExecutionState::succeeded,
                           ExecutionState::paused, ExecutionState::interrupted, ExecutionState::skipped}) {
    ExecutionRow row = execution_row(++id, "p", state);
    row.run = 2;
    row.version = fmt::format("v{}", id);
    batch.emplace_back(row);
    batch.emplace_back(VersionRow{"p", row.version, "text", "/etc/p.toml", "etl", wall_from_us(1)});
    for (const std::uint32_t run : {1u, 2u}) {
      StepRow step;
      step.execution = id;
      step.run = run;
      batch.emplace_back(step);
    }
    for (const bool ended : {true, false}) {
      AttemptRow attempt;
      attempt.token = fmt::format("{}.2.0.{}", id, ended ? 1 : 2);
      attempt.execution = id;
      if (ended) attempt.outcome = Outcome::failed;
      batch.emplace_back(attempt);
    }
  }
  const ProcessRow paused{"p", true, 0, wall_from_us(9), wall_from_us(10), 2, 7};
  const ProcessRow resumed{"q", false, std::nullopt, std::nullopt, std::nullopt, 0, std::nullopt};
  const TriggerMark mark{"p", "cron 0 0 * * *", wall_from_us(8), "c0ffee"};
  batch.insert(batch.end(), {paused, resumed, mark});
  ASSERT_TRUE(commit(std::move(batch)));
  reopen();

  const auto rows = store_->load();
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->last_execution, 6u);
  std::vector<std::string> seen;
  for (const ExecutionRow& row : rows->executions) seen.push_back(fmt::format("{}", row.id));
  for (const StepRow& row : rows->steps) seen.push_back(fmt::format("{}/{}", row.execution, row.run));
  for (const AttemptRow& row : rows->attempts) seen.push_back(row.token);
  for (const VersionRow& row : rows->versions) seen.push_back(row.version);
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2", "4", "5",                          //
                                            "1/2", "2/2", "4/2", "5/2",                  //
                                            "1.2.0.2", "2.2.0.2", "4.2.0.2", "5.2.0.2",  //
                                            "v1", "v2", "v4", "v5"}));
  EXPECT_EQ(members(rows->versions[0]), members(VersionRow{"p", "v1", "text", "/etc/p.toml", "etl", wall_from_us(1)}));
  ASSERT_EQ(rows->processes.size(), 2u);
  EXPECT_EQ(members(rows->processes[0]), members(paused));
  EXPECT_EQ(members(rows->processes[1]), members(resumed));
  ASSERT_EQ(rows->marks.size(), 1u);
  EXPECT_EQ(members(rows->marks[0]), members(mark));
}

TEST_F(RowsTest, LoadHasTheRunnerOfTheAttemptThatWasWrittenLast) {
  AttemptRow first = full_attempt();
  AttemptRow second = full_attempt();
  first.token = "7.3.2.5";
  second.token = "7.3.2.6";
  second.runner = "fedcba9876543210";
  ASSERT_TRUE(commit({full_execution(), first, second}));
  EXPECT_EQ(store_->load()->runner, second.runner);
  ASSERT_TRUE(commit({first}));
  EXPECT_EQ(store_->load()->runner, first.runner);
}

TEST_F(RowsTest, AnEmptyStoreIsLoaded) {
  const auto rows = store_->load();
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->last_execution, 0u);
  EXPECT_EQ(rows->runner, "");
  EXPECT_TRUE(rows->executions.empty());
}

TEST_F(RowsTest, ForgettingTakesAllOfAnExecutionAndItsIdIsNeverUsedAgain) {
  ASSERT_TRUE(commit({full_execution(), full_step(), full_attempt(), execution_row(3)}));
  ASSERT_TRUE(commit({ForgetExecution{7}, ForgetExecution{99}}));
  EXPECT_EQ(store_->history(7).error().code, ErrorCode::no_such_execution);
  EXPECT_EQ(store_->history(~ExecutionId{0}).error().code, ErrorCode::no_such_execution);  // SQLite has no such integer
  EXPECT_EQ(store_->history(7).error().message, "no execution 7");
  const auto database = *Database::open(database_path(), Database::Mode::read);
  EXPECT_EQ(*database->integer("SELECT count(*) FROM steps"), 0);
  EXPECT_EQ(*database->integer("SELECT count(*) FROM attempts"), 0);
  EXPECT_EQ(store_->load()->last_execution, 7u);
}

TEST_F(RowsTest, VersionsByHashAndTheNewest) {
  const VersionRow first{"p", "aa", "one", "/etc/takt/processes/p.toml", "", wall_from_us(10)};
  const VersionRow second{"p", "bb", "two", "/etc/takt/processes/p.toml", "etl", wall_from_us(20)};
  ASSERT_TRUE(commit({second, first}));
  EXPECT_EQ(members(*store_->version("p", "aa")), members(first));
  EXPECT_EQ(members(*store_->version("p", "")), members(second));
  EXPECT_EQ(store_->version("p", "cc").error().message, "no version cc of p");
  EXPECT_EQ(store_->version("q", "").error().code, ErrorCode::no_such_version);
}

TEST_F(RowsTest, AStartForgetsVersionsThatNoExecutionRanWith) {
  ExecutionRow ran = execution_row(1, "p", ExecutionState::succeeded);
  ran.version = "ran";
  std::vector<Record> batch{VersionRow{"p", "ran", "", "", "", wall_from_us(1)},
                            VersionRow{"p", "never", "", "", "", wall_from_us(2)}, ran};
  for (std::size_t kept = 0; kept < limits::versions; ++kept)
    batch.emplace_back(VersionRow{"p", fmt::format("new{}", kept), "", "", "", wall_from_us(3)});
  ASSERT_TRUE(commit(std::move(batch)));
  reopen();
  EXPECT_TRUE(store_->version("p", "ran"));
  EXPECT_FALSE(store_->version("p", "never"));
  EXPECT_TRUE(store_->version("p", "new0"));
}

TEST_F(RowsTest, TheAuditTrailIsAppendedTo) {
  const AuditRow row{wall_from_us(5), 1000, "StartProcess", "nightly", 7, "inputs"};
  const AuditRow without{wall_from_us(6), 0, "Reload", "", std::nullopt, ""};
  ASSERT_TRUE(commit({row, row, without}));
  const auto database = *Database::open(database_path(), Database::Mode::read);
  EXPECT_EQ(*database->integer("SELECT count(*) FROM audit WHERE at_us = 5 AND uid = 1000 AND method = 'StartProcess' "
                               "AND process = 'nightly' AND execution = 7 AND detail = 'inputs'"),
            2);
  EXPECT_EQ(*database->integer("SELECT count(*) FROM audit WHERE execution IS NULL"), 1);
}

}  // namespace
}  // namespace takt
