// What expressions and children see of an execution: {inputs, env, trigger, execution, steps}.
#include "engine/state.h"

namespace takt {

Value Engine::Impl::environment_value() const {
  Value value = Value::object();
  for (const auto& [name, text] : environment) value[name] = text;
  return value;
}

Value Engine::Impl::context_of(const Execution& execution, Unit unit) const {
  const ExecutionRow& row = execution.row;
  Value steps = Value::object();
  for (const StepRow& step : execution.steps) {
    if (!is_ended(step.state)) continue;
    Value& one = steps[step.name];
    one = {{"state", to_word(step.state)}, {"attempts", step.attempts}, {"result", step.result}};
    if (step.exit_code) one["exit_code"] = *step.exit_code;
    if (step.signal) one["signal"] = *step.signal;
    if (!step.error.empty()) one["error"] = step.error;
  }
  Value context = {{"inputs", row.inputs},
                   {"trigger", row.trigger},
                   {"steps", std::move(steps)},
                   {"execution",
                    {{"id", row.id},
                     {"process", row.process},
                     {"run", row.run},
                     {"version", row.version},
                     {"queued_at", format_utc(row.queued_at)},
                     {"started_at", format_utc(row.started_at.value_or(row.queued_at))}}}};
  if (row.phase != Phase::steps && row.ending) context["execution"]["outcome"] = to_word(*row.ending);
  if (const Value& items = execution.steps[unit.step].items; items.is_array() && unit.item < items.size()) {
    context["item"] = items[unit.item];
    context["index"] = unit.item;
  }
  return context;
}

Value Engine::Impl::expression_context(const Execution& execution, Unit unit) const {
  Value context = context_of(execution, unit);
  context["env"] = environment_value();
  return context;
}

}  // namespace takt
