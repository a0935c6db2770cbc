// The rule of durability: what is reported as committed is there, in order, whatever dies.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <array>
#include <filesystem>

#include "unit/store/fault_vfs.h"
#include "unit/store/support.h"

namespace takt {
namespace {

using testing::HasSubstr;

class CommitTest : public StoreTest {
 protected:
  bool there(ExecutionId id) { return store_->history(id).has_value(); }
  static ExecutionRow firing(ExecutionId id, std::int64_t nominal_us) {
    ExecutionRow row = execution_row(id);
    row.trigger_key = "cron * * * * *";
    row.nominal_at = wall_from_us(nominal_us);
    return row;
  }
};

TEST_F(CommitTest, ReportsComeLaterInTheLoopInTheOrderOfTheCalls) {
  open();
  std::vector<ExecutionId> reported;
  constexpr ExecutionId count = 500;
  for (ExecutionId id = 1; id <= count; ++id)
    store_->commit({execution_row(id)}, [this, id, &reported](const Status& status) {
      EXPECT_TRUE(status);
      EXPECT_TRUE(there(id));
      reported.push_back(id);
    });
  EXPECT_TRUE(reported.empty());
  wait_for([&] { return reported.size() == count; });
  for (ExecutionId id = 1; id <= count; ++id) EXPECT_EQ(reported[id - 1], id);
}

TEST_F(CommitTest, BatchesThatGatherAreCommittedTogether) {
  FaultVfs disk("counting");
  open(disk.name());
  ASSERT_TRUE(commit({execution_row(1'000)}));
  const int before = disk.syncs;
  std::vector<std::vector<Record>> batches;
  for (ExecutionId id = 1; id <= 500; ++id) batches.push_back({execution_row(id)});
  for (const Status& status : commit_all(std::move(batches))) EXPECT_TRUE(status);
  // One sync a group: were each batch committed alone, there would be 500.
  EXPECT_LT(disk.syncs - before, 100);
  EXPECT_GT(disk.syncs - before, 0);
  store_.reset();
}

TEST_F(CommitTest, NormalDurabilityDoesNotSyncEachCommit) {
  FaultVfs disk("normal");
  {
    auto opened =
        SqliteStore::open(*loop_, {.folder = folder_.path(), .durability = Durability::normal, .vfs = disk.name()});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(opened->store);
  }
  const int before = disk.syncs;
  for (ExecutionId id = 1; id <= 10; ++id) ASSERT_TRUE(commit({execution_row(id)}));
  EXPECT_EQ(disk.syncs, before);
  store_.reset();
}

TEST_F(CommitTest, ACallbackMayCommit) {
  open();
  bool second = false;
  store_->commit({execution_row(1)},
                 [&](const Status&) { store_->commit({execution_row(2)}, [&](const Status&) { second = true; }); });
  wait_for([&] { return second; });
  EXPECT_TRUE(there(2));
}

TEST_F(CommitTest, NoInstantOfATriggerFiresTwice) {
  open();
  ASSERT_TRUE(commit({firing(1, 60)}));
  const Status twice = commit({execution_row(5), firing(2, 60)});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::already_exists);
  EXPECT_FALSE(there(5)) << "a batch is committed whole or not at all";
  EXPECT_EQ(store_->history(1)->execution.nominal_at, wall_from_us(60));
  // The same one again is no second firing, and another instant is another.
  EXPECT_TRUE(commit({firing(1, 60), firing(2, 120)}));
}

TEST_F(CommitTest, StartsThatStandForNoInstantAreNotFirings) {
  open();
  EXPECT_TRUE(commit({execution_row(1), execution_row(2)}));
}

TEST_F(CommitTest, AFailedBatchTakesNoOtherWithIt) {
  open();
  const auto statuses = commit_all({{firing(1, 60)}, {execution_row(8), firing(2, 60)}, {execution_row(3)}});
  EXPECT_TRUE(statuses[0]);
  EXPECT_FALSE(statuses[1]);
  EXPECT_TRUE(statuses[2]);
  reopen();
  EXPECT_TRUE(there(1));
  EXPECT_FALSE(there(2));
  EXPECT_FALSE(there(8));
  EXPECT_TRUE(there(3));
}

TEST_F(CommitTest, AStepOfNoExecutionIsRefused) {
  open();
  StepRow step;
  step.execution = 1;
  EXPECT_EQ(commit({step}).error().code, ErrorCode::internal);
}

struct Fault {
  const char* name;
  int write_code;
  int sync_code;
};
class DiskFaultTest : public CommitTest, public testing::WithParamInterface<Fault> {};

TEST_P(DiskFaultTest, FailsAllThatFollowsAndWhatWasCommittedStays) {
  FaultVfs disk("failing");
  open(disk.name());
  ASSERT_TRUE(commit({execution_row(1)}));
  disk.write_code = GetParam().write_code;
  disk.sync_code = GetParam().sync_code;
  for (const Status& status : commit_all({{execution_row(2)}, {execution_row(3)}})) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::io);
    EXPECT_THAT(status.error().message, HasSubstr(database_path()));
  }
  // The disk is well again; yet what follows a hole must not be told as if there were none.
  disk.write_code = disk.sync_code = SQLITE_OK;
  EXPECT_FALSE(commit({execution_row(4)}));
  EXPECT_TRUE(there(1));
  for (const ExecutionId id : {2u, 3u, 4u}) EXPECT_FALSE(there(id));
  reopen();
  EXPECT_FALSE(set_aside_);
  EXPECT_TRUE(there(1));
  for (const ExecutionId id : {2u, 3u, 4u}) EXPECT_FALSE(there(id));
  EXPECT_TRUE(commit({execution_row(5)}));
}

INSTANTIATE_TEST_SUITE_P(Disk, DiskFaultTest,
                         testing::Values(Fault{"Full", SQLITE_FULL, SQLITE_OK},
                                         Fault{"WriteError", SQLITE_IOERR_WRITE, SQLITE_OK},
                                         Fault{"SyncError", SQLITE_OK, SQLITE_IOERR_FSYNC}),
                         [](const auto& fault) { return fault.param.name; });

TEST_F(CommitTest, WhatWasHandedInBeforeTheCloseIsCommitted) {
  open();
  int called = 0;
  for (ExecutionId id = 1; id <= 100; ++id) store_->commit({execution_row(id)}, [&](const Status&) { ++called; });
  reopen();
  EXPECT_TRUE(there(100));
  // The callbacks are gone with the store that they were handed to.
  ASSERT_TRUE(loop_->turn(Duration(0)));
  EXPECT_EQ(called, 0);
}

TEST_F(CommitTest, ACleanCloseLeavesTheDatabaseAlone) {
  open();
  ASSERT_TRUE(commit({execution_row(1)}));
  EXPECT_TRUE(std::filesystem::exists(database_path() + "-wal"));
  store_.reset();
  EXPECT_FALSE(std::filesystem::exists(database_path() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(database_path() + "-shm"));
}

// Commits executions 1, 2, 3… without end, a few at once, and writes each id to `out` once it is told that it is there.
[[noreturn]] void commit_for_ever(const std::string& folder, int out) {
  const auto loop = *Loop::create();
  const auto opened = SqliteStore::open(*loop, {.folder = folder});
  if (!opened) ::_exit(1);
  SqliteStore& store = *opened->store;
  ExecutionId next = store.load()->last_execution;
  std::function<void()> one_more = [&] {
    const ExecutionId id = ++next;
    std::vector<Record> batch{execution_row(id)};
    for (std::uint32_t number = 0; number < 3; ++number) {
      StepRow step;
      step.execution = id;
      step.step = number;
      batch.emplace_back(step);
    }
    store.commit(std::move(batch), [&, id](const Status& status) {
      if (!status || ::write(out, &id, sizeof id) != sizeof id) ::_exit(1);
      one_more();
    });
  };
  for (int at_once = 0; at_once < 8; ++at_once) one_more();
  (void)loop->run();
  ::_exit(1);
}

TEST_F(CommitTest, WhatWasReportedAsCommittedSurvivesAKillAtAnyMoment) {
  ExecutionId last_reported = 0;
  for (int round = 0; round < 12; ++round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      commit_for_ever(folder_.path(), ends[1]);
    }
    ::close(ends[1]);
    const UniqueFd reports(ends[0]);
    // Each round ends at another moment of its life, and the child is amid a commit nearly always.
    for (int count = 0; count < 1 + round * 37; ++count)
      ASSERT_EQ(::read(reports.get(), &last_reported, sizeof last_reported), ssize_t{sizeof last_reported});
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    while (::read(reports.get(), &last_reported, sizeof last_reported) == ssize_t{sizeof last_reported}) {
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";

    open();
    ASSERT_FALSE(set_aside_);
    const LiveRows rows = store_->load().value();
    EXPECT_GE(rows.last_execution, last_reported);
    // Whole batches, none missing: what came after the last report may be there or not, but not in part.
    ASSERT_EQ(rows.executions.size(), rows.last_execution);
    EXPECT_EQ(rows.steps.size(), 3 * rows.executions.size());
    store_.reset();
  }
}

}  // namespace
}  // namespace takt
