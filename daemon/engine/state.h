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

#include "definition/definition.h"
#include "engine/engine.h"

namespace takt {

// A step, or one item of its for_each; a plain step's item is 0.
struct Unit {
  std::uint32_t step = 0;
  std::uint32_t item = 0;
  bool operator<(const Unit& other) const { return std::tie(step, item) < std::tie(other.step, other.item); }
};

// An attempt that was started and has not ended: a child's, a request's, a nested execution's, or a wait.
struct RunningAttempt {
  AttemptRow row;
  std::optional<BootTime> deadline;  // of the step's time-out, or the end of its wait
  std::optional<BootTime> kill;      // the end of its grace
  int lost = 0;                      // how often its order was, in this life of the daemon
};

// The items of a for_each. Rows are held of those alone that run or wait for their next attempt; of all others how they
// ended, which an undo needs.
struct Items {
  std::vector<StepState> states;
  std::vector<std::uint32_t> tries;
  std::vector<Value> results;
  std::map<std::uint32_t, ItemRow> open;
  std::uint32_t next = 0;  // none before it is pending
  std::optional<std::uint32_t> first_failed;
  std::string first_error;
  bool over = false;                // the step has ended
  std::set<std::uint32_t> to_undo;  // their undo is still to be run
};

struct Execution : LiveExecution {
  std::map<Unit, RunningAttempt> attempts;
  std::map<Unit, BootTime> retries;                   // what waits for its next attempt
  std::map<std::uint32_t, Items> items;               // by step
  std::optional<BootTime> deadline;                   // of the whole; while it is queued, of its wait for constraints
  bool constrained = false;                           // queued, and its constraints do not hold
  std::optional<BootTime> look_again;                 // queued: when a blackout begins or ends
  std::map<std::uint32_t, BootTime> step_deadlines;   // of total_timeout
  BootTime paused_since;                              // while it is paused
  std::optional<BootTime> due;                        // where it stands in Impl::due
  std::string last_tail;                              // the end of the output of its last attempt that went wrong
  std::optional<BootTime> starts_at;                  // held until then
  std::set<std::uint32_t> pool_waits;                 // steps that wait for a pool
  std::map<std::uint32_t, std::uint32_t> slots_held;  // by step, its attempts that hold slots of its pool
  bool in_pool = false;                               // it holds its own slots
  bool concurrent = false;                            // it is one of max_concurrent
  std::set<std::uint32_t> changed_steps;
  std::set<Unit> changed_attempts;
  bool changed = false;
  bool recorded = false;  // it has its row, to which those of its parts refer
};

using CacheKey = std::tuple<std::string, std::string, std::string>;  // (process, step, key)

// Nested ones first, for others wait for them; then the higher priority, then the older.
using QueueKey = std::tuple<bool, int, ExecutionId>;  // (is not nested, -priority, id)
// The order in which a pool is served (pools.cpp): that of the queue, and within an execution that of its steps.
using PoolKey = std::pair<QueueKey, std::uint32_t>;

struct PoolState {
  std::uint32_t slots = 0;
  std::uint32_t taken = 0;
  std::set<PoolKey> waiting;  // steps
  std::set<QueueKey> ready;   // executions of Impl::ready that take of it
};

// A constraint that executions wait for, or would if it did not hold.
struct AwaitedConstraint {
  std::set<std::string> processes;     // whose queues' heads have it
  std::optional<std::string> missing;  // why it does not hold; empty: it does; nothing: nobody has said yet
};

struct ProcessState {
  ProcessRow row;
  std::set<QueueKey> queue;
  std::set<ExecutionId> running;      // all live ones that are not queued
  std::set<ExecutionId> held;         // until their start_at
  std::optional<QueueKey> head;       // of its queue, while there is room for it: its constraints are looked at
  std::set<std::string> constraints;  // of the head: its entries in Impl::awaited
  std::optional<QueueKey> ready;      // its entry in Impl::ready: the head, when all of them hold
  std::string ready_pool;             // and the pool in which that stands
};

// A trigger of a definition in force.
struct TriggerRef {
  std::string process;
  const Trigger* trigger = nullptr;
};

struct EmittedEvent {
  std::string event;
  Value payload;
  std::string process;        // whose step emitted it; empty: a caller
  ExecutionId execution = 0;  // of that step
  std::uint32_t depth = 0;    // executions that have set each other off up to it
};

struct Engine::Impl {
  Impl(const Settings& s, Evaluator& e, std::map<std::string, std::string> env);

