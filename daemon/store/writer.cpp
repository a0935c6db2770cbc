#include "store/writer.h"

#include <utility>
#include <variant>

#include "base/thread.h"
#include "store/attempts.h"
#include "store/audit.h"
#include "store/cache.h"
#include "store/executions.h"
#include "store/items.h"
#include "store/processes.h"
#include "store/seen_files.h"
#include "store/steps.h"
#include "store/triggers.h"
#include "store/versions.h"

namespace takt {

namespace {

struct WriteRecord {
  Database& database;
  Status operator()(const ExecutionRow& row) const { return write_execution(database, row); }
  Status operator()(const StepRow& row) const { return write_step(database, row); }
  Status operator()(const ItemRow& row) const { return write_item(database, row); }
  Status operator()(const CacheRow& row) const { return write_cached(database, row); }
  Status operator()(const SeenFileRow& row) const { return write_seen_file(database, row); }
  Status operator()(const ForgetSeenFiles& what) const { return forget_seen_files(database, what); }
  Status operator()(const ForgetCache& what) const { return forget_cached(database, what); }
  Status operator()(const AttemptRow& row) const { return write_attempt(database, row); }
  Status operator()(const VersionRow& row) const { return write_version(database, row); }
  Status operator()(const ProcessRow& row) const { return write_process(database, row); }
  Status operator()(const TriggerMark& mark) const { return write_mark(database, mark); }
  Status operator()(const ForgetMark& what) const { return forget_mark(database, what); }
  Status operator()(const AuditRow& row) const { return write_audit(database, row); }
  Status operator()(const ForgetExecution& forget) const { return forget_execution(database, forget.id); }
};

Status run(Database& database, const char* sql) {
  TAKT_ASSIGN(Query query, database.query(sql));
  return query.run();
}

Status write_records(Database& database, const std::vector<Record>& batch) {
  for (const Record& record : batch) TAKT_TRY(std::visit(WriteRecord{database}, record));
  return {};
}

// What became of the batch, when that is its own affair: nothing of it is left if it failed. The outer error is the
// disk's.
Result<Status> write_batch(Database& database, const std::vector<Record>& batch) {
  TAKT_TRY(run(database, "SAVEPOINT batch"));
  Status written = write_records(database, batch);
  if (!written && written.error().code == ErrorCode::io) return tl::unexpected(std::move(written).error());
  if (!written) TAKT_TRY(run(database, "ROLLBACK TO batch"));
  TAKT_TRY(run(database, "RELEASE batch"));
  return written;
}

}  // namespace

Writer::Writer(std::unique_ptr<Database> database, Report report)
    : database_(std::move(database)), report_(std::move(report)), thread_(thread_without_signals([this] { work(); })) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Writer::submit(std::vector<Record> batch) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(batch));
  }
  changed_.notify_one();
}

void Writer::work() {
  while (true) {
    Batches batches;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      batches.swap(queue_);
    }
    report_(commit(batches));
  }
}

std::vector<Status> Writer::commit(const Batches& batches) {
  if (!disk_) return std::vector<Status>(batches.size(), disk_);
  Result<std::vector<Status>> statuses = commit_group(batches);
  if (statuses) return *std::move(statuses);
  disk_ = tl::unexpected(std::move(statuses).error());
  // What the rollback says is less than what led to it; SQLite has often done it by then.
  if (database_->in_transaction()) (void)database_->execute("ROLLBACK");
  return std::vector<Status>(batches.size(), disk_);
}

// The error is the disk's, and then nothing of the group is there.
Result<std::vector<Status>> Writer::commit_group(const Batches& batches) {
  TAKT_TRY(run(*database_, "BEGIN IMMEDIATE"));
  std::vector<Status> statuses;
  statuses.reserve(batches.size());
  for (const std::vector<Record>& batch : batches) {
    TAKT_ASSIGN(Status written, write_batch(*database_, batch));
    statuses.push_back(std::move(written));
  }
  TAKT_TRY(run(*database_, "COMMIT"));
  return statuses;
}

}  // namespace takt
