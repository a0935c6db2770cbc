// Actions that need no executor: what is done at once, and what waits for time, people or events.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "engine/state.h"

namespace takt {

namespace {

template <class... Alternatives>
bool holds_one_of(const StepAction& action) {
  return (std::holds_alternative<Alternatives>(action) || ...);
}

}  // namespace

bool matches(const Value& pattern, const Value& payload) {
  return std::all_of(pattern.items().begin(), pattern.items().end(), [&](const auto& member) {
    const Value* given = payload.member(member.first);
    return given != nullptr && *given == member.second;
  });
}

bool waits(const StepAction& action) {
  return holds_one_of<ApproveAction, WaitAction>(action);
}

bool is_request(const StepAction& action) {
  return holds_one_of<CallAction, HttpAction>(action);
}

std::optional<Result<Value>> Engine::Impl::perform(Execution& execution, Unit unit, RunningAttempt& attempt) {
  const StepAction& action = action_of(execution, unit.step);
  const Value context = expression_context(execution, unit);
  if (const auto* set = std::get_if<SetAction>(&action)) return evaluator.expand_value(set->values, context);
  if (const auto* emit = std::get_if<EmitAction>(&action)) {
    auto name = evaluator.expand(emit->event, context);
    if (!name) return tl::unexpected(std::move(name).error());
    auto payload = evaluator.expand_value(emit->payload, context);
    if (!payload) return tl::unexpected(std::move(payload).error());
    announce(Emitted{*name, *payload, execution.row.process, execution.row.id});
    emitted.push_back({*std::move(name), *std::move(payload), execution.row.process, execution.row.id,
                       chain_depth(execution.row) + 1});
    return Value();
  }
  if (const auto* process = std::get_if<ProcessAction>(&action)) {
    auto begun = begin_nested(execution, unit, attempt.row, *process);
    if (!begun) return tl::unexpected(std::move(begun).error());
    return std::nullopt;
  }
  if (const auto* approve = std::get_if<ApproveAction>(&action)) {
    auto message = evaluator.expand(approve->message, context);
    if (!message) return tl::unexpected(std::move(message).error());
    StepRow& row = execution.steps[unit.step];
    row.message = bounded_message(*std::move(message));
    row.approved_by.reset();
    row.comment.clear();
    wait(execution, unit, attempt.deadline);
    return std::nullopt;
  }
  const auto& wait_action = std::get<WaitAction>(action);
  std::optional<BootTime> until = attempt.deadline;
  if (wait_action.span) until = now.boot + *wait_action.span;
  if (!wait_action.until.empty()) {
    auto text = evaluator.expand(wait_action.until, context);
    if (!text) return tl::unexpected(std::move(text).error());
    auto instant = parse_rfc3339(*text);
    if (!instant) return tl::unexpected(std::move(instant).error());
    if (*instant <= now.wall) return Value();
    until = boot_at(*instant);
  }
  if (!wait_action.event.empty()) listeners[wait_action.event].insert(attempt.row.token);
  wait(execution, unit, until);
  return std::nullopt;
}

// It waits, until then at the latest.
void Engine::Impl::wait(Execution& execution, Unit unit, std::optional<BootTime> until) {
  RunningAttempt& attempt = execution.attempts.at(unit);
  attempt.deadline = until;
  attempt.row.deadline_at = until ? std::optional(wall_at(*until)) : std::nullopt;
  StepRow& row = execution.steps[unit.step];
  row.waits_until = attempt.row.deadline_at;
  if (!attempt.row.item) enter_step(execution, unit.step, StepState::waiting);
  change_step(execution, unit.step);
  announce(StepWaits{execution.row, row});
}

// Its time is over.
void Engine::Impl::end_of_wait(Execution& execution, Unit unit) {
  AttemptRow& attempt = execution.attempts.at(unit).row;
  const StepAction& action = action_of(execution, unit.step);
  const auto end = [&](Outcome outcome, std::string error, Value result) {
    attempt.error = std::move(error);
    settle_attempt(execution, unit, outcome, std::move(result), false);
  };
  const auto& timeout = execution.definition->steps[unit.step].timeout;
  const std::string span = timeout ? format_duration(*timeout) : "";
  if (const auto* approve = std::get_if<ApproveAction>(&action)) {
    if (!approve->fallback) return end(Outcome::timed_out, fmt::format("nobody answered within {}", span), Value());
    if (!*approve->fallback)
      return end(Outcome::failed, fmt::format("nobody answered within {}: that is a no by default", span), Value());
    return end(Outcome::succeeded, "", {{"approved", true}, {"by", nullptr}, {"comment", ""}});
  }
  const auto& wait_action = std::get<WaitAction>(action);
  if (wait_action.event.empty()) return end(Outcome::succeeded, "", Value());
  end(Outcome::timed_out, fmt::format("no event '{}' came within {}", wait_action.event, span), Value());
}

void Engine::Impl::on(const ApprovalGiven& event) {
  Execution* execution = find(event.execution);
  if (execution == nullptr)
    return answer(event.request, fail(ErrorCode::not_running, "execution {} has ended or never was", event.execution));
  const bool known = std::any_of(execution->steps.begin(), execution->steps.end(),
                                 [&](const StepRow& step) { return step.name == event.step; });
  if (!known)
    return answer(event.request, fail(ErrorCode::no_such_step, "execution {} of '{}' has no step '{}'", event.execution,
                                      execution->row.process, event.step));
  const auto asked = std::find_if(execution->attempts.begin(), execution->attempts.end(), [&](const auto& one) {
    return one.second.row.kind == AttemptKind::step && execution->steps[one.first.step].name == event.step &&
           std::holds_alternative<ApproveAction>(action_of(*execution, one.first.step));
  });
  if (asked == execution->attempts.end())
    return answer(event.request, fail(ErrorCode::not_running, "step '{}' of execution {} waits for no approval",
                                      event.step, event.execution));
  const Unit unit = asked->first;
  StepRow& row = execution->steps[unit.step];
  row.approved_by = event.caller.uid;
  row.comment = bounded_message(event.comment);
  const std::string comment = event.comment.empty() ? "" : ": " + event.comment;
  audit(event.caller, "Approve", execution->row.process, event.execution,
        fmt::format("{} {}{}", event.step, event.yes ? "yes" : "no", comment));
  answer(event.request, event.execution);
  if (!event.yes)
    asked->second.row.error = bounded_message(fmt::format("rejected by uid {}{}", event.caller.uid, comment));
  settle_attempt(*execution, unit, event.yes ? Outcome::succeeded : Outcome::failed,
                 {{"approved", event.yes}, {"by", event.caller.uid}, {"comment", row.comment}}, false);
  advance(*execution);
}

void Engine::Impl::on(const EventEmitted& event) {
  announce(Emitted{event.event, event.payload, "", 0});
  const std::uint32_t heard = wake({event.event, event.payload, "", 0, 0});
  audit(event.caller, "Emit", "", std::nullopt, event.event);
  answer(event.request, ExecutionId{heard});
}

// Fires the triggers of this event, and ends the steps that wait for it. How many there were.
std::uint32_t Engine::Impl::wake(const EmittedEvent& emitted_event) {
  const auto& [event, payload, process, execution_id, depth] = emitted_event;
  std::uint32_t heard = fire_event(emitted_event);
  const auto listening = listeners.find(event);
  if (listening == listeners.end()) return heard;
  for (const std::string& token : std::set(listening->second)) {
    const auto where = tokens.find(token);
    if (where == tokens.end()) continue;  // it ended with another that heard of it
    const auto [id, unit] = where->second;
    Execution& execution = *live.at(id);
    const auto& action = std::get<WaitAction>(action_of(execution, unit.step));
    const auto match = evaluator.expand_value(action.match, expression_context(execution, unit));
    if (!match || !matches(*match, payload)) continue;
    ++heard;
    settle_attempt(execution, unit, Outcome::succeeded, payload, false);
    advance(execution);
  }
  if (listening->second.empty()) listeners.erase(listening);
  return heard;
}

void Engine::Impl::hear_events() {
  for (const EmittedEvent& one : std::exchange(emitted, {})) wake(one);
}

}  // namespace takt
