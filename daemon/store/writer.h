// The writer: a thread beside the loop's, and the only one that waits for the disk.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "engine/records.h"
#include "store/database.h"

namespace takt {

// Owns the writing connection and its thread; shares with others nothing but the queue of batches. All batches that
// have gathered while it was busy are committed in one transaction, one sync for all of them, each within a savepoint
// of its own: one that violates a rule of the tables is left out and the others stand. When the disk is at fault all of
// them fail, and so does every batch after them: a history with a hole would tell of steps whose beginning it lost.
class Writer {
 public:
  // `report` is called on the writer's thread after each commit: what became of as many batches, in their order.
  using Report = std::function<void(std::vector<Status>)>;
  Writer(std::unique_ptr<Database> database, Report report);
  // Waits until all that was submitted is committed and reported; then closes the database.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void submit(std::vector<Record> batch);

 private:
  using Batches = std::vector<std::vector<Record>>;
  void work();
  std::vector<Status> commit(const Batches& batches);
  Result<std::vector<Status>> commit_group(const Batches& batches);

  const std::unique_ptr<Database> database_;  // the thread's, once it runs
  const Report report_;
  Status disk_;  // the fault that ended all writing; the thread's

  std::mutex mutex_;
  std::condition_variable changed_;
  Batches queue_;         // under mutex_
  bool closing_ = false;  // under mutex_
  std::thread thread_;    // last: it starts when all else is there
};

}  // namespace takt
