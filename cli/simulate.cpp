#include "cli/simulate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "definition/definition.h"
#include "engine/engine.h"
#include "trigger/schedule.h"

namespace takt {
namespace {

constexpr RequestId start_request = 1;
constexpr RequestId answer_request = 2;

// One way to take each kind of a variant's value.
template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string action_text(const ActionSpec& spec) {
  return std::visit(Overloaded{[](const CallAction& call) {
                                 return fmt::format("calls {} {}.{}{}", call.service, call.interface, call.method,
                                                    value_text(call.args));
                               },
                               [](const HttpAction& http) { return fmt::format("{} {}", http.method, http.url); }},
                    spec.action);
}

// Owns the engine, the schedule, the clock, and what is to come; it never does what an effect asks for.
class Simulator {
 public:
  Simulator(const SimulationRequest& request, Evaluator& evaluator)
      : request_(request),
        engine_(settings_, evaluator, request.environment),
        schedule_(request.machine_id, "simulated boot"),
        now_{request.from, boot_from_us(0)} {}

  Result<SimulationOutcome> run() {
    // One that is disabled, as it is until it has been looked at, is played as it would be.
    auto definitions = request_.definitions;
    std::map<std::string, Definition> followed = definitions;
    if (!request_.process.empty()) {
      ProcessDefinition enabled = *definitions.at(request_.process);
      enabled.enabled = true;
      definitions[request_.process] = std::make_shared<const ProcessDefinition>(std::move(enabled));
      followed = {{request_.process, definitions[request_.process]}};  // the triggers of others stay quiet
    }
    take(engine_.restore({}, definitions, {}, now_));
    if (request_.to) {
      static_cast<void>(schedule_.set_definitions(followed, {}, now_));
    } else {
      StartRequested start;
      start.request = start_request;
      start.process = request_.process;
      start.inputs = request_.inputs;
      take(engine_.handle(start, now_));
    }
    while (!refused_ && advance()) {
      if (outcome_.events.size() >= limits::simulated_events) {
        outcome_.cut = true;
        break;
      }
    }
    if (refused_) return tl::unexpected<Error>(*refused_);
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] WallTime wall_of(BootTime at) const { return now_.wall + (at - now_.boot); }

  void go_to(WallTime at) {
    if (at <= now_.wall) return;
    now_.boot += at - now_.wall;
    now_.wall = at;
  }

  // Goes to the next instant at which something happens, and lets it. False: nothing will.
  bool advance() {
    std::optional<WallTime> next;
    const auto consider = [&](std::optional<WallTime> at) {
      if (at && (!next || *at < *next)) next = at;
    };
    if (!coming_.empty()) consider(coming_.begin()->first);
    if (const auto at = engine_.next_at()) consider(wall_of(*at));
    if (request_.to) {
      consider(schedule_.next_wall());
      if (const auto at = schedule_.next_boot()) consider(wall_of(*at));
    }
    if (!next || (request_.to && *next > *request_.to)) return false;
    // An engine that asks for an instant again and again without doing anything would keep the clock where it is.
    stuck_ = *next > now_.wall ? 0 : stuck_ + 1;
    if (stuck_ > limits::simulated_events) return false;
    go_to(*next);
    if (request_.to) fire();
    if (!coming_.empty() && coming_.begin()->first <= now_.wall) {
      const Event event = std::move(coming_.begin()->second);
      coming_.erase(coming_.begin());
      take(engine_.handle(event, now_));
    } else if (const auto at = engine_.next_at(); at && *at <= now_.boot) {
      take(engine_.handle(Tick{}, now_));
    }
    return true;
  }

  void fire() {
    std::vector<TriggerMark> let_go;
    for (Firing& firing : schedule_.due(now_, let_go)) take(engine_.handle(TriggerFired{std::move(firing)}, now_));
  }

  void take(const Actions& actions) {
    for (const Effect& effect : actions.effects) std::visit([this](const auto& one) { on(one); }, effect);
  }

