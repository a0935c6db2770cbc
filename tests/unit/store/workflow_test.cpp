// What workflows keep: items, results, keys, versions; what statistics tell of them; and a history of the first schema.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "unit/store/support.h"

namespace takt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

ExecutionRow execution(ExecutionId id, ExecutionState state, std::int64_t queued = 0, std::int64_t started = 0,
                       std::int64_t ended = 0) {
  ExecutionRow row;
  row.id = id;
  row.process = "p";
  row.version = "v";
  row.state = state;
  row.trigger_kind = "manual";
  row.queued_at = wall_from_us(queued);
  if (started != 0) row.started_at = wall_from_us(started);
  if (ended != 0) row.ended_at = wall_from_us(ended);
  return row;
}

ItemRow item(ExecutionId id, std::uint32_t run, std::uint32_t place) {
  ItemRow row;
  row.execution = id;
  row.run = run;
  row.item = place;
  row.state = StepState::waiting;
  row.attempts = 3;
  row.retry_at = wall_from_us(5);
  row.error = "exit status 1";
  row.result = {{"n", place}};
  row.to_undo = true;
  return row;
}

class WorkflowRows : public StoreTest {
 protected:
  void SetUp() override { open(); }
};

TEST_F(WorkflowRows, ItemsOfTheRunThatLivesAreLoaded) {
  ExecutionRow live = execution(1, ExecutionState::running);
  live.run = 2;
  ASSERT_TRUE(
      commit({live, item(1, 1, 0), item(1, 2, 1), item(1, 2, 0), execution(2, ExecutionState::failed), item(2, 1, 0)}));
  reopen();
  const auto rows = store_->load();
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->items.size(), 2U);
  const ItemRow& first = rows->items[0];
  EXPECT_EQ(std::tie(first.execution, first.run, first.step, first.item), std::make_tuple(1U, 2U, 0U, 0U));
  EXPECT_EQ(first.state, StepState::waiting);
  EXPECT_EQ(first.attempts, 3U);
  EXPECT_EQ(first.retry_at, wall_from_us(5));
  EXPECT_EQ(first.error, "exit status 1");
  EXPECT_EQ(first.result, Value({{"n", 0}}));
  EXPECT_TRUE(first.to_undo);
  EXPECT_EQ(store_->items(1, 1)->size(), 1U);
  EXPECT_EQ(store_->items(2, 1)->size(), 1U);
}

TEST_F(WorkflowRows, ItemsGoWithTheirExecution) {
  ASSERT_TRUE(commit({execution(1, ExecutionState::failed), item(1, 1, 0), ForgetExecution{1}}));
  EXPECT_THAT(*store_->items(1, 1), IsEmpty());
}

