// What the bus may ask of the daemon. One function for each D-Bus method that decides something; a reply comes once,
// later or at once, on the loop's thread, and for whatever changes something only after the change is on disk.
// Who may ask is decided in bus/, before.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/value.h"
#include "definition/diagnostic.h"
#include "engine/engine.h"
#include "runtime/ports.h"
#include "trigger/schedule.h"

namespace takt {

template <class T>
using Reply = std::function<void(Result<T>)>;

struct Ended {
  Outcome outcome = Outcome::succeeded;
  Value result;
};

// A process as a list shows it, and as its D-Bus object's properties say it.
struct ProcessSummary {
  Definition definition;
  bool paused = false;
  std::optional<WallTime> paused_until;  // then it resumes by itself
  std::uint32_t skip_next = 0;           // firings that are still to be skipped
  std::optional<WallTime> next_at;       // of all its triggers
  std::optional<ExecutionRow> last;      // the last execution that was not skipped, live ones included
  std::uint32_t running = 0;
  std::uint32_t queued = 0;
};

struct Totals {
  std::uint32_t running = 0;
  std::uint32_t queued = 0;
  std::uint32_t processes = 0;
  bool enabled = true;        // triggers fire (taktd.toml's `enabled`)
  std::uint32_t refused = 0;  // definitions that are wrong
  std::uint32_t paused = 0;   // processes that are
  WallTime started_at;        // the daemon
  bool runner_connected = false;
};

struct StartOptions {
  std::optional<int> priority;
  std::string version;          // the beginning of one; empty: the one in force
  std::optional<WallTime> at;   // not before
  std::string idempotency_key;  // the first execution for the same key is answered with
};
struct RetryOptions {
  std::string step;                   // from this one; empty: from the one that failed
  std::optional<std::uint32_t> item;  // of its for_each: this one alone
  bool current = false;               // with the definition as it is now, not as it was
  std::string reason;
};

class Control {
 public:
  virtual ~Control() = default;

  // Executions
  virtual void start(Caller caller, const std::string& process, const Value& inputs, const StartOptions& options,
                     Reply<ExecutionId> reply) = 0;
  // `undo` counts for a cancel.
  virtual void control(Caller caller, ExecutionVerb verb, ExecutionId id, const std::string& reason, bool undo,
                       Reply<ExecutionId> reply) = 0;
  // `to`: this step and what ended before it stay; empty: all that succeeded is undone.
  virtual void rollback(Caller caller, ExecutionId id, const std::string& to, Reply<ExecutionId> reply) = 0;
  virtual void approve(Caller caller, ExecutionId id, const std::string& step, bool yes, const std::string& comment,
                       Reply<ExecutionId> reply) = 0;
  // Answers with how many steps it woke.
  virtual void emit(Caller caller, const std::string& event, const Value& payload, Reply<ExecutionId> reply) = 0;
  virtual void clear_cache(Caller caller, const ForgetCache& what, Reply<ExecutionId> reply) = 0;
  virtual void retry(Caller caller, ExecutionId id, const RetryOptions& options, Reply<ExecutionId> reply) = 0;
  // Answers when the execution ends (at once if it has). The number tells stop_waiting who left.
  virtual std::uint64_t wait(ExecutionId id, Reply<Ended> reply) = 0;
  virtual void stop_waiting(std::uint64_t waiter) = 0;
  // Live ones from the engine, ended ones from the history.
  virtual Result<ExecutionHistory> describe(ExecutionId id) = 0;
  virtual Result<ExecutionPage> list_executions(const ExecutionFilter& filter, ExecutionId before,
                                                std::size_t limit) = 0;
  virtual void open_log(ExecutionId id, Reply<UniqueFd> reply) = 0;
  virtual std::vector<const LiveExecution*> live_executions() = 0;
  // Null when it is not live; good until the next event.
  virtual const LiveExecution* live_execution(ExecutionId id) = 0;

  // Processes
  virtual std::vector<ProcessSummary> processes() = 0;  // by name
  virtual Result<ProcessSummary> process(const std::string& name) = 0;
  virtual std::vector<Upcoming> upcoming(const std::string& process, std::size_t count) = 0;
  virtual void pause_process(Caller caller, const std::string& name, bool paused, std::optional<WallTime> until,
                             Reply<ExecutionId> reply) = 0;
  virtual void skip_next(Caller caller, const std::string& name, std::uint32_t count, Reply<ExecutionId> reply) = 0;
  virtual Result<Statistics> statistics(const StatisticsFilter& filter) = 0;

  // Definitions
  virtual Result<std::string> definition_text(const std::string& name, const std::string& version) = 0;
  virtual Result<std::vector<VersionRow>> versions(const std::string& name) = 0;  // newest first, without texts
  virtual Diagnostics check_definition(const std::string& name, const std::string& text) = 0;
  // Kept (/var/lib/takt/processes), or with `transient` until the next boot. Wrong texts are not written: the
  // diagnostics say why. Loaded before the reply.
  virtual void put_definition(Caller caller, const std::string& name, const std::string& text, bool transient,
                              Reply<Diagnostics> reply) = 0;
  // Only what came over D-Bus; a definition of the administrator's or a package's is no_such_process with the way out.
  virtual void delete_definition(Caller caller, const std::string& name, Reply<Diagnostics> reply) = 0;
  // Writes a drop-in that says `enabled`; fails when a later drop-in says otherwise, and names it.
  virtual void enable_process(Caller caller, const std::string& name, bool enabled, Reply<Diagnostics> reply) = 0;
  virtual void reload(Caller caller, Reply<Diagnostics> reply) = 0;
  // Of the files as they were last loaded.
  virtual Diagnostics diagnostics() = 0;

  virtual Totals totals() = 0;
};

}  // namespace takt