  void after(Duration delay, Event event) { coming_.emplace(now_.wall + delay, std::move(event)); }

  void tell(const ExecutionRow& row, std::string step, std::string event, std::string detail) {
    outcome_.events.push_back({now_.wall, row.id, row.process, std::move(step), std::move(event), std::move(detail)});
  }

  void end_attempt(const std::string& token, std::optional<int> exit_code, std::optional<int> signal, Value result) {
    AttemptEnded end;
    end.token = token;
    end.exit_code = exit_code;
    end.signal = signal;
    end.result = std::move(result);
    // One that was told to end does so at once.
    const Duration span = signal ? limits::simulated_attempt : request_.attempt;
    end.ended_at = now_.wall + span;
    after(span, std::move(end));
  }

  [[nodiscard]] bool fails(const std::string& step, const std::string& token) const {
    return request_.fails.contains(step) && !token.ends_with(".u");
  }
  [[nodiscard]] Value result_of(const std::string& step, const Value& otherwise) const {
    const auto found = request_.results.find(step);
    return found == request_.results.end() ? otherwise : found->second;
  }

  // ---- Effects: what would be done is told, and what would come of it is set to come.

  void on(const StartAttempt& start) {
    const AttemptSpec& spec = start.spec;
    ExecutionRow row;
    row.id = spec.execution;
    row.process = spec.process;
    const bool undo = spec.token.ends_with(".u");
    tell(row, spec.step, undo ? "undoes" : "runs", fmt::format("{}", fmt::join(spec.argv, " ")));
    end_attempt(spec.token, fails(spec.step, spec.token) ? 1 : 0, std::nullopt, result_of(spec.step, Value()));
  }
  void on(const StartAction& start) {
    const ActionSpec& spec = start.spec;
    const bool http = std::holds_alternative<HttpAction>(spec.action);
    ExecutionRow row;
    row.id = std::strtoull(spec.token.c_str(), nullptr, 10);
    row.process = spec.process;
    tell(row, spec.step, "runs", action_text(spec));
    ActionEnded end{spec.token, Value()};
    if (fails(spec.step, spec.token)) {
      end.result = fail(ErrorCode::unavailable, "it is to fail");
    } else {
      end.result = result_of(spec.step,
                             http ? Value{{"status", 200}, {"headers", Value::object()}, {"body", nullptr}} : Value());
    }
    after(request_.attempt, std::move(end));
  }
  void on(const StopAction& stop) { forget(stop.token); }
  void on(const SignalAttempt& signal) {
    forget(signal.token);
    end_attempt(signal.token, std::nullopt, signal.signal, Value());
  }
  void on(const KillAttempt& kill) {
    forget(kill.token);
    end_attempt(kill.token, std::nullopt, SIGKILL, Value());
  }
  void on(const FreezeAttempt& /*freeze*/) {}
  void on(const ThawAttempt& /*thaw*/) {}
  void on(const AcknowledgeAttempt& /*acknowledge*/) {}
  // The machine stands in nobody's way: what is played are the calendars, the queues and the steps.
  void on(const AwaitConstraint& await) { after(Duration(0), ConstraintSeen{await.constraint.key, ""}); }
  void on(const ForgetConstraint& /*forget*/) {}
  void on(const ForgetFiles& /*forget*/) {}
  void on(const Answer& answer) {
    if (answer.request == start_request && !answer.result) refused_ = answer.result.error();
  }
  void on(const Announce& announce) {
    std::visit([this](const auto& one) { announced(one); }, announce.announcement);
  }

  // An end of that attempt that was to come does not.
  void forget(const std::string& token) {
    std::erase_if(coming_, [&](const auto& entry) {
      const auto* attempt = std::get_if<AttemptEnded>(&entry.second);
      const auto* action = std::get_if<ActionEnded>(&entry.second);
      return (attempt != nullptr && attempt->token == token) || (action != nullptr && action->token == token);
    });
  }

