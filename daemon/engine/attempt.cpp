// One step and its tries: guard, start, time-out, end, the next try.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/assert.h"
#include "base/limits.h"
#include "base/names.h"
#include "engine/state.h"

namespace takt {

namespace {

// The wait before try number `tries` + 1: delay × backoff^(tries − 1), at most max_delay, at most a year.
Duration retry_delay(const Retry& rule, std::uint32_t tries) {
  if (rule.delay == Duration(0)) return rule.delay;  // times a power beyond all numbers it would be none
  const double cap = static_cast<double>(rule.max_delay.value_or(std::chrono::hours(24 * 365)).count());
  const double delay = static_cast<double>(rule.delay.count()) * std::pow(rule.backoff, static_cast<double>(tries - 1));
  return Duration(static_cast<std::int64_t>(std::min(delay, cap)));
}

// "batch-id" -> "TAKT_INPUT_BATCH_ID".
std::string input_variable(const std::string& name) {
  std::string variable(names::input_prefix);
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    variable += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return variable;
}

Status refuse_nul(std::string_view what, const std::string& text) {
  if (text.find('\0') == std::string::npos) return {};
  return fail(ErrorCode::invalid_input, "{} holds a NUL character, which no child can be given", what);
}

}  // namespace

const Retry& Engine::Impl::retry_rule(const Step& step) const {
  return step.retry ? *step.retry : settings.retry;
}

// Starts the next attempt of a step; or ends the step, when its guard is false or what it needs cannot be had.
void Engine::Impl::start_attempt(Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  StepRow& row = execution.steps[place];
  if (row.attempts == 0 && !step.when.empty()) {
    Value context = context_of(execution);
    context["env"] = environment_value();
    const auto guard = evaluator.test(step.when, context);
    if (guard && !*guard) return end_step(execution, place, StepState::skipped, "");
    if (!guard) {
      row.error = bounded_message(fmt::format("when: {}", guard.error().message));
      return end_step(execution, place, StepState::failed, "");
    }
  }
  AttemptRow attempt;
  attempt.execution = execution.row.id;
  attempt.run = execution.row.run;
  attempt.step = place;
  attempt.attempt = row.attempts + 1;
  attempt.token = fmt::format("{}.{}.{}.{}", attempt.execution, attempt.run, place, attempt.attempt);
  attempt.started_at = now.wall;
  auto spec = make_spec(execution, place, attempt);
  if (!spec) {
    row.error = bounded_message(std::move(spec).error().message);
    return end_step(execution, place, StepState::failed, "");
  }
  RunningAttempt running{attempt, std::nullopt, std::nullopt};
  if (const auto timeout = step.timeout ? step.timeout : settings.step_timeout) {
    running.deadline = now.boot + *timeout;
    running.row.deadline_at = wall_at(*running.deadline);
  }
  row.attempts = attempt.attempt;
  row.state = StepState::running;
  row.error.clear();
  row.exit_code.reset();
  row.signal.reset();
  if (!row.started_at) row.started_at = now.wall;
  tokens[attempt.token] = {execution.row.id, place};
  execution.attempts.emplace(place, std::move(running));
  change_step(execution, place);
  effect(StartAttempt{std::move(*spec)});
  announce(StepStarted{execution.row, row});
}

Result<AttemptSpec> Engine::Impl::make_spec(const Execution& execution, std::uint32_t place, const AttemptRow& row) {
  const ProcessDefinition& definition = *execution.definition;
  const Step& step = definition.steps[place];
  AttemptSpec spec;
  spec.token = row.token;
  spec.execution = row.execution;
  spec.process = definition.name;
  spec.step = step.name;
  spec.attempt = row.attempt;
  spec.user = step.user.empty() ? definition.user : step.user;
  spec.result = step.result;
  spec.leftovers = step.kill.leftovers;
  spec.log_bytes = settings.log_bytes;

  Value context = context_of(execution);
  spec.context = value_text(context);
  if (spec.context.size() > limits::context_bytes)
    return fail(ErrorCode::limit_exceeded, "the results so far are {} bytes of JSON; a step is given at most {}",
                spec.context.size(), limits::context_bytes);
  context["env"] = environment_value();
  const auto expand = [&](std::string_view what, const std::string& text) -> Result<std::string> {
    auto expanded = evaluator.expand(text, context);
    if (!expanded) return tl::unexpected(std::move(expanded).error().in(what));
    TAKT_TRY(refuse_nul(what, *expanded));
    return expanded;
  };

  if (const auto* run = std::get_if<RunAction>(&step.action)) {
    for (const std::string& argument : run->argv) {
      TAKT_ASSIGN(std::string text, expand("run", argument));
      if (text.size() > limits::argument_bytes)
        return fail(ErrorCode::limit_exceeded, "run: an argument of {} bytes; the kernel takes at most {}", text.size(),
                    limits::argument_bytes);
      spec.argv.push_back(std::move(text));
    }
  } else {
    const auto& shell = std::get<ShellAction>(step.action);
    spec.argv = {shell.interpreter, "-c", shell.script};
  }
  TAKT_ASSIGN(spec.directory, expand("directory", step.directory));
  auto input = evaluator.expand(step.standard_input, context);
  if (!input) return tl::unexpected(std::move(input).error().in("stdin"));
  spec.standard_input = std::move(*input);

  for (const auto& [name, value] : execution.row.inputs.items()) {
    std::string text = value.is_string() ? value.get<std::string>() : value_text(value);
    TAKT_TRY(refuse_nul("input " + name, text));
    spec.environment[input_variable(name)] = std::move(text);
  }
  for (const auto* layer : {&definition.environment, &step.environment})
    for (const auto& [name, text] : *layer) {
      TAKT_ASSIGN(spec.environment[name], expand("environment " + name, text));
    }
  spec.environment[std::string(names::process)] = definition.name;
  spec.environment[std::string(names::execution)] = std::to_string(row.execution);
  spec.environment[std::string(names::step)] = step.name;
  spec.environment[std::string(names::attempt)] = std::to_string(row.attempt);
  return spec;
}

void Engine::Impl::tell_to_end(Execution& execution, RunningAttempt& attempt, Outcome why) {
  if (attempt.row.ending) return;  // it was told
  const Kill& kill = execution.definition->steps[attempt.row.step].kill;
  attempt.row.ending = why;
  if (attempt.row.error.empty())
    attempt.row.error = why == Outcome::timed_out ? "the execution timed out" : "cancelled";
  attempt.kill = now.boot + kill.grace;
  attempt.row.kill_at = wall_at(*attempt.kill);
  change_step(execution, attempt.row.step);
  effect(SignalAttempt{attempt.row.token, kill.signal});
}

// An attempt has its outcome: the step ends with it, or waits for its next try.
void Engine::Impl::settle_attempt(Execution& execution, std::uint32_t place, Outcome outcome) {
  AttemptRow attempt = std::move(execution.attempts.at(place).row);
  execution.attempts.erase(place);
  tokens.erase(attempt.token);
  attempt.outcome = outcome;
  if (!attempt.ended_at) attempt.ended_at = now.wall;

  StepRow& row = execution.steps[place];
  const Step& step = execution.definition->steps[place];
  row.exit_code = attempt.exit_code;
  row.signal = attempt.signal;
  row.error = attempt.error;
  const std::string tail = attempt.output_tail;
  record(std::move(attempt));
  if (outcome != Outcome::succeeded) execution.last_tail = tail;

  const Retry& rule = retry_rule(step);
  // Each interruption may be the step's own doing (it ends its runner, or the machine): it is not tried for ever.
  const bool again = outcome == Outcome::interrupted
                         ? step.on_interrupt == OnInterrupt::retry && row.attempts < limits::interrupted_attempts
                         : row.attempts <= static_cast<std::uint32_t>(rule.limit) &&
                               std::find(rule.on.begin(), rule.on.end(), outcome) != rule.on.end();
  if (outcome == Outcome::succeeded || execution.row.ending || !again)
    return end_step(execution, place, step_state_of(outcome), tail);

  const Duration delay = retry_delay(rule, row.attempts);
  row.state = StepState::waiting;
  row.retry_at = now.wall + delay;
  execution.retries[place] = now.boot + delay;
  change_step(execution, place);
  announce(StepWaits{execution.row, row});
}

void Engine::Impl::end_step(Execution& execution, std::uint32_t place, StepState state, const std::string& tail) {
  StepRow& row = execution.steps[place];
  row.state = state;
  row.ended_at = now.wall;
  change_step(execution, place);
  announce(StepFinished{execution.row, row, tail});
  announce_progress(execution);
  const bool well = state == StepState::succeeded || state == StepState::skipped;
  if (well || execution.row.ending || execution.definition->steps[place].continue_on_failure) return;
  const std::string tries = row.attempts > 1 ? fmt::format(" ({} attempts)", row.attempts) : "";
  execution.row.ending = Outcome::failed;
  execution.row.error_step = row.name;
  execution.row.reason = bounded_message(fmt::format("step '{}' {}: {}{}", row.name, to_word(state), row.error, tries));
  change(execution);
}

}  // namespace takt
