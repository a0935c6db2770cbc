// The engine decides: an event and the time go in, records and effects come out. It reads no clock, opens no file, logs
// nothing. It owns the state of every live execution; all of that can be rebuilt from the rows it has given out
// (restore), which is what makes a crash at any moment harmless.
//
// Glossary
//   record   a row to be committed before any effect of the same batch is performed (page 3's rule of durability)
//   effect   something to do to the world, after the commit
//   answer   an effect: what a caller is told, hence never before it is true on disk
//
// The way of an execution:  TriggerFired | StartRequested -> queued -> admit() -> running -> each step's attempts ->
// ended. Admission goes by priority, then age, and looks at the overlap rule of the process and at max_concurrent.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "definition/action.h"
#include "definition/constraint.h"
#include "definition/definition_fwd.h"
#include "definition/outcome.h"
#include "definition/settings.h"
#include "engine/records.h"
#include "expression/expression.h"
#include "trigger/firing.h"

namespace takt {

// ---- What an executor is asked to start, complete: nothing of it is looked up later.
struct AttemptSpec {
  std::string token;
  ExecutionId execution = 0;
  std::string process;
  std::string step;
  std::uint32_t attempt = 1;
  std::vector<std::string> argv;
  std::map<std::string, std::string>
      environment;  // the definition's and TAKT_…; the runner adds PATH, HOME and the like
  std::string user;
  std::string directory;  // empty: the execution's work directory
  std::string standard_input;
  std::string context;  // JSON text, for the file TAKT_CONTEXT
  ResultSource result = ResultSource::file;
  bool leftovers = false;
  std::uint64_t log_bytes = 0;  // of output that is kept
};

// What action/ is asked to do, complete: every ${…} is expanded.
struct ActionSpec {
  std::string token;
  std::string process;
  std::string step;
  std::variant<CallAction, HttpAction> action;
};

// ---- Events

using RequestId = std::uint64_t;  // the runtime's, to match an Answer with its caller

struct Caller {
  std::uint32_t uid = 0;
};

struct TriggerFired {
  Firing firing;
};
struct TriggerSeen {  // one that is not of time went off, now: the engine gives the firing its instant
  std::string process;
  std::string key;
  Value fields = Value::object();  // of the context `trigger`, beside `kind` and `at`
};
struct StartRequested {
  RequestId request = 0;
  Caller caller;
  std::string process;
  Value inputs = Value::object();
  std::optional<int> priority;
  Definition definition{};        // of another version than the one in force; null: that one
  std::optional<WallTime> at{};   // not before
  std::string idempotency_key{};  // a live execution of the process with this key is answered with; the runtime
                                  // has looked among the ended ones
};
enum class ExecutionVerb { pause, resume, cancel };
struct ExecutionRequested {
  RequestId request = 0;
  Caller caller;
  ExecutionVerb verb = ExecutionVerb::cancel;
  ExecutionId execution = 0;
  std::string reason;  // kept in the record
  bool undo = true;    // of a cancel
};
struct RollbackRequested {  // of an ended execution: `undo` of its steps that succeeded, in reverse order of their ends
  RequestId request = 0;
  Caller caller;
  ExecutionRow execution;
  std::vector<StepRow> steps;  // of its last run
  std::vector<ItemRow> items;
  Definition definition;  // that it ran with
  std::string to;         // this step and what ended before it stay; empty: all are undone
};
struct ApprovalGiven {
  RequestId request = 0;
  Caller caller;
  ExecutionId execution = 0;
  std::string step;
  bool yes = false;
  std::string comment;
};
struct EventEmitted {  // by a caller (request not 0) or a step
  RequestId request = 0;
  Caller caller;
  std::string event;
  Value payload = Value::object();
};
struct SkipNextRequested {  // of the firings of a process; answered with how many are to be skipped now
  RequestId request = 0;
  Caller caller;
  std::string process;
  std::uint32_t count = 1;  // 0: none any more
};
struct CacheCleared {  // answered with 0
  RequestId request = 0;
  Caller caller;
  ForgetCache what;
};
struct ActionEnded {  // of an ActionSpec
  std::string token;
  Result<Value> result = Value();
};
struct RetryRequested {  // of an ended execution, which the engine has forgotten: its rows come with it
  RequestId request = 0;
  Caller caller;
  ExecutionRow execution;
  std::vector<StepRow> steps;         // of its last run
  std::vector<ItemRow> items;         // of its last run
  Definition definition;              // to run with
  std::string step;                   // from this one; empty: from the one that failed
  std::optional<std::uint32_t> item;  // of that step's for_each: this one alone runs again
  std::string reason;
};
struct ProcessPauseRequested {
  RequestId request = 0;
  Caller caller;
  std::string process;
  bool paused = true;
  std::optional<WallTime> until{};  // then it resumes by itself
};
struct AttemptEnded {
  std::string token;
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::string error;               // it did not start: "exec /usr/bin/x: No such file or directory"
  Result<Value> result = Value();  // as its ResultSource says; an error when what it left is not JSON or is too large
  Usage usage;
  std::uint64_t output_bytes = 0;
  bool output_cut = false;
  std::string output_tail;
  WallTime ended_at;  // as the runner saw it; the epoch: unknown
};
struct AttemptLost {  // the runner that was seen last knows nothing of it
  std::string token;
};
struct RunnerSeen {    // it is there, and what follows comes from it
  std::string runner;  // its name, which no other one has
};
struct DefinitionsChanged {
  std::map<std::string, Definition> definitions;
  std::vector<TriggerMark> let_go;  // marks to be recorded with it
};
struct MarksLetGo {  // triggers that begin: what came before is no instant of theirs
  std::vector<TriggerMark> marks;
};
struct InstantsLetGo {  // that passed, and that `catch_up` does not make up for: each mark is the last of them
  std::vector<TriggerMark> marks;
};
// Files that path triggers have dealt with, and that are gone. Handed over in the turn of the firings that they are
// dealt with by, and so recorded with them.
struct FilesSeen {
  std::vector<ForgetSeenFiles> gone;  // before `seen`
  std::vector<SeenFileRow> seen;
};
struct HistoryExpired {
  std::vector<ExecutionId> executions;
};
struct AuditNoted {  // a call that changed something outside the engine (definitions)
  AuditRow row;
};
struct ConstraintSeen {    // of an AwaitConstraint: whether it holds, now and until the next one
  std::string constraint;  // its key
  std::string missing;     // why it does not hold; empty: it does
};
struct CancelAll {  // all that lives, for good: the daemon stops and takes its steps with it
  std::string reason;
};
struct ClockSet {};  // the wall clock was set: spans go on as they were, so their records have to move
struct Tick {};      // an instant of next_at() has come

using Event =
    std::variant<TriggerFired, TriggerSeen, StartRequested, ExecutionRequested, RetryRequested, RollbackRequested,
                 ApprovalGiven, EventEmitted, SkipNextRequested, CacheCleared, ProcessPauseRequested, AttemptEnded,
                 AttemptLost, RunnerSeen, ActionEnded, DefinitionsChanged, MarksLetGo, InstantsLetGo, FilesSeen,
                 HistoryExpired, AuditNoted, ConstraintSeen, CancelAll, ClockSet, Tick>;

// ---- Effects

struct StartAttempt {
  AttemptSpec spec;
};
struct StartAction {
  ActionSpec spec;
};
struct StopAction {  // nobody waits for it any more; no ActionEnded follows
  std::string token;
};
struct SignalAttempt {
  std::string token;
  int signal = 0;
};
struct FreezeAttempt {
  std::string token;
};
struct ThawAttempt {
  std::string token;
};
struct KillAttempt {  // everything of it, at once
  std::string token;
};
struct AcknowledgeAttempt {  // its end is recorded
  std::string token;
};
struct AwaitConstraint {  // an execution waits for it: ConstraintSeen comes, soon and at each change
  Constraint constraint;
};
struct ForgetConstraint {  // nobody waits for it any more; no ConstraintSeen follows
  std::string constraint;
};
struct ForgetFiles {  // work directory and log of an execution whose history is over
  ExecutionId execution = 0;
};
struct Answer {
  RequestId request = 0;
  Result<ExecutionId> result;  // of a request about a process: 0
};

// What listeners hear. Each carries the rows as they are now.
struct ExecutionQueued {
  ExecutionRow execution;
};
struct ExecutionStarted {
  ExecutionRow execution;
  std::uint32_t total_steps = 0;
};
struct ExecutionChanged {  // paused, resumed, being cancelled; queued, and what it waits for has changed
  ExecutionRow execution;
};
struct ExecutionFinished {  // also for one that was skipped
  ExecutionRow execution;
  std::string output_tail;  // of the attempt that failed it
};
struct StepStarted {
  ExecutionRow execution;
  StepRow step;
};
struct StepFinished {
  ExecutionRow execution;
  StepRow step;
  std::string output_tail;
};
struct StepWaits {  // for its next attempt, an approval (step.message), an instant or an event
  ExecutionRow execution;
  StepRow step;
};
struct Emitted {
  std::string event;
  Value payload;
  std::string process;  // whose step emitted it; empty: a caller
  ExecutionId execution = 0;
};
struct Progress {
  ExecutionId execution = 0;
  std::string process;
  double fraction = 0;  // of steps that have ended, 0..1
  std::string current_step;
  std::uint32_t done = 0;
  std::uint32_t total = 0;
};
struct ProcessChanged {
  std::string process;
};
struct Reloaded {  // definitions were read again
  std::uint32_t refused = 0;
};
using Announcement = std::variant<ExecutionQueued, ExecutionStarted, ExecutionChanged, ExecutionFinished, StepStarted,
                                  StepFinished, StepWaits, Emitted, Progress, ProcessChanged, Reloaded>;

struct Announce {
  Announcement announcement;
};

using Effect =
    std::variant<StartAttempt, StartAction, StopAction, SignalAttempt, FreezeAttempt, ThawAttempt, KillAttempt,
                 AcknowledgeAttempt, AwaitConstraint, ForgetConstraint, ForgetFiles, Answer, Announce>;

// All that one event brought about. Records first, then effects, each in order.
struct Actions {
  std::vector<Record> records;
  std::vector<Effect> effects;
};

// What a listing needs of a live execution beside its row.
struct LiveExecution {
  ExecutionRow row;
  Definition definition;
  std::vector<StepRow> steps;
  std::uint32_t done = 0;   // steps that have ended, of
  std::uint32_t total = 0;  // those that may run
};

struct Load {
  std::size_t running = 0;  // live and not queued
  std::size_t queued = 0;
};

class Engine {
 public:
  // `environment` is what `env` shows.
  Engine(const Settings& settings, Evaluator& evaluator, std::map<std::string, std::string> environment);
  ~Engine();

