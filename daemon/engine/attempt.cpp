// One try of a step: its start, its end, the next try.
#include <fmt/core.h>

#include <algorithm>

#include "base/assert.h"
#include "engine/limits.h"
#include "engine/state.h"

namespace takt {

const Retry& Engine::Impl::retry_rule(const Step& step) const {
  return step.retry ? *step.retry : settings.retry;
}

bool Engine::Impl::runs_children(const Execution& execution, const AttemptRow& attempt) const {
  return attempt.kind == AttemptKind::undo || is_command(action_of(execution, attempt.step));
}

std::optional<Duration> Engine::Impl::timeout_of(const Execution& execution, const AttemptRow& attempt) const {
  const Step& step = execution.definition->steps[attempt.step];
  if (attempt.kind == AttemptKind::undo) return step.undo->timeout ? step.undo->timeout : settings.step_timeout;
  if (step.timeout) return step.timeout;
  const StepAction& action = action_of(execution, attempt.step);
  return waits(action) || std::holds_alternative<ProcessAction>(action) ? std::nullopt : settings.step_timeout;
}

// Starts the next attempt, whose slots are taken; ends it at once when what it needs cannot be had, or when it is done.
void Engine::Impl::start_attempt(Execution& execution, Unit unit, AttemptKind kind) {
  StepRow& row = execution.steps[unit.step];
  const bool of_item = !execution.definition->steps[unit.step].for_each.empty();
  RunningAttempt running;
  AttemptRow& attempt = running.row;
  attempt.execution = execution.row.id;
  attempt.run = execution.row.run;
  attempt.step = unit.step;
  attempt.kind = kind;
  if (of_item) attempt.item = unit.item;
  if (kind == AttemptKind::undo) {
    attempt.attempt = ++row.undo_tries;
    ++row.tries;
  } else {
    ++row.tries;
    ++row.attempts;
    attempt.attempt = row.attempts;
    enter_step(execution, unit.step, StepState::running);
  }
  // Of all the items' attempts the step counts each: a name is never used twice, whatever leads back to the step.
  attempt.token = fmt::format("{}.{}.{}.{}{}{}", attempt.execution, attempt.run, unit.step, attempt.attempt,
                              of_item ? fmt::format(".i{}", unit.item) : "", kind == AttemptKind::undo ? ".u" : "");
  if (of_item && kind == AttemptKind::step) {
    ItemRow& item = execution.items.at(unit.step).open.at(unit.item);
    attempt.attempt = ++item.attempts;
    item.state = StepState::running;
    item.retry_at.reset();
    record_part(execution, item);
  } else if (kind == AttemptKind::step) {
    row.error.clear();
    row.exit_code.reset();
    row.signal.reset();
  }
  attempt.started_at = now.wall;
  attempt.runner = runner;
  if (const auto timeout = timeout_of(execution, attempt)) {
    running.deadline = now.boot + *timeout;
    attempt.deadline_at = wall_at(*running.deadline);
  }
  change_step(execution, unit.step);
  change_attempt(execution, unit);
  tokens[attempt.token] = {execution.row.id, unit};
  RunningAttempt& started = execution.attempts.emplace(unit, std::move(running)).first->second;
  if (kind == AttemptKind::step && !of_item) announce(StepStarted{execution.row, row});
  begin_action(execution, unit, started);
}

// Asks those who do it; what cannot be asked, or is done at once, is settled here.
void Engine::Impl::begin_action(Execution& execution, Unit unit, RunningAttempt& attempt) {
  const auto refuse = [&](Error error) {
    attempt.row.error = bounded_message(std::move(error).message);
    settle_attempt(execution, unit, Outcome::failed, Value(), false);
  };
  if (runs_children(execution, attempt.row)) {
    auto spec = make_spec(execution, unit, attempt.row);
    if (!spec) return refuse(std::move(spec).error());
    return effect(StartAttempt{std::move(*spec)});
  }
  const StepAction& action = action_of(execution, unit.step);
  if (is_request(action)) {
    auto spec = make_action(execution, unit, attempt.row);
    if (!spec) return refuse(std::move(spec).error());
    return effect(StartAction{std::move(*spec)});
  }
  auto done = perform(execution, unit, attempt);
  if (!done) return;
  if (!*done) return refuse(std::move(*done).error());
  settle_attempt(execution, unit, Outcome::succeeded, std::move(**done), false);
}

void Engine::Impl::tell_to_end(Execution& execution, Unit unit, Outcome why) {
  RunningAttempt& attempt = execution.attempts.at(unit);
  if (attempt.row.ending) return;  // it was told
  attempt.row.ending = why;
  if (attempt.row.error.empty())
    attempt.row.error = why == Outcome::timed_out ? "the execution timed out" : "cancelled";
  change_attempt(execution, unit);
  if (runs_children(execution, attempt.row)) {
    const Kill& kill = execution.definition->steps[unit.step].kill;
    attempt.kill = now.boot + kill.grace;
    attempt.row.kill_at = wall_at(*attempt.kill);
    return effect(SignalAttempt{attempt.row.token, kill.signal});
  }
  if (Execution* child = nested_of(attempt.row.token))
    return end_execution(*child, Outcome::cancelled, fmt::format("execution {} is being ended", execution.row.id));
  if (is_request(action_of(execution, unit.step))) effect(StopAction{attempt.row.token});
  settle_attempt(execution, unit, why, Value(), false);
}

// An attempt has its outcome.
void Engine::Impl::settle_attempt(Execution& execution, Unit unit, Outcome outcome, Value result, bool retriable) {
  AttemptRow attempt = std::move(execution.attempts.at(unit).row);
  execution.attempts.erase(unit);
  execution.changed_attempts.erase(unit);
  tokens.erase(attempt.token);
  attempt.outcome = outcome;
  if (!attempt.ended_at) attempt.ended_at = now.wall;
  record_part(execution, attempt);
  if (outcome != Outcome::succeeded && !attempt.output_tail.empty()) execution.last_tail = attempt.output_tail;
  if (attempt.kind == AttemptKind::undo) return settle_undo(execution, attempt, outcome, retriable);
  if (const auto* waited = std::get_if<WaitAction>(&action_of(execution, unit.step)); waited && !waited->event.empty())
    listeners[waited->event].erase(attempt.token);
  give_slots(execution, unit.step);
  if (attempt.item) return settle_item(execution, attempt, outcome, std::move(result), retriable);
  settle_step(execution, attempt, outcome, std::move(result), retriable);
}

void Engine::Impl::settle_step(Execution& execution, const AttemptRow& attempt, Outcome outcome, Value result,
                               bool retriable) {
  StepRow& row = execution.steps[attempt.step];
  const Step& step = execution.definition->steps[attempt.step];
  row.exit_code = attempt.exit_code;
  row.signal = attempt.signal;
  row.error = attempt.error;
  change_step(execution, attempt.step);
  if (outcome == Outcome::succeeded) {
    row.result = std::move(result);
    Status kept = add_generated(execution, attempt.step);
    if (kept) kept = keep_result(execution, attempt.step);
    if (!kept) {
      execution.steps[attempt.step].error = bounded_message(std::move(kept).error().message);
      return end_step(execution, attempt.step, StepState::failed, attempt.output_tail);
    }
    return end_step(execution, attempt.step, StepState::succeeded, attempt.output_tail);
  }
  if (!retriable || winding_up(execution) || out_of_time(execution, attempt.step) ||
      !again(step, attempt, outcome, row.tries))
    return end_step(execution, attempt.step, step_state_of(outcome), attempt.output_tail);
  const Duration delay = retry_delay(retry_rule(step), row.tries, attempt.token);
  enter_step(execution, attempt.step, StepState::waiting);
  row.retry_at = now.wall + delay;
  execution.retries[{attempt.step, 0}] = now.boot + delay;
  announce(StepWaits{execution.row, row});
}

bool Engine::Impl::again(const Step& step, const AttemptRow& attempt, Outcome outcome, std::uint32_t tries) const {
  // Each interruption may be the step's own doing (it ends its runner, or the machine): it is not tried for ever.
  if (outcome == Outcome::interrupted)
    return step.on_interrupt == OnInterrupt::retry && tries < limits::interrupted_attempts;
  const Retry& rule = retry_rule(step);
  if (tries > static_cast<std::uint32_t>(rule.limit)) return false;
  if (std::find(rule.on.begin(), rule.on.end(), outcome) != rule.on.end()) return true;
  return outcome == Outcome::failed && attempt.exit_code &&
         std::find(rule.exit_codes.begin(), rule.exit_codes.end(), *attempt.exit_code) != rule.exit_codes.end();
}

}  // namespace takt
