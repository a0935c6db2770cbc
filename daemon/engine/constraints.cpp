// What has to hold for the head of a queue to start: facts of the machine, that are asked for while somebody waits for
// them, and blackouts, that calendars tell.
//
// An execution that is not the head, or for which there is no room, asks for nothing: what held an hour ago says
// nothing about the moment when its turn comes.
#include <fmt/core.h>

#include <algorithm>

#include "engine/limits.h"
#include "engine/state.h"

namespace takt {

namespace {

// Where `now` stands to a blackout: when it ends, while it lasts; or when the next one begins.
struct Standing {
  std::optional<WallTime> ends_at;
  std::optional<WallTime> begins_at;
};

Standing standing_in(const BlackoutConstraint& blackout, WallTime now) {
  if (const auto begun = blackout.from.last(now, blackout.zone)) {
    const auto end = blackout.to.next(*begun, blackout.zone);
    if (end && end->at > now) return {end->at, std::nullopt};
  }
  const auto next = blackout.from.next(now, blackout.zone);
  return {std::nullopt, next ? std::optional(next->at) : std::nullopt};
}

}  // namespace

// It enters its process's queue: from now on `max_wait` counts, through restarts too.
void Engine::Impl::begin_wait(Execution& execution) {
  if (execution.row.deadline_at) {
    execution.deadline = boot_at(*execution.row.deadline_at);
  } else if (const auto max_wait = execution.definition->constraints.max_wait) {
    execution.deadline = now.boot + *max_wait;
    execution.row.deadline_at = wall_at(*execution.deadline);
  }
}

// The head is another, or there is no room for one any more: its constraints are asked for, those of the one before are
// let go.
void Engine::Impl::look_at(const std::string& name, ProcessState& process, std::optional<QueueKey> head) {
  if (process.head == head) return;
  Execution* before = process.head ? find(std::get<ExecutionId>(*process.head)) : nullptr;
  process.head = head;
  if (before != nullptr && before->row.state == ExecutionState::queued && !before->row.reason.empty()) {
    before->constrained = false;
    before->look_again.reset();
    before->row.reason.clear();
    change(*before);
  }
  std::set<std::string> wanted;
  bool unknown = false;
  if (head) {
    Execution& execution = *live.at(std::get<ExecutionId>(*head));
    for (const Constraint& constraint : execution.definition->constraints.all) {
      if (std::holds_alternative<BlackoutConstraint>(constraint.kind)) continue;
      wanted.insert(constraint.key);
      if (!awaited.contains(constraint.key)) effect(AwaitConstraint{constraint});
      AwaitedConstraint& one = awaited[constraint.key];
      one.processes.insert(name);
      unknown = unknown || !one.missing;
    }
    // However long it has waited for its turn, the machine gets the time to say how things stand, if it has not yet.
    const BootTime patient = now.boot + limits::constraint_patience;
    if (execution.deadline && *execution.deadline < patient && unknown) {
      execution.deadline = patient;
      execution.row.deadline_at = wall_at(patient);
      change(execution);
    }
  }
  for (const std::string& key : std::exchange(process.constraints, wanted)) {
    if (wanted.contains(key)) continue;
    AwaitedConstraint& one = awaited.at(key);
    one.processes.erase(name);
    if (!one.processes.empty()) continue;
    awaited.erase(key);
    effect(ForgetConstraint{key});
  }
}

// In their own words; empty: all hold. Finds when it is to be looked at again, too.
std::string Engine::Impl::missing_of(Execution& execution) {
  std::string missing;
  execution.look_again.reset();
  for (const Constraint& constraint : execution.definition->constraints.all) {
    std::string why;
    if (const auto* blackout = std::get_if<BlackoutConstraint>(&constraint.kind)) {
      const auto [ends_at, begins_at] = standing_in(*blackout, now.wall);
      if (ends_at) why = fmt::format("until {}", format_utc(*ends_at));
      if (const auto at = ends_at ? ends_at : begins_at)
        execution.look_again = std::min(execution.look_again.value_or(boot_at(*at)), boot_at(*at));
    } else {
      why = awaited.at(constraint.key).missing.value_or("not known yet");
    }
    if (!why.empty()) missing += fmt::format("{}{}: {}", missing.empty() ? "" : "; ", constraint.key, why);
  }
  return missing;
}

bool Engine::Impl::constraints_hold(Execution& execution) {
  if (execution.definition->constraints.all.empty()) return true;
  const std::string missing = missing_of(execution);
  execution.constrained = !missing.empty();
  touched.insert(execution.row.id);  // for its next instant
  std::string reason = missing.empty() ? "" : bounded_message("waits for " + missing);
  if (reason == execution.row.reason) return missing.empty();
  // After a restart what it waited for is the best that is known, until the machine has said how things stand.
  const bool known = std::ranges::all_of(execution.definition->constraints.all, [this](const Constraint& one) {
    const auto at = awaited.find(one.key);
    return at == awaited.end() || at->second.missing;
  });
  if (!known && !execution.row.reason.empty()) return false;
  execution.row.reason = std::move(reason);
  change(execution);
  if (execution.recorded) announce(ExecutionChanged{execution.row});  // else it is about to be announced as queued
  return !execution.constrained;
}

void Engine::Impl::on(const ConstraintSeen& event) {
  const auto at = awaited.find(event.constraint);
  if (at == awaited.end() || at->second.missing == event.missing) return;
  at->second.missing = event.missing;
  for (const std::string& name : std::set(at->second.processes)) refresh_ready(name);
}

// A blackout begins or ends, or it has waited for as long as it may.
void Engine::Impl::strike_queued(Execution& execution) {
  const std::string name = execution.row.process;
  if (execution.constrained && execution.deadline && *execution.deadline <= now.boot) {
    // A blackout that ends at this very instant does not stand in its way.
    if (const std::string missing = missing_of(execution); !missing.empty())
      return skip(execution, fmt::format("constraint: {}; max_wait, {}, is over", missing,
                                         format_duration(*execution.definition->constraints.max_wait)));
  }
  refresh_ready(name);
}

// Blackouts are of the wall clock.
void Engine::Impl::constraints_follow_clock() {
  for (const auto& [name, process] : processes)
    if (process.head) refresh_ready(name);
}

}  // namespace takt
