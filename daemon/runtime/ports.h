// What the runtime needs of the machine. Each is a handful of verbs; the simulation and the tests bring their own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "definition/folders.h"
#include "engine/engine.h"
#include "engine/records.h"

namespace takt {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Now now() const = 0;
};

// The two instants to be woken at. Setting one replaces it; nothing means never.
class Alarms {
 public:
  virtual ~Alarms() = default;
  virtual void set_wall(std::optional<WallTime> at) = 0;
  virtual void set_boot(std::optional<BootTime> at) = 0;
};

// Where attempts run. No verb waits; what comes of them arrives through ExecutorEvents, also in the turn of the call.
class Executor {
 public:
  virtual ~Executor() = default;
  [[nodiscard]] virtual bool connected() const = 0;
  virtual void start(const AttemptSpec& spec) = 0;
  virtual void signal(const std::string& token, int signal) = 0;
  virtual void freeze(const std::string& token) = 0;
  virtual void thaw(const std::string& token) = 0;
  virtual void kill_all(const std::string& token) = 0;
  // The end of this attempt is on disk: the executor may forget it.
  virtual void acknowledge(const std::string& token) = 0;
  // Which of these are known: for each one that is not, attempt_lost comes back; for one that ended, attempt_ended.
  virtual void readopt(const std::vector<std::string>& tokens) = 0;
  // Work directory and log of an execution whose history is over.
  virtual void forget(ExecutionId id) = 0;
  // A descriptor to read the execution's log from, from its start; the format is in takt-runner(8).
  virtual void open_log(ExecutionId id, std::function<void(Result<UniqueFd>)> reply) = 0;
};

class ExecutorEvents {
 public:
  virtual ~ExecutorEvents() = default;
  virtual void attempt_ended(AttemptEnded ended) = 0;
  virtual void attempt_lost(AttemptLost lost) = 0;
  // The runner is there, the first time or again; `runner` is its name, which no other one has. The runtime calls
  // readopt.
  virtual void executor_ready(std::string runner) = 0;
};

// What steps do beside running commands. What comes of it arrives through `ended`, never in the turn of the call; none
// of it outlives the daemon.
class ActionPerformer {
 public:
  virtual ~ActionPerformer() = default;
  virtual void set_ended(std::function<void(ActionEnded)> ended) = 0;
  virtual void start(const ActionSpec& spec) = 0;
  virtual void stop(const std::string& token) = 0;  // no `ended` follows; harmless for an unknown one
};

// ---- History, read

// What `taktctl stats` tells of a span of time.
struct Spread {  // of durations, in microseconds; zero when there is none
  std::int64_t median = 0;
  std::int64_t p95 = 0;
  std::int64_t max = 0;
};
struct ProcessStatistics {
  std::string process;
  std::map<std::string, std::uint64_t> outcomes;  // by the word of the state
  Spread duration;
  Spread queue_time;
  std::int64_t cpu_us = 0;             // of all attempts
  std::int64_t memory_peak_bytes = 0;  // the greatest of one attempt
};
struct StepStatistics {
  std::string process;
  std::string step;
  std::string variant;  // empty: the step has none
  std::map<std::string, std::uint64_t> outcomes;
  Spread duration;
  std::int64_t cpu_us = 0;
  std::int64_t memory_peak_bytes = 0;
};
struct Statistics {
  std::vector<ProcessStatistics> processes;
  std::vector<StepStatistics> steps;
};
struct StatisticsFilter {
  std::string process;            // empty: all
  std::optional<WallTime> since;  // of executions queued at or after
  std::optional<WallTime> until;  // and before
};

struct ExecutionFilter {
  std::string process;                 // empty: all
  std::vector<ExecutionState> states;  // empty: all
  std::optional<WallTime> since;       // queued at or after
  std::optional<WallTime> until;       // queued before
};
struct ExecutionPage {
  std::vector<ExecutionRow> rows;  // newest first
  ExecutionId next = 0;            // hand it in as `before` for the next page; 0: there is none
};
struct ExecutionHistory {  // one execution, whole
  ExecutionRow execution;
  std::vector<StepRow> steps;        // of its current run, in order
  std::vector<AttemptRow> attempts;  // of all runs, in order
};

