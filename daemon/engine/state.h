// The engine's own state, shared by its files and by nobody else: what lives, what waits for a slot, what is due when.
//
// Each event is one turn: handle() visits it, marks the rows it changed, admits what may run now, and collects each
// changed row once, as it is at the end of the turn.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace takt {

// An attempt that was started and has not ended.
struct RunningAttempt {
  AttemptRow row;
  std::optional<BootTime> deadline;  // of the step's time-out
  std::optional<BootTime> kill;      // the end of its grace
};

struct Execution : LiveExecution {
  std::map<std::uint32_t, RunningAttempt> attempts;  // by step
  std::map<std::uint32_t, BootTime> retries;         // steps that wait for their next attempt
  std::optional<BootTime> deadline;                  // of the whole
  BootTime paused_since;                             // while it is paused
  std::optional<BootTime> due;                       // where it stands in Impl::due
  std::string last_tail;                             // the end of the output of its last attempt that went wrong
  std::set<std::uint32_t> changed_steps;
  bool changed = false;
};

// Higher priority first, then the older.
using QueueKey = std::pair<int, ExecutionId>;  // (-priority, id)

struct ProcessState {
  ProcessRow row;
  std::set<QueueKey> queue;
  std::set<ExecutionId> running;  // all live ones that are not queued
  std::optional<QueueKey> ready;  // its entry in Impl::ready
};

struct Engine::Impl {
  Impl(const Settings& s, Evaluator& e, std::map<std::string, std::string> env);

  // engine.cpp
  void begin(Now at);
  Actions finish_turn();
  void on(const ProcessPauseRequested& event);
  void on(const AttemptEnded& event);
  void on(const AttemptLost& event);
  void on(const DefinitionsChanged& event);
  void on(const MarksLetGo& event);
  void on(const HistoryExpired& event);
  void on(const AuditNoted& event);
  void on(const CancelAll& event);
  void on(const ClockSet& event);
  void on(const Tick& event);

  // admission.cpp: from a firing or a call to a running execution
  void on(const TriggerFired& event);
  void on(const InstantsLetGo& event);
  void on(const StartRequested& event);
  Execution& add(ExecutionRow row, Definition definition);
  void enqueue(Execution& execution);
  void admit();
  void refresh_ready(const std::string& process);
  [[nodiscard]] bool has_room(const ProcessState& process, const Definition& definition) const;
  // Why the overlap rule or a limit forbids one more; empty: it does not. With `replace`, cancels those in the way.
  std::string apply_overlap(const ProcessDefinition& definition, ExecutionId id);
  [[nodiscard]] std::string over_limit(const std::string& process) const;
  void start_execution(Execution& execution);

  // execution.cpp: from its first step to its end
  void on(const ExecutionRequested& event);
  void on(const RetryRequested& event);
  void advance(Execution& execution);
  void end_execution(Execution& execution, Outcome outcome, std::string reason);
  void finish(Execution& execution, ExecutionState state);
  void pause(Execution& execution);
  void resume(Execution& execution);
  void strike(Execution& execution);

  // attempt.cpp: one step and its tries
  void start_attempt(Execution& execution, std::uint32_t step);
  Result<AttemptSpec> make_spec(const Execution& execution, std::uint32_t step, const AttemptRow& row);
  void settle_attempt(Execution& execution, std::uint32_t step, Outcome outcome);
  void end_step(Execution& execution, std::uint32_t step, StepState state, const std::string& tail);
  void tell_to_end(Execution& execution, RunningAttempt& attempt, Outcome why);
  [[nodiscard]] const Retry& retry_rule(const Step& step) const;

  // restore.cpp
  void take_up(Execution& execution);

  // context.cpp: what expressions and children see
  [[nodiscard]] Value environment_value() const;
  [[nodiscard]] Value context_of(const Execution& execution) const;

  // Bookkeeping
  void change(Execution& execution) {
    execution.changed = true;
    touched.insert(execution.row.id);
  }
  void change_step(Execution& execution, std::uint32_t step) {
    execution.changed_steps.insert(step);
    touched.insert(execution.row.id);
  }
  void record(Record record) { out.records.push_back(std::move(record)); }
  void effect(Effect effect) { out.effects.push_back(std::move(effect)); }
  void announce(Announcement announcement) { effect(Announce{std::move(announcement)}); }
  void answer(RequestId request, Result<ExecutionId> result) { effect(Answer{request, std::move(result)}); }
  void audit(const Caller& caller, std::string method, const std::string& process, std::optional<ExecutionId> execution,
             std::string detail);
  void announce_progress(const Execution& execution);
  void reschedule(Execution& execution);
  void collect(Execution& execution);
  void remember_version(const ProcessDefinition& definition);
  [[nodiscard]] WallTime wall_at(BootTime at) const { return now.wall + (at - now.boot); }
  [[nodiscard]] BootTime boot_at(WallTime at) const { return now.boot + (at - now.wall); }
  Execution* find(ExecutionId id);

  Settings settings;
  Evaluator& evaluator;
  std::map<std::string, std::string> environment;

  std::map<std::string, Definition> definitions;
  std::map<std::string, ProcessState> processes;
  std::map<ExecutionId, std::unique_ptr<Execution>> live;
  std::map<std::string, std::pair<ExecutionId, std::uint32_t>, std::less<>> tokens;  // of running attempts
  std::map<std::pair<std::string, std::string>, TriggerMark> marks;
  std::set<std::pair<std::string, std::string>> remembered_versions;  // recorded already, by (process, version)
  std::set<QueueKey> ready;                                           // the head of each queue whose process has room
  std::set<std::pair<BootTime, ExecutionId>> due;
  ExecutionId last_id = 0;
  std::size_t running_count = 0;
  std::size_t queued_count = 0;

  // Of this turn
  Now now;
  Actions out;
  std::set<ExecutionId> touched;
};

// "SIGTERM".
std::string signal_text(int signal);

// A message cut to limits::message_bytes, at a character's start.
std::string bounded_message(std::string message);

}  // namespace takt
