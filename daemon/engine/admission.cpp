// From a firing or a call to a running execution: one row first, then the overlap rule, then a slot.
#include <fmt/core.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "definition/limits.h"
#include "engine/limits.h"
#include "engine/state.h"
#include "trigger/limits.h"

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

}  // namespace

QueueKey queue_key(const ExecutionRow& row) {
  return {!row.parent, -row.priority, row.id};
}

const Trigger* find_trigger(const ProcessDefinition& definition, const std::string& key) {
  for (const Trigger& trigger : definition.triggers)
    if (trigger.key == key) return &trigger;
  return nullptr;
}

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

  const auto fail_with = [&](std::string reason) {
    execution.row.reason = bounded_message(std::move(reason));
    finish(execution, ExecutionState::failed);
  };
  if (std::string reason = too_deep(execution.row); !reason.empty()) return skip(execution, std::move(reason));
  if (std::string reason = skip_asked(firing.process); !reason.empty()) return skip(execution, std::move(reason));
  if (const ProcessRow& process = processes[firing.process].row; process.paused)
    return skip(execution, paused_reason(process));
  Value context = {{"trigger", execution.row.trigger}, {"env", environment_value()}};
  auto given = evaluator.expand_value(trigger->inputs, context);
  auto inputs = given ? check_inputs(*definition, *given) : given;
  if (inputs) context["inputs"] = *inputs;
  if (!trigger->when.empty()) {
    const auto guard = evaluator.test(trigger->when, context);
    // Inputs that cannot be had matter only if it lets them through, or asks for them.
    if (!guard && inputs) return fail_with(fmt::format("guard: {}", guard.error().message));
    if (guard && !*guard) return skip(execution, fmt::format("guard: {} is false", trigger->when));
  }
  if (!inputs) return fail_with(fmt::format("inputs: {}", inputs.error().message));
  execution.row.inputs = std::move(*inputs);
  if (trigger->debounce) {
    if (std::string reason = over_limit(firing.process); !reason.empty()) return skip(execution, std::move(reason));
    return debounce(execution, *trigger->debounce);
  }
  if (!take_rate(execution)) return;
  if (std::string reason = apply_overlap(*definition, execution.row.id); !reason.empty())
    return skip(execution, std::move(reason));
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
  if (!event.idempotency_key.empty()) {
    for (const auto& [id, other] : live)
      if (other->row.process == event.process && other->row.idempotency_key == event.idempotency_key)
        return answer(event.request, ExecutionId{id});
  }
  if (!known->second->enabled)
    return answer(event.request, fail(ErrorCode::disabled, "process '{}' is disabled; 'taktctl enable {}' enables it",
                                      event.process, event.process));
  const Definition definition = event.definition ? event.definition : known->second;
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
  row.idempotency_key = event.idempotency_key;
  if (event.priority) row.priority = *event.priority;
  Execution& execution = add(std::move(row), definition);
  const ExecutionId id = execution.row.id;
  audit(event.caller, "StartProcess", event.process, id, event.at ? "at " + format_utc(*event.at) : "");
  if (event.at && *event.at > now.wall) {
    hold(execution, boot_at(*event.at));
    announce(ExecutionQueued{execution.row});
  } else if (std::string reason = apply_overlap(*definition, id); !reason.empty()) {
    skip(execution, std::move(reason));
  } else {
    enqueue(execution);
  }
  answer(event.request, id);
}

// Waits in its process's queue before all that nobody's step waits for, and takes none of max_concurrent: else parents
// could fill it, and all wait for ever.
Result<ExecutionId> Engine::Impl::add_nested(const Execution& parent, std::uint32_t place, const std::string& token,
                                             const std::string& process, const Value& given) {
  const auto known = definitions.find(process);
  if (known == definitions.end()) return fail(ErrorCode::no_such_process, "no process is named '{}'", process);
  const Definition definition = known->second;
  if (!definition->enabled) return fail(ErrorCode::disabled, "process '{}' is disabled", process);
  if (parent.row.depth >= limits::nesting)
    return fail(ErrorCode::limit_exceeded, "executions within executions go {} deep at most", limits::nesting);
  int in_chain = 0;
  for (const Execution* one = &parent; one != nullptr; one = one->row.parent ? find(*one->row.parent) : nullptr)
    if (one->row.process == process) ++in_chain;
  if (in_chain >= (definition->overlap == Overlap::allow ? definition->max_instances : 1) && in_chain > 0)
    return fail(ErrorCode::limit_exceeded, "execution {} waits for this step, and '{}' may not run beside it",
                parent.row.id, process);
  TAKT_ASSIGN(Value inputs, check_inputs(*definition, given));
  if (std::string reason = over_limit(process); !reason.empty()) return fail(ErrorCode::limit_exceeded, "{}", reason);

  ExecutionRow row = new_row(++last_id, *definition, now.wall);
  row.trigger_kind = "process";
  row.trigger = {{"kind", "process"},
                 {"at", format_utc(now.wall)},
                 {"parent", parent.row.id},
                 {"step", parent.definition->steps[place].name}};
  if (const std::uint32_t depth = chain_depth(parent.row); depth > 0) row.trigger["depth"] = depth;
  row.inputs = std::move(inputs);
  row.parent = parent.row.id;
  row.parent_token = token;
  row.depth = parent.row.depth + 1;
  Execution& execution = add(std::move(row), definition);
  enqueue(execution);
  return execution.row.id;
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
  requeue(execution);
  announce(ExecutionQueued{execution.row});
}

