// An execution from its first step to its end: which step is next, pause, resume, cancel, time-out, retry.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "engine/state.h"
#include "engine/transitions.h"

namespace takt {

void Engine::Impl::enter(Execution& execution, ExecutionState state) {
  if (execution.row.state == state) return;
  TAKT_ASSERT(may_follow(execution.row.state, state));
  execution.row.state = state;
  change(execution);
}

// Runs what may run now, and ends the execution when nothing is left to do or to wait for. A pause holds only what is
// still to be done. Whoever calls it must not use the execution afterwards without finding it again.
void Engine::Impl::advance(Execution& execution) {
  if (execution.row.state != ExecutionState::running) return;
  do {
    start_retries(execution);
    if (undoing(execution))
      start_undo(execution);
    else
      while (start_ready(execution)) {
      }
    if (!execution.attempts.empty() || !execution.retries.empty() || !execution.pool_waits.empty()) return;
  } while (next_phase(execution));
  finish(execution, execution_state_of(*execution.row.ending));
}

// Nothing is left of this phase: goes to the next one. False: there is none.
bool Engine::Impl::next_phase(Execution& execution) {
  ExecutionRow& row = execution.row;
  change(execution);
  switch (row.phase) {
    case Phase::steps:
      if (!row.ending) row.ending = row.error_step.empty() ? Outcome::succeeded : Outcome::failed;
      if (*row.ending != Outcome::succeeded && row.undo && plan_undo(execution, std::nullopt)) {
        row.phase = Phase::undo;
        return true;
      }
      row.phase = Phase::finally;
      return true;
    case Phase::undo:
      row.phase = Phase::finally;
      return true;
    case Phase::finally:
    case Phase::rollback:
      return false;
  }
  TAKT_ASSERT(false);
}

// Ends a live execution early: at once when nothing of it runs, else when its children have gone. Its undo and its
// finally follow; while they run, only a person ends what runs of them, and the rest of them goes on.
void Engine::Impl::end_execution(Execution& execution, Outcome outcome, std::string reason, bool by_person) {
  if (execution.row.phase == Phase::steps) {
    if (execution.row.ending) return;  // the first reason stands
    execution.row.ending = outcome;
    execution.row.reason = bounded_message(std::move(reason));
    change(execution);
    if (execution.row.state == ExecutionState::queued) return finish(execution, execution_state_of(outcome));
  } else if (!by_person) {
    return;
  }
  stop_all(execution, outcome);
  if (!execution.attempts.empty()) announce(ExecutionChanged{execution.row});
  advance(execution);
}

// A step failed, and nothing handles it.
void Engine::Impl::fail_execution(Execution& execution, std::uint32_t place, std::string reason) {
  ExecutionRow& row = execution.row;
  change(execution);
  if (row.phase == Phase::finally) {
    if (*row.ending != Outcome::succeeded) return;
    row.ending = Outcome::failed;
  }
  if (row.error_step.empty()) {
    row.error_step = execution.steps[place].name;
    row.reason = bounded_message(std::move(reason));
  }
  if (row.phase == Phase::finally || !execution.definition->fail_fast) return;
  row.ending = Outcome::failed;
  stop_all(execution, Outcome::cancelled);
}

// Ends all that runs or waits of it. An undo that failed is tried again, whatever people say.
void Engine::Impl::stop_all(Execution& execution, Outcome why) {
  if (execution.row.state == ExecutionState::paused) resume(execution);  // first: a grace owes nothing to the pause
  stop_waiting(execution);
  std::vector<std::uint32_t> repeated;
  for (const auto& [place, items] : execution.items)
    if (!items.over && execution.steps[place].state != StepState::pending) repeated.push_back(place);
  if (!undoing(execution)) {
    std::vector<std::uint32_t> waiting;
    for (const auto& [unit, at] : execution.retries)
      if (execution.steps[unit.step].state == StepState::waiting) waiting.push_back(unit.step);
    for (const std::uint32_t place : waiting) {
      execution.retries.erase({place, 0});
      end_step(execution, place, step_state_of(why), "");
    }
    for (const std::uint32_t place : repeated) {
      stop_items(execution, place, why);
      end_items(execution, place, "");
    }
  }
  std::vector<Unit> running;
  for (const auto& [unit, attempt] : execution.attempts) running.push_back(unit);
  for (const Unit unit : running)
    if (execution.attempts.contains(unit)) tell_to_end(execution, unit, why);
}

void Engine::Impl::finish(Execution& execution, ExecutionState state) {
  TAKT_ASSERT(execution.attempts.empty());
  std::optional<std::uint32_t> last;
  for (StepRow& step : execution.steps) {
    if (is_ended(step.state)) {
      const bool counts = (step.state == StepState::succeeded || step.state == StepState::cached) &&
                          !step.result.is_null() && !execution.definition->steps[step.step].finally;
      if (counts && (!last || step.order >= execution.steps[*last].order)) last = step.step;
      continue;
    }
    enter_step(execution, step.step, StepState::skipped);  // a step that the execution did not come to
    step.routed = false;
    step.error = state == ExecutionState::succeeded ? "nothing led to it" : "the execution ended before it";
    if (!execution.row.started_at) execution.changed_steps.erase(step.step);
  }
  if (last) execution.row.result = execution.steps[*last].result;
  leave(execution);
  enter(execution, state);
  execution.row.ended_at = now.wall;
  execution.row.ending.reset();
  execution.row.paused_at.reset();
  execution.changed = true;
  collect(execution);
  std::string tail;
  if (state != ExecutionState::succeeded) tail = std::move(execution.last_tail);
  announce(ExecutionFinished{execution.row, std::move(tail)});
  if (!after_triggers.empty() && execution.row.phase != Phase::rollback) ended.push_back(execution.row);
  if (execution.row.parent) ended_nested.push_back(execution.row);
  if (execution.row.parent) nested.erase(execution.row.parent_token);
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
      if (!event.undo) forbid_undo(*execution);
      std::string reason = fmt::format("cancelled by uid {}", event.caller.uid);
      if (!event.reason.empty()) reason += ": " + event.reason;
      end_execution(*execution, Outcome::cancelled, std::move(reason), true);
      method = "CancelExecution";
      break;
    }
  }
  audit(event.caller, method, process, event.execution, event.reason);
  answer(event.request, event.execution);
}

