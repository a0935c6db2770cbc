// The runtime performs what the engine decides, in the order that makes it durable, and feeds it what happens.
//
//   turn of the loop: events -> engine.handle() -> records and effects gather in one batch
//   end of the turn:  the batch goes to the store's writer; the next batch gathers meanwhile
//   committed:        the effects of the batch are performed, in order, then whoever waited for them is answered
//
// It owns the engine and the schedule, and the requests and waits under way; never a descriptor, a thread or a file.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "definition/settings.h"
#include "engine/engine.h"
#include "expression/expression.h"
#include "runtime/control.h"
#include "runtime/ports.h"
#include "trigger/schedule.h"

namespace takt {

class Runtime final : public Control, public ExecutorEvents {
 public:
  struct Ports {
    Clock& clock;
    Alarms& alarms;
    Executor& executor;
    ActionPerformer& actions;
    RecordStore& store;
    DefinitionSource& definitions;
    Announcer& announcer;
    Log& log;
    // Calls back once, after all callbacks of this turn of the loop.
    std::function<void(std::function<void()>)> defer;
    // The service manager is told when a reload begins (true) and when it is over.
    std::function<void(bool)> reloading;
    // The store cannot be written: the daemon has to end, and start again when it can.
    std::function<void(const Error&)> broken;
  };
  struct Machine {
    std::string machine_id;
    std::string boot_id;
    std::map<std::string, std::string> environment;  // the daemon's, for `env`
  };
  Runtime(const Ports& ports, const Settings& settings, Evaluator& evaluator, Machine machine);

  // Goes on from the store with the definitions of the folders. Once, before anything else.
  Status start();
  // From now on these are told of every change of the definitions, and at once of those in force.
  void follow(Watches& watches);
  // Files that path triggers have dealt with, in the turn of the firings that they are dealt with by.
  void files_seen(FilesSeen seen);
  // A trigger that is not of time went off: at an instant of its own, or now.
  void fire(const Firing& firing);
  void seen(const TriggerSeen& event);
  // Of a constraint that the watches were told to await.
  void constraint_seen(const ConstraintSeen& event);
  // All that triggers that are not of time had up to these is handed over.
  void let_go(std::vector<TriggerMark> marks);
  // An alarm went off.
  void alarm();
  void clock_changed();
  // The machine has another zone, or zones have other rules.
  void zones_changed();
  // All is read again, or with a name what there is of that process.
  void reload(const std::string& name = "");
  // Ends everything that lives, and lets nothing new begin; `done` is called when nothing lives. An instant that comes
  // meanwhile is the next start's to make up for.
  void cancel_all(const std::string& reason, std::function<void()> done);
  // Takes no event any more; `done` is called when all that was decided is recorded and performed. What happens from
  // then on, the next start finds with the runner and the clock.
  void stop(std::function<void()> done);

  // ---- ExecutorEvents
  void attempt_ended(AttemptEnded ended) override;
  void attempt_lost(AttemptLost lost) override;
  void executor_ready(std::string runner) override;

  // ---- Control
  void start(Caller caller, const std::string& process, const Value& inputs, const StartOptions& options,
             Reply<ExecutionId> reply) override;
  void control(Caller caller, ExecutionVerb verb, ExecutionId id, const std::string& reason, bool undo,
               Reply<ExecutionId> reply) override;
  void rollback(Caller caller, ExecutionId id, const std::string& to, Reply<ExecutionId> reply) override;
  void approve(Caller caller, ExecutionId id, const std::string& step, bool yes, const std::string& comment,
               Reply<ExecutionId> reply) override;
  void emit(Caller caller, const std::string& event, const Value& payload, Reply<ExecutionId> reply) override;
  void clear_cache(Caller caller, const ForgetCache& what, Reply<ExecutionId> reply) override;
  void retry(Caller caller, ExecutionId id, const RetryOptions& options, Reply<ExecutionId> reply) override;
  std::uint64_t wait(ExecutionId id, Reply<Ended> reply) override;
  void stop_waiting(std::uint64_t waiter) override;
  Result<ExecutionHistory> describe(ExecutionId id) override;
  Result<ExecutionPage> list_executions(const ExecutionFilter& filter, ExecutionId before, std::size_t limit) override;
  void open_log(ExecutionId id, Reply<UniqueFd> reply) override;
  std::vector<const LiveExecution*> live_executions() override;
  const LiveExecution* live_execution(ExecutionId id) override { return engine_.live(id); }
  std::vector<ProcessSummary> processes() override;
  Result<ProcessSummary> process(const std::string& name) override;
  std::vector<Upcoming> upcoming(const std::string& process, std::size_t count) override;
  void pause_process(Caller caller, const std::string& name, bool paused, std::optional<WallTime> until,
                     Reply<ExecutionId> reply) override;
  void skip_next(Caller caller, const std::string& name, std::uint32_t count, Reply<ExecutionId> reply) override;
  Result<Statistics> statistics(const StatisticsFilter& filter) override;
  Result<std::string> definition_text(const std::string& name, const std::string& version) override;
  Result<std::vector<VersionRow>> versions(const std::string& name) override;
  Diagnostics check_definition(const std::string& name, const std::string& text) override;
  void put_definition(Caller caller, const std::string& name, const std::string& text, bool transient,
                      Reply<Diagnostics> reply) override;
  void delete_definition(Caller caller, const std::string& name, Reply<Diagnostics> reply) override;
  void enable_process(Caller caller, const std::string& name, bool enabled, Reply<Diagnostics> reply) override;
  void reload(Caller caller, Reply<Diagnostics> reply) override;
  Diagnostics diagnostics() override;
  Totals totals() override;