  // engine.cpp: a turn, and what concerns no single execution
  void begin(Now at);
  Actions finish_turn();
  void on(const AttemptEnded& event);
  void on(const ActionEnded& event);
  void on(const AttemptLost& event);
  void on(const RunnerSeen& event);
  void on(const DefinitionsChanged& event);
  void on(const MarksLetGo& event);
  void forget_marks(const std::string& process, const std::map<std::string, Definition>& coming);
  void on(const FilesSeen& event);
  void on(const HistoryExpired& event);
  void on(const AuditNoted& event);
  void on(const CancelAll& event);
  void on(const ClockSet& event);
  void on(const Tick& event);

  // chains.cpp: what the ends of executions and events set off
  void on(const TriggerSeen& event);
  void index_chains();
  [[nodiscard]] bool may_chain() const { return settings.enabled && !closing; }
  void follow_ends();
  std::uint32_t fire_event(const EmittedEvent& emitted);
  // Why one more may not follow; empty: it may.
  [[nodiscard]] static std::string too_deep(const ExecutionRow& row);

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

  // constraints.cpp: what has to hold for the head of a queue to start
  void on(const ConstraintSeen& event);
  void begin_wait(Execution& execution);
  void look_at(const std::string& name, ProcessState& process, std::optional<QueueKey> head);
  bool constraints_hold(Execution& execution);
  [[nodiscard]] std::string missing_of(Execution& execution);
  void strike_queued(Execution& execution);
  void constraints_follow_clock();

  // pools.cpp: slots
  PoolState* find_pool(const std::string& name);
  [[nodiscard]] bool holds_of(const Execution& execution, const std::string& pool) const;
  // For one attempt of a step. False: it waits, and advance() is called when it is its turn.
  bool take_slots(Execution& execution, std::uint32_t place);
  void retake_slots(Execution& execution, std::uint32_t place);  // of an attempt that runs since before a restart
  void give_slots(Execution& execution, std::uint32_t place);
  [[nodiscard]] bool execution_before(const PoolState& pool, const PoolKey& key) const;
  bool pool_admits(const Execution& execution);
  void enter_pool(Execution& execution);
  void stop_waiting(Execution& execution);  // for slots
  void stop_waiting(Execution& execution, std::uint32_t place);
  void leave_pools(Execution& execution);
  bool serve_pools();

  // execution.cpp: from its first step to its end
  void on(const ExecutionRequested& event);
  void enter(Execution& execution, ExecutionState state);
  void advance(Execution& execution);
  bool next_phase(Execution& execution);
  void end_execution(Execution& execution, Outcome outcome, std::string reason, bool by_person = false);
  void forbid_undo(Execution& execution);
  void fail_execution(Execution& execution, std::uint32_t step, std::string reason);
  void stop_all(Execution& execution, Outcome why);
  void finish(Execution& execution, ExecutionState state);
  void pause(Execution& execution);
  void resume(Execution& execution);
  void strike(Execution& execution);
  void strike_attempt(Execution& execution, Unit unit);
  void strike_step(Execution& execution, std::uint32_t step);
  [[nodiscard]] bool out_of_time(const Execution& execution, std::uint32_t step) const {
    const auto deadline = execution.step_deadlines.find(step);
    return deadline != execution.step_deadlines.end() && deadline->second <= now.boot;
  }
  // Its steps are being ended: nothing more of them starts.
  [[nodiscard]] static bool winding_up(const Execution& execution) {
    return execution.row.phase == Phase::steps && execution.row.ending.has_value();
  }
  [[nodiscard]] static bool undoing(const Execution& execution) {
    return execution.row.phase == Phase::undo || execution.row.phase == Phase::rollback;
  }

  // order.cpp: what may start, and where a step's end leads
  void enter_step(Execution& execution, std::uint32_t step, StepState state);
  bool start_ready(Execution& execution);
  void start_retries(Execution& execution);
  [[nodiscard]] bool may_start(const Execution& execution, std::uint32_t step) const;
  [[nodiscard]] bool well(const Execution& execution, std::uint32_t step) const;
  bool begin_step(Execution& execution, std::uint32_t step);
  void end_step(Execution& execution, std::uint32_t step, StepState state, const std::string& tail);
  void take_route(Execution& execution, std::uint32_t from, const Route& route, bool good);
  void visit(Execution& execution, std::uint32_t step);

