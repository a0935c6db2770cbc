// What is asked of those who do a step's action, complete: nothing of it is looked up later.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/assert.h"
#include "base/names.h"
#include "base/sha256.h"
#include "definition/limits.h"
#include "engine/limits.h"
#include "engine/state.h"

namespace takt {

namespace {

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

// An even number of [0, bound) that the text alone decides.
std::uint64_t drawn(std::string_view text, std::uint64_t bound) {
  return std::stoull(sha256_hex(text).substr(0, 15), nullptr, 16) % bound;
}

}  // namespace

Result<AttemptSpec> Engine::Impl::make_spec(const Execution& execution, Unit unit, const AttemptRow& row) {
  const ProcessDefinition& definition = *execution.definition;
  const Step& step = definition.steps[unit.step];
  AttemptSpec spec;
  spec.token = row.token;
  spec.execution = row.execution;
  spec.process = definition.name;
  spec.step = step.name;
  spec.attempt = row.attempt;
  spec.user = step.user.empty() ? definition.user : step.user;
  const bool undo = row.kind == AttemptKind::undo;
  spec.result = undo ? ResultSource::none : step.result;
  spec.leftovers = step.kill.leftovers;
  spec.log_bytes = settings.log_bytes;

  Value context = context_of(execution, unit);
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

  const StepAction& action = action_of(execution, unit.step);
  if (const auto* shell = std::get_if<ShellAction>(&action); shell != nullptr && !undo) {
    spec.argv = {shell->interpreter, "-c", shell->script};
  } else {
    for (const std::string& argument : undo ? step.undo->argv : std::get<RunAction>(action).argv) {
      TAKT_ASSIGN(std::string text, expand(undo ? "undo" : "run", argument));
      if (text.size() > limits::argument_bytes)
        return fail(ErrorCode::limit_exceeded, "run: an argument of {} bytes; the kernel takes at most {}", text.size(),
                    limits::argument_bytes);
      spec.argv.push_back(std::move(text));
    }
  }
  TAKT_ASSIGN(spec.directory, expand("directory", step.directory));
  if (!undo) {
    auto input = evaluator.expand(step.standard_input, context);
    if (!input) return tl::unexpected(std::move(input).error().in("stdin"));
    spec.standard_input = std::move(*input);
  }

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

Result<ActionSpec> Engine::Impl::make_action(const Execution& execution, Unit unit, const AttemptRow& row) {
  const Value context = expression_context(execution, unit);
  ActionSpec spec{row.token, execution.row.process, execution.steps[unit.step].name, {}};
  const StepAction& action = action_of(execution, unit.step);
  if (const auto* call = std::get_if<CallAction>(&action)) {
    CallAction expanded = *call;
    TAKT_ASSIGN(expanded.args, evaluator.expand_value(call->args, context));
    spec.action = std::move(expanded);
    return spec;
  }
  HttpAction request = std::get<HttpAction>(action);
  TAKT_ASSIGN(request.url, evaluator.expand(request.url, context));
  for (auto& [name, value] : request.headers) {
    TAKT_ASSIGN(value, evaluator.expand(value, context));
  }
  TAKT_ASSIGN(request.body, evaluator.expand_value(request.body, context));
  spec.action = std::move(request);
  return spec;
}

const StepAction& Engine::Impl::action_of(const Execution& execution, std::uint32_t place) const {
  const Step& step = execution.definition->steps[place];
  for (const Variant& variant : step.variants)
    if (variant.name == execution.steps[place].variant) return variant.action;
  return step.variants.empty() ? step.action : step.variants.front().action;
}

// The same key has the same variant, for ever; without a key each execution has its own.
// Empty: the step has no variants.
Result<std::string> Engine::Impl::choose_variant(const Execution& execution, std::uint32_t place) {
  const Step& step = execution.definition->steps[place];
  if (step.variants.empty()) return std::string();
  std::string key = std::to_string(execution.row.id);
  if (!step.variant_key.empty()) {
    TAKT_ASSIGN(key, evaluator.expand(step.variant_key, expression_context(execution, {place, 0})));
  }
  std::uint64_t total = 0;
  for (const Variant& variant : step.variants) total += static_cast<std::uint64_t>(variant.weight);
  std::uint64_t at = drawn(step.name + "\n" + key, total);
  for (const Variant& variant : step.variants) {
    if (at < static_cast<std::uint64_t>(variant.weight)) return variant.name;
    at -= static_cast<std::uint64_t>(variant.weight);
  }
  TAKT_ASSERT(false);
}

// delay × backoff^(tries − 1), at most max_delay, at most a year; spread by
// `jitter`, which the token decides, so that a simulation and a second look give the same.
Duration retry_delay(const Retry& rule, std::uint32_t tries, const std::string& token) {
  if (rule.delay == Duration(0)) return rule.delay;  // times a power beyond all numbers it would be none
  constexpr std::uint64_t parts = 1'000'000;
  const double spread = rule.jitter * (2 * static_cast<double>(drawn(token, parts)) / static_cast<double>(parts) - 1);
  const double cap = static_cast<double>(rule.max_delay.value_or(std::chrono::hours(24 * 365)).count());
  const double delay = static_cast<double>(rule.delay.count()) * std::pow(rule.backoff, static_cast<double>(tries - 1));
  return Duration(static_cast<std::int64_t>(std::min(delay, cap) * (1 + spread)));
}

}  // namespace takt
