// A record store in memory. Its disk outlives the daemon, and is as slow as the test wants: a batch is durable when the
// test says so, and the daemon hears of it when the test says so.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/ports.h"

namespace takt::test {

using FiringKey = std::tuple<std::string, std::string, WallTime>;  // process, trigger, instant

// The rows that are durable. Takes a batch whole or not at all; holds (process, trigger, instant) unique, as the tables
// do.
class Disk {
 public:
  std::map<ExecutionId, ExecutionRow> executions;
  std::map<std::tuple<ExecutionId, std::uint32_t, std::uint32_t>, StepRow> steps;  // by execution, run, place
  std::map<std::tuple<ExecutionId, std::uint32_t, std::uint32_t, std::uint32_t>, ItemRow> items;  // and item
  std::map<std::string, AttemptRow> attempts;                                                     // by token
  std::map<std::tuple<std::string, std::string, std::string>, CacheRow> cache;  // by process, step, key
  std::vector<VersionRow> versions;                                             // oldest first
  std::map<std::string, ProcessRow> processes;
  std::map<std::pair<std::string, std::string>, TriggerMark> marks;
  std::map<std::tuple<std::string, std::string, std::string>, SeenFileRow> seen_files;  // by process, trigger, path
  std::vector<AuditRow> audit;
  std::map<FiringKey, ExecutionId> firings;
  ExecutionId last_execution = 0;
  std::string runner;

  // Told of each record before it changes the tables, and when the batch is whole.
  std::function<void(const Record&)> writing = [](const Record&) {};
  std::function<void()> written = [] {};

  Status write(const std::vector<Record>& batch) {
    for (const Record& record : batch)
      if (const auto* row = std::get_if<ExecutionRow>(&record); row != nullptr && row->nominal_at)
        if (const auto old = firings.find(firing_of(*row)); old != firings.end() && old->second != row->id)
          return fail(ErrorCode::io, "UNIQUE constraint failed: executions {} and {}", old->second, row->id);
    for (const Record& record : batch)
      if (const auto* row = std::get_if<ExecutionRow>(&record); row != nullptr && !row->idempotency_key.empty())
        if (const auto old = with_key(row->process, row->idempotency_key); old && *old != row->id)
          return fail(ErrorCode::io, "UNIQUE constraint failed: the key of executions {} and {}", *old, row->id);
    for (const Record& record : batch) {
      writing(record);
      std::visit([this](const auto& row) { put(row); }, record);
    }
    written();
    return {};
  }

  [[nodiscard]] std::optional<ExecutionId> with_key(const std::string& process, const std::string& key) const {
    for (const auto& [id, row] : executions)
      if (row.process == process && row.idempotency_key == key) return id;
    return std::nullopt;
  }
  static FiringKey firing_of(const ExecutionRow& row) { return {row.process, row.trigger_key, *row.nominal_at}; }

 private:
  void put(const ExecutionRow& row) {
    executions[row.id] = row;
    last_execution = std::max(last_execution, row.id);
    if (row.nominal_at) firings[firing_of(row)] = row.id;
  }
  void put(const StepRow& row) { steps[{row.execution, row.run, row.step}] = row; }
  void put(const ItemRow& row) { items[{row.execution, row.run, row.step, row.item}] = row; }
  void put(const CacheRow& row) { cache[{row.process, row.step, row.key}] = row; }
  void put(const ForgetCache& row) {
    std::erase_if(cache, [&](const auto& one) {
      const CacheRow& kept = one.second;
      return (row.process.empty() || kept.process == row.process) && (row.step.empty() || kept.step == row.step) &&
             (!row.key || kept.key == *row.key);
    });
  }
  void put(const AttemptRow& row) {
    attempts[row.token] = row;
    runner = row.runner;
  }
  void put(const VersionRow& row) {
    std::erase_if(versions,
                  [&](const VersionRow& one) { return one.process == row.process && one.version == row.version; });
    versions.push_back(row);
  }
  void put(const ProcessRow& row) { processes[row.process] = row; }
  void put(const TriggerMark& row) { marks[{row.process, row.key}] = row; }
  void put(const ForgetMark& row) { marks.erase({row.process, row.key}); }
  void put(const SeenFileRow& row) { seen_files[{row.process, row.key, row.path}] = row; }
  void put(const ForgetSeenFiles& row) {
    std::erase_if(seen_files, [&](const auto& one) {
      return one.second.process == row.process && one.second.key == row.key &&
             one.second.path == row.path.value_or(one.second.path);
    });
  }
  void put(const AuditRow& row) { audit.push_back(row); }
  void put(const ForgetExecution& row) {
    executions.erase(row.id);
    std::erase_if(steps, [&](const auto& one) { return one.second.execution == row.id; });
    std::erase_if(items, [&](const auto& one) { return one.second.execution == row.id; });
    std::erase_if(attempts, [&](const auto& one) { return one.second.execution == row.id; });
    std::erase_if(firings, [&](const auto& one) { return one.second == row.id; });
  }
};

// One daemon's connection to a disk. What it has not written when it goes is gone.
class MemoryStore final : public RecordStore {
 public:
  explicit MemoryStore(Disk& disk) : disk_(disk) {}

  std::function<void()> submitted = [] {};  // a batch was handed over

  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] std::size_t unreported() const { return written_.size(); }
  // The oldest batch that waits becomes durable; or cannot be, with `fault`.
  void write(const Status& fault = {}) {
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    written_.push_back({fault ? disk_.write(batch.records) : fault, std::move(batch.committed)});
  }
  // The daemon hears of the oldest that was written.
  void report() {
    auto [status, committed] = std::move(written_.front());
    written_.pop_front();
    committed(status);
  }