// Puts a queued execution where it waits.
void Engine::Impl::requeue(Execution& execution) {
  if (execution.row.start_at) return hold(execution, boot_at(*execution.row.start_at));
  ProcessState& process = processes[execution.row.process];
  process.row.process = execution.row.process;
  process.queue.insert(queue_key(execution.row));
  ++queued_count;
  begin_wait(execution);
  refresh_ready(execution.row.process);
}

// Counts it among the running, and takes what it has while it runs. What is rolled back is no run: it takes nothing,
// and is only not run beside.
void Engine::Impl::occupy(Execution& execution) {
  ProcessState& process = processes[execution.row.process];
  process.row.process = execution.row.process;
  process.running.insert(execution.row.id);
  ++running_count;
  if (execution.row.phase != Phase::rollback) {
    if (!execution.row.parent) ++concurrent;
    execution.concurrent = !execution.row.parent;
    enter_pool(execution);
  }
  refresh_ready(execution.row.process);
}

// Of an execution that ends: gives back its place and all that it holds or waits for.
void Engine::Impl::leave(Execution& execution) {
  ProcessState& process = processes[execution.row.process];
  let_go(execution);
  if (process.queue.erase(queue_key(execution.row)) != 0) --queued_count;
  if (process.running.erase(execution.row.id) != 0) --running_count;
  if (std::exchange(execution.concurrent, false)) --concurrent;
  leave_pools(execution);
}

std::string Engine::Impl::over_limit(const std::string& name) const {
  if (queued_count >= settings.max_queued) return fmt::format("limit: {} executions are queued already", queued_count);
  const auto process = processes.find(name);
  if (process != processes.end() &&
      process->second.queue.size() + process->second.held.size() >= limits::max_queued_process)
    return fmt::format("limit: {} executions of this process are queued already, which is the most there may be",
                       process->second.queue.size() + process->second.held.size());
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
      if (!process.queue.empty())
        return fmt::format("overlap: execution {} is queued", std::get<ExecutionId>(*process.queue.begin()));
      break;
    case Overlap::replace: {
      if (std::string reason = over_limit(definition.name); !reason.empty()) return reason;
      std::vector<ExecutionId> in_the_way(process.running.begin(), process.running.end());
      for (const QueueKey& other : process.queue) in_the_way.push_back(std::get<ExecutionId>(other));
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
  look_at(name, process, head);
  if (head && !constraints_hold(*live.at(std::get<ExecutionId>(*head)))) head.reset();
  if (head == process.ready) return;
  if (process.ready) {
    ready.erase(*process.ready);
    if (PoolState* pool = find_pool(process.ready_pool)) pool->ready.erase(*process.ready);
  }
  process.ready = head;
  if (!head) return;
  ready.insert(*head);
  const Execution& next = *live.at(std::get<ExecutionId>(*head));
  process.ready_pool = holds_of(next, next.definition->pool) ? "" : next.definition->pool;
  if (PoolState* pool = find_pool(process.ready_pool)) pool->ready.insert(*head);
}

// Whether the daemon as a whole has room for it: nested ones need none.
bool Engine::Impl::may_run_beside(const QueueKey& key) const {
  return !std::get<bool>(key) || concurrent < settings.max_concurrent;
}

// The next that may start: the first of all whose pool has room for it. A pool whose first does not fit holds the rest.
Execution* Engine::Impl::next_ready() {
  std::set<std::string_view> full;
  for (const QueueKey& key : ready) {
    if (!may_run_beside(key)) return nullptr;
    Execution& execution = *live.at(std::get<ExecutionId>(key));
    const std::string& pool = execution.definition->pool;
    if (full.contains(pool)) continue;
    if (pool_admits(execution)) return &execution;
    full.insert(pool);
  }
  return nullptr;
}

void Engine::Impl::admit() {
  while (true) {
    if (Execution* execution = next_ready()) {
      processes.at(execution->row.process).queue.erase(queue_key(execution->row));
      --queued_count;
      occupy(*execution);
      start_execution(*execution);
    } else if (!serve_pools()) {
      return;
    }
  }
}

void Engine::Impl::start_execution(Execution& execution) {
  execution.row.state = ExecutionState::running;
  execution.row.started_at = now.wall;
  execution.row.reason.clear();  // what it waited for
  execution.row.deadline_at.reset();
  execution.deadline.reset();
  if (execution.definition->timeout) {
    execution.deadline = now.boot + *execution.definition->timeout;
    execution.row.deadline_at = wall_at(*execution.deadline);
  }
  change(execution);
  announce(ExecutionStarted{execution.row, static_cast<std::uint32_t>(execution.steps.size())});
  const Execution* parent = execution.row.parent ? find(*execution.row.parent) : nullptr;
  if (parent != nullptr && parent->row.state == ExecutionState::paused) return pause(execution);
  advance(execution);
}

}  // namespace takt