TEST_F(WorkflowRows, KeptResultsComeBackUntilTheyAreForgotten) {
  const WallTime later = wall_from_us(4'000'000'000'000'000);
  const CacheRow a{"p", "s", "a", {{"n", 1}}, wall_from_us(2), later};
  const CacheRow b{"p", "s", "b", nullptr, wall_from_us(1), later};
  const CacheRow c{"p", "t", "a", 3, wall_from_us(3), later};
  const CacheRow d{"q", "s", "a", 4, wall_from_us(4), later};
  const CacheRow over{"q", "s", "over", 5, wall_from_us(5), wall_from_us(6)};
  ASSERT_TRUE(commit({a, b, c, d, over}));
  reopen();
  const auto keys = [&] {
    std::vector<std::string> found;
    const auto rows = store_->load();
    for (const CacheRow& row : rows->cache) found.push_back(row.process + row.step + row.key);
    return found;
  };
  EXPECT_THAT(keys(), ElementsAre("psb", "psa", "pta", "qsa")) << "the oldest first, without what was over";
  EXPECT_EQ(store_->load()->cache[1].result, Value({{"n", 1}}));
  ASSERT_TRUE(commit({ForgetCache{"p", "s", "b"}}));
  EXPECT_THAT(keys(), ElementsAre("psa", "pta", "qsa"));
  ASSERT_TRUE(commit({ForgetCache{"p", "s", std::nullopt}}));
  EXPECT_THAT(keys(), ElementsAre("pta", "qsa"));
  ASSERT_TRUE(commit({ForgetCache{}}));
  EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(WorkflowRows, SeenFilesComeBackUntilTheyAreForgotten) {
  const SeenFileRow stock{"p", "path /in/*", "", 0, 0, WallTime(), WallTime()};
  const SeenFileRow a{"p", "path /in/*", "/in/a", 7, -8, wall_from_us(9), wall_from_us(10)};
  const SeenFileRow other{"q", "path /in/*", "/in/a", 1, 1, wall_from_us(1), wall_from_us(1)};
  SeenFileRow again = a;
  again.modified_at = wall_from_us(11);
  ASSERT_TRUE(commit({other, a, stock, again}));
  reopen();
  const auto paths = [&] {
    std::vector<std::string> found;
    const auto rows = store_->load();
    for (const SeenFileRow& row : rows->seen_files) found.push_back(row.process + row.path);
    return found;
  };
  EXPECT_THAT(paths(), ElementsAre("p", "p/in/a", "q/in/a"));
  const SeenFileRow row = store_->load()->seen_files[1];
  EXPECT_EQ(std::tie(row.key, row.folder, row.inode, row.born_at, row.modified_at),
            std::tie(again.key, again.folder, again.inode, again.born_at, again.modified_at));
  ASSERT_TRUE(commit({ForgetSeenFiles{"p", "path /in/*", "/in/a"}}));
  EXPECT_THAT(paths(), ElementsAre("p", "q/in/a"));
  ASSERT_TRUE(commit({ForgetSeenFiles{"p", "path /in/*", std::nullopt}}));
  EXPECT_THAT(paths(), ElementsAre("q/in/a"));
}

TEST_F(WorkflowRows, AKeyIsFoundInItsProcess) {
  ExecutionRow with = execution(1, ExecutionState::succeeded);
  with.idempotency_key = "order 7";
  ASSERT_TRUE(commit({with, execution(2, ExecutionState::succeeded)}));
  EXPECT_EQ(*store_->with_key("p", "order 7"), ExecutionId{1});
  EXPECT_EQ(*store_->with_key("q", "order 7"), std::nullopt);
  EXPECT_EQ(*store_->with_key("p", ""), std::nullopt);
}

TEST_F(WorkflowRows, VersionsAreListedAndFoundByTheirBeginning) {
  ASSERT_TRUE(commit({VersionRow{"p", "aa11", "one", "/x", "root", wall_from_us(1)},
                      VersionRow{"p", "aa22", "two", "/x", "root", wall_from_us(3)},
                      VersionRow{"p", "bb", "three", "/x", "root", wall_from_us(2)}}));
  std::vector<std::string> listed;
  const auto versions = store_->versions("p");
  for (const VersionRow& row : *versions) listed.push_back(row.version + row.text);
  EXPECT_THAT(listed, ElementsAre("aa22", "bb", "aa11"));
  EXPECT_EQ(store_->version("p", "b")->text, "three");
  EXPECT_EQ(store_->version("p", "aa2")->text, "two");
  EXPECT_EQ(store_->version("p", "aa").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(store_->version("p", "c").error().code, ErrorCode::no_such_version);
}

// ---- Statistics

TEST_F(WorkflowRows, StatisticsCountAndSpreadASpan) {
  std::vector<Record> batch;
  for (std::int64_t i = 1; i <= 20; ++i) {  // durations of 10, 20, … 200; queue times of 1 … 20
    const auto id = static_cast<ExecutionId>(i);
    batch.emplace_back(execution(id, i <= 15 ? ExecutionState::succeeded : ExecutionState::failed, 1'000, 1'000 + i,
                                 1'000 + i + 10 * i));
    StepRow step;
    step.execution = id;
    step.name = "s";
    step.state = i <= 15 ? StepState::succeeded : StepState::failed;
    step.variant = i % 2 == 0 ? "even" : "odd";
    step.started_at = wall_from_us(1'000);
    step.ended_at = wall_from_us(1'000 + i);
    batch.emplace_back(step);
    AttemptRow attempt;
    attempt.token = fmt::format("{}.1.0.1", i);
    attempt.execution = id;
    attempt.outcome = Outcome::succeeded;
    attempt.usage = {i, 1, 100 * i, 0, 0};
    batch.emplace_back(attempt);
  }
  batch.emplace_back(execution(21, ExecutionState::skipped, 1'000));
  batch.emplace_back(execution(22, ExecutionState::succeeded, 2'000, 2'001, 9'999));  // after the span
  batch.emplace_back(execution(23, ExecutionState::running, 1'000, 1'001));
  ASSERT_TRUE(commit(std::move(batch)));

  const auto statistics = store_->statistics({"p", wall_from_us(1'000), wall_from_us(2'000)});
  ASSERT_TRUE(statistics) << statistics.error().message;
  ASSERT_EQ(statistics->processes.size(), 1U);
  const ProcessStatistics& whole = statistics->processes[0];
  EXPECT_THAT(whole.outcomes, ElementsAre(Pair("failed", 5U), Pair("skipped", 1U), Pair("succeeded", 15U)));
  EXPECT_EQ(whole.duration.median, 100);
  EXPECT_EQ(whole.duration.p95, 190);
  EXPECT_EQ(whole.duration.max, 200);
  EXPECT_EQ(whole.queue_time.median, 10);
  EXPECT_EQ(whole.queue_time.p95, 19);
  EXPECT_EQ(whole.cpu_us, 210 + 20);
  EXPECT_EQ(whole.memory_peak_bytes, 2'000);
  ASSERT_EQ(statistics->steps.size(), 2U);
  const StepStatistics& even = statistics->steps[0];
  EXPECT_EQ(even.variant, "even");
  EXPECT_THAT(even.outcomes, ElementsAre(Pair("failed", 3U), Pair("succeeded", 7U)));
  EXPECT_EQ(even.duration.median, 10);
  EXPECT_EQ(even.duration.p95, 20);
  EXPECT_EQ(even.cpu_us, 110 + 10);

  EXPECT_EQ(store_->statistics({"", std::nullopt, std::nullopt})->processes[0].duration.max, 7'998);
  EXPECT_THAT(store_->statistics({"q", std::nullopt, std::nullopt})->processes, IsEmpty());
}

// ---- A history of the first schema

TEST_F(StoreTest, AHistoryOfTheFirstSchemaIsCarriedOver) {
  std::ostringstream schema;
  schema << std::ifstream(TAKT_SOURCE_DIR "/tests/unit/store/schema1.sql").rdbuf();
  const std::string path = folder_.path() + "/history.db";
  std::ofstream(path).close();
  {
    const auto database = *Database::open(path, Database::Mode::write);
    ASSERT_TRUE(database->execute(schema.str().c_str()));
    ASSERT_TRUE(database->execute(
        "INSERT INTO executions VALUES (1,'p','v','running',1,0,'manual','',NULL,NULL,'{\"n\":1}',0,5,6,NULL,NULL,NULL,"
        "NULL,'','',NULL);"
        "INSERT INTO steps VALUES (1,1,0,'a','succeeded',2,6,7,NULL,0,NULL,'','3'),"
        "(1,1,1,'b','pending',0,NULL,NULL,NULL,NULL,NULL,'',NULL);"
        "INSERT INTO attempts VALUES ('1.1.1.1',1,1,1,1,NULL,8,NULL,NULL,NULL,NULL,NULL,NULL,'',0,0,0,0,0,0,0,'');"
        "INSERT INTO processes VALUES ('p',1,1000,9);"));
  }
  open();
  const auto rows = store_->load();
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->executions.size(), 1U);
  EXPECT_EQ(rows->executions[0].inputs, Value({{"n", 1}}));
  EXPECT_EQ(rows->executions[0].phase, Phase::steps);
  EXPECT_TRUE(rows->executions[0].undo);
  ASSERT_EQ(rows->steps.size(), 2U);
  EXPECT_EQ(rows->steps[0].visits, 1U) << "what had begun was visited";
  EXPECT_EQ(rows->steps[0].order, 0U);
  EXPECT_EQ(rows->steps[0].result, Value(3));
  EXPECT_EQ(rows->steps[1].visits, 0U);
  ASSERT_EQ(rows->attempts.size(), 1U);
  EXPECT_EQ(rows->attempts[0].kind, AttemptKind::step);
  ASSERT_EQ(rows->processes.size(), 1U);
  EXPECT_EQ(rows->processes[0].paused_by, 1000U);
  EXPECT_EQ(rows->processes[0].skip_next, 0U);
}

}  // namespace
}  // namespace takt