// Of it, and of all that its steps have started.
void Engine::Impl::forbid_undo(Execution& execution) {
  execution.row.undo = false;
  change(execution);
  for (const auto& [unit, attempt] : execution.attempts)
    if (Execution* child = nested_of(attempt.row.token)) forbid_undo(*child);
}

void Engine::Impl::pause(Execution& execution) {
  enter(execution, ExecutionState::paused);
  execution.row.paused_at = now.wall;
  execution.paused_since = now.boot;
  stop_waiting(execution);
  for (const auto& [unit, attempt] : execution.attempts) {
    if (execution.steps[unit.step].state == StepState::running) enter_step(execution, unit.step, StepState::paused);
    if (runs_children(execution, attempt.row)) effect(FreezeAttempt{attempt.row.token});
    if (Execution* child = nested_of(attempt.row.token))
      if (child->row.state == ExecutionState::running && !child->row.ending) pause(*child);
  }
  announce(ExecutionChanged{execution.row});
}

// Thaws; every time-out moves on by what the pause took. The instant of a retry or a wait stays: it was promised.
void Engine::Impl::resume(Execution& execution) {
  const Duration paused_for = now.boot - execution.paused_since;
  const auto move_on = [&](std::optional<BootTime>& at, std::optional<WallTime>& row_at) {
    if (!at) return;
    *at += paused_for;
    row_at = wall_at(*at);
  };
  enter(execution, ExecutionState::running);
  for (const StepRow& step : execution.steps)
    if (step.state == StepState::paused) enter_step(execution, step.step, StepState::running);
  execution.row.paused_at.reset();
  move_on(execution.deadline, execution.row.deadline_at);
  for (auto& [place, at] : execution.step_deadlines) {
    at += paused_for;
    execution.steps[place].deadline_at = wall_at(at);
    change_step(execution, place);
  }
  for (auto& [unit, attempt] : execution.attempts) {
    if (execution.steps[unit.step].state != StepState::waiting) {
      move_on(attempt.deadline, attempt.row.deadline_at);
      move_on(attempt.kill, attempt.row.kill_at);
    }
    change_attempt(execution, unit);
    if (runs_children(execution, attempt.row)) effect(ThawAttempt{attempt.row.token});
  }
  announce(ExecutionChanged{execution.row});
  std::vector<Execution*> children;
  for (const auto& [unit, attempt] : execution.attempts)
    if (Execution* child = nested_of(attempt.row.token))
      if (child->row.state == ExecutionState::paused) children.push_back(child);
  for (Execution* child : children) {
    resume(*child);
    advance(*child);
  }
}

