// An execution from its first step to its end: which step is next, pause, resume, cancel, time-out, retry.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "engine/state.h"

namespace takt {

// Runs what may run now, and ends the execution when nothing is left to do or to wait for. A pause holds only what is
// still to be done. Whoever calls it must not use the execution afterwards without finding it again.
void Engine::Impl::advance(Execution& execution) {
  if (execution.row.state != ExecutionState::running && !execution.row.ending) return;
  while (execution.attempts.empty() && execution.retries.empty()) {
    if (execution.row.ending) return finish(execution, execution_state_of(*execution.row.ending));
    const auto next = std::find_if(execution.steps.begin(), execution.steps.end(),
                                   [](const StepRow& step) { return step.state == StepState::pending; });
    if (next == execution.steps.end()) return finish(execution, ExecutionState::succeeded);
    start_attempt(execution, next->step);
  }
}

// Ends a live execution early: at once when no child of it runs, else when its children have gone.
void Engine::Impl::end_execution(Execution& execution, Outcome outcome, std::string reason) {
  if (execution.row.ending) return;  // the first reason stands
  execution.row.ending = outcome;
  execution.row.reason = bounded_message(std::move(reason));
  change(execution);
  if (execution.row.state == ExecutionState::queued) return finish(execution, execution_state_of(outcome));
  const bool was_paused = execution.row.state == ExecutionState::paused;
  for (const auto& [step, at] : std::exchange(execution.retries, {})) {
    execution.steps[step].retry_at.reset();
    end_step(execution, step, step_state_of(outcome), "");
  }
  if (was_paused) resume(execution);  // first: a grace that begins now owes nothing to the pause
  for (auto& [step, attempt] : execution.attempts) tell_to_end(execution, attempt, outcome);
  if (!execution.attempts.empty()) announce(ExecutionChanged{execution.row});
  advance(execution);
}

void Engine::Impl::finish(Execution& execution, ExecutionState state) {
  TAKT_ASSERT(execution.attempts.empty());
  for (StepRow& step : execution.steps) {
    if (is_ended(step.state)) {
      if (!step.result.is_null() && step.state == StepState::succeeded) execution.row.result = step.result;
      continue;
    }
    step.state = StepState::skipped;  // a step that the execution did not come to
    if (execution.row.started_at) change_step(execution, step.step);
  }
  ProcessState& process = processes[execution.row.process];
  if (process.queue.erase({-execution.row.priority, execution.row.id}) != 0) --queued_count;
  if (process.running.erase(execution.row.id) != 0) --running_count;

  execution.row.state = state;
  execution.row.ended_at = now.wall;
  execution.row.ending.reset();
  execution.row.paused_at.reset();
  execution.changed = true;
  collect(execution);
  std::string tail;
  if (state != ExecutionState::succeeded) tail = std::move(execution.last_tail);
  announce(ExecutionFinished{execution.row, std::move(tail)});
  if (execution.due) due.erase({*execution.due, execution.row.id});
  const std::string name = execution.row.process;
  live.erase(execution.row.id);
  refresh_ready(name);
}

// ---- What people ask

void Engine::Impl::on(const ExecutionRequested& event) {
  Execution* execution = find(event.execution);
  if (execution == nullptr)
    return answer(event.request, fail(ErrorCode::not_running, "execution {} has ended or never was", event.execution));
  const ExecutionState state = execution->row.state;
  const bool ending = execution->row.ending.has_value();
  const std::string process = execution->row.process;
  const char* method = "";
  switch (event.verb) {
    case ExecutionVerb::pause:
      if (ending)
        return answer(event.request, fail(ErrorCode::not_running, "execution {} is being ended", event.execution));
      if (state == ExecutionState::queued)
        return answer(event.request,
                      fail(ErrorCode::not_running, "execution {} is queued; it can be cancelled", event.execution));
      if (state != ExecutionState::paused) pause(*execution);
      method = "PauseExecution";
      break;
    case ExecutionVerb::resume:
      if (state != ExecutionState::paused)
        return answer(event.request,
                      fail(ErrorCode::not_running, "execution {} is {}, not paused", event.execution, to_word(state)));
      resume(*execution);
      advance(*execution);
      method = "ResumeExecution";
      break;
    case ExecutionVerb::cancel: {
      std::string reason = fmt::format("cancelled by uid {}", event.caller.uid);
      if (!event.reason.empty()) reason += ": " + event.reason;
      end_execution(*execution, Outcome::cancelled, std::move(reason));
      method = "CancelExecution";
      break;
    }
  }
  audit(event.caller, method, process, event.execution, event.reason);
  answer(event.request, event.execution);
}

void Engine::Impl::pause(Execution& execution) {
  execution.row.state = ExecutionState::paused;
  execution.row.paused_at = now.wall;
  execution.paused_since = now.boot;
  for (const auto& [step, attempt] : execution.attempts) {
    execution.steps[step].state = StepState::paused;
    change_step(execution, step);
    effect(FreezeAttempt{attempt.row.token});
  }
  change(execution);
  announce(ExecutionChanged{execution.row});
}

// Thaws; every time-out moves on by what the pause took. The instant of a retry stays: it was promised.
void Engine::Impl::resume(Execution& execution) {
  const Duration paused_for = now.boot - execution.paused_since;
  const auto move_on = [&](std::optional<BootTime>& at, std::optional<WallTime>& row_at) {
    if (!at) return;
    *at += paused_for;
    row_at = wall_at(*at);
  };
  execution.row.state = ExecutionState::running;
  execution.row.paused_at.reset();
  move_on(execution.deadline, execution.row.deadline_at);
  for (auto& [step, attempt] : execution.attempts) {
    move_on(attempt.deadline, attempt.row.deadline_at);
    move_on(attempt.kill, attempt.row.kill_at);
    execution.steps[step].state = StepState::running;
    change_step(execution, step);
    effect(ThawAttempt{attempt.row.token});
  }
  change(execution);
  announce(ExecutionChanged{execution.row});
}

void Engine::Impl::on(const RetryRequested& event) {
  const ExecutionId id = event.execution.id;
  if (find(id) != nullptr)
    return answer(event.request,
                  fail(ErrorCode::not_ended, "execution {} has not ended; only what has ended is retried", id));
  const ProcessDefinition& definition = *event.definition;
  std::string from = event.step.empty() ? event.execution.error_step : event.step;
  if (from.empty() && event.execution.state == ExecutionState::succeeded)
    return answer(event.request, fail(ErrorCode::invalid_argument,
                                      "execution {} succeeded; name the step to run again from (--step)", id));
  const auto first = std::find_if(definition.steps.begin(), definition.steps.end(),
                                  [&](const Step& step) { return step.name == from; });
  if (!from.empty() && first == definition.steps.end())
    return answer(event.request, fail(ErrorCode::no_such_step, "process '{}' has no step '{}'", definition.name, from));

  ExecutionRow row = event.execution;
  ++row.run;
  row.version = definition.version;
  row.state = ExecutionState::queued;
  row.queued_at = now.wall;
  row.started_at.reset();
  row.ended_at.reset();
  row.deadline_at.reset();
  row.reason.clear();
  row.error_step.clear();
  row.result = nullptr;
  // Whatever stands in the way is told before the row is changed: the ended run stays what it was.
  const ProcessState& process = processes[definition.name];
  if (definition.overlap == Overlap::skip && !(process.running.empty() && process.queue.empty())) {
    const ExecutionId other = process.running.empty() ? process.queue.begin()->second : *process.running.begin();
    return answer(event.request,
                  fail(ErrorCode::already_exists, "execution {} of '{}' is {}; wait for it, or cancel it", other,
                       definition.name, to_word(find(other)->row.state)));
  }
  if (std::string reason = apply_overlap(definition, id); !reason.empty())
    return answer(event.request, fail(ErrorCode::limit_exceeded, "{}", reason));

  Execution& execution = add(std::move(row), event.definition);
  for (StepRow& step : execution.steps) {
    if (from.empty() || step.name == from) break;
    const auto old =
        std::find_if(event.steps.begin(), event.steps.end(), [&](const StepRow& one) { return one.name == step.name; });
    const std::uint32_t place = step.step;
    if (old != event.steps.end()) step = *old;
    step.execution = id;
    step.run = execution.row.run;
    step.step = place;
    if (!is_ended(step.state)) step.state = StepState::skipped;
    change_step(execution, place);
  }
  audit(event.caller, "RetryExecution", definition.name, id, event.reason);
  enqueue(execution);
  answer(event.request, id);
}

// ---- What time brings

void Engine::Impl::strike(Execution& execution) {
  if (execution.deadline && *execution.deadline <= now.boot && !execution.row.ending) {
    const std::string running =
        execution.attempts.empty()
            ? ""
            : fmt::format(", in step '{}'", execution.steps[execution.attempts.begin()->first].name);
    const std::string reason =
        fmt::format("timed out after {}{}", format_duration(*execution.definition->timeout), running);
    if (!execution.attempts.empty()) execution.row.error_step = execution.steps[execution.attempts.begin()->first].name;
    return end_execution(execution, Outcome::timed_out, reason);
  }
  for (auto& [step, attempt] : execution.attempts) {
    if (attempt.kill && *attempt.kill <= now.boot) {
      effect(KillAttempt{attempt.row.token});
      attempt.kill.reset();
      attempt.deadline.reset();
    } else if (!attempt.kill && attempt.deadline && *attempt.deadline <= now.boot) {
      attempt.row.error =
          fmt::format("timed out after {}", format_duration(execution.definition->steps[step].timeout.value_or(
                                                settings.step_timeout.value_or(Duration{0}))));
      tell_to_end(execution, attempt, Outcome::timed_out);
    }
  }
  std::vector<std::uint32_t> again;
  for (const auto& [step, at] : execution.retries)
    if (at <= now.boot) again.push_back(step);
  for (const std::uint32_t step : again) {
    execution.retries.erase(step);
    execution.steps[step].retry_at.reset();
    start_attempt(execution, step);
  }
  advance(execution);
}

}  // namespace takt
