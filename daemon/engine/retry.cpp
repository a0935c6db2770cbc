// An ended execution goes on, as a new run: from the step that failed, from another, or with one item of a for_each.
#include <fmt/core.h>

#include <algorithm>

#include "engine/state.h"

namespace takt {

namespace {

std::optional<std::uint32_t> place_of(const ProcessDefinition& definition, const std::string& name) {
  for (std::uint32_t place = 0; place < definition.steps.size(); ++place)
    if (definition.steps[place].name == name) return place;
  return std::nullopt;
}

const StepRow* row_of(const std::vector<StepRow>& rows, const std::string& name) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const StepRow& row) { return row.name == name; });
  return at == rows.end() ? nullptr : &*at;
}

bool leads_to(const Step& step, std::uint32_t place) {
  const auto there = [&](const std::optional<Route>& route) { return route && !route->end && route->step == place; };
  return there(step.on_success) || there(step.on_failure);
}

// The step, or an item of it.
bool was_undone(const StepRow& step, const std::vector<ItemRow>& items) {
  return step.state == StepState::undone || std::any_of(items.begin(), items.end(), [&](const ItemRow& item) {
           return item.step == step.step && item.state == StepState::undone;
         });
}

ExecutionRow next_run(ExecutionRow row, const std::string& version, WallTime now) {
  ++row.run;
  row.version = version;
  row.state = ExecutionState::queued;
  row.queued_at = now;
  row.started_at.reset();
  row.ended_at.reset();
  row.deadline_at.reset();
  row.reason.clear();
  row.error_step.clear();
  row.result = nullptr;
  row.phase = Phase::steps;
  row.undo = true;
  row.parent.reset();  // the step that waited for it has gone on without it
  row.parent_token.clear();
  row.depth = 0;
  return row;
}

}  // namespace

void Engine::Impl::on(const RetryRequested& event) {
  const ExecutionId id = event.execution.id;
  const auto refuse = [&](ErrorCode code, std::string why) {
    answer(event.request, tl::unexpected(Error{code, std::move(why)}));
  };
  if (find(id) != nullptr)
    return refuse(ErrorCode::not_ended, fmt::format("execution {} has not ended; only what has ended is retried", id));
  const std::string from = event.step.empty() ? event.execution.error_step : event.step;
  if (from.empty() && event.execution.state == ExecutionState::succeeded)
    return refuse(ErrorCode::invalid_argument,
                  fmt::format("execution {} succeeded; name the step to run again from (--step)", id));
  // What was generated is there to be retried, too.
  auto whole = std::make_unique<Execution>();
  whole->row = event.execution;
  whole->definition = event.definition;
  add_step_rows(*whole);
  take_steps(*whole, event.steps);
  const ProcessDefinition& definition = *whole->definition;
  const auto first = place_of(definition, from);
  if (!from.empty() && !first)
    return refuse(ErrorCode::no_such_step, fmt::format("process '{}' has no step '{}'", definition.name, from));
  if (event.item) {
    const StepRow* row = row_of(event.steps, from);
    if (row == nullptr || !row->items.is_array() || *event.item >= row->items.size() ||
        definition.steps[*first].for_each.empty())
      return refuse(ErrorCode::invalid_argument,
                    fmt::format("step '{}' of execution {} has no item {}", from, id, *event.item));
  }
  // Whatever stands in the way is told before the row is changed: the ended run stays what it was.
  const ProcessState& process = processes[definition.name];
  if (definition.overlap == Overlap::skip && !(process.running.empty() && process.queue.empty())) {
    const ExecutionId other =
        process.running.empty() ? std::get<ExecutionId>(*process.queue.begin()) : *process.running.begin();
    return refuse(ErrorCode::already_exists, fmt::format("execution {} of '{}' is {}; wait for it, or cancel it", other,
                                                         definition.name, to_word(find(other)->row.state)));
  }
  if (std::string reason = apply_overlap(definition, id); !reason.empty())
    return refuse(ErrorCode::limit_exceeded, std::move(reason));

  Execution& execution = add(next_run(event.execution, definition.version, now.wall), event.definition);
  carry_over(execution, event, *whole, first);
  audit(event.caller, "RetryExecution", definition.name, id, event.reason);
  enqueue(execution);
  answer(event.request, id);
}

