// What may start, and where a step's end leads: the order of takt.process(5), which the definition has as places.
#include <fmt/core.h>

#include <algorithm>
#include <deque>

#include "base/assert.h"
#include "engine/state.h"
#include "engine/transitions.h"

namespace takt {

void Engine::Impl::enter_step(Execution& execution, std::uint32_t place, StepState state) {
  StepRow& row = execution.steps[place];
  if (row.state == state) return;
  TAKT_ASSERT(may_follow(row.state, state));
  row.state = state;
  change_step(execution, place);
}

// Whether what comes after this step may come.
bool Engine::Impl::well(const Execution& execution, std::uint32_t place) const {
  const StepRow& row = execution.steps[place];
  const Step& step = execution.definition->steps[place];
  if (ended_well(row.state)) return true;
  return is_ended(row.state) && row.state != StepState::cancelled && step.continue_on_failure && !step.on_failure;
}

bool Engine::Impl::may_start(const Execution& execution, std::uint32_t place) const {
  const StepRow& row = execution.steps[place];
  const Step& step = execution.definition->steps[place];
  if (row.state != StepState::pending || execution.pool_waits.contains(place)) return false;
  if (execution.row.phase == Phase::finally) {
    if (!step.finally) return false;
    for (std::uint32_t before = 0; before < place; ++before)  // one after another
      if (execution.definition->steps[before].finally && !is_ended(execution.steps[before].state)) return false;
    return true;
  }
  if (step.finally) return false;
  if (row.routed) return true;
  if (step.routed) return false;
  return std::all_of(step.after.begin(), step.after.end(), [&](std::uint32_t one) { return well(execution, one); });
}

// Starts all that may start. Whether anything was.
bool Engine::Impl::start_ready(Execution& execution) {
  bool any = false;
  for (std::uint32_t place = 0; place < execution.steps.size() && !winding_up(execution); ++place) {
    const bool started = may_start(execution, place) ? begin_step(execution, place) : start_items(execution, place);
    any = any || started;
  }
  return any;
}

// Starts what has waited for its next attempt, when its time has come and its pool has room.
void Engine::Impl::start_retries(Execution& execution) {
  std::vector<Unit> ready_now;
  for (const auto& [unit, at] : execution.retries)
    if (at <= now.boot && !execution.pool_waits.contains(unit.step)) ready_now.push_back(unit);
  for (const Unit unit : ready_now) {
    if (!execution.retries.contains(unit)) continue;  // what was started before it has ended it
    if (!undoing(execution) && !take_slots(execution, unit.step)) continue;
    execution.retries.erase(unit);
    execution.steps[unit.step].retry_at.reset();
    start_attempt(execution, unit, undoing(execution) ? AttemptKind::undo : AttemptKind::step);
  }
}

// False: it waits for slots of its pool, and nothing has changed.
bool Engine::Impl::begin_step(Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  StepRow& row = execution.steps[place];
  const auto enter_visit = [&] {
    ++row.visits;
    row.tries = 0;
    row.routed = false;
    row.started_at = now.wall;
    if (step.total_timeout) {
      execution.step_deadlines[place] = now.boot + *step.total_timeout;
      row.deadline_at = now.wall + *step.total_timeout;
    }
    change_step(execution, place);
  };
  const auto end_at_once = [&](StepState state) {
    enter_visit();
    end_step(execution, place, state, "");
    return true;
  };
  const auto refuse = [&](std::string_view what, const Error& error) {
    row.error = bounded_message(fmt::format("{}: {}", what, error.message));
    return end_at_once(StepState::failed);
  };
  const Value context = expression_context(execution, {place, 0});
  if (!step.when.empty()) {
    const auto guard = evaluator.test(step.when, context);
    if (!guard) return refuse("when", guard.error());
    if (!*guard) return end_at_once(StepState::skipped);
  }
  if (step.cache) {
    const auto key = evaluator.expand(step.cache->key, context);
    if (!key) return refuse("cache", key.error());
    if (const CacheRow* kept = find_cached(execution.row.process, step.name, *key)) {
      row.result = kept->result;
      return end_at_once(StepState::cached);
    }
  }
  auto variant = choose_variant(execution, place);
  if (!variant) return refuse("variant_key", variant.error());
  if (!step.for_each.empty()) {
    if (const Status begun = begin_items(execution, place); !begun) return refuse("for_each", begun.error());
  } else if (!take_slots(execution, place)) {
    return false;
  }
  row.variant = *std::move(variant);
  enter_visit();
  if (step.for_each.empty()) {
    start_attempt(execution, {place, 0}, AttemptKind::step);
    return true;
  }
  row.error.clear();
  enter_step(execution, place, StepState::running);
  announce(StepStarted{execution.row, row});
  start_items(execution, place);
  end_items(execution, place, "");  // of an empty list
  return true;
}

void Engine::Impl::end_step(Execution& execution, std::uint32_t place, StepState state, const std::string& tail) {
  StepRow& row = execution.steps[place];
  const Step& step = execution.definition->steps[place];
  enter_step(execution, place, state);
  row.ended_at = now.wall;
  row.retry_at.reset();
  row.deadline_at.reset();
  row.waits_until.reset();
  execution.step_deadlines.erase(place);
  stop_waiting(execution, place);
  std::uint32_t order = 0;
  for (const StepRow& other : execution.steps)
    if (other.order) order = std::max(order, *other.order + 1);
  row.order = order;
  change_step(execution, place);
  announce(StepFinished{execution.row, row, tail});
  announce_progress(execution);
  if (winding_up(execution)) return;
  const bool good = well(execution, place);
  if (good && step.on_success) return take_route(execution, place, *step.on_success, true);
  if (good || state == StepState::cancelled) return;
  if (step.on_failure) return take_route(execution, place, *step.on_failure, false);
  if (step.continue_on_failure) return;
  const std::string tries = row.tries > 1 ? fmt::format(" ({} attempts)", row.tries) : "";
  fail_execution(execution, place, fmt::format("step '{}' {}: {}{}", row.name, to_word(state), row.error, tries));
}

void Engine::Impl::take_route(Execution& execution, std::uint32_t from, const Route& route, bool good) {
  if (!route.end) return visit(execution, route.step);
  if (!good) {
    const StepRow& row = execution.steps[from];
    execution.row.error_step = row.name;
    execution.row.reason = bounded_message(fmt::format("step '{}' {}: {}", row.name, to_word(row.state), row.error));
  }
  execution.row.ending = good ? Outcome::succeeded : Outcome::failed;
  change(execution);
  stop_all(execution, Outcome::cancelled);
}

// A route has led to this step.
void Engine::Impl::visit(Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  StepRow& row = execution.steps[place];
  if (!is_ended(row.state)) {
    if (row.state == StepState::pending) row.routed = true;
    return change_step(execution, place);
  }
  if (step.max_visits == 1) return;  // a join of two routes: it ran for the first
  if (row.visits >= step.max_visits)
    return fail_execution(execution, place,
                          fmt::format("step '{}' would be visited {} times; max_visits is {}", row.name, row.visits + 1,
                                      step.max_visits));
  for (const std::uint32_t again : downstream(*execution.definition, place)) {
    StepRow& one = execution.steps[again];
    if (!is_ended(one.state)) continue;
    enter_step(execution, again, StepState::pending);
    one.result = nullptr;
    if (const auto items = execution.items.find(again); items != execution.items.end()) {
      for (std::uint32_t item = 0; item < items->second.states.size(); ++item)  // those of this visit are over
        if (items->second.states[item] != StepState::pending)
          record(ItemRow{one.execution, one.run, again, item, StepState::pending, 0, {}, "", nullptr, false});
      execution.items.erase(items);
    }
    one.items = nullptr;
    one.items_ended = one.items_failed = 0;
    one.items_stopped = false;
    one.error.clear();
    one.exit_code.reset();
    one.signal.reset();
    one.ended_at.reset();
    one.order.reset();
    one.routed = false;
    change_step(execution, again);
  }
  row.routed = true;
}

// The step and all that its end may lead to.
std::set<std::uint32_t> downstream(const ProcessDefinition& definition, std::uint32_t place) {
  std::set<std::uint32_t> found{place};
  std::deque<std::uint32_t> open{place};
  const auto add = [&](std::uint32_t one) {
    if (found.insert(one).second) open.push_back(one);
  };
  while (!open.empty()) {
    const std::uint32_t from = open.front();
    open.pop_front();
    const Step& step = definition.steps[from];
    for (const auto& route : {step.on_success, step.on_failure})
      if (route && !route->end) add(route->step);
    for (std::uint32_t other = 0; other < definition.steps.size(); ++other) {
      const auto& after = definition.steps[other].after;
      if (std::find(after.begin(), after.end(), from) != after.end()) add(other);
    }
  }
  return found;
}

}  // namespace takt
