// The state that handle() had built, from the rows it had given out.
#include <fmt/core.h>

#include <utility>

#include "engine/state.h"

namespace takt {

namespace {

template <class Row>
std::map<ExecutionId, std::vector<Row>> by_execution(const std::vector<Row>& rows) {
  std::map<ExecutionId, std::vector<Row>> found;
  for (const Row& row : rows) found[row.execution].push_back(row);
  return found;
}

// An execution that nobody can go on with: what runs of it is killed, and its record says so.
void give_up(const LiveRows& rows, ExecutionRow row, WallTime now, Actions& out) {
  row.state = ExecutionState::failed;
  row.ended_at = now;
  row.ending.reset();
  row.paused_at.reset();
  row.reason = "the definition it ran with cannot be read any more";
  out.records.emplace_back(row);
  for (StepRow step : rows.steps) {
    if (step.execution != row.id || step.run != row.run || is_ended(step.state)) continue;
    step.state = step.state == StepState::pending ? StepState::skipped : StepState::interrupted;
    step.ended_at = now;
    step.retry_at.reset();
    out.records.emplace_back(std::move(step));
  }
  for (AttemptRow attempt : rows.attempts) {
    if (attempt.execution != row.id) continue;
    attempt.outcome = Outcome::interrupted;
    attempt.ended_at = now;
    attempt.error = row.reason;
    out.effects.emplace_back(KillAttempt{attempt.token});
    out.records.emplace_back(std::move(attempt));
  }
  out.effects.emplace_back(Announce{ExecutionFinished{std::move(row), ""}});
}

}  // namespace

Actions Engine::restore(const LiveRows& rows, std::map<std::string, Definition> definitions,
                        const std::map<std::pair<std::string, std::string>, Definition>& versions, Now now) {
  Impl& impl = *impl_;
  impl.begin(now);
  impl.last_id = rows.last_execution;
  impl.runner = rows.runner;
  for (const TriggerMark& mark : rows.marks) impl.marks[{mark.process, mark.key}] = mark;
  for (const ProcessRow& process : rows.processes) impl.processes[process.process].row = process;
  for (const VersionRow& version : rows.versions) impl.remembered_versions.insert({version.process, version.version});
  for (const CacheRow& row : rows.cache) impl.insert_cached(row);
  impl.follow_pauses();
  impl.on(DefinitionsChanged{std::move(definitions), {}});
  impl.out.effects.clear();  // nobody listened yet: nothing has changed for anybody

  for (const ExecutionRow& row : rows.executions) {
    const auto version = versions.find({row.process, row.version});
    if (version == versions.end()) {
      give_up(rows, row, now.wall, impl.out);
      continue;
    }
    Execution& execution = impl.add(row, version->second);
    execution.changed = false;
    if (row.parent) impl.nested[row.parent_token] = row.id;
  }
  auto steps = by_execution(rows.steps);
  auto items = by_execution(rows.items);
  for (const auto& [id, execution] : impl.live) {
    impl.take_steps(*execution, std::move(steps[id]));
    impl.take_items(*execution, items[id]);
  }
  for (const AttemptRow& attempt : rows.attempts) {
    Execution* execution = impl.find(attempt.execution);
    if (execution == nullptr || attempt.outcome || attempt.run != execution->row.run) continue;
    if (attempt.step >= execution->steps.size()) continue;
    execution->attempts[{attempt.step, attempt.item.value_or(0)}] = {attempt, std::nullopt, std::nullopt, 0};
  }
  std::vector<ExecutionId> ids;
  for (auto& [id, execution] : impl.live) {
    impl.take_up(*execution);
    ids.push_back(id);
  }
  impl.end_lost();
  for (const ExecutionId id : ids)
    if (Execution* execution = impl.find(id)) impl.advance(*execution);
  return impl.finish_turn();
}

// Puts one execution where it stood: its place in the queue or among the running, its clocks. What its attempts were
// last told may not have reached them, so they are told again; each of these is harmless twice.
void Engine::Impl::take_up(Execution& execution) {
  touched.insert(execution.row.id);
  if (execution.row.state == ExecutionState::queued) return requeue(execution);
  enter(execution, execution.row.state == ExecutionState::paused ? ExecutionState::paused : ExecutionState::running);
  occupy(execution);
  const bool paused = execution.row.state == ExecutionState::paused;
  if (paused) execution.paused_since = boot_at(execution.row.paused_at.value_or(now.wall));
  if (execution.row.deadline_at) execution.deadline = boot_at(*execution.row.deadline_at);
  for (auto& [unit, attempt] : execution.attempts) {
    const std::string& token = attempt.row.token;
    tokens[token] = {execution.row.id, unit};
    if (attempt.row.deadline_at) attempt.deadline = boot_at(*attempt.row.deadline_at);
    if (attempt.row.kill_at) attempt.kill = boot_at(*attempt.row.kill_at);
    if (attempt.row.kind == AttemptKind::step) retake_slots(execution, unit.step);
    if (const auto* waited = std::get_if<WaitAction>(&action_of(execution, unit.step));
        waited != nullptr && !waited->event.empty() && attempt.row.kind == AttemptKind::step)
      listeners[waited->event].insert(token);
    if (!runs_children(execution, attempt.row)) continue;
    if (attempt.row.ending) effect(SignalAttempt{token, execution.definition->steps[unit.step].kill.signal});
    if (paused)
      effect(FreezeAttempt{token});
    else
      effect(ThawAttempt{token});
  }
  for (const StepRow& step : execution.steps) {
    const Unit unit{step.step, 0};
    if (step.deadline_at) execution.step_deadlines[step.step] = boot_at(*step.deadline_at);
    const bool waiting = step.state == StepState::waiting || (undoing(execution) && step.retry_at);
    if (waiting && step.items.is_null() && !execution.attempts.contains(unit))
      execution.retries[unit] = boot_at(step.retry_at.value_or(now.wall));
  }
  if (undoing(execution)) {
    const auto next = next_undo(execution);
    if (next && execution.steps[next->step].retry_at && !execution.attempts.contains(*next))
      execution.retries[*next] = boot_at(*execution.steps[next->step].retry_at);
    return;
  }
  for (const auto& [place, items] : execution.items)
    for (const auto& [item, row] : items.open)
      if (row.state == StepState::waiting) execution.retries[{place, item}] = boot_at(row.retry_at.value_or(now.wall));
}

// What went with the daemon: requests, whose answers nobody heard, and executions whose other end is missing.
void Engine::Impl::end_lost() {
  std::vector<std::string> lost;
  std::vector<ExecutionId> orphans;
  for (const auto& [id, execution] : live) {
    if (execution->row.parent && find(*execution->row.parent) == nullptr) orphans.push_back(id);
    for (const auto& [unit, attempt] : execution->attempts) {
      if (attempt.row.kind == AttemptKind::undo) continue;
      const StepAction& action = action_of(*execution, unit.step);
      const bool alone = std::holds_alternative<ProcessAction>(action) && nested_of(attempt.row.token) == nullptr;
      if (alone || is_request(action)) lost.push_back(attempt.row.token);
    }
  }
  for (const std::string& token : lost) on(AttemptLost{token});
  for (const ExecutionId id : orphans)
    if (Execution* execution = find(id))
      end_execution(*execution, Outcome::cancelled,
                    fmt::format("execution {}, whose step waited for it, is gone", *execution->row.parent));
}

}  // namespace takt
