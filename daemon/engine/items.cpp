// for_each: a step that runs once for each item of a list (takt.process(5), REPETITION).
#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "engine/limits.h"
#include "engine/state.h"

namespace takt {

// The list is made once: a run that goes on, or repeats one item, has the one it had.
Status Engine::Impl::begin_items(Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  StepRow& row = execution.steps[place];
  if (row.items.is_array()) return {};
  TAKT_ASSIGN(Value list, evaluator.evaluate(step.for_each, expression_context(execution, {place, 0})));
  if (list.is_object() && list.empty()) list = Value::array();  // Lua's empty table is both
  if (!list.is_array())
    return fail(ErrorCode::invalid_input, "{} gives {}, not a list", step.for_each, list.kind_name());
  if (list.size() > limits::items)
    return fail(ErrorCode::limit_exceeded, "{} gives {} items; a step takes at most {}", step.for_each, list.size(),
                limits::items);
  Items& items = execution.items[place];
  items = {};
  items.states.assign(list.size(), StepState::pending);
  items.tries.assign(list.size(), 0);
  items.results.assign(list.size(), nullptr);
  row.items = std::move(list);
  row.items_ended = row.items_failed = 0;
  row.items_stopped = false;
  return {};
}

// Starts as many as may run at once. Whether any was.
bool Engine::Impl::start_items(Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  bool any = false;
  while (true) {
    const auto at = execution.items.find(place);  // the last item that ends at once ends the step
    if (at == execution.items.end() || at->second.over || winding_up(execution)) return any;
    const StepRow& row = execution.steps[place];
    if (row.items_stopped || row.state != StepState::running) return any;  // an item is retried, and waits for its step
    Items& items = at->second;
    while (items.next < items.states.size() && items.states[items.next] != StepState::pending) ++items.next;
    if (items.next == items.states.size() || items.open.size() >= step.max_parallel) return any;
    if (execution.pool_waits.contains(place) || !take_slots(execution, place)) return any;
    const std::uint32_t item = items.next++;
    items.open[item] = item_row(execution, {place, item});
    items.states[item] = StepState::running;
    start_attempt(execution, {place, item}, AttemptKind::step);
    any = true;
  }
}

void Engine::Impl::settle_item(Execution& execution, const AttemptRow& attempt, Outcome outcome, Value result,
                               bool retriable) {
  const Unit unit{attempt.step, *attempt.item};
  const Step& step = execution.definition->steps[unit.step];
  Items& items = execution.items.at(unit.step);
  ItemRow& row = items.open.at(unit.item);
  row.error = attempt.error;
  StepRow& whole = execution.steps[unit.step];
  change_step(execution, unit.step);
  if (outcome == Outcome::succeeded) {
    end_item(execution, unit, StepState::succeeded, std::move(result));
  } else if (retriable && !winding_up(execution) && !whole.items_stopped &&
             again(step, attempt, outcome, row.attempts)) {
    const Duration delay = retry_delay(retry_rule(step), row.attempts, attempt.token);
    row.state = StepState::waiting;
    row.retry_at = now.wall + delay;
    execution.retries[unit] = now.boot + delay;
    record_part(execution, row);
  } else {
    whole.exit_code = attempt.exit_code;
    whole.signal = attempt.signal;
    end_item(execution, unit, step_state_of(outcome), nullptr);
    if (step.fail_fast.value_or(execution.definition->fail_fast)) stop_items(execution, unit.step, Outcome::cancelled);
  }
  end_items(execution, unit.step, attempt.output_tail);
}

void Engine::Impl::end_item(Execution& execution, Unit unit, StepState state, Value result) {
  Items& items = execution.items.at(unit.step);
  ItemRow row = std::move(items.open.at(unit.item));
  items.open.erase(unit.item);
  row.state = state;
  row.retry_at.reset();
  row.result = std::move(result);
  items.states[unit.item] = state;
  items.tries[unit.item] = row.attempts;
  StepRow& whole = execution.steps[unit.step];
  ++whole.items_ended;
  change_step(execution, unit.step);
  if (state != StepState::succeeded && state != StepState::cancelled) {
    ++whole.items_failed;
    if (!items.first_failed || unit.item < *items.first_failed) {
      items.first_failed = unit.item;
      items.first_error = row.error;
    }
  }
  items.results[unit.item] = row.result;
  record_part(execution, std::move(row));
  announce_progress(execution);
}

// No more of them start, and those that are under way end.
void Engine::Impl::stop_items(Execution& execution, std::uint32_t place, Outcome why) {
  const auto at = execution.items.find(place);
  if (at == execution.items.end() || at->second.over) return;
  execution.steps[place].items_stopped = true;
  change_step(execution, place);
  std::vector<std::uint32_t> open;
  for (const auto& [item, row] : at->second.open) open.push_back(item);
  for (const std::uint32_t item : open) {
    const Unit unit{place, item};
    if (execution.retries.erase(unit) != 0)
      end_item(execution, unit, step_state_of(why), nullptr);
    else if (execution.attempts.contains(unit))
      tell_to_end(execution, unit, why);
  }
}

// Ends the step when none of its items runs or is still to be run.
void Engine::Impl::end_items(Execution& execution, std::uint32_t place, const std::string& tail) {
  const auto at = execution.items.find(place);
  if (at == execution.items.end() || at->second.over || !at->second.open.empty()) return;
  Items& items = at->second;
  StepRow& row = execution.steps[place];
  const bool all = row.items_ended == items.states.size();
  if (!all && !row.items_stopped) return;
  items.over = true;
  Value list(items.results);
  std::string error;
  StepState state = StepState::succeeded;
  if (const std::size_t size = value_text(list).size(); size > limits::value_bytes) {
    error = fmt::format("the results of its items are {} bytes of JSON; a step keeps at most {}", size,
                        limits::value_bytes);
    state = StepState::failed;
  } else {
    row.result = std::move(list);
    items.results.clear();  // an undo finds them there
  }
  const bool good =
      std::all_of(items.states.begin(), items.states.end(), [](StepState one) { return one == StepState::succeeded; });
  const bool timed_out = out_of_time(execution, place) || execution.row.ending == Outcome::timed_out;
  if (!good && timed_out) {
    state = StepState::timed_out;
    error = row.error;
  } else if (items.first_failed) {
    state = StepState::failed;
    error = fmt::format("item {}: {}", *items.first_failed, items.first_error);
    if (all && row.items_failed > 1)
      error = fmt::format("{} of {} items failed; the first is {}", row.items_failed, items.states.size(), error);
  } else if (!good) {
    state = StepState::cancelled;
  }
  row.error = bounded_message(std::move(error));
  if (state == StepState::succeeded) {
    if (const Status kept = keep_result(execution, place); !kept) {
      row.error = bounded_message(kept.error().message);
      state = StepState::failed;
    }
  }
  end_step(execution, place, state, tail);
}

// The row of an item that is not open: as it ended, or as it will begin.
ItemRow Engine::Impl::item_row(const Execution& execution, Unit unit) const {
  const StepRow& step = execution.steps[unit.step];
  const Items& items = execution.items.at(unit.step);
  ItemRow row;
  row.execution = step.execution;
  row.run = step.run;
  row.step = unit.step;
  row.item = unit.item;
  row.state = items.states[unit.item];
  row.attempts = items.tries[unit.item];
  if (row.state != StepState::pending)
    row.result = items.results.empty() ? step.result[unit.item] : items.results[unit.item];
  row.to_undo = items.to_undo.contains(unit.item);
  return row;
}

// Puts the items of a run where they stood.
void Engine::Impl::take_items(Execution& execution, const std::vector<ItemRow>& rows) {
  for (const StepRow& step : execution.steps) {
    if (!step.items.is_array()) continue;
    Items& items = execution.items[step.step];
    items.states.assign(step.items.size(), StepState::pending);
    items.tries.assign(step.items.size(), 0);
    items.results.assign(step.items.size(), nullptr);
    items.over = is_ended(step.state);
  }
  for (const ItemRow& row : rows) {
    const auto at = execution.items.find(row.step);
    if (row.run != execution.row.run || at == execution.items.end()) continue;
    Items& items = at->second;
    if (row.item >= items.states.size()) continue;
    items.states[row.item] = row.state;
    items.tries[row.item] = row.attempts;
    items.results[row.item] = row.result;
    if (row.to_undo) items.to_undo.insert(row.item);
    if (row.state == StepState::pending) continue;
    if (!is_ended(row.state)) {
      items.open[row.item] = row;
    } else if (!ended_well(row.state) && row.state != StepState::cancelled && row.state != StepState::undone &&
               (!items.first_failed || row.item < *items.first_failed)) {
      items.first_failed = row.item;
      items.first_error = row.error;
    }
  }
}

}  // namespace takt