// What ended well stays, and so does a failure that a route handled; but nothing to which a step leads that runs again:
// the one from which it goes on, one that was undone, one whose failure the definition of now does not tolerate, or one
// that is new in it.
std::set<std::uint32_t> Engine::Impl::staying(const RetryRequested& event, const Execution& whole,
                                              std::optional<std::uint32_t> first) const {
  const ProcessDefinition& definition = *whole.definition;
  const auto again = first ? downstream(definition, *first) : std::set<std::uint32_t>();
  std::set<std::uint32_t> well_ended;
  for (const StepRow& row : event.steps) {
    const auto place = place_of(definition, row.name);
    if (!place || again.contains(*place) || definition.steps[*place].finally || row.visits == 0) continue;
    const bool handled =
        is_ended(row.state) && row.state != StepState::cancelled && definition.steps[*place].on_failure;
    if (!was_undone(row, event.items) && (well(whole, *place) || (first && handled))) well_ended.insert(*place);
  }
  std::set<std::uint32_t> stay = well_ended;
  for (std::uint32_t place = 0; place < definition.steps.size(); ++place) {
    const StepRow* old = row_of(event.steps, definition.steps[place].name);
    if (definition.steps[place].finally || well_ended.contains(place) || (old != nullptr && old->visits == 0)) continue;
    for (const std::uint32_t after : downstream(definition, place)) stay.erase(after);
  }
  return stay;
}

void Engine::Impl::carry_over(Execution& execution, const RetryRequested& event, const Execution& whole,
                              std::optional<std::uint32_t> first) {
  const ProcessDefinition& definition = *whole.definition;
  const std::set<std::uint32_t> stay = staying(event, whole, first);
  std::vector<StepRow> carried;
  for (StepRow row : event.steps) {
    const auto place = place_of(definition, row.name);
    if (!place || !stay.contains(*place)) continue;
    row.run = execution.row.run;
    row.step = *place;
    carried.push_back(std::move(row));
  }
  take_steps(execution, carried);
  std::set<std::uint32_t> carried_places;  // of what was generated only what its generator, which stays, has given
  for (const StepRow& row : carried) {
    const auto place = place_of(*execution.definition, row.name);
    if (!place) continue;
    carried_places.insert(*place);
    change_step(execution, *place);
  }
  for (StepRow& row : execution.steps) {  // a route had led there, and who took it does not run again
    const StepRow* old = row_of(event.steps, row.name);
    const Step& step = execution.definition->steps[row.step];
    if (!step.routed || carried_places.contains(row.step) || old == nullptr || old->visits == 0) continue;
    for (std::uint32_t router = 0; router < execution.definition->steps.size(); ++router)
      row.routed =
          row.routed || (carried_places.contains(router) && leads_to(execution.definition->steps[router], row.step));
    change_step(execution, row.step);
  }
  StepRow* of_item = nullptr;  // the step of which one item alone runs again
  for (StepRow& row : execution.steps)
    if (event.item && row.name == definition.steps[*first].name) of_item = &row;
  if (of_item != nullptr) {
    const StepRow& old = *row_of(event.steps, of_item->name);
    of_item->items = old.items;
    of_item->items_ended = old.items_ended;
    of_item->items_failed = old.items_failed;
    change_step(execution, of_item->step);
  }
  std::vector<ItemRow> items;
  for (ItemRow item : event.items) {
    const StepRow* old = nullptr;
    for (const StepRow& row : event.steps)
      if (row.step == item.step) old = &row;
    const auto place = old == nullptr ? std::nullopt : place_of(*execution.definition, old->name);
    if (!place || !execution.steps[*place].items.is_array()) continue;
    StepRow& step = execution.steps[*place];
    // It was stopped by the failure of another, or what it did was taken back.
    const bool to_do = item.state == StepState::cancelled || item.state == StepState::undone;
    if (&step == of_item && (item.item == *event.item || to_do)) {
      if (is_ended(item.state)) --step.items_ended;
      if (is_ended(item.state) && !ended_well(item.state) && !to_do) --step.items_failed;
      continue;
    }
    item.run = execution.row.run;
    item.step = *place;
    item.to_undo = false;
    items.push_back(item);
    record(std::move(item));
  }
  take_items(execution, items);
}

}  // namespace takt
