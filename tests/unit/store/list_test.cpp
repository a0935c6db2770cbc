// Lists: filters, pages, the last of a process, and what the history's end takes.
#include <gmock/gmock.h>

#include <chrono>

#include "base/limits.h"
#include "unit/store/support.h"

namespace takt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

ExecutionFilter filter(std::string process, std::vector<ExecutionState> states = {},
                       std::optional<WallTime> since = std::nullopt, std::optional<WallTime> until = std::nullopt) {
  return {std::move(process), std::move(states), since, until};
}

class ListTest : public StoreTest {
 protected:
  // 1..9: odd ones of a, even ones of b; the states in turn.
  void SetUp() override {
    open();
    const std::array states{ExecutionState::succeeded, ExecutionState::failed, ExecutionState::running};
    std::vector<Record> batch;
    for (ExecutionId id = 1; id <= 9; ++id)
      batch.emplace_back(execution_row(id, id % 2 == 1 ? "a" : "b", states[(id - 1) % 3]));
    ASSERT_TRUE(commit(std::move(batch)));
  }
  std::vector<ExecutionId> ids(const ExecutionFilter& filter, ExecutionId before = 0, std::size_t limit = 100) {
    const auto page = store_->list(filter, before, limit);
    EXPECT_TRUE(page) << page.error().message;
    next_ = page->next;
    std::vector<ExecutionId> found;
    for (const ExecutionRow& row : page->rows) found.push_back(row.id);
    return found;
  }
  ExecutionId next_ = 0;
};

TEST_F(ListTest, NewestFirst) {
  EXPECT_THAT(ids({}), ElementsAre(9, 8, 7, 6, 5, 4, 3, 2, 1));
  EXPECT_EQ(next_, 0u);
}

TEST_F(ListTest, InPages) {
  EXPECT_THAT(ids({}, 0, 4), ElementsAre(9, 8, 7, 6));
  EXPECT_EQ(next_, 6u);
  EXPECT_THAT(ids({}, next_, 4), ElementsAre(5, 4, 3, 2));
  EXPECT_THAT(ids({}, next_, 4), ElementsAre(1));
  EXPECT_EQ(next_, 0u);
}

TEST_F(ListTest, AFullLastPageHasNoNext) {
  EXPECT_THAT(ids({}, 4, 3), ElementsAre(3, 2, 1));
  EXPECT_EQ(next_, 0u);
}

TEST_F(ListTest, ByProcessAndState) {
  EXPECT_THAT(ids(filter("a")), ElementsAre(9, 7, 5, 3, 1));
  EXPECT_THAT(ids(filter("", {ExecutionState::failed})), ElementsAre(8, 5, 2));
  EXPECT_THAT(ids(filter("b", {ExecutionState::failed, ExecutionState::running})), ElementsAre(8, 6, 2));
  EXPECT_THAT(ids(filter("", {ExecutionState::failed, ExecutionState::failed})), ElementsAre(8, 5, 2));
  EXPECT_THAT(ids(filter("c")), IsEmpty());
  EXPECT_THAT(ids(filter("", {ExecutionState::skipped})), IsEmpty());
}

TEST_F(ListTest, PagesOfSeveralStatesLoseNone) {
  const ExecutionFilter either = filter("", {ExecutionState::failed, ExecutionState::succeeded});
  std::vector<ExecutionId> all;
  ExecutionId before = 0;
  do {
    for (const ExecutionId id : ids(either, before, 2)) all.push_back(id);
    before = next_;
  } while (before != 0);
  EXPECT_THAT(all, ElementsAre(8, 7, 5, 4, 2, 1));
}

TEST_F(ListTest, BySpanOfTime) {
  EXPECT_THAT(ids(filter("", {}, wall_from_us(3'000'000), wall_from_us(6'000'000))), ElementsAre(5, 4, 3));
  EXPECT_THAT(ids(filter("", {}, wall_from_us(3'000'000), wall_from_us(6'000'000)), 5), ElementsAre(4, 3));
  EXPECT_THAT(ids(filter("", {}, wall_from_us(10'000'000))), IsEmpty());
  EXPECT_THAT(ids(filter("", {}, std::nullopt, wall_from_us(1'000'000))), IsEmpty());
}

TEST_F(ListTest, ASpanIsExactAlsoWhenTheClockWasSetBack) {
  ExecutionRow late = execution_row(10);
  late.queued_at = wall_from_us(4'500'000);
  ASSERT_TRUE(commit({late}));
  EXPECT_THAT(ids(filter("", {}, wall_from_us(4'000'000), wall_from_us(6'000'000))), ElementsAre(10, 5, 4));
}

