// A storage folder of a test's own, and a store in it that the test drives by hand.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "loop/loop.h"
#include "store/sqlite_store.h"
#include "support/temp_folder.h"
#include "support/turning.h"

namespace takt {

class StoreTest : public testing::Test {
 protected:
  void open(const char* vfs = nullptr) {
    auto opened = SqliteStore::open(*loop_, {.folder = folder_.path(), .vfs = vfs});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(opened->store);
    set_aside_ = opened->set_aside;
  }
  void reopen() {
    store_.reset();
    open();
  }
  // Commits each batch in order, and waits until all are reported.
  std::vector<Status> commit_all(std::vector<std::vector<Record>> batches) {
    std::vector<Status> statuses;
    for (auto& batch : batches)
      store_->commit(std::move(batch), [&statuses](Status status) { statuses.push_back(std::move(status)); });
    wait_for([&] { return statuses.size() == batches.size(); });
    return statuses;
  }
  Status commit(std::vector<Record> batch) { return commit_all({std::move(batch)}).at(0); }
  template <class Condition>
  void wait_for(Condition condition) {
    ASSERT_TRUE(test::turn_until(*loop_, condition));
  }
  [[nodiscard]] std::string database_path() const { return folder_.path() + "/history.db"; }

  test::TempFolder folder_;
  std::unique_ptr<Loop> loop_ = *Loop::create();
  std::unique_ptr<SqliteStore> store_;
  std::optional<std::string> set_aside_;
};

// An execution of `process` that was queued `id` seconds after the epoch.
inline ExecutionRow execution_row(ExecutionId id, std::string process = "nightly",
                                  ExecutionState state = ExecutionState::queued) {
  ExecutionRow row;
  row.id = id;
  row.process = std::move(process);
  row.version = "v1";
  row.state = state;
  row.trigger_kind = "manual";
  row.queued_at = wall_from_us(static_cast<std::int64_t>(id) * 1'000'000);
  if (!is_live(state)) row.ended_at = row.queued_at;
  return row;
}

}  // namespace takt
