// From a firing or a call to a running execution: one row first, then the overlap rule, then a slot.
#include <fmt/format.h>

#include <cstdlib>

#include "base/assert.h"
#include "base/limits.h"
#include "engine/state.h"

namespace takt {

namespace {

ExecutionRow new_row(ExecutionId id, const ProcessDefinition& definition, WallTime now) {
  ExecutionRow row;
  row.id = id;
  row.process = definition.name;
  row.version = definition.version;
  row.priority = definition.priority;
  row.queued_at = now;
  return row;
}

const Trigger* find_trigger(const ProcessDefinition& definition, const std::string& key) {
  for (const Trigger& trigger : definition.triggers)
    if (trigger.key == key) return &trigger;
  return nullptr;
}

}  // namespace

void Engine::Impl::on(const TriggerFired& event) {
  const Firing& firing = event.firing;
  const auto known = definitions.find(firing.process);
  if (known == definitions.end() || !known->second->enabled) return;  // it went in the turn that fired it
  const Definition definition = known->second;
  const Trigger* trigger = find_trigger(*definition, firing.key);
  if (trigger == nullptr || !trigger->enabled) return;

  TriggerMark& mark = marks[{firing.process, firing.key}];
  // A clock that went back further than the trigger makes up for leaves no mark in the future.
  if (mark.process.empty() || mark.fired_at < firing.nominal || mark.fired_at - firing.nominal > limits::clock_set_back)
    mark = {firing.process, firing.key, firing.nominal, firing.boot_id};
  record(mark);

  ExecutionRow row = new_row(++last_id, *definition, now.wall);
  row.trigger_kind = trigger_word(*trigger);
  row.trigger_key = firing.key;
  row.nominal_at = firing.nominal;
  row.trigger = firing.fields;
  Execution& execution = add(std::move(row), definition);

  const auto end_as = [&](ExecutionState state, std::string reason) {
    execution.row.reason = bounded_message(std::move(reason));
    finish(execution, state);
  };
  if (const ProcessRow& process = processes[firing.process].row; process.paused)
    return end_as(ExecutionState::skipped,
                  fmt::format("the process is paused, by uid {} at {}", process.paused_by.value_or(0),
                              format_utc(process.paused_at.value_or(now.wall))));
  const Value context = {{"trigger", execution.row.trigger}, {"env", environment_value()}};
  if (!trigger->when.empty()) {
    const auto guard = evaluator.test(trigger->when, context);
    if (!guard) return end_as(ExecutionState::failed, fmt::format("guard: {}", guard.error().message));
    if (!*guard) return end_as(ExecutionState::skipped, fmt::format("guard: {} is false", trigger->when));
  }
  auto given = evaluator.expand_value(trigger->inputs, context);
  auto inputs = given ? check_inputs(*definition, *given) : given;
  if (!inputs) return end_as(ExecutionState::failed, fmt::format("inputs: {}", inputs.error().message));
  execution.row.inputs = std::move(*inputs);
  if (std::string reason = apply_overlap(*definition, execution.row.id); !reason.empty())
    return end_as(ExecutionState::skipped, std::move(reason));
  enqueue(execution);
}

void Engine::Impl::on(const InstantsLetGo& event) {
  on(MarksLetGo{event.marks});
  for (const TriggerMark& mark : event.marks) {
    const auto known = definitions.find(mark.process);
    const Trigger* trigger = known == definitions.end() ? nullptr : find_trigger(*known->second, mark.key);
    if (trigger == nullptr) continue;
    ExecutionRow row = new_row(++last_id, *known->second, now.wall);
    row.trigger_kind = trigger_word(*trigger);
    row.trigger_key = mark.key;
    row.nominal_at = mark.fired_at;
    row.reason = "catch_up: instants up to this one passed while nobody could fire them";
    finish(add(std::move(row), known->second), ExecutionState::skipped);
  }
}

void Engine::Impl::on(const StartRequested& event) {
  const auto known = definitions.find(event.process);
  if (known == definitions.end())
    return answer(event.request, fail(ErrorCode::no_such_process, "no process is named '{}'", event.process));
  const Definition definition = known->second;
  if (!definition->enabled)
    return answer(event.request, fail(ErrorCode::disabled, "process '{}' is disabled; 'taktctl enable {}' enables it",
                                      event.process, event.process));
  if (event.priority && std::abs(std::int64_t{*event.priority}) > limits::priority)
    return answer(event.request, fail(ErrorCode::invalid_argument, "priority {}: expected -{} to {}", *event.priority,
                                      limits::priority, limits::priority));
  auto inputs = check_inputs(*definition, event.inputs);
  if (!inputs) return answer(event.request, tl::unexpected(std::move(inputs).error()));
  if (std::string reason = over_limit(event.process); !reason.empty())
    return answer(event.request, fail(ErrorCode::limit_exceeded, "{}", reason));

  ExecutionRow row = new_row(++last_id, *definition, now.wall);
  row.trigger_kind = "manual";
  row.trigger = {{"kind", "manual"}, {"at", format_utc(now.wall)}, {"uid", event.caller.uid}};
  row.requested_by = event.caller.uid;
  row.inputs = std::move(*inputs);
  if (event.priority) row.priority = *event.priority;
  Execution& execution = add(std::move(row), definition);
  const ExecutionId id = execution.row.id;
  audit(event.caller, "StartProcess", event.process, id, "");
  if (std::string reason = apply_overlap(*definition, id); !reason.empty()) {
    execution.row.reason = std::move(reason);
    finish(execution, ExecutionState::skipped);
  } else {
    enqueue(execution);
  }
  answer(event.request, id);
}

Execution& Engine::Impl::add(ExecutionRow row, Definition definition) {
  remember_version(*definition);
  auto execution = std::make_unique<Execution>();
  execution->row = std::move(row);
  for (std::uint32_t i = 0; i < definition->steps.size(); ++i) {
    StepRow step;
    step.execution = execution->row.id;
    step.run = execution->row.run;
    step.step = i;
    step.name = definition->steps[i].name;
    execution->steps.push_back(std::move(step));
  }
  execution->definition = std::move(definition);
  Execution& added = *execution;
  live[added.row.id] = std::move(execution);
  change(added);
  return added;
}

void Engine::Impl::enqueue(Execution& execution) {
  ProcessState& process = processes[execution.row.process];
  process.row.process = execution.row.process;
  process.queue.insert({-execution.row.priority, execution.row.id});
  ++queued_count;
  announce(ExecutionQueued{execution.row});
  refresh_ready(execution.row.process);
}

std::string Engine::Impl::over_limit(const std::string& name) const {
  if (queued_count >= settings.max_queued) return fmt::format("limit: {} executions are queued already", queued_count);
  const auto process = processes.find(name);
  if (process != processes.end() && process->second.queue.size() >= limits::max_queued_process)
    return fmt::format("limit: {} executions of this process are queued already", process->second.queue.size());
  return "";
}

std::string Engine::Impl::apply_overlap(const ProcessDefinition& definition, ExecutionId id) {
  const ProcessState& process = processes[definition.name];
  switch (definition.overlap) {
    case Overlap::skip:
      if (!process.running.empty()) {
        const ExecutionId other = *process.running.begin();
        return fmt::format("overlap: execution {} is {}", other, to_word(find(other)->row.state));
      }
      if (!process.queue.empty()) return fmt::format("overlap: execution {} is queued", process.queue.begin()->second);
      break;
    case Overlap::replace: {
      if (std::string reason = over_limit(definition.name); !reason.empty()) return reason;
      std::vector<ExecutionId> in_the_way(process.running.begin(), process.running.end());
      for (const auto& [priority, other] : process.queue) in_the_way.push_back(other);
      for (const ExecutionId other : in_the_way)
        if (Execution* old = find(other))
          end_execution(*old, Outcome::cancelled, fmt::format("replaced by execution {}", id));
      break;
    }
    case Overlap::queue:
    case Overlap::allow:
      break;
  }
  return over_limit(definition.name);
}

bool Engine::Impl::has_room(const ProcessState& process, const Definition& definition) const {
  const std::size_t room =
      definition && definition->overlap == Overlap::allow ? static_cast<std::size_t>(definition->max_instances) : 1;
  return process.running.size() < room;
}

void Engine::Impl::refresh_ready(const std::string& name) {
  const auto at = processes.find(name);
  if (at == processes.end()) return;
  ProcessState& process = at->second;
  std::optional<QueueKey> head;
  if (!process.queue.empty()) {
    const auto known = definitions.find(name);
    const Definition definition = known != definitions.end() ? known->second : nullptr;
    if (has_room(process, definition)) head = *process.queue.begin();
  }
  if (head == process.ready) return;
  if (process.ready) ready.erase(*process.ready);
  if (head) ready.insert(*head);
  process.ready = head;
}

void Engine::Impl::admit() {
  while (!ready.empty() && running_count < settings.max_concurrent) {
    Execution& execution = *live.at(ready.begin()->second);
    ProcessState& process = processes.at(execution.row.process);
    process.queue.erase({-execution.row.priority, execution.row.id});
    process.running.insert(execution.row.id);
    --queued_count;
    ++running_count;
    refresh_ready(execution.row.process);
    start_execution(execution);
  }
}

void Engine::Impl::start_execution(Execution& execution) {
  execution.row.state = ExecutionState::running;
  execution.row.started_at = now.wall;
  if (execution.definition->timeout) {
    execution.deadline = now.boot + *execution.definition->timeout;
    execution.row.deadline_at = wall_at(*execution.deadline);
  }
  change(execution);
  announce(ExecutionStarted{execution.row, static_cast<std::uint32_t>(execution.steps.size())});
  advance(execution);
}

}  // namespace takt