TEST_F(ListTest, APageIsBoundedInBytesButNeverEmpty) {
  std::vector<Record> batch;
  for (ExecutionId id = 1; id <= 3; ++id) {
    ExecutionRow row = execution_row(id + 100, "large");
    row.result = std::string(limits::page_bytes / 2 + 1, 'x');
    batch.emplace_back(row);
  }
  ASSERT_TRUE(commit(std::move(batch)));
  EXPECT_THAT(ids(filter("large")), ElementsAre(103));
  EXPECT_THAT(ids(filter("large"), next_), ElementsAre(102));
  EXPECT_THAT(ids(filter("large"), next_), ElementsAre(101));
  EXPECT_EQ(next_, 0u);
}

TEST_F(ListTest, APageIsBoundedInRows) {
  std::vector<Record> batch;
  for (ExecutionId id = 100; id < 100 + limits::page_rows + 1; ++id) batch.emplace_back(execution_row(id));
  ASSERT_TRUE(commit(std::move(batch)));
  EXPECT_EQ(ids({}, 0, 1'000'000).size(), limits::page_rows);
  EXPECT_NE(next_, 0u);
}

TEST_F(ListTest, TheLastOfAProcessIsTheLastThatWasNotSkipped) {
  ASSERT_TRUE(commit({execution_row(20, "a", ExecutionState::skipped)}));
  EXPECT_EQ((*store_->last_of("a"))->id, 9u);
  EXPECT_EQ(*store_->last_of("c") == std::nullopt, true);
}

TEST_F(ListTest, AnInstantOfATriggerHasFiredOnceItHasARow) {
  ExecutionRow row = execution_row(20, "a", ExecutionState::skipped);
  row.trigger_key = "cron * * * * *";
  row.nominal_at = wall_from_us(60);
  ASSERT_TRUE(commit({row}));
  EXPECT_TRUE(*store_->fired("a", "cron * * * * *", wall_from_us(60)));
  EXPECT_FALSE(*store_->fired("a", "cron * * * * *", wall_from_us(61)));
  EXPECT_FALSE(*store_->fired("b", "cron * * * * *", wall_from_us(60)));
}

class ExpiredTest : public StoreTest {
 protected:
  void SetUp() override {
    open();
    std::vector<Record> batch;
    for (ExecutionId id = 1; id <= 10; ++id)
      batch.emplace_back(execution_row(id, "a", id == 2 || id == 9 ? ExecutionState::running : ExecutionState::failed));
    batch.emplace_back(execution_row(11, "b", ExecutionState::failed));
    ASSERT_TRUE(commit(std::move(batch)));
  }
  std::vector<ExecutionId> expired(const Keep& keep, std::size_t limit = 100) {
    return store_->expired("a", keep, wall_from_us(100'000'000), limit).value();
  }
};

TEST_F(ExpiredTest, BeyondTheNewestRunsThatEnded) {
  EXPECT_THAT(expired(Keep{3, std::nullopt}), ElementsAre(1, 3, 4, 5, 6));
  EXPECT_THAT(expired(Keep{8, std::nullopt}), IsEmpty());
  EXPECT_THAT(expired(Keep{0, std::nullopt}), ElementsAre(1, 3, 4, 5, 6, 7, 8, 10));
}

TEST_F(ExpiredTest, BeyondTheAgeSinceTheirEnd) {
  EXPECT_THAT(expired(Keep{std::nullopt, 96s}), ElementsAre(1, 3));
  ExecutionRow long_run = execution_row(1, "a", ExecutionState::failed);
  long_run.ended_at = wall_from_us(99'000'000);
  ASSERT_TRUE(commit({long_run}));
  EXPECT_THAT(expired(Keep{std::nullopt, 96s}), ElementsAre(3));
}

TEST_F(ExpiredTest, EitherLimitAndNeitherWithoutOne) {
  EXPECT_THAT(expired(Keep{6, 95s}), ElementsAre(1, 3, 4));
  EXPECT_THAT(expired({}), IsEmpty());
}

TEST_F(ExpiredTest, OldestFirstAndNoMoreThanAsked) {
  EXPECT_THAT(expired(Keep{0, std::nullopt}, 3), ElementsAre(1, 3, 4));
  EXPECT_THAT(expired(Keep{std::nullopt, 0s}, 3), ElementsAre(1, 3, 4));
}

}  // namespace
}  // namespace takt
