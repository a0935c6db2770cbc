// What is held until an instant: starts for later, firings that wait for quiet or for room in their rate, and processes
// that are paused until then.
#include <fmt/core.h>

#include <algorithm>

#include "engine/state.h"

namespace takt {

// ---- Executions

// Queued, and in no queue before `start_at` has come.
void Engine::Impl::hold(Execution& execution, BootTime until) {
  let_go(execution);
  execution.starts_at = until;
  execution.row.start_at = wall_at(until);
  change(execution);
  held.insert({until, execution.row.id});
  processes[execution.row.process].held.insert(execution.row.id);
  ++queued_count;
  if (!execution.row.trigger_key.empty())
    held_firings[{execution.row.process, execution.row.trigger_key}] = execution.row.id;
}

void Engine::Impl::let_go(Execution& execution) {
  if (!execution.starts_at) return;
  held.erase({*execution.starts_at, execution.row.id});
  execution.starts_at.reset();
  processes[execution.row.process].held.erase(execution.row.id);
  --queued_count;
  const auto firing = held_firings.find({execution.row.process, execution.row.trigger_key});
  if (firing != held_firings.end() && firing->second == execution.row.id) held_firings.erase(firing);
}

// Its instant has come: from now on it is a firing or a start like any other.
void Engine::Impl::come_due(Execution& execution) {
  let_go(execution);
  execution.row.start_at.reset();
  change(execution);
  const ProcessRow& process = processes[execution.row.process].row;
  if (!execution.row.trigger_key.empty() && process.paused) return skip(execution, paused_reason(process));
  if (!take_rate(execution)) return;
  if (std::string reason = apply_overlap(*execution.definition, execution.row.id); !reason.empty())
    return skip(execution, std::move(reason));
  enqueue(execution);
}

void Engine::Impl::skip(Execution& execution, std::string reason) {
  execution.row.reason = bounded_message(std::move(reason));
  finish(execution, ExecutionState::skipped);
}

// ---- Firings

// Of one trigger the last firing counts that was followed by quiet: an earlier one that still waits makes way for it.
void Engine::Impl::debounce(Execution& execution, Duration quiet) {
  const auto earlier = held_firings.find({execution.row.process, execution.row.trigger_key});
  if (earlier != held_firings.end())
    skip(*live.at(earlier->second), fmt::format("debounce: coalesced into execution {}", execution.row.id));
  hold(execution, now.boot + quiet);
  announce(ExecutionQueued{execution.row});
}

// Whether a firing is within the rate of its trigger. What is not has been skipped or held when this returns.
bool Engine::Impl::take_rate(Execution& execution) {
  const std::pair key(execution.row.process, execution.row.trigger_key);
  const Trigger* trigger = find_trigger(*execution.definition, key.second);
  if (trigger == nullptr || !trigger->rate) {
    rates.erase(key);
    return true;
  }
  const Rate& rate = *trigger->rate;
  std::deque<BootTime>& taken = rates[key];
  while (!taken.empty() && taken.front() <= now.boot - rate.span) taken.pop_front();
  if (taken.size() < static_cast<std::size_t>(rate.limit)) {
    taken.push_back(now.boot);
    return true;
  }
  // A limit that was lowered since leaves more than it allows: room is there when all but limit - 1 have gone.
  const BootTime next = taken[taken.size() - static_cast<std::size_t>(rate.limit)] + rate.span;
  switch (rate.excess) {
    case Excess::skip:
      skip(execution, fmt::format("rate: {} in {}, the next is taken from {}", rate.limit, format_duration(rate.span),
                                  format_utc(wall_at(next))));
      return false;
    case Excess::coalesce:
      break;
  }
  if (const auto waits = held_firings.find(key); waits != held_firings.end()) {
    skip(execution, fmt::format("rate: coalesced into execution {}", waits->second));
    return false;
  }
  hold(execution, next);
  announce(ExecutionQueued{execution.row});
  return false;
}

void Engine::Impl::on(const SkipNextRequested& event) {
  if (!definitions.contains(event.process))
    return answer(event.request, fail(ErrorCode::no_such_process, "no process is named '{}'", event.process));
  ProcessRow& row = processes[event.process].row;
  row.process = event.process;
  row.skip_next = event.count;
  row.skip_by = event.count > 0 ? std::optional(event.caller.uid) : std::nullopt;
  record(row);
  audit(event.caller, "SkipNext", event.process, std::nullopt, std::to_string(event.count));
  announce(ProcessChanged{event.process});
  answer(event.request, ExecutionId{event.count});
}

// Empty: this firing is not to be skipped.
std::string Engine::Impl::skip_asked(const std::string& process) {
  ProcessRow& row = processes[process].row;
  if (row.skip_next == 0) return "";
  std::string reason = fmt::format("skipped as uid {} asked", row.skip_by.value_or(0));
  if (--row.skip_next == 0) row.skip_by.reset();
  row.process = process;
  record(row);
  announce(ProcessChanged{process});
  return reason;
}

// ---- Processes

void Engine::Impl::on(const ProcessPauseRequested& event) {
  if (!definitions.contains(event.process))
    return answer(event.request, fail(ErrorCode::no_such_process, "no process is named '{}'", event.process));
  if (event.paused && event.until && *event.until <= now.wall)
    return answer(event.request, fail(ErrorCode::invalid_argument, "{} has passed", format_utc(*event.until)));
  ProcessRow& row = processes[event.process].row;
  row.process = event.process;
  const std::optional<WallTime> until = event.paused ? event.until : std::nullopt;
  if (row.paused != event.paused) {
    row.paused = event.paused;
    row.paused_by = event.paused ? std::optional(event.caller.uid) : std::nullopt;
    row.paused_at = event.paused ? std::optional(now.wall) : std::nullopt;
    row.paused_until = until;
    record(row);
    announce(ProcessChanged{event.process});
  } else if (row.paused && row.paused_until != until) {
    row.paused_until = until;
    record(row);
    announce(ProcessChanged{event.process});
  }
  follow_pauses();
  audit(event.caller, event.paused ? "PauseProcess" : "ResumeProcess", event.process, std::nullopt,
        until ? "until " + format_utc(*until) : "");
  answer(event.request, ExecutionId{0});
}

std::string Engine::Impl::paused_reason(const ProcessRow& row) const {
  return fmt::format("the process is paused, by uid {} at {}{}", row.paused_by.value_or(0),
                     format_utc(row.paused_at.value_or(now.wall)),
                     row.paused_until ? ", until " + format_utc(*row.paused_until) : "");
}

void Engine::Impl::follow_pauses() {
  pauses.clear();
  for (const auto& [name, process] : processes)
    if (process.row.paused && process.row.paused_until) pauses.insert({boot_at(*process.row.paused_until), name});
}

// ---- Time

std::optional<BootTime> Engine::Impl::next_hold() const {
  std::optional<BootTime> next;
  if (!held.empty()) next = held.begin()->first;
  if (!pauses.empty() && (!next || pauses.begin()->first < *next)) next = pauses.begin()->first;
  return next;
}

void Engine::Impl::release_holds() {
  while (!pauses.empty() && pauses.begin()->first <= now.boot) {
    const std::string name = pauses.begin()->second;
    pauses.erase(pauses.begin());
    ProcessRow& row = processes[name].row;
    row.paused = false;
    row.paused_by.reset();
    row.paused_at.reset();
    row.paused_until.reset();
    record(row);
    announce(ProcessChanged{name});
  }
  while (!held.empty() && held.begin()->first <= now.boot) come_due(*live.at(held.begin()->second));
}

// A start for later is for an instant of the wall clock, as the end of a pause is; quiet and rates are spans, which the
// wall clock does not change.
void Engine::Impl::holds_follow_clock() {
  follow_pauses();
  for (const auto& [at, id] : std::set(held)) {
    Execution& execution = *live.at(id);
    if (!execution.row.trigger_key.empty()) {
      execution.row.start_at = wall_at(at);
      change(execution);
    } else {
      held.erase({at, id});
      execution.starts_at = boot_at(*execution.row.start_at);
      held.insert({*execution.starts_at, id});
    }
  }
}

}  // namespace takt