  // ---- Announcements

  void announced(const ExecutionQueued& queued) {
    const ExecutionRow& row = queued.execution;
    tell(row, "", "queued", row.trigger_key.empty() ? row.trigger_kind : row.trigger_key);
    const auto* live = engine_.live(row.id);
    const bool asks = live != nullptr && std::ranges::any_of(live->definition->constraints.all, [](const auto& one) {
                        return !std::holds_alternative<BlackoutConstraint>(one.kind);
                      });
    if (!asks && !row.reason.empty()) tell(row, "", "waits", row.reason);  // else once the machine has let it
  }
  void announced(const ExecutionStarted& started) {
    tell(started.execution, "", "started", value_text(started.execution.inputs));
    schedule_.execution_started(started.execution.process);
  }
  void announced(const ExecutionChanged& changed) {
    const ExecutionRow& row = changed.execution;
    if (row.state == ExecutionState::queued && !row.reason.empty()) tell(row, "", "waits", row.reason);
  }
  void announced(const ExecutionFinished& finished) {
    const ExecutionRow& row = finished.execution;
    const std::string where = row.error_step.empty() ? "" : row.error_step + ": ";
    tell(row, "", std::string(to_word(row.state)), row.reason.empty() ? "" : where + row.reason);
    if (row.started_at) schedule_.execution_ended(row.process, now_);
    if (!request_.to && !row.parent && row.process == request_.process) outcome_.outcome = outcome_of(row.state);
  }
  void announced(const StepStarted& started) {
    const auto* live = engine_.live(started.execution.id);
    if (live == nullptr || started.step.step >= live->definition->steps.size()) return;
    const StepAction& action = live->definition->steps[started.step.step].action;
    // Commands, requests and calls tell themselves, with all that is expanded.
    if (is_command(action) || std::holds_alternative<CallAction>(action) || std::holds_alternative<HttpAction>(action))
      return;
    tell(started.execution, started.step.name, "runs", std::string(action_word(action)));
  }
  void announced(const StepFinished& finished) {
    const StepRow& step = finished.step;
    tell(finished.execution, step.name, std::string(to_word(step.state)), step.error);
  }
  void announced(const StepWaits& waits) {
    const StepRow& step = waits.step;
    const std::optional<WallTime> until = step.retry_at ? step.retry_at : step.waits_until;
    const std::string span = until ? "for " + format_duration_short(std::max(*until - now_.wall, Duration(0))) : "";
    tell(waits.execution, step.name, "waits", step.message.empty() ? span : step.message);
    const auto* live = engine_.live(waits.execution.id);
    if (live == nullptr || step.retry_at || step.step >= live->definition->steps.size()) return;
    if (!std::holds_alternative<ApproveAction>(live->definition->steps[step.step].action)) return;
    ApprovalGiven answer;
    answer.request = answer_request;
    answer.execution = waits.execution.id;
    answer.step = step.name;
    answer.yes = !request_.fails.contains(step.name);
    after(limits::simulated_attempt, std::move(answer));
  }
  void announced(const Emitted& emitted) {
    ExecutionRow row;
    row.id = emitted.execution;
    row.process = emitted.process;
    tell(row, "", "emits", fmt::format("{} {}", emitted.event, value_text(emitted.payload)));
  }
  void announced(const Progress& /*progress*/) {}
  void announced(const ProcessChanged& /*changed*/) {}
  void announced(const Reloaded& /*reloaded*/) {}

  const SimulationRequest& request_;
  Settings settings_;
  Engine engine_;
  Schedule schedule_;
  Now now_;
  std::multimap<WallTime, Event> coming_;
  SimulationOutcome outcome_;
  std::optional<Error> refused_;
  std::size_t stuck_ = 0;
};

}  // namespace

Result<SimulationOutcome> simulate(const SimulationRequest& request, Evaluator& evaluator) {
  return Simulator(request, evaluator).run();
}

}  // namespace takt