// ---- What time brings

void Engine::Impl::strike(Execution& execution) {
  if (execution.row.state == ExecutionState::queued) return strike_queued(execution);
  if (execution.deadline && *execution.deadline <= now.boot && execution.row.phase == Phase::steps &&
      !execution.row.ending) {
    std::string running;
    for (const auto& [unit, attempt] : execution.attempts) {
      const std::string& name = execution.steps[unit.step].name;
      if (running.empty()) execution.row.error_step = name;
      if (running.find(fmt::format("'{}'", name)) == std::string::npos)
        running += fmt::format("{}'{}'", running.empty() ? ", in step " : ", ", name);
    }
    return end_execution(execution, Outcome::timed_out,
                         fmt::format("timed out after {}{}", format_duration(*execution.definition->timeout), running));
  }
  for (const auto& [place, at] : std::map(execution.step_deadlines))
    if (at <= now.boot && execution.step_deadlines.contains(place)) strike_step(execution, place);
  std::vector<Unit> running;
  for (const auto& [unit, attempt] : execution.attempts) running.push_back(unit);
  for (const Unit unit : running)
    if (execution.attempts.contains(unit)) strike_attempt(execution, unit);
  advance(execution);
}

// All its attempts together have taken too long.
void Engine::Impl::strike_step(Execution& execution, std::uint32_t place) {
  StepRow& row = execution.steps[place];
  const Step& step = execution.definition->steps[place];
  const std::string error = fmt::format("timed out after {} in all", format_duration(*step.total_timeout));
  if (!step.for_each.empty()) {
    row.error = error;
    stop_items(execution, place, Outcome::timed_out);
    return end_items(execution, place, "");
  }
  if (execution.retries.erase({place, 0}) != 0) {
    row.error = error;
    return end_step(execution, place, StepState::timed_out, "");
  }
  const auto attempt = execution.attempts.find({place, 0});
  if (attempt == execution.attempts.end()) return;
  if (!attempt->second.row.ending) attempt->second.row.error = error;
  tell_to_end(execution, {place, 0}, Outcome::timed_out);
}

void Engine::Impl::strike_attempt(Execution& execution, Unit unit) {
  RunningAttempt& attempt = execution.attempts.at(unit);
  if (attempt.kill && *attempt.kill <= now.boot) {
    effect(KillAttempt{attempt.row.token});
    attempt.kill.reset();
    attempt.deadline.reset();
  } else if (!attempt.kill && attempt.deadline && *attempt.deadline <= now.boot) {
    if (attempt.row.kind == AttemptKind::step && waits(action_of(execution, unit.step)))
      return end_of_wait(execution, unit);
    attempt.row.error = fmt::format("timed out after {}", format_duration(*timeout_of(execution, attempt.row)));
    attempt.deadline.reset();
    tell_to_end(execution, unit, Outcome::timed_out);
  }
}

}  // namespace takt
