// Executions within executions: a `process` step starts one, waits for its end, and takes its result.
#include <fmt/core.h>

#include <utility>

#include "engine/state.h"

namespace takt {

Result<ExecutionId> Engine::Impl::begin_nested(Execution& parent, Unit unit, const AttemptRow& attempt,
                                               const ProcessAction& action) {
  TAKT_ASSIGN(Value inputs, evaluator.expand_value(action.inputs, expression_context(parent, unit)));
  TAKT_ASSIGN(const ExecutionId id, add_nested(parent, unit.step, attempt.token, action.process, inputs));
  nested[attempt.token] = id;
  return id;
}

// Null: it waits for none.
Execution* Engine::Impl::nested_of(const std::string& token) const {
  const auto at = nested.find(token);
  return at == nested.end() ? nullptr : find(at->second);
}

// Tells the steps that waited how theirs have ended.
void Engine::Impl::settle_nested() {
  for (ExecutionRow& child : std::exchange(ended_nested, {})) {
    const auto where = tokens.find(child.parent_token);
    if (where == tokens.end()) continue;  // its step has ended before it
    const auto [id, unit] = where->second;
    Execution& parent = *live.at(id);
    AttemptRow& attempt = parent.attempts.at(unit).row;
    Outcome outcome = Outcome::succeeded;
    if (attempt.ending) {
      outcome = *attempt.ending;
    } else if (child.state != ExecutionState::succeeded) {
      outcome = child.state == ExecutionState::timed_out ? Outcome::timed_out : Outcome::failed;
      attempt.error = bounded_message(
          fmt::format("execution {} of '{}' {}: {}", child.id, child.process, to_word(child.state), child.reason));
    }
    settle_attempt(parent, unit, outcome, std::move(child.result), true);
    advance(parent);
  }
}

}  // namespace takt
