// The history and the state of the daemon, in one SQLite database (docs/history-schema.md).
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "definition/settings.h"
#include "loop/loop.h"
#include "runtime/ports.h"
#include "store/database.h"
#include "store/lock.h"
#include "store/writer.h"

namespace takt {

// Owns the lock on its folder, a connection for reading (the loop's thread) and the writer with its own. It never
// decides what is kept, and never changes a row by itself, but that versions which no execution ran with go at the
// start.
class SqliteStore : public RecordStore {
 public:
  struct Options {
    std::string folder;  // made, for its owner alone, when it is not there; the database is FOLDER/history.db
    Durability durability = Durability::full;
    const char* vfs = nullptr;  // a VFS of SQLite by its name; null: the default one
  };
  struct Opened {
    std::unique_ptr<SqliteStore> store;
    // The file was broken, and is now called this; the history began anew. The administrator wants to know.
    std::optional<std::string> set_aside;
  };
  // unavailable: another daemon uses the folder. not_supported: the database is a newer taktd's, or not one's at all.
  static Result<Opened> open(Loop& loop, const Options& options);
  // What was handed to commit() is still committed; its callbacks are not called any more.
  ~SqliteStore() override;

  void commit(std::vector<Record> batch, std::function<void(Status)> committed) override;

  Result<LiveRows> load() override;
  Result<ExecutionPage> list(const ExecutionFilter& filter, ExecutionId before, std::size_t limit) override;
  Result<ExecutionHistory> history(ExecutionId id) override;
  Result<std::optional<ExecutionRow>> last_of(const std::string& process) override;
  Result<bool> fired(const std::string& process, const std::string& key, WallTime nominal) override;
  Result<VersionRow> version(const std::string& process, const std::string& version) override;
  Result<std::vector<VersionRow>> versions(const std::string& process) override;
  Result<std::optional<ExecutionId>> with_key(const std::string& process, const std::string& key) override;
  Result<std::vector<ItemRow>> items(ExecutionId id, std::uint32_t run) override;
  Result<Statistics> statistics(const StatisticsFilter& filter) override;
  Result<std::vector<ExecutionId>> expired(const std::string& process, const Keep& keep, WallTime now,
                                           std::size_t limit) override;

 private:
  using Waiting = std::deque<std::function<void(Status)>>;
  SqliteStore(Loop& loop, FolderLock lock, std::unique_ptr<Database> writing, std::unique_ptr<Database> reading);

  FolderLock lock_;  // first: given up when all is closed
  // The callbacks of the batches under way, in order. They never leave the loop's thread; a report that comes after the
  // store is gone finds them gone too.
  std::shared_ptr<Waiting> waiting_ = std::make_shared<Waiting>();
  Writer writer_;
  // Closed before the writer's connection, which as the last one then folds the write-ahead log into the database.
  std::unique_ptr<Database> reading_;
};

}  // namespace takt
