#include "store/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/names.h"
#include "store/attempts.h"
#include "store/cache.h"
#include "store/executions.h"
#include "store/items.h"
#include "store/limits.h"
#include "store/processes.h"
#include "store/schema.h"
#include "store/seen_files.h"
#include "store/statistics.h"
#include "store/steps.h"
#include "store/triggers.h"
#include "store/versions.h"

namespace takt {

namespace {

// How long a connection waits for one of another program (an administrator's sqlite3). The loop's must not wait long.
constexpr int writer_busy_ms = 10'000;
constexpr int reader_busy_ms = 100;

Status sync_folder(const std::string& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return fail_errno("open {}", folder);
  if (::fsync(fd.get()) < 0) return fail_errno("sync {}", folder);
  return {};
}

Status make_folder(const std::string& folder) {
  const std::filesystem::path path(folder);
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return fail(ErrorCode::io, "create {}: {}", path.parent_path().string(), error.message());
  if (::mkdir(folder.c_str(), 0700) < 0 && errno != EEXIST) return fail_errno("create {}", folder);
  return {};
}

// Inputs, results and the ends of outputs are nobody else's: SQLite gives its other files the mode of this one.
Status make_file(const std::string& folder, const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return fail_errno("open {}", path);
  return sync_folder(folder);
}

// A write-ahead log that is still there tells of a daemon that did not close its database.
bool closed_cleanly(const std::string& path) {
  struct stat log {};
  return ::stat((path + "-wal").c_str(), &log) < 0 || log.st_size == 0;
}

Status check(Database& database) {
  TAKT_ASSIGN(Query query, database.query("PRAGMA quick_check(1)"));
  TAKT_ASSIGN(const bool there, query.next());
  std::string verdict;
  if (there) TAKT_TRY(query.take(verdict));
  if (verdict == "ok") return {};
  database.found_broken();
  return fail(ErrorCode::io, "{}: {}", database.path(), verdict);
}

Status make_ready(Database& database, Durability durability, bool check_first) {
  TAKT_TRY(database.execute(fmt::format("PRAGMA busy_timeout = {}", writer_busy_ms).c_str()));
  // Before anything is changed, so that a newer database is refused as it is.
  if (check_first) TAKT_TRY(check(database));
  TAKT_TRY(check_schema(database));
  TAKT_TRY(database.execute("PRAGMA journal_mode = WAL"));
  TAKT_TRY(
      database.execute(durability == Durability::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
  TAKT_TRY(database.execute("PRAGMA foreign_keys = ON"));
  TAKT_TRY(database.execute(fmt::format("PRAGMA journal_size_limit = {}", limits::wal_bytes).c_str()));
  TAKT_TRY(migrate(database));
  TAKT_TRY(forget_expired_cached(database, wall_from_us(std::time(nullptr) * 1'000'000)));
  return forget_unused_versions(database);
}

Result<std::unique_ptr<Database>> open_writing(const std::string& folder, const std::string& path,
                                               const SqliteStore::Options& options, bool& broken) {
  TAKT_TRY(make_file(folder, path));
  const bool check_first = !closed_cleanly(path);
  TAKT_ASSIGN(auto database, Database::open(path, Database::Mode::write, options.vfs));
  Status ready = make_ready(*database, options.durability, check_first);
  broken = database->broken();
  if (!ready) return tl::unexpected(std::move(ready).error());
  return database;
}

// The database and what SQLite keeps beside it, which belong together.
Result<std::string> set_aside(const std::string& folder, const std::string& path) {
  std::string aside = fmt::format("{}.broken-{}", path, format_utc(wall_from_us(std::time(nullptr) * 1'000'000)));
  for (const char* part : {"-wal", "-shm", ""}) {
    const std::string from = path + part;
    if (::rename(from.c_str(), (aside + part).c_str()) < 0 && errno != ENOENT) return fail_errno("rename {}", from);
  }
  TAKT_TRY(sync_folder(folder));
  return aside;
}

Result<std::unique_ptr<Database>> open_reading(const std::string& path, const char* vfs) {
  TAKT_ASSIGN(auto database, Database::open(path, Database::Mode::read, vfs));
  TAKT_TRY(database->execute(fmt::format("PRAGMA busy_timeout = {}", reader_busy_ms).c_str()));
  return database;
}

// Several queries that see the same moment of the database.
class Snapshot {
 public:
  static Result<Snapshot> take(Database& database) {
    TAKT_TRY(database.execute("BEGIN"));
    return Snapshot(database);
  }
  Snapshot(Snapshot&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Snapshot& operator=(Snapshot&&) = delete;
  // Nothing was written, so nothing can be lost by its failure.
  ~Snapshot() {
    if (database_ != nullptr) (void)database_->execute("COMMIT");
  }

 private:
  explicit Snapshot(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace

Result<SqliteStore::Opened> SqliteStore::open(Loop& loop, const Options& options) {
  TAKT_TRY(make_folder(options.folder));
  TAKT_ASSIGN(FolderLock lock, FolderLock::take(options.folder));
  const std::string path = options.folder + "/" + std::string(names::database_file);
  Opened opened;
  bool broken = false;
  auto writing = open_writing(options.folder, path, options, broken);
  if (!writing && broken) {
    TAKT_ASSIGN(opened.set_aside, set_aside(options.folder, path));
    writing = open_writing(options.folder, path, options, broken);
    // The runner may still hold attempts of executions that are now unknown; a new one must not be taken for them. No
    // history has had as many executions as there were seconds since 1970.
    if (writing) TAKT_TRY(reserve_execution_ids(**writing, static_cast<ExecutionId>(std::time(nullptr))));
  }
  if (!writing) return tl::unexpected(std::move(writing).error().in("open the history"));
  TAKT_ASSIGN(auto reading, open_reading(path, options.vfs));
  opened.store.reset(new SqliteStore(loop, std::move(lock), std::move(*writing), std::move(reading)));
  return opened;
}

SqliteStore::SqliteStore(Loop& loop, FolderLock lock, std::unique_ptr<Database> writing,
                         std::unique_ptr<Database> reading)
    : lock_(std::move(lock)),
      writer_(std::move(writing),
              [&loop, waiting = std::weak_ptr<Waiting>(waiting_)](std::vector<Status> statuses) {
                loop.post([waiting, statuses = std::move(statuses)] {
                  const std::shared_ptr<Waiting> callbacks = waiting.lock();
                  if (!callbacks) return;
                  for (const Status& status : statuses) {
                    const auto committed = std::move(callbacks->front());
                    callbacks->pop_front();
                    committed(status);
                  }
                });
              }),
      reading_(std::move(reading)) {}

SqliteStore::~SqliteStore() = default;

void SqliteStore::commit(std::vector<Record> batch, std::function<void(Status)> committed) {
  waiting_->push_back(std::move(committed));
  writer_.submit(std::move(batch));
}

Result<LiveRows> SqliteStore::load() {
  TAKT_ASSIGN(const Snapshot snapshot, Snapshot::take(*reading_));
  LiveRows rows;
  TAKT_ASSIGN(rows.last_execution, last_execution_id(*reading_));
  TAKT_ASSIGN(rows.executions, live_executions(*reading_));
  TAKT_ASSIGN(rows.steps, live_steps(*reading_));
  TAKT_ASSIGN(rows.items, live_items(*reading_));
  TAKT_ASSIGN(rows.cache, all_cached(*reading_));
  TAKT_ASSIGN(rows.runner, last_runner(*reading_));
  TAKT_ASSIGN(rows.attempts, live_attempts(*reading_));
  TAKT_ASSIGN(rows.versions, live_versions(*reading_));
  TAKT_ASSIGN(rows.processes, all_processes(*reading_));
  TAKT_ASSIGN(rows.marks, all_marks(*reading_));
  TAKT_ASSIGN(rows.seen_files, all_seen_files(*reading_));
  return rows;
}

Result<ExecutionPage> SqliteStore::list(const ExecutionFilter& filter, ExecutionId before, std::size_t limit) {
  TAKT_ASSIGN(const Snapshot snapshot, Snapshot::take(*reading_));
  return list_executions(*reading_, filter, before, limit);
}

Result<ExecutionHistory> SqliteStore::history(ExecutionId id) {
  TAKT_ASSIGN(const Snapshot snapshot, Snapshot::take(*reading_));
  ExecutionHistory history;
  TAKT_ASSIGN(history.execution, execution(*reading_, id));
  TAKT_ASSIGN(history.steps, steps_of(*reading_, id, history.execution.run));
  TAKT_ASSIGN(history.attempts, attempts_of(*reading_, id));
  return history;
}

Result<std::optional<ExecutionRow>> SqliteStore::last_of(const std::string& process) {
  return last_execution_of(*reading_, process);
}

Result<bool> SqliteStore::fired(const std::string& process, const std::string& key, WallTime nominal) {
  return has_fired(*reading_, process, key, nominal);
}

Result<VersionRow> SqliteStore::version(const std::string& process, const std::string& version) {
  return find_version(*reading_, process, version);
}

Result<std::vector<VersionRow>> SqliteStore::versions(const std::string& process) {
  return versions_of(*reading_, process);
}

Result<std::optional<ExecutionId>> SqliteStore::with_key(const std::string& process, const std::string& key) {
  return execution_with_key(*reading_, process, key);
}

Result<std::vector<ItemRow>> SqliteStore::items(ExecutionId id, std::uint32_t run) {
  return items_of(*reading_, id, run);
}

Result<Statistics> SqliteStore::statistics(const StatisticsFilter& filter) {
  TAKT_ASSIGN(const Snapshot snapshot, Snapshot::take(*reading_));
  return statistics_of(*reading_, filter);
}

Result<std::vector<ExecutionId>> SqliteStore::expired(const std::string& process, const Keep& keep, WallTime now,
                                                      std::size_t limit) {
  return expired_executions(*reading_, process, keep, now, limit);
}

}  // namespace takt
