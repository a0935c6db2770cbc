// The engine's own state, shared by its files and by nobody else: what lives, what waits for a slot, what is due when.
//
// Each event is one turn: handle() visits it, marks the rows it changed, admits what may run now, and collects each
// changed row once, as it is at the end of the turn.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
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
  std::map<std::uint32_t, RunningAttempt> attempts;   // by step
  std::map<std::uint32_t, BootTime> retries;          // steps that wait for their next attempt
  std::optional<BootTime> deadline;                   // of the whole
  BootTime paused_since;                              // while it is paused
  std::optional<BootTime> due;                        // where it stands in Impl::due
  std::string last_tail;                              // the end of the output of its last attempt that went wrong
  std::optional<BootTime> starts_at;                  // held until then
  std::set<std::uint32_t> pool_waits;                 // steps that wait for a pool
  std::map<std::uint32_t, std::uint32_t> slots_held;  // by step, its attempts that hold slots of its pool
  bool in_pool = false;                               // it holds its own slots
  bool concurrent = false;                            // it is one of max_concurrent
  std::set<std::uint32_t> changed_steps;
  bool changed = false;
};

// Nested ones first, for others wait for them; then the higher priority, then the older.
using QueueKey = std::tuple<bool, int, ExecutionId>;  // (is not nested, -priority, id)
// The order in which a pool is served (pools.cpp).
using PoolKey = std::tuple<int, ExecutionId, std::uint32_t>;  // (-priority, id, step)

struct PoolState {
  std::uint32_t slots = 0;
  std::uint32_t taken = 0;
  std::set<PoolKey> waiting;  // steps
  std::set<QueueKey> ready;   // executions of Impl::ready that take of it
};

struct ProcessState {
  ProcessRow row;
  std::set<QueueKey> queue;
  std::set<ExecutionId> running;  // all live ones that are not queued
  std::set<ExecutionId> held;     // until their start_at
  std::optional<QueueKey> ready;  // its entry in Impl::ready
  std::string ready_pool;         // and the pool in which that stands
};

struct Engine::Impl {
  Impl(const Settings& s, Evaluator& e, std::map<std::string, std::string> env);

  // engine.cpp
  void begin(Now at);
  Actions finish_turn();
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
  Result<ExecutionId> add_nested(const Execution& parent, std::uint32_t place, const std::string& token,
                                 const std::string& process, const Value& given);
  void enqueue(Execution& execution);
  void requeue(Execution& execution);
  void occupy(Execution& execution);
  void leave(Execution& execution);
  [[nodiscard]] bool may_run_beside(const QueueKey& key) const;
  Execution* next_ready();
  void admit();
  void refresh_ready(const std::string& process);
  [[nodiscard]] bool has_room(const ProcessState& process, const Definition& definition) const;
  // Why the overlap rule or a limit forbids one more; empty: it does not. With `replace`, cancels those in the way.
  std::string apply_overlap(const ProcessDefinition& definition, ExecutionId id);
  [[nodiscard]] std::string over_limit(const std::string& process) const;
  void start_execution(Execution& execution);

  // holds.cpp: what waits for an instant
  void on(const SkipNextRequested& event);
  void on(const ProcessPauseRequested& event);
  void hold(Execution& execution, BootTime until);
  void let_go(Execution& execution);
  void come_due(Execution& execution);
  void skip(Execution& execution, std::string reason);
  void debounce(Execution& execution, Duration quiet);
  bool take_rate(Execution& execution);
  std::string skip_asked(const std::string& process);
  [[nodiscard]] std::string paused_reason(const ProcessRow& row) const;
  void follow_pauses();
  [[nodiscard]] std::optional<BootTime> next_hold() const;
  void release_holds();
  void holds_follow_clock();

  // pools.cpp: slots
  PoolState* find_pool(const std::string& name);
  bool holds_of(const Execution& execution, const std::string& pool);
  // For one attempt of a step. False: it waits, and advance() is called when it is its turn.
  bool take_slots(Execution& execution, std::uint32_t place);
  void retake_slots(Execution& execution, std::uint32_t place);  // of an attempt that runs since before a restart
  void give_slots(Execution& execution, std::uint32_t place);
  [[nodiscard]] bool execution_before(const PoolState& pool, const PoolKey& key) const;
  bool pool_admits(const Execution& execution);
  void enter_pool(Execution& execution);
  void leave_pools(Execution& execution);
  bool serve_pools();

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
  std::set<std::pair<BootTime, ExecutionId>> held;                            // queued ones until their start_at
  std::set<std::pair<BootTime, std::string>> pauses;                          // of processes, until they end
  std::map<std::pair<std::string, std::string>, ExecutionId> held_firings;    // the one of each trigger
  std::map<std::pair<std::string, std::string>, std::deque<BootTime>> rates;  // when a trigger's were taken
  std::map<std::string, PoolState> pools;
  ExecutionId last_id = 0;
  std::size_t running_count = 0;
  std::size_t concurrent = 0;  // of them, those that max_concurrent counts
  std::size_t queued_count = 0;

  // Of this turn
  Now now;
  Actions out;
  std::set<ExecutionId> touched;
};

// Null: the definition has no such trigger any more.
const Trigger* find_trigger(const ProcessDefinition& definition, const std::string& key);

// "SIGTERM".
std::string signal_text(int signal);

// A message cut to limits::message_bytes, at a character's start.
std::string bounded_message(std::string message);

}  // namespace takt