  // attempt.cpp: one try. `retriable`: the action was tried, so that trying it again may help.
  void start_attempt(Execution& execution, Unit unit, AttemptKind kind);
  void begin_action(Execution& execution, Unit unit, RunningAttempt& attempt);
  void settle_attempt(Execution& execution, Unit unit, Outcome outcome, Value result, bool retriable);
  void settle_step(Execution& execution, const AttemptRow& attempt, Outcome outcome, Value result, bool retriable);
  void tell_to_end(Execution& execution, Unit unit, Outcome why);
  // Its children are the runner's: they can be frozen and signalled, and outlive the daemon.
  [[nodiscard]] bool runs_children(const Execution& execution, const AttemptRow& attempt) const;
  [[nodiscard]] std::optional<Duration> timeout_of(const Execution& execution, const AttemptRow& attempt) const;
  [[nodiscard]] const Retry& retry_rule(const Step& step) const;
  [[nodiscard]] bool again(const Step& step, const AttemptRow& attempt, Outcome outcome, std::uint32_t tries) const;

  // spec.cpp: what is asked of those who do it, complete
  Result<AttemptSpec> make_spec(const Execution& execution, Unit unit, const AttemptRow& row);
  Result<ActionSpec> make_action(const Execution& execution, Unit unit, const AttemptRow& row);
  [[nodiscard]] const StepAction& action_of(const Execution& execution, std::uint32_t step) const;
  Result<std::string> choose_variant(const Execution& execution, std::uint32_t step);

  // waits.cpp: what is done at once, and what waits for time, people or events
  // Begins an action that no executor is needed for. What it gave when it is done already; nothing: it goes on.
  std::optional<Result<Value>> perform(Execution& execution, Unit unit, RunningAttempt& attempt);
  void wait(Execution& execution, Unit unit, std::optional<BootTime> until);
  void on(const ApprovalGiven& event);
  void on(const EventEmitted& event);
  std::uint32_t wake(const EmittedEvent& emitted);
  void hear_events();
  void end_of_wait(Execution& execution, Unit unit);

  // nested.cpp: executions that steps start
  Result<ExecutionId> begin_nested(Execution& parent, Unit unit, const AttemptRow& attempt,
                                   const ProcessAction& action);
  void settle_nested();
  [[nodiscard]] Execution* nested_of(const std::string& token) const;

  // items.cpp: for_each
  Status begin_items(Execution& execution, std::uint32_t step);
  bool start_items(Execution& execution, std::uint32_t step);
  void settle_item(Execution& execution, const AttemptRow& attempt, Outcome outcome, Value result, bool retriable);
  void end_item(Execution& execution, Unit unit, StepState state, Value result);
  void stop_items(Execution& execution, std::uint32_t step, Outcome why);
  void end_items(Execution& execution, std::uint32_t step, const std::string& tail);
  [[nodiscard]] ItemRow item_row(const Execution& execution, Unit unit) const;
  void take_items(Execution& execution, const std::vector<ItemRow>& rows);

  // undo.cpp: undo and rollback
  void on(const RollbackRequested& event);
  bool plan_undo(Execution& execution, std::optional<std::uint32_t> after);
  void start_undo(Execution& execution);
  void settle_undo(Execution& execution, const AttemptRow& attempt, Outcome outcome, bool retriable);
  [[nodiscard]] static std::optional<Unit> next_undo(const Execution& execution);

  // retry.cpp: an ended execution goes on
  void on(const RetryRequested& event);
  [[nodiscard]] std::set<std::uint32_t> staying(const RetryRequested& event, const Execution& whole,
                                                std::optional<std::uint32_t> first) const;
  void carry_over(Execution& execution, const RetryRequested& event, const Execution& whole,
                  std::optional<std::uint32_t> first);

  // cache.cpp: results that are kept
  void on(const CacheCleared& event);
  const CacheRow* find_cached(const std::string& process, const std::string& step, const std::string& key);
  Status keep_result(const Execution& execution, std::uint32_t step);
  void insert_cached(CacheRow row);
  void drop_cached(const ForgetCache& what);
  void drop_from_memory(const CacheKey& key);

  // generated.cpp: the steps that a step's result adds
  Status add_generated(Execution& execution, std::uint32_t step);
  // Puts a run's steps where they stood, those that were generated, too.
  void take_steps(Execution& execution, std::vector<StepRow> rows);
  void add_step_rows(Execution& execution);

  // restore.cpp
  void take_up(Execution& execution);
  void end_lost();

  // context.cpp: what expressions and children see
  [[nodiscard]] Value environment_value() const;
  [[nodiscard]] Value context_of(const Execution& execution, Unit unit) const;
  // The same with `env`, which no child is shown.
  [[nodiscard]] Value expression_context(const Execution& execution, Unit unit) const;

