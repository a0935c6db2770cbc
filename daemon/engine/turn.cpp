// What one turn changes and gives out: marked rows, records, effects.
#include <utility>

#include "engine/state.h"

namespace takt {

void Engine::Impl::change(Execution& execution) {
  execution.changed = true;
  touched.insert(execution.row.id);
}

void Engine::Impl::change_step(Execution& execution, std::uint32_t step) {
  execution.changed_steps.insert(step);
  touched.insert(execution.row.id);
}

void Engine::Impl::change_attempt(Execution& execution, Unit unit) {
  execution.changed_attempts.insert(unit);
  touched.insert(execution.row.id);
}

template <class Row>
void Engine::Impl::record(Row row) {
  out.records.emplace_back(std::move(row));
}

template <class Row>
void Engine::Impl::record_part(Execution& execution, Row part) {
  if (!std::exchange(execution.recorded, true)) record(execution.row);
  record(std::move(part));
}

template <class Part>
void Engine::Impl::effect(Part part) {
  out.effects.emplace_back(std::move(part));
}

template <class News>
void Engine::Impl::announce(News news) {
  effect(Announce{std::move(news)});
}

void Engine::Impl::answer(RequestId request, Result<ExecutionId> result) {
  effect(Answer{request, std::move(result)});
}

template void Engine::Impl::record(ExecutionRow row);
template void Engine::Impl::record(StepRow row);
template void Engine::Impl::record(ItemRow row);
template void Engine::Impl::record(AttemptRow row);
template void Engine::Impl::record(VersionRow row);
template void Engine::Impl::record(ProcessRow row);
template void Engine::Impl::record(TriggerMark row);
template void Engine::Impl::record(AuditRow row);
template void Engine::Impl::record(CacheRow row);
template void Engine::Impl::record(SeenFileRow row);
template void Engine::Impl::record(ForgetExecution row);
template void Engine::Impl::record(ForgetCache row);
template void Engine::Impl::record(ForgetMark row);
template void Engine::Impl::record(ForgetSeenFiles row);
template void Engine::Impl::record_part(Execution& execution, ItemRow part);
template void Engine::Impl::record_part(Execution& execution, AttemptRow part);
template void Engine::Impl::record_part(Execution& execution, StepRow part);
template void Engine::Impl::effect(StartAttempt part);
template void Engine::Impl::effect(StartAction part);
template void Engine::Impl::effect(StopAction part);
template void Engine::Impl::effect(SignalAttempt part);
template void Engine::Impl::effect(FreezeAttempt part);
template void Engine::Impl::effect(ThawAttempt part);
template void Engine::Impl::effect(KillAttempt part);
template void Engine::Impl::effect(AcknowledgeAttempt part);
template void Engine::Impl::effect(AwaitConstraint part);
template void Engine::Impl::effect(ForgetConstraint part);
template void Engine::Impl::effect(ForgetFiles part);
template void Engine::Impl::announce(ExecutionQueued news);
template void Engine::Impl::announce(ExecutionStarted news);
template void Engine::Impl::announce(ExecutionChanged news);
template void Engine::Impl::announce(ExecutionFinished news);
template void Engine::Impl::announce(StepStarted news);
template void Engine::Impl::announce(StepFinished news);
template void Engine::Impl::announce(StepWaits news);
template void Engine::Impl::announce(Emitted news);
template void Engine::Impl::announce(Progress news);
template void Engine::Impl::announce(ProcessChanged news);
template void Engine::Impl::announce(Reloaded news);

void Engine::Impl::collect(Execution& execution) {
  if (execution.changed) record(execution.row);
  execution.recorded = execution.recorded || execution.changed;
  execution.changed = false;
  for (const std::uint32_t step : std::exchange(execution.changed_steps, {})) record(execution.steps[step]);
  for (const Unit unit : std::exchange(execution.changed_attempts, {})) record(execution.attempts.at(unit).row);
  tally(execution);
}

void Engine::Impl::audit(const Caller& caller, std::string method, const std::string& process,
                         std::optional<ExecutionId> execution, std::string detail) {
  record(AuditRow{now.wall, caller.uid, std::move(method), process, execution, bounded_message(std::move(detail))});
}

// Counts its steps: one that only a route may lead to counts when it has been led to.
void Engine::Impl::tally(Execution& execution) {
  execution.done = execution.total = 0;
  for (const StepRow& step : execution.steps) {
    const bool reached = step.visits > 0 || step.routed;
    if (execution.definition->steps[step.step].routed && !reached) continue;
    ++execution.total;
    if (is_ended(step.state)) ++execution.done;
  }
}

void Engine::Impl::announce_progress(Execution& execution) {
  tally(execution);
  Progress progress{execution.row.id, execution.row.process, execution.done * 1.0, "", execution.done, execution.total};
  for (const StepRow& step : execution.steps) {
    if (step.state == StepState::pending || is_ended(step.state)) continue;
    if (progress.current_step.empty()) progress.current_step = step.name;
    if (step.items.is_array() && !step.items.empty())
      progress.fraction += static_cast<double>(step.items_ended) / static_cast<double>(step.items.size());
  }
  if (progress.total != 0) progress.fraction /= progress.total;
  announce(progress);
}

}  // namespace takt