  void commit(std::vector<Record> batch, std::function<void(Status)> committed) override {
    waiting_.push_back({std::move(batch), std::move(committed)});
    submitted();
  }
  Result<LiveRows> load() override {
    LiveRows rows;
    rows.last_execution = disk_.last_execution;
    rows.runner = disk_.runner;
    std::set<std::pair<std::string, std::string>> used;
    for (const auto& [id, row] : disk_.executions) {
      if (!is_live(row.state)) continue;
      rows.executions.push_back(row);
      used.insert({row.process, row.version});
    }
    const auto is_current = [&](ExecutionId id, std::uint32_t run) {
      const auto at = disk_.executions.find(id);
      return at != disk_.executions.end() && is_live(at->second.state) && at->second.run == run;
    };
    for (const auto& [key, row] : disk_.steps)
      if (is_current(row.execution, row.run)) rows.steps.push_back(row);
    for (const auto& [key, row] : disk_.items)
      if (is_current(row.execution, row.run)) rows.items.push_back(row);
    for (const auto& [key, row] : disk_.cache) rows.cache.push_back(row);
    for (const auto& [token, row] : disk_.attempts)
      if (!row.outcome && is_current(row.execution, row.run)) rows.attempts.push_back(row);
    for (const VersionRow& row : disk_.versions)
      if (used.contains({row.process, row.version})) rows.versions.push_back(row);
    for (const auto& [name, row] : disk_.processes) rows.processes.push_back(row);
    for (const auto& [key, row] : disk_.marks) rows.marks.push_back(row);
    for (const auto& [key, row] : disk_.seen_files) rows.seen_files.push_back(row);
    return rows;
  }
  Result<ExecutionPage> list(const ExecutionFilter& filter, ExecutionId before, std::size_t limit) override {
    ExecutionPage page;
    for (auto at = disk_.executions.rbegin(); at != disk_.executions.rend(); ++at) {
      if ((before != 0 && at->first >= before) || (!filter.process.empty() && at->second.process != filter.process))
        continue;
      if (page.rows.size() == limit) {
        page.next = page.rows.back().id;
        break;
      }
      page.rows.push_back(at->second);
    }
    return page;
  }
  Result<ExecutionHistory> history(ExecutionId id) override {
    const auto at = disk_.executions.find(id);
    if (at == disk_.executions.end()) return fail(ErrorCode::no_such_execution, "no execution {}", id);
    ExecutionHistory history{at->second, {}, {}};
    for (const auto& [key, row] : disk_.steps)
      if (row.execution == id && row.run == at->second.run) history.steps.push_back(row);
    for (const auto& [token, row] : disk_.attempts)
      if (row.execution == id) history.attempts.push_back(row);
    return history;
  }
  Result<std::optional<ExecutionRow>> last_of(const std::string& process) override {
    std::optional<ExecutionRow> last;
    for (const auto& [id, row] : disk_.executions)
      if (row.process == process && row.state != ExecutionState::skipped) last = row;
    return last;
  }
  Result<bool> fired(const std::string& process, const std::string& key, WallTime nominal) override {
    return disk_.firings.contains({process, key, nominal});
  }
  Result<VersionRow> version(const std::string& process, const std::string& version) override {
    for (auto row = disk_.versions.rbegin(); row != disk_.versions.rend(); ++row)
      if (row->process == process && (version.empty() || row->version == version)) return *row;
    return fail(ErrorCode::no_such_version, "process '{}' has no version '{}'", process, version);
  }
  Result<std::vector<VersionRow>> versions(const std::string& process) override {
    std::vector<VersionRow> rows;
    for (auto row = disk_.versions.rbegin(); row != disk_.versions.rend(); ++row)
      if (row->process == process) rows.emplace_back(*row).text.clear();
    return rows;
  }
  Result<std::optional<ExecutionId>> with_key(const std::string& process, const std::string& key) override {
    return disk_.with_key(process, key);
  }
  Result<std::vector<ItemRow>> items(ExecutionId id, std::uint32_t run) override {
    std::vector<ItemRow> rows;
    for (const auto& [key, row] : disk_.items)
      if (row.execution == id && row.run == run) rows.push_back(row);
    return rows;
  }
  // Outcomes of processes alone: what is computed of durations is the store's own, and tested there.
  Result<Statistics> statistics(const StatisticsFilter& filter) override {
    std::map<std::string, ProcessStatistics> counted;
    for (const auto& [id, row] : disk_.executions)
      if (!is_live(row.state) && (filter.process.empty() || filter.process == row.process))
        ++counted[row.process].outcomes[std::string(to_word(row.state))];
    Statistics statistics;
    for (auto& [name, one] : counted) statistics.processes.emplace_back(std::move(one)).process = name;
    return statistics;
  }
  Result<std::vector<ExecutionId>> expired(const std::string& process, const Keep& keep, WallTime now,
                                           std::size_t limit) override {
    std::vector<ExecutionId> over;
    std::int64_t newer = 0;
    for (auto at = disk_.executions.rbegin(); at != disk_.executions.rend(); ++at) {
      const ExecutionRow& row = at->second;
      if (row.process != process || is_live(row.state)) continue;
      if ((keep.runs && newer >= *keep.runs) || (keep.age && row.ended_at.value_or(row.queued_at) < now - *keep.age))
        over.push_back(row.id);
      ++newer;
    }
    std::reverse(over.begin(), over.end());
    if (over.size() > limit) over.resize(limit);
    return over;
  }

 private:
  struct Batch {
    std::vector<Record> records;
    std::function<void(Status)> committed;
  };
  Disk& disk_;
  std::deque<Batch> waiting_;
  std::deque<std::pair<Status, std::function<void(Status)>>> written_;
};

}  // namespace takt::test