class RecordStore {
 public:
  virtual ~RecordStore() = default;
  // Commits all of the batch in one transaction, durably, on the writer's thread; `committed` is called later, in the
  // loop, in the order of the calls. An error means that nothing of the batch is there; the runtime then ends the
  // daemon.
  virtual void commit(std::vector<Record> batch, std::function<void(Status)> committed) = 0;

  // Reads see what was committed. Loop's thread.
  virtual Result<LiveRows> load() = 0;
  virtual Result<ExecutionPage> list(const ExecutionFilter& filter, ExecutionId before, std::size_t limit) = 0;
  virtual Result<ExecutionHistory> history(ExecutionId id) = 0;                         // no_such_execution
  virtual Result<std::optional<ExecutionRow>> last_of(const std::string& process) = 0;  // that was not skipped
  // Whether this instant of a trigger has its row already.
  virtual Result<bool> fired(const std::string& process, const std::string& key, WallTime nominal) = 0;
  // "": the newest; the beginning of one is enough when it is the only one (invalid_argument).
  virtual Result<VersionRow> version(const std::string& process, const std::string& version) = 0;
  virtual Result<std::vector<VersionRow>> versions(const std::string& process) = 0;  // newest first, without texts
  // The execution that was started with this key; nothing when there is none.
  virtual Result<std::optional<ExecutionId>> with_key(const std::string& process, const std::string& key) = 0;
  virtual Result<std::vector<ItemRow>> items(ExecutionId id, std::uint32_t run) = 0;  // by step and item
  virtual Result<Statistics> statistics(const StatisticsFilter& filter) = 0;
  // Executions whose history is over by `keep`, oldest first, at most `limit`.
  virtual Result<std::vector<ExecutionId>> expired(const std::string& process, const Keep& keep, WallTime now,
                                                   std::size_t limit) = 0;
};

// The definitions: where they are read from and kept. Reads and writes files in the call: an administrator's act, rare
// and small.
class DefinitionSource {
 public:
  virtual ~DefinitionSource() = default;
  // All, or with a name what there is of that process. Those of `known` whose files are still the same are given back
  // as they are.
  virtual LoadedDefinitions load(const std::string& name, const std::map<std::string, Definition>& known) = 0;
  // A text as it would be taken under this name, for check and put.
  virtual ParseOutcome check(const std::string& name, const std::string& text) = 0;
  // A version that the store kept, as it was when it was loaded.
  virtual Result<Definition> parse_version(const VersionRow& row) = 0;
  // Gives the path of the file.
  virtual Result<std::string> put(const std::string& name, const std::string& text, bool transient) = 0;
  virtual Status remove(const std::string& name) = 0;
  virtual Status set_enabled(const std::string& name, bool enabled) = 0;
};

// What follows the machine's events for the triggers that are not of time, and its state for the constraints that
// executions wait for.
class Watches {
 public:
  virtual ~Watches() = default;
  // What the store has of files that path triggers have seen. Once, before the first follow().
  virtual void restore(std::vector<SeenFileRow> seen) = 0;
  // `marks` are those of the store at the daemon's start; later calls bring none, so that a trigger that was disabled
  // for a while does not make up for that while. Returns the marks of triggers that begin now, to be recorded.
  virtual std::vector<TriggerMark> follow(const std::map<std::string, Definition>& definitions,
                                          const TriggerMarks& marks) = 0;
  // From now on whether this holds is told, later, and again at each change; until it is forgotten, by its key.
  virtual void await(const Constraint& constraint) = 0;
  virtual void forget(const std::string& constraint) = 0;
};

// Told of everything that listeners may want to hear, after it is durable. bus/ makes signals of it.
class Announcer {
 public:
  virtual ~Announcer() = default;
  virtual void announce(const Announcement& announcement) = 0;
};

// One entry for the administrator. Fields are journal fields (base/names.h); the message reads well alone.
enum class LogPriority { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };
struct LogEntry {
  LogPriority priority = LogPriority::info;
  std::string_view message_id;  // of base/names.h; empty: none
  std::string message;
  std::map<std::string, std::string> fields;
};
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(const LogEntry& entry) = 0;
};

}  // namespace takt