  // Takes the place of handle() for all that happened before: gives the state that led to these rows. `definitions`
  // are those in force, `versions` the parsed texts that the live executions run with, by (process, version); an
  // execution whose version cannot be had ends as failed. The actions begin what recovery has to (queued ones are
  // admitted, time-outs that passed strike); attempts that were running are in running_tokens(), to be asked about.
  Actions restore(const LiveRows& rows, std::map<std::string, Definition> definitions,
                  const std::map<std::pair<std::string, std::string>, Definition>& versions, Now now);

  Actions handle(const Event& event, Now now);

  // The earliest instant at which it wants a Tick.
  [[nodiscard]] std::optional<BootTime> next_at() const;

  // Attempts that were started and have not ended.
  [[nodiscard]] std::vector<std::string> running_tokens() const;

  // ---- For those who ask. Pointers are null when there is none, and good until the next event.
  [[nodiscard]] const std::map<std::string, Definition>& definitions() const;
  [[nodiscard]] const TriggerMarks& marks() const;
  [[nodiscard]] const LiveExecution* live(ExecutionId id) const;
  [[nodiscard]] std::vector<const LiveExecution*> live_executions() const;  // by id
  [[nodiscard]] const ProcessRow* process(const std::string& name) const;
  [[nodiscard]] Load load(const std::string& process) const;
  [[nodiscard]] Load load() const;  // of all

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace takt
