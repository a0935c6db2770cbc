// Taking back: of an execution that did not succeed, and of an ended one when somebody asks (takt.process(5), UNDO).
// One after another, in reverse order of the ends; what is still to be undone is in the rows, so that nothing is undone
// twice and nothing is left out, whatever dies.
#include <fmt/core.h>

#include <algorithm>

#include "engine/state.h"

namespace takt {

// Marks all that is to be undone: what succeeded and has `undo`; with `after`, what ended later than the step at that
// place. Whether there is any.
bool Engine::Impl::plan_undo(Execution& execution, std::optional<std::uint32_t> after) {
  bool any = false;
  for (StepRow& row : execution.steps) {
    const Step& step = execution.definition->steps[row.step];
    const auto items = execution.items.find(row.step);
    const bool whole = row.state == StepState::succeeded;
    // Of a step that failed, the items that succeeded stand as well.
    const bool some = items != execution.items.end() && is_ended(row.state) &&
                      std::count(items->second.states.begin(), items->second.states.end(), StepState::succeeded) > 0;
    if (!step.undo || !row.order || !(step.for_each.empty() ? whole : some)) continue;
    if (after && *row.order <= execution.steps[*after].order.value_or(0)) continue;
    any = true;
    row.to_undo = true;
    change_step(execution, row.step);
    if (step.for_each.empty()) continue;
    for (std::uint32_t item = 0; item < items->second.states.size(); ++item) {
      if (items->second.states[item] != StepState::succeeded) continue;
      items->second.to_undo.insert(item);
      record(item_row(execution, {row.step, item}));
    }
  }
  return any;
}

// The last to have ended of those still to be undone.
std::optional<Unit> Engine::Impl::next_undo(const Execution& execution) {
  const StepRow* last = nullptr;
  for (const StepRow& row : execution.steps)
    if (row.to_undo && (last == nullptr || *row.order > *last->order)) last = &row;
  if (last == nullptr) return std::nullopt;
  const auto items = execution.items.find(last->step);
  if (items == execution.items.end() || items->second.to_undo.empty()) return Unit{last->step, 0};
  return Unit{last->step, *items->second.to_undo.rbegin()};
}

void Engine::Impl::start_undo(Execution& execution) {
  while (execution.attempts.empty() && execution.retries.empty()) {
    const auto next = next_undo(execution);
    if (!next) return;
    execution.steps[next->step].tries = 0;
    start_attempt(execution, *next, AttemptKind::undo);  // one that cannot start has ended already
  }
}

void Engine::Impl::settle_undo(Execution& execution, const AttemptRow& attempt, Outcome outcome, bool retriable) {
  const Unit unit{attempt.step, attempt.item.value_or(0)};
  const Step& step = execution.definition->steps[unit.step];
  StepRow& row = execution.steps[unit.step];
  change_step(execution, unit.step);
  const bool good = outcome == Outcome::succeeded;
  if (!good && retriable && again(step, attempt, outcome, row.tries)) {
    const Duration delay = retry_delay(retry_rule(step), row.tries, attempt.token);
    row.retry_at = now.wall + delay;
    execution.retries[unit] = now.boot + delay;
    return;
  }
  const auto items = execution.items.find(unit.step);
  if (!attempt.item) {
    row.to_undo = false;
    if (good)
      enter_step(execution, unit.step, StepState::undone);
    else
      row.error = bounded_message(fmt::format("undo: {}", attempt.error));
  } else {
    items->second.to_undo.erase(unit.item);
    if (good) items->second.states[unit.item] = StepState::undone;
    ItemRow item = item_row(execution, unit);
    if (!good) {
      item.error = bounded_message(fmt::format("undo: {}", attempt.error));
      row.error = bounded_message(fmt::format("undo: item {}: {}", unit.item, attempt.error));
    }
    record(std::move(item));
    if (!items->second.to_undo.empty()) return;
    row.to_undo = false;
    const auto& states = items->second.states;
    const bool left = std::find(states.begin(), states.end(), StepState::succeeded) != states.end();
    if (!left && row.state == StepState::succeeded) enter_step(execution, unit.step, StepState::undone);
  }
  announce(StepFinished{execution.row, row, attempt.output_tail});
}

void Engine::Impl::on(const RollbackRequested& event) {
  const ExecutionId id = event.execution.id;
  if (find(id) != nullptr)
    return answer(event.request,
                  fail(ErrorCode::not_ended, "execution {} has not ended; cancel it, and its steps are undone", id));
  std::optional<std::uint32_t> after;
  for (const StepRow& step : event.steps)
    if (step.name == event.to) after = step.step;
  if (!event.to.empty() && !after)
    return answer(event.request, fail(ErrorCode::no_such_step, "execution {} has no step '{}'", id, event.to));
  const ExecutionRow before = event.execution;
  Execution& execution = add(before, event.definition);
  take_steps(execution, event.steps);
  take_items(execution, event.items);
  if (!plan_undo(execution, after)) {
    live.erase(id);
    return answer(event.request, fail(ErrorCode::invalid_argument,
                                      "execution {} has nothing to undo: no step{} that succeeded has `undo`", id,
                                      after ? fmt::format(" after '{}'", event.to) : ""));
  }
  ExecutionRow& row = execution.row;
  row.ending = outcome_of(row.state);
  row.phase = Phase::rollback;
  row.deadline_at.reset();
  row.ended_at.reset();
  row.reason = bounded_message(
      fmt::format("{}{}rolled back by uid {}", row.reason, row.reason.empty() ? "" : "; ", event.caller.uid));
  enter(execution, ExecutionState::running);
  occupy(execution);
  audit(event.caller, "RollbackExecution", row.process, id, event.to);
  announce(ExecutionChanged{row});
  answer(event.request, id);
  advance(execution);
}

}  // namespace takt