 private:
  struct Batch {
    std::vector<Record> records;
    std::vector<Effect> effects;
    std::vector<std::function<void()>> then;                   // after the effects
    std::set<ExecutionId> ended;                               // executions of which it records the end
    std::set<std::pair<std::string, std::string>> ended_keys;  // (process, idempotency key) of those that have one
    bool committed = false;
  };
  // An ended execution, as a retry or a rollback goes on from it.
  struct Past {
    ExecutionHistory history;
    std::vector<ItemRow> items;
    Definition definition;
  };
  struct Waiter {
    std::uint64_t number = 0;
    Reply<Ended> reply;
  };

  // runtime.cpp
  void post(const Event& event);
  void gather(Actions actions);
  void after_commit(std::function<void()> then);
  // Its end is decided and not yet on disk: what the history says of it is not the last word.
  [[nodiscard]] bool end_is_under_way(ExecutionId id) const;
  [[nodiscard]] bool end_is_under_way(const std::string& process, const std::string& key) const;
  void flush();
  void perform_committed();
  void perform(const Effect& effect);
  void set_alarms();
  bool has_its_row(const TriggerMark& instant);
  void begin_from(std::vector<TriggerMark> marks);
  void count_from_ends(std::vector<TriggerMark>& marks, const std::map<std::string, Definition>& definitions);
  void announce(const Announcement& announcement);
  void finished(const ExecutionRow& row);
  void trim(const std::string& process);
  // control.cpp
  Result<Past> past(ExecutionId id, bool current, std::string_view verb);
  RequestId expect(Reply<ExecutionId> reply);
  ProcessSummary summarise(const Definition& definition);
  [[nodiscard]] Error has_ended(ExecutionId id) const;
  // definitions.cpp
  std::map<std::string, Definition> in_force();
  void reload(const std::string& name, const std::map<std::string, Definition>& known);
  void log_refused(const Diagnostics& diagnostics);
  void log_next_runs();
  void change_definition(Caller caller, const char* method, const std::string& name, const Status& changed,
                         Reply<Diagnostics> reply);
  Result<Definition> version_of(const std::string& process, const std::string& version);

  Ports ports_;
  Settings settings_;
  Machine machine_;
  Engine engine_;
  Schedule schedule_;
  Watches* watches_ = nullptr;
  std::map<std::string, Constraint> awaited_;  // by their keys
  std::vector<SeenFileRow> seen_files_;        // from the start until somebody follows

  std::shared_ptr<Batch> gathering_ = std::make_shared<Batch>();
  std::deque<std::shared_ptr<Batch>> under_way_;  // in the order of their commits
  bool flush_planned_ = false;
  bool performing_ = false;
  std::set<std::string> unsent_;          // attempts whose StartAttempt waits for its commit: no executor can know them
  std::set<std::string> acting_;          // actions that this life began: no executor can know them
  std::set<std::string> unacknowledged_;  // whose end waits for its commit: the executor must keep it until then

  RequestId last_request_ = 0;
  std::map<RequestId, Reply<ExecutionId>> requests_;
  std::uint64_t last_waiter_ = 0;
  std::multimap<ExecutionId, Waiter> waiters_;
  std::map<std::string, std::uint32_t> ended_since_trim_;
  std::vector<std::function<void()>> when_idle_;
  LoadedDefinitions loaded_;  // as the files say
  WallTime started_at_;
  bool ending_ = false;  // all that lives is cancelled, and nothing new begins
  bool stopping_ = false;
};

}  // namespace takt
