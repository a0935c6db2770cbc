#include "engine/engine.h"

#include <fmt/core.h>

#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/limits.h"
#include "engine/limits.h"
#include "engine/state.h"

namespace takt {

namespace {

// Whether it had ended before it was told to: while nobody was there to hear of it, or as the order was on its way. How
// it ended is then its own doing.
bool ended_by_itself(const AttemptEnded& event, const AttemptRow& row, Duration grace) {
  return row.kill_at && event.ended_at > row.started_at && event.ended_at < *row.kill_at - grace;
}

}  // namespace

Engine::Impl::Impl(const Settings& s, Evaluator& e, std::map<std::string, std::string> env)
    : settings(s), evaluator(e), environment(std::move(env)) {
  for (const auto& [name, slots] : settings.pools) pools[name].slots = slots;
}

Engine::Engine(const Settings& settings, Evaluator& evaluator, std::map<std::string, std::string> environment)
    : impl_(std::make_unique<Impl>(settings, evaluator, std::move(environment))) {}
Engine::~Engine() = default;

Actions Engine::handle(const Event& event, Now now) {
  impl_->begin(now);
  std::visit([this](const auto& one) { impl_->on(one); }, event);
  return impl_->finish_turn();
}

std::optional<BootTime> Engine::next_at() const {
  std::optional<BootTime> next = impl_->next_hold();
  if (!impl_->due.empty() && (!next || impl_->due.begin()->first < *next)) next = impl_->due.begin()->first;
  return next;
}

std::vector<std::string> Engine::running_tokens() const {
  std::vector<std::string> tokens;
  for (const auto& [id, execution] : impl_->live)
    for (const auto& [unit, attempt] : execution->attempts)
      if (impl_->runs_children(*execution, attempt.row)) tokens.push_back(attempt.row.token);
  return tokens;
}

const std::map<std::string, Definition>& Engine::definitions() const {
  return impl_->definitions;
}

const TriggerMarks& Engine::marks() const {
  return impl_->marks;
}

const LiveExecution* Engine::live(ExecutionId id) const {
  return impl_->find(id);
}

std::vector<const LiveExecution*> Engine::live_executions() const {
  std::vector<const LiveExecution*> found;
  found.reserve(impl_->live.size());
  for (const auto& [id, execution] : impl_->live) found.push_back(execution.get());
  return found;
}

const ProcessRow* Engine::process(const std::string& name) const {
  const auto at = impl_->processes.find(name);
  return at == impl_->processes.end() ? nullptr : &at->second.row;
}

Load Engine::load(const std::string& process) const {
  const auto at = impl_->processes.find(process);
  if (at == impl_->processes.end()) return {};
  return {at->second.running.size(), at->second.queue.size()};
}

Load Engine::load() const {
  return {impl_->running_count, impl_->queued_count};
}

// ---- A turn

void Engine::Impl::begin(Now at) {
  now = at;
  out = {};
  touched.clear();
}

Actions Engine::Impl::finish_turn() {
  do {  // what is admitted may end at once, and what ends may let others go on
    settle_nested();
    hear_events();
    follow_ends();
    admit();
  } while (!ended_nested.empty() || !emitted.empty() || !ended.empty());
  // What has ended in this turn was collected when it ended; what lives on is collected once, as it is now.
  for (const ExecutionId id : touched) {
    if (Execution* execution = find(id)) {
      collect(*execution);
      reschedule(*execution);
    }
  }
  return std::move(out);
}

void Engine::Impl::reschedule(Execution& execution) {
  std::optional<BootTime> next;
  const auto consider = [&next](std::optional<BootTime> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  if (execution.row.state == ExecutionState::queued) {
    if (execution.constrained) consider(execution.deadline);
    consider(execution.look_again);
  }
  if (execution.row.state == ExecutionState::running) {  // a pause holds all its clocks
    if (execution.row.phase == Phase::steps && !execution.row.ending) consider(execution.deadline);
    for (const auto& [unit, attempt] : execution.attempts) consider(attempt.kill ? attempt.kill : attempt.deadline);
    for (const auto& [unit, at] : execution.retries)
      if (!execution.pool_waits.contains(unit.step)) consider(at);
    for (const auto& [place, at] : execution.step_deadlines)
      if (at > now.boot) consider(at);  // one that has struck waits for its children's end
  }
  if (next == execution.due) return;
  if (execution.due) due.erase({*execution.due, execution.row.id});
  if (next) due.insert({*next, execution.row.id});
  execution.due = next;
}

Execution* Engine::Impl::find(ExecutionId id) const {
  const auto at = live.find(id);
  return at == live.end() ? nullptr : at->second.get();
}

// ---- Events about no single execution, or about all of them

void Engine::Impl::on(const Tick&) {
  release_holds();
  while (!due.empty() && due.begin()->first <= now.boot) {
    Execution& execution = *live.at(due.begin()->second);
    due.erase(due.begin());
    execution.due.reset();
    const ExecutionId id = execution.row.id;
    strike(execution);
    touched.insert(id);  // finish_turn() finds its next instant
  }
}

// Rows hold instants of the wall clock, time-outs run on the one that nobody sets: a restart from old rows would strike
// too early or too late by what the clock was moved.
void Engine::Impl::on(const ClockSet&) {
  holds_follow_clock();
  const auto follow = [this](std::optional<BootTime> at, std::optional<WallTime>& row_at) {
    if (at) row_at = wall_at(*at);
  };
  for (const auto& [id, execution] : live) {
    follow(execution->deadline, execution->row.deadline_at);
    for (const auto& [place, at] : execution->step_deadlines) {
      execution->steps[place].deadline_at = wall_at(at);
      change_step(*execution, place);
    }
    if (execution->row.paused_at) execution->row.paused_at = wall_at(execution->paused_since);
    for (const auto& [unit, at] : execution->retries) {
      execution->steps[unit.step].retry_at = wall_at(at);
      change_step(*execution, unit.step);
      const auto items = execution->items.find(unit.step);
      if (undoing(*execution) || items == execution->items.end() || !items->second.open.contains(unit.item)) continue;
      items->second.open.at(unit.item).retry_at = wall_at(at);
      record(items->second.open.at(unit.item));
    }
    for (auto& [unit, attempt] : execution->attempts) {
      const auto* waited = std::get_if<WaitAction>(&action_of(*execution, unit.step));
      if (waited != nullptr && !waited->until.empty() && attempt.row.kind == AttemptKind::step) {
        attempt.deadline = boot_at(attempt.row.deadline_at.value_or(now.wall));  // an instant of the wall clock
      } else {
        follow(attempt.deadline, attempt.row.deadline_at);
        follow(attempt.kill, attempt.row.kill_at);
      }
      if (execution->steps[unit.step].waits_until) execution->steps[unit.step].waits_until = attempt.row.deadline_at;
      change_attempt(*execution, unit);
      change_step(*execution, unit.step);
    }
    change(*execution);
  }
  constraints_follow_clock();
}

void Engine::Impl::on(const AttemptEnded& event) {
  effect(AcknowledgeAttempt{event.token});
  const auto where = tokens.find(event.token);
  if (where == tokens.end()) return;  // told twice: its end is on record
  const auto [id, unit] = where->second;
  Execution& execution = *live.at(id);
  AttemptRow& row = execution.attempts.at(unit).row;
  row.exit_code = event.exit_code;
  row.signal = event.signal;
  row.usage = event.usage;
  row.output_bytes = event.output_bytes;
  row.output_cut = event.output_cut;
  row.output_tail = event.output_tail;
  if (event.ended_at > row.started_at && event.ended_at <= now.wall) row.ended_at = event.ended_at;

  if (ended_by_itself(event, row, execution.definition->steps[unit.step].kill.grace)) {
    row.ending.reset();
    row.error.clear();
  }
  Outcome outcome = Outcome::failed;
  Value result;
  if (row.ending) {
    outcome = *row.ending;  // and the error says why it was told to end
  } else if (!event.error.empty()) {
    row.error = event.error;
  } else if (event.signal) {
    row.error = fmt::format("killed by signal {} ({})", *event.signal, signal_text(*event.signal));
  } else if (event.exit_code.value_or(0) != 0) {
    row.error = fmt::format("exit status {}", *event.exit_code);
  } else if (!event.result) {
    row.error = event.result.error().message;
  } else {
    outcome = Outcome::succeeded;
    result = *event.result;
  }
  row.error = bounded_message(std::move(row.error));
  settle_attempt(execution, unit, outcome, std::move(result), true);
  advance(execution);
}

void Engine::Impl::on(const ActionEnded& event) {
  const auto where = tokens.find(event.token);
  if (where == tokens.end()) return;  // it was stopped
  const auto [id, unit] = where->second;
  Execution& execution = *live.at(id);
  if (!event.result) execution.attempts.at(unit).row.error = bounded_message(event.result.error().message);
  settle_attempt(execution, unit, event.result ? Outcome::succeeded : Outcome::failed,
                 event.result ? *event.result : Value(), true);
  advance(execution);
}

void Engine::Impl::on(const AttemptLost& event) {
  const auto where = tokens.find(event.token);
  if (where == tokens.end()) return;
  const auto [id, unit] = where->second;
  Execution& execution = *live.at(id);
  RunningAttempt& attempt = execution.attempts.at(unit);
  AttemptRow& row = attempt.row;
  const bool by_runner = runs_children(execution, row);
  // The one that lives since before the attempt was recorded would know it, had it ever been told to start it.
  const bool never_began = by_runner && !row.runner.empty() && row.runner == runner;
  if (never_began && !row.ending && ++attempt.lost <= limits::lost_orders) {
    begin_action(execution, unit, attempt);
    if (execution.row.state == ExecutionState::paused) effect(FreezeAttempt{event.token});
    return advance(execution);
  }
  if (!never_began)
    row.error = by_runner ? "its end was not seen: the runner that had it is gone"
                          : "its end was not seen: the daemon that waited for it is gone";
  else if (!row.ending)
    row.error = fmt::format("the runner lost the order to start it {} times", attempt.lost);
  settle_attempt(execution, unit, row.ending.value_or(Outcome::interrupted), Value(), true);
  advance(execution);
}

void Engine::Impl::on(const RunnerSeen& event) {
  runner = event.runner;
}

void Engine::Impl::remember_version(const ProcessDefinition& definition) {
  if (!remembered_versions.insert({definition.name, definition.version}).second) return;
  record(
      VersionRow{definition.name, definition.version, definition.text, definition.origin, definition.user, now.wall});
}

// Of the triggers that are followed no more: one that comes again, also over a restart, does not make up for the time
// without it. That it fired in this boot stays known of one that waits for a boot.
void Engine::Impl::forget_marks(const std::string& process, const std::map<std::string, Definition>& coming) {
  const auto trigger_in = [&](const std::map<std::string, Definition>& all, const std::string& key) -> const Trigger* {
    const auto definition = all.find(process);
    return definition == all.end() ? nullptr : find_trigger(*definition->second, key);
  };
  for (auto mark = marks.lower_bound({process, ""}); mark != marks.end() && mark->first.first == process;) {
    const std::string& key = mark->first.second;
    const Trigger* next = trigger_in(coming, key);
    const Trigger* before = trigger_in(definitions, key);
    const bool followed = next != nullptr && next->enabled && coming.at(process)->enabled;
    if (followed || (before != nullptr && std::holds_alternative<BootTrigger>(before->kind))) {
      ++mark;
      continue;
    }
    rates.erase(mark->first);
    record(ForgetMark{process, key});
    mark = marks.erase(mark);
  }
}

void Engine::Impl::on(const DefinitionsChanged& event) {
  std::set<std::string> changed;
  for (const auto& [name, definition] : event.definitions) {
    const auto old = definitions.find(name);
    if (old != definitions.end() && old->second->version == definition->version) continue;
    changed.insert(name);
    remembered_versions.erase({name, definition->version});  // in force again: it is the newest now
    remember_version(*definition);
  }
  for (const auto& [name, definition] : definitions)
    if (!event.definitions.contains(name)) changed.insert(name);
  for (const std::string& name : changed) forget_marks(name, event.definitions);
  definitions = event.definitions;
  index_chains();
  on(MarksLetGo{event.let_go});
  for (const std::string& name : changed) {
    refresh_ready(name);  // its overlap rule may be another
    announce(ProcessChanged{name});
  }
}

void Engine::Impl::on(const MarksLetGo& event) {
  for (const TriggerMark& mark : event.marks) {
    marks[{mark.process, mark.key}] = mark;
    record(mark);
  }
}

void Engine::Impl::on(const FilesSeen& event) {
  for (const ForgetSeenFiles& gone : event.gone) record(gone);
  for (const SeenFileRow& row : event.seen) record(row);
}

void Engine::Impl::on(const HistoryExpired& event) {
  for (const ExecutionId id : event.executions) {
    if (find(id) != nullptr) continue;  // it was retried meanwhile
    record(ForgetExecution{id});
    effect(ForgetFiles{id});
  }
}

void Engine::Impl::on(const AuditNoted& event) {
  record(event.row);
}

void Engine::Impl::on(const CancelAll& event) {
  closing = true;
  std::vector<ExecutionId> ids;
  for (const auto& [id, execution] : live) ids.push_back(id);
  for (const ExecutionId id : ids)
    if (Execution* execution = find(id)) end_execution(*execution, Outcome::cancelled, event.reason, true);
}

std::string signal_text(int signal) {
  const char* name = sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : "unknown";
}

std::string bounded_message(std::string message) {
  if (message.size() <= limits::message_bytes) return message;
  std::size_t end = limits::message_bytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;
  message.resize(end);
  return message + "…";
}

}  // namespace takt