  // turn.cpp: what this turn changes and gives out. A variant of a dozen structs takes a compiler half a second in each
  // file that makes one: these are instantiated there, for each struct that it holds.
  void change(Execution& execution);
  void change_step(Execution& execution, std::uint32_t step);
  void change_attempt(Execution& execution, Unit unit);
  template <class Row>
  void record(Row row);
  // A row that belongs to an execution, behind that of the execution itself.
  template <class Row>
  void record_part(Execution& execution, Row part);
  template <class Part>
  void effect(Part part);
  template <class News>
  void announce(News news);
  void answer(RequestId request, Result<ExecutionId> result);
  void audit(const Caller& caller, std::string method, const std::string& process, std::optional<ExecutionId> execution,
             std::string detail);
  void announce_progress(Execution& execution);
  static void tally(Execution& execution);
  void collect(Execution& execution);
  void reschedule(Execution& execution);
  void remember_version(const ProcessDefinition& definition);
  [[nodiscard]] WallTime wall_at(BootTime at) const { return now.wall + (at - now.boot); }
  [[nodiscard]] BootTime boot_at(WallTime at) const { return now.boot + (at - now.wall); }
  [[nodiscard]] Execution* find(ExecutionId id) const;

  Settings settings;
  Evaluator& evaluator;
  std::map<std::string, std::string> environment;

  std::map<std::string, Definition> definitions;
  std::map<std::string, ProcessState> processes;
  std::map<ExecutionId, std::unique_ptr<Execution>> live;
  std::map<std::string, std::pair<ExecutionId, Unit>> tokens;  // of running attempts
  std::map<std::string, ExecutionId> nested;                   // by the attempt that waits for each
  std::map<std::string, std::set<std::string>> listeners;      // attempts that wait for an event, by its name
  std::multimap<std::string, TriggerRef> after_triggers;       // by the process whose end fires them, or "*"
  std::multimap<std::string, TriggerRef> event_triggers;       // by the event's name
  std::map<CacheKey, CacheRow> cache;
  std::set<std::pair<WallTime, CacheKey>> cache_ages;
  std::size_t cache_bytes = 0;
  TriggerMarks marks;
  std::set<std::pair<std::string, std::string>> remembered_versions;  // recorded already, by (process, version)
  std::set<QueueKey> ready;                                           // the head of each queue whose process has room
  std::set<std::pair<BootTime, ExecutionId>> due;
  std::set<std::pair<BootTime, ExecutionId>> held;                            // queued ones until their start_at
  std::set<std::pair<BootTime, std::string>> pauses;                          // of processes, until they end
  std::map<std::pair<std::string, std::string>, ExecutionId> held_firings;    // the one of each trigger
  std::map<std::pair<std::string, std::string>, std::deque<BootTime>> rates;  // when a trigger's were taken
  std::map<std::string, PoolState> pools;
  std::map<std::string, AwaitedConstraint> awaited;  // by key
  ExecutionId last_id = 0;
  std::string runner;  // that was seen last; after a restart that of the last attempt to be written
  std::size_t running_count = 0;
  std::size_t concurrent = 0;  // of them, those that max_concurrent counts
  std::size_t queued_count = 0;
  bool closing = false;  // all was cancelled for good: nothing sets off anything more

  // Of this turn
  Now now;
  Actions out;
  std::set<ExecutionId> touched;
  std::vector<ExecutionRow> ended_nested;  // whose parents have still to hear of it
  std::vector<EmittedEvent> emitted;       // by steps, still to be heard
  std::vector<ExecutionRow> ended;         // that `after` may follow
};

QueueKey queue_key(const ExecutionRow& row);

// How many executions have set each other off up to this one.
std::uint32_t chain_depth(const ExecutionRow& row);

// The step and all that its end may lead to.
std::set<std::uint32_t> downstream(const ProcessDefinition& definition, std::uint32_t step);

// The wait before try number `tries` + 1 (takt.process(5), RETRY); `token` decides how it is spread.
Duration retry_delay(const Retry& rule, std::uint32_t tries, const std::string& token);

// Null: the definition has no such trigger any more.
const Trigger* find_trigger(const ProcessDefinition& definition, const std::string& key);

// Whether the payload has all members of the pattern, equal.
bool matches(const Value& pattern, const Value& payload);

// An approval or a wait: it needs nobody but time, people or events.
bool waits(const StepAction& action);
// A D-Bus call or an HTTP request: action/ does it, and it ends with the daemon.
bool is_request(const StepAction& action);

// "SIGTERM".
std::string signal_text(int signal);

// A message cut to limits::message_bytes, at a character's start.
std::string bounded_message(std::string message);

}  // namespace takt
