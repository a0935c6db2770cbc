// The rows that the store keeps, as the engine writes them and takes them back. One struct a table
// (docs/history-schema.md); writing a row inserts it or replaces the one with its key, so a record can be written twice
// without harm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "definition/outcome.h"
#include "trigger/firing.h"

namespace takt {

using ExecutionId = std::uint64_t;

enum class ExecutionState {
  queued,
  running,
  paused,
  interrupted,  // live
  succeeded,
  failed,
  timed_out,
  cancelled,
  skipped,  // ended
};
enum class StepState {
  pending,
  running,
  waiting,
  paused,
  succeeded,
  failed,
  timed_out,
  cancelled,
  interrupted,
  skipped,
  cached,
  undone,
};
std::string_view to_word(ExecutionState state);  // "timed-out"
std::string_view to_word(StepState state);
std::optional<ExecutionState> execution_state_from_word(std::string_view word);
std::optional<StepState> step_state_from_word(std::string_view word);
bool is_live(ExecutionState state);
// The state in which something that ended so stays, and back. An execution that was interrupted has failed.
ExecutionState execution_state_of(Outcome outcome);
StepState step_state_of(Outcome outcome);
Outcome outcome_of(ExecutionState state);
bool is_ended(StepState state);
// What a step's end means for those that wait for it: succeeded, skipped by its guard, cached. (A failure with
// continue_on_failure is for the engine to know.)
bool ended_well(StepState state);

// Where a running execution stands. `rollback` is the undo of one that had ended: no `finally` follows.
enum class Phase { steps, undo, finally, rollback };
std::string_view to_word(Phase phase);
std::optional<Phase> phase_from_word(std::string_view word);

enum class AttemptKind { step, undo };
std::string_view to_word(AttemptKind kind);
std::optional<AttemptKind> attempt_kind_from_word(std::string_view word);

// What one attempt's children used.
struct Usage {
  std::int64_t cpu_user_us = 0;
  std::int64_t cpu_system_us = 0;
  std::int64_t memory_peak_bytes = 0;
  std::int64_t io_read_bytes = 0;
  std::int64_t io_write_bytes = 0;
};

// One execution. Key: id.
struct ExecutionRow {
  ExecutionId id = 0;
  std::string process;
  std::string version;  // of the definition it runs with (VersionRow)
  ExecutionState state = ExecutionState::queued;
  std::uint32_t run = 1;  // counts retries of the ended execution
  int priority = 0;
  std::string trigger_kind;            // "cron", "path", …, "manual"
  std::string trigger_key;             // Trigger::key; empty for manual
  std::optional<WallTime> nominal_at;  // of a firing; (process, trigger_key, nominal_at) is unique
  Value trigger = Value::object();     // the context `trigger`
  Value inputs = Value::object();
  std::optional<std::uint32_t> requested_by;  // uid of the caller, for a start that was asked for
  WallTime queued_at;
  std::optional<WallTime> started_at;
  std::optional<WallTime> ended_at;
  std::optional<WallTime> deadline_at;  // of `timeout`, and moves on with each pause; while it is queued, of `max_wait`
  std::optional<WallTime> paused_at;    // while it is paused
  std::optional<Outcome> ending;        // being ended as this (cancelled, timed-out, failed), its children still dying
  std::string reason;                   // why it was skipped, failed, cancelled…; or what it waits for
  std::string error_step;               // the step that failed it
  Value result;                         // of its last step that had one
  Phase phase = Phase::steps;
  bool undo = true;                   // false: cancelled with no_undo
  std::optional<WallTime> start_at;   // queued until then: a start for later, a debounced or a coalesced firing
  std::string idempotency_key;        // of the start; (process, key) is unique while it is not empty
  std::optional<ExecutionId> parent;  // it is nested: of the execution whose step started it
  std::string parent_token;           // and of that attempt
  std::uint32_t depth = 0;            // of nesting; 0: it is not nested
};

// One step of one run. Key: (execution, run, step).
struct StepRow {
  ExecutionId execution = 0;
  std::uint32_t run = 1;
  std::uint32_t step = 0;  // its place in the definition, from 0
  std::string name;
  StepState state = StepState::pending;
  std::uint32_t attempts = 0;
  std::optional<WallTime> started_at;
  std::optional<WallTime> ended_at;
  std::optional<WallTime> retry_at;  // while it waits for its next attempt
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string error;
  Value result;
  std::uint32_t visits = 0;            // how often a route or the order led to it
  std::uint32_t tries = 0;             // attempts of this visit: what `retry` counts
  bool routed = false;                 // a route leads to it, and it has not started yet
  std::optional<std::uint32_t> order;  // the how-manieth step of its run to end, from 0
  std::string variant;                 // the name of the one that runs
  bool to_undo = false;                // its `undo` is still to be run
  std::uint32_t undo_tries = 0;
  Value items;  // for_each: the list; null: it has none (yet)
  std::uint32_t items_ended = 0;
  std::uint32_t items_failed = 0;
  bool items_stopped = false;                // one failed, or the step is being ended: no more of them start
  std::optional<WallTime> deadline_at;       // of its total_timeout
  std::optional<WallTime> waits_until;       // the end of a `wait`, or the time-out of an approval
  std::string message;                       // of the approval that it waits for
  std::optional<std::uint32_t> approved_by;  // uid of whoever answered
  std::string comment;                       // that came with the answer
};

// One item of a `for_each` that has started. Key: (execution, run, step, item).
struct ItemRow {
  ExecutionId execution = 0;
  std::uint32_t run = 1;
  std::uint32_t step = 0;
  std::uint32_t item = 0;  // its index, from 0
  StepState state = StepState::running;
  std::uint32_t attempts = 0;
  std::optional<WallTime> retry_at;
  std::string error;
  Value result;
  bool to_undo = false;
};

// A result kept by `cache`. Key: (process, step, key).
struct CacheRow {
  std::string process;
  std::string step;
  std::string key;
  Value result;
  WallTime stored_at;
  WallTime expires_at;
};

// One try of a step. Key: token.
struct AttemptRow {
  std::string token;  // "EXECUTION.RUN.STEP.ATTEMPT", with ".iITEM" of a for_each, ".u" of an undo: the runner's name
  ExecutionId execution = 0;
  std::uint32_t run = 1;
  std::uint32_t step = 0;
  std::uint32_t attempt = 1;
  AttemptKind kind = AttemptKind::step;
  std::optional<std::uint32_t> item;  // of a for_each
  std::string runner;                 // the name of the one that had been seen last when it began; empty: none
  std::optional<Outcome> outcome;     // nothing while it runs
  WallTime started_at;
  std::optional<WallTime> ended_at;
  std::optional<WallTime> deadline_at;  // of the step's timeout
  std::optional<WallTime> kill_at;      // the end of its grace, once it was told to end
  std::optional<Outcome> ending;        // why it was told to: cancelled, timed-out
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string error;
  Usage usage;
  std::uint64_t output_bytes = 0;
  bool output_cut = false;  // more than was kept
  std::string output_tail;  // its last lines, for the failure's message
};

// One version of a definition's text. Key: (process, version).
struct VersionRow {
  std::string process;
  std::string version;
  std::string text;
  std::string origin;
  std::string user;  // that its children run as: decided by the file's owner, which the text does not tell
  WallTime loaded_at;
};

// What is remembered of a process beside its definition. Key: process.
struct ProcessRow {
  std::string process;
  bool paused = false;
  std::optional<std::uint32_t> paused_by;
  std::optional<WallTime> paused_at;
  std::optional<WallTime> paused_until;  // then it resumes by itself
  std::uint32_t skip_next = 0;           // firings that are still to be skipped
  std::optional<std::uint32_t> skip_by;  // uid of whoever asked for it
};

// A call that changed something. Appended.
struct AuditRow {
  WallTime at;
  std::uint32_t uid = 0;
  std::string method;
  std::string process;
  std::optional<ExecutionId> execution;
  std::string detail;
};

// A file that a path trigger has dealt with, or that was there before it. Key: (process, key, path). The one with an
// empty path says that the trigger's folders were taken stock of: what is in them and has no row came since.
struct SeenFileRow {
  std::string process;
  std::string key;
  std::string path;
  std::int64_t folder = 0;  // the inode of the folder that it is in
  std::int64_t inode = 0;
  WallTime born_at;  // 1970 where the file system does not tell
  WallTime modified_at;
};

// Forgets where a trigger stood: when it comes again, it begins anew.
struct ForgetMark {
  std::string process;
  std::string key;
};

// Forgets one file that a trigger has seen, or (nothing) all that it has.
struct ForgetSeenFiles {
  std::string process;
  std::string key;
  std::optional<std::string> path;
};

// Forgets all of one execution (its history is over), whatever table it stands in.
struct ForgetExecution {
  ExecutionId id = 0;
};

// Forgets kept results: of a process, or of all (empty); of one step, or of all (empty); one key, or all (nothing).
struct ForgetCache {
  std::string process;
  std::string step;
  std::optional<std::string> key;
};

using Record = std::variant<ExecutionRow, StepRow, ItemRow, AttemptRow, VersionRow, ProcessRow, TriggerMark, AuditRow,
                            CacheRow, SeenFileRow, ForgetExecution, ForgetCache, ForgetMark, ForgetSeenFiles>;

// All that the engine needs of the store to go on.
struct LiveRows {
  ExecutionId last_execution = 0;        // the highest id ever used
  std::string runner;                    // of the attempt that was written last
  std::vector<ExecutionRow> executions;  // the live ones, by id
  std::vector<StepRow> steps;            // of the current run of each of them
  std::vector<ItemRow> items;            // of the current run of each of them
  std::vector<AttemptRow> attempts;      // those without an outcome, of them
  std::vector<VersionRow> versions;      // that they run with
  std::vector<ProcessRow> processes;
  std::vector<TriggerMark> marks;
  std::vector<CacheRow> cache;          // those that have not expired
  std::vector<SeenFileRow> seen_files;  // by process, key and path
};

}  // namespace takt
