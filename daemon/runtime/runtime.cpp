#include "runtime/runtime.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/assert.h"
#include "base/names.h"
#include "definition/definition.h"
#include "runtime/entries.h"
#include "trigger/limits.h"

namespace takt {

Runtime::Runtime(const Ports& ports, const Settings& settings, Evaluator& evaluator, Machine machine)
    : ports_(ports),
      settings_(settings),
      machine_(std::move(machine)),
      engine_(settings, evaluator, machine_.environment),
      schedule_(machine_.machine_id, machine_.boot_id) {
  ports_.actions.set_ended([this](ActionEnded ended) {
    acting_.erase(ended.token);
    post(ended);
  });
}

Status Runtime::start() {
  const Now now = ports_.clock.now();
  started_at_ = now.wall;
  TAKT_ASSIGN(LiveRows rows, ports_.store.load());
  seen_files_ = std::move(rows.seen_files);
  std::map<std::pair<std::string, std::string>, Definition> versions;
  for (const VersionRow& row : rows.versions) {
    if (auto definition = ports_.definitions.parse_version(row))
      versions[{row.process, row.version}] = *definition;
    else
      ports_.log.write({LogPriority::error,
                        names::id_definition_refused,
                        fmt::format("{}: version {} cannot be read any more: {}; its executions end as failed",
                                    row.process, row.version, definition.error().message),
                        {{std::string(names::process), row.process}}});
  }
  loaded_ = ports_.definitions.load("", {});
  const std::map<std::string, Definition> definitions = in_force();
  gather(engine_.restore(rows, definitions, versions, now));
  // Those that were live before; of what restore() begins and ends, the schedule is told as of all others.
  for (const ExecutionRow& row : rows.executions)
    if (row.state != ExecutionState::queued && row.phase != Phase::rollback) schedule_.execution_started(row.process);
  count_from_ends(rows.marks, definitions);
  if (settings_.enabled) begin_from(schedule_.set_definitions(definitions, rows.marks, now));
  log_refused(loaded_.diagnostics);
  log_next_runs();
  for (const auto& [name, definition] : definitions) trim(name);
  return {};
}

// `every` with anchor = "finish" goes on from its process's last end, of which its mark, a firing's, does not tell.
void Runtime::count_from_ends(std::vector<TriggerMark>& marks, const std::map<std::string, Definition>& definitions) {
  for (TriggerMark& mark : marks) {
    const auto definition = definitions.find(mark.process);
    if (definition == definitions.end()) continue;
    const auto& triggers = definition->second->triggers;
    const auto trigger = std::ranges::find(triggers, mark.key, &Trigger::key);
    const auto* every = trigger == triggers.end() ? nullptr : std::get_if<EveryTrigger>(&trigger->kind);
    if (every == nullptr || every->anchor != Anchor::finish) continue;
    const auto last = ports_.store.last_of(mark.process);
    if (last && *last && (*last)->ended_at) mark.fired_at = std::max(mark.fired_at, *(*last)->ended_at);
  }
}

void Runtime::follow(Watches& watches) {
  watches_ = &watches;
  for (const auto& [key, constraint] : awaited_) watches_->await(constraint);
  if (!settings_.enabled) return;
  watches_->restore(std::move(seen_files_));
  let_go(watches_->follow(engine_.definitions(), engine_.marks()));
}

// ---- Events in

void Runtime::post(const Event& event) {
  if (!stopping_) gather(engine_.handle(event, ports_.clock.now()));
}

void Runtime::files_seen(FilesSeen seen) {
  if (!ending_) post(std::move(seen));
}

void Runtime::fire(const Firing& firing) {
  if (!ending_ && !has_its_row({firing.process, firing.key, firing.nominal, firing.boot_id}))
    post(TriggerFired{firing});
}

// The schedule knows what fired in its own time; after the clock was set back, or a mark begun anew, the store alone
// does. It would refuse the row of a second one, and with it the whole batch. The mark moves on all the same: a restart
// would pass the instant once more, and count it into what another one stands for.
bool Runtime::has_its_row(const TriggerMark& instant) {
  const auto fired = ports_.store.fired(instant.process, instant.key, instant.fired_at);
  if (!fired || !*fired) return false;
  ports_.log.write({LogPriority::warning,
                    names::id_trigger,
                    fmt::format("{}: the instant {} of '{}' has its row already; the clock was set back; ignoring it",
                                instant.process, format_utc(instant.fired_at), instant.key),
                    {{std::string(names::process), instant.process}, {std::string(names::trigger), instant.key}}});
  const auto mark = engine_.marks().find({instant.process, instant.key});
  if (mark != engine_.marks().end() && mark->second.fired_at < instant.fired_at) post(MarksLetGo{{instant}});
  return true;
}

// Marks of triggers that are new, or that go on from now because the clock was set back.
void Runtime::begin_from(std::vector<TriggerMark> marks) {
  const auto far_back = std::count_if(marks.begin(), marks.end(), [this](const TriggerMark& mark) {
    const auto known = engine_.marks().find({mark.process, mark.key});
    return known != engine_.marks().end() && known->second.fired_at - mark.fired_at > limits::clock_set_back;
  });
  if (far_back > 0)
    ports_.log.write(
        {LogPriority::warning,
         names::id_clock,
         fmt::format("the wall clock is more than three hours behind what has fired: the new time is taken, "
                     "and the triggers concerned ({}) go on from there",
                     far_back),
         {}});
  if (!marks.empty()) post(MarksLetGo{std::move(marks)});
}

void Runtime::seen(const TriggerSeen& event) {
  if (!ending_) post(event);
}

void Runtime::constraint_seen(const ConstraintSeen& event) {
  post(event);
}

// While all ends, firings are dropped; a mark would step over them.
void Runtime::let_go(std::vector<TriggerMark> marks) {
  if (!marks.empty() && !ending_) post(MarksLetGo{std::move(marks)});
}

void Runtime::alarm() {
  if (stopping_) return;
  const Now now = ports_.clock.now();
  if (settings_.enabled) {
    std::vector<TriggerMark> let_go;
    const std::vector<Firing> firings = schedule_.due(now, let_go);
    if (!ending_) std::erase_if(let_go, [this](const TriggerMark& mark) { return has_its_row(mark); });
    if (!let_go.empty() && !ending_) post(InstantsLetGo{std::move(let_go)});
    for (const Firing& firing : firings) fire(firing);
  }
  if (const auto at = engine_.next_at(); at && *at <= now.boot) post(Tick{});
  set_alarms();
}

// Told when it is done: whoever sets a clock reads here that the daemon follows.
void Runtime::clock_changed() {
  std::vector<TriggerMark> moved = schedule_.clock_changed(ports_.clock.now());
  ports_.log.write({LogPriority::notice,
                    names::id_clock,
                    "the wall clock was set, or the machine slept: calendars are computed again",
                    {}});
  begin_from(std::move(moved));
  post(ClockSet{});
  alarm();
}

// The definitions are read again with the zones as they are now. A zone that is gone makes its definition wrong, so
// that the last good one goes on, with the rules it had.
void Runtime::zones_changed() {
  if (stopping_) return;
  ports_.log.write({LogPriority::notice,
                    names::id_clock,
                    "the machine's time zone or the tz database has changed: calendars are computed again",
                    {}});
  reload("", {});
  begin_from(schedule_.clock_changed(ports_.clock.now()));
  log_next_runs();
  alarm();
}

void Runtime::attempt_ended(AttemptEnded ended) {
  post(ended);
}
void Runtime::attempt_lost(AttemptLost lost) {
  post(lost);
}

void Runtime::executor_ready(std::string runner) {
  post(RunnerSeen{std::move(runner)});
  std::vector<std::string> tokens = engine_.running_tokens();
  std::erase_if(tokens,
                [this](const std::string& token) { return unsent_.contains(token) || acting_.contains(token); });
  tokens.insert(tokens.end(), unacknowledged_.begin(), unacknowledged_.end());
  ports_.executor.readopt(tokens);  // also of none: then it may forget what it kept
}

void Runtime::cancel_all(const std::string& reason, std::function<void()> done) {
  ending_ = true;
  post(CancelAll{reason});
  when_idle_.push_back(std::move(done));
  after_commit([] {});
}

void Runtime::stop(std::function<void()> done) {
  stopping_ = true;
  after_commit(std::move(done));
}

// ---- Records, then effects

void Runtime::gather(Actions actions) {
  Batch& batch = *gathering_;
  for (const Effect& effect : actions.effects) {
    if (const auto* start = std::get_if<StartAttempt>(&effect)) unsent_.insert(start->spec.token);
    if (const auto* start = std::get_if<StartAction>(&effect)) acting_.insert(start->spec.token);
    if (const auto* end = std::get_if<AcknowledgeAttempt>(&effect)) unacknowledged_.insert(end->token);
  }
  for (const Record& record : actions.records) {
    const auto* row = std::get_if<ExecutionRow>(&record);
    if (row == nullptr || is_live(row->state)) continue;
    batch.ended.insert(row->id);
    if (!row->idempotency_key.empty()) batch.ended_keys.insert({row->process, row->idempotency_key});
  }
  std::move(actions.records.begin(), actions.records.end(), std::back_inserter(batch.records));
  std::move(actions.effects.begin(), actions.effects.end(), std::back_inserter(batch.effects));
  after_commit(nullptr);
}

void Runtime::after_commit(std::function<void()> then) {
  if (then) gathering_->then.push_back(std::move(then));
  if (flush_planned_) return;
  flush_planned_ = true;
  ports_.defer([this] { flush(); });
}

bool Runtime::end_is_under_way(ExecutionId id) const {
  return gathering_->ended.contains(id) || std::any_of(under_way_.begin(), under_way_.end(),
                                                       [id](const auto& batch) { return batch->ended.contains(id); });
}

bool Runtime::end_is_under_way(const std::string& process, const std::string& key) const {
  const auto has_it = [one = std::pair(process, key)](const auto& batch) { return batch->ended_keys.contains(one); };
  return has_it(gathering_) || std::any_of(under_way_.begin(), under_way_.end(), has_it);
}

void Runtime::flush() {
  flush_planned_ = false;
  auto batch = std::exchange(gathering_, std::make_shared<Batch>());
  under_way_.push_back(batch);
  if (batch->records.empty()) {
    batch->committed = true;
    perform_committed();
  } else {
    ports_.store.commit(std::move(batch->records), [this, batch](const Status& status) {
      if (!status) return ports_.broken(status.error());
      batch->committed = true;
      perform_committed();
    });
  }
  set_alarms();
}

void Runtime::perform_committed() {
  if (performing_) return;  // an effect brought this about; the loop below goes on with it
  performing_ = true;
  while (!under_way_.empty() && under_way_.front()->committed) {
    const auto batch = under_way_.front();
    under_way_.pop_front();
    for (const Effect& effect : batch->effects) perform(effect);
    for (const auto& then : batch->then) then();
  }
  performing_ = false;
  if (!when_idle_.empty() && engine_.live_executions().empty() && under_way_.empty() && !flush_planned_)
    for (const auto& done : std::exchange(when_idle_, {})) done();
}

void Runtime::perform(const Effect& effect) {
  struct Performer {
    Runtime& runtime;
    void operator()(const StartAttempt& one) const {
      runtime.unsent_.erase(one.spec.token);
      runtime.ports_.executor.start(one.spec);
    }
    void operator()(const StartAction& one) const { runtime.ports_.actions.start(one.spec); }
    void operator()(const StopAction& one) const {
      runtime.acting_.erase(one.token);
      runtime.ports_.actions.stop(one.token);
    }
    void operator()(const SignalAttempt& one) const { runtime.ports_.executor.signal(one.token, one.signal); }
    void operator()(const FreezeAttempt& one) const { runtime.ports_.executor.freeze(one.token); }
    void operator()(const ThawAttempt& one) const { runtime.ports_.executor.thaw(one.token); }
    void operator()(const KillAttempt& one) const { runtime.ports_.executor.kill_all(one.token); }
    void operator()(const AcknowledgeAttempt& one) const {
      runtime.unacknowledged_.erase(one.token);
      runtime.ports_.executor.acknowledge(one.token);
    }
    void operator()(const AwaitConstraint& one) const {
      runtime.awaited_.emplace(one.constraint.key, one.constraint);
      if (runtime.watches_ != nullptr) runtime.watches_->await(one.constraint);
    }
    void operator()(const ForgetConstraint& one) const {
      runtime.awaited_.erase(one.constraint);
      if (runtime.watches_ != nullptr) runtime.watches_->forget(one.constraint);
    }
    void operator()(const ForgetFiles& one) const { runtime.ports_.executor.forget(one.execution); }
    void operator()(const Answer& one) const {
      const auto request = runtime.requests_.extract(one.request);
      if (!request.empty()) request.mapped()(one.result);
    }
    void operator()(const Announce& one) const { runtime.announce(one.announcement); }
  };
  std::visit(Performer{*this}, effect);
}

void Runtime::set_alarms() {
  std::optional<BootTime> boot = engine_.next_at();
  std::optional<WallTime> wall;
  if (settings_.enabled) {
    wall = schedule_.next_wall();
    if (const auto at = schedule_.next_boot(); at && (!boot || *at < *boot)) boot = at;
  }
  ports_.alarms.set_wall(wall);
  ports_.alarms.set_boot(boot);
}

// ---- What everybody hears

void Runtime::announce(const Announcement& announcement) {
  if (auto entry = log_entry(announcement)) ports_.log.write(*entry);
  ports_.announcer.announce(announcement);
  if (const auto* started = std::get_if<ExecutionStarted>(&announcement);
      started != nullptr && started->execution.phase != Phase::rollback)
    schedule_.execution_started(started->execution.process);
  if (const auto* ended = std::get_if<ExecutionFinished>(&announcement)) finished(ended->execution);
}

void Runtime::finished(const ExecutionRow& row) {
  if (row.started_at && row.phase != Phase::rollback) {  // what is undone is no run that a span counts from
    schedule_.execution_ended(row.process, ports_.clock.now());
    set_alarms();
  }
  std::vector<Reply<Ended>> replies;
  const auto [first, last] = waiters_.equal_range(row.id);
  for (auto waiter = first; waiter != last; ++waiter) replies.push_back(std::move(waiter->second.reply));
  waiters_.erase(first, last);
  for (const auto& reply : replies) reply(Ended{outcome_of(row.state), row.result});
  trim(row.process);
}

// Forgets executions whose history is over. Looking costs a query, so a process with a long history is looked at only
// once in a while.
void Runtime::trim(const std::string& process) {
  constexpr std::uint32_t once_in = 16;
  constexpr std::size_t at_once = 256;
  const auto known = engine_.definitions().find(process);
  Keep keep = settings_.keep;
  if (known != engine_.definitions().end()) {
    if (known->second->keep.runs) keep.runs = known->second->keep.runs;
    if (known->second->keep.age) keep.age = known->second->keep.age;
  }
  std::uint32_t& since = ended_since_trim_[process];
  if (since++ % once_in != 0 && keep.runs.value_or(once_in) >= once_in) return;
  auto expired = ports_.store.expired(process, keep, ports_.clock.now().wall, at_once);
  if (expired && !expired->empty()) post(HistoryExpired{std::move(*expired)});
}

}  // namespace takt
