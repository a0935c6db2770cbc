// The state that handle() had built, from the rows it had given out.
#include <fmt/format.h>

#include "engine/state.h"

namespace takt {

namespace {

void take_rows(const LiveRows& rows, std::map<ExecutionId, std::unique_ptr<Execution>>& live) {
  for (const StepRow& step : rows.steps) {
    const auto execution = live.find(step.execution);
    if (execution == live.end() || step.run != execution->second->row.run) continue;
    if (step.step < execution->second->steps.size()) execution->second->steps[step.step] = step;
  }
  for (const AttemptRow& attempt : rows.attempts) {
    const auto execution = live.find(attempt.execution);
    if (execution == live.end() || attempt.outcome || attempt.run != execution->second->row.run) continue;
    if (attempt.step < execution->second->steps.size())
      execution->second->attempts[attempt.step] = {attempt, std::nullopt, std::nullopt};
  }
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
  for (const TriggerMark& mark : rows.marks) impl.marks[{mark.process, mark.key}] = mark;
  for (const ProcessRow& process : rows.processes) impl.processes[process.process].row = process;
  for (const VersionRow& version : rows.versions) impl.remembered_versions.insert({version.process, version.version});
  impl.on(DefinitionsChanged{std::move(definitions), {}});
  impl.out.effects.clear();  // nobody listened yet: nothing has changed for anybody

  for (const ExecutionRow& row : rows.executions) {
    const auto version = versions.find({row.process, row.version});
    if (version == versions.end()) {
      give_up(rows, row, now.wall, impl.out);
      continue;
    }
    impl.add(row, version->second).changed = false;
  }
  take_rows(rows, impl.live);

  std::vector<ExecutionId> ids;
  for (auto& [id, execution] : impl.live) {
    impl.take_up(*execution);
    ids.push_back(id);
  }
  for (const ExecutionId id : ids)
    if (Execution* execution = impl.find(id)) impl.advance(*execution);
  return impl.finish_turn();
}

// Puts one execution where it stood: its place in the queue or among the running, its clocks. What its attempts were
// last told may not have reached them, so they are told again; each of these is harmless twice.
void Engine::Impl::take_up(Execution& execution) {
  touched.insert(execution.row.id);
  ProcessState& process = processes[execution.row.process];
  process.row.process = execution.row.process;
  if (execution.row.state == ExecutionState::queued) {
    process.queue.insert({-execution.row.priority, execution.row.id});
    ++queued_count;
    refresh_ready(execution.row.process);
    return;
  }
  process.running.insert(execution.row.id);
  ++running_count;
  refresh_ready(execution.row.process);  // an older one that is queued was taken up before
  if (execution.row.state == ExecutionState::interrupted) execution.row.state = ExecutionState::running;
  const bool paused = execution.row.state == ExecutionState::paused;
  if (paused) execution.paused_since = boot_at(execution.row.paused_at.value_or(now.wall));
  if (execution.row.deadline_at) execution.deadline = boot_at(*execution.row.deadline_at);
  for (const StepRow& step : execution.steps)
    if (step.state == StepState::waiting) execution.retries[step.step] = boot_at(step.retry_at.value_or(now.wall));
  for (auto& [step, attempt] : execution.attempts) {
    const std::string& token = attempt.row.token;
    tokens[token] = {execution.row.id, step};
    if (attempt.row.deadline_at) attempt.deadline = boot_at(*attempt.row.deadline_at);
    if (attempt.row.kill_at) attempt.kill = boot_at(*attempt.row.kill_at);
    if (attempt.row.ending) effect(SignalAttempt{token, execution.definition->steps[step].kill.signal});
    if (paused)
      effect(FreezeAttempt{token});
    else
      effect(ThawAttempt{token});
  }
}

}  // namespace takt
