// DescribeExecution's reply (rows.h).
#include <algorithm>
#include <map>

#include "base/limits.h"
#include "bus/definition_rows.h"
#include "bus/filler.h"
#include "bus/rows.h"
#include "definition/definition.h"
#include "engine/limits.h"

namespace takt {

namespace {

// What is known only while the definition is; and while the items are.
void describe_origin(const StepRow& step, const ProcessDefinition* definition, Filler& filler) {
  if (definition == nullptr || step.step >= definition->steps.size()) return;
  describe_order(*definition, definition->steps[step.step], filler);
  if (const StepAction* action = action_in_use(definition->steps[step.step], step.variant))
    filler.put("Action", std::string(action_word(*action)));
}

Dict describe_step(const StepRow& step, const ProcessDefinition* definition, bool private_too, Filler filler) {
  describe_origin(step, definition, filler);
  filler.text("Name", step.name, limits::name_bytes);
  filler.put("State", std::string(to_word(step.state)));
  filler.put("Attempts", step.attempts);
  filler.put("StartedUSec", step.started_at);
  filler.put("EndedUSec", step.ended_at);
  filler.put("RetryUSec", step.retry_at);
  filler.put("ExitCode", step.exit_code);
  filler.put("Signal", step.signal);
  filler.text("Error", private_too ? step.error : public_error(step), limits::message_bytes);
  filler.put("Visits", step.visits);
  filler.put("Order", step.order);
  filler.text("Variant", step.variant, limits::name_bytes);
  if (step.items.is_array())
    filler.put("Items", sdbus::Struct<std::uint32_t, std::uint32_t, std::uint32_t>(
                            static_cast<std::uint32_t>(step.items.size()), step.items_ended, step.items_failed));
  filler.put("WaitsUntilUSec", step.waits_until);
  filler.put("ApprovedBy", step.approved_by);
  if (!private_too) return filler.take();
  filler.text("Message", step.message, limits::message_bytes);
  filler.text("Comment", step.comment, limits::message_bytes);
  filler.json("Result", step.result);
  return filler.take();
}

Dict describe_attempt(const AttemptRow& attempt, const std::string& step, bool private_too, Filler filler) {
  const auto unsigned_of = [](std::int64_t number) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
  };
  filler.put("Run", attempt.run);
  filler.text("Step", step, limits::name_bytes);
  filler.put("Attempt", attempt.attempt);
  filler.put("Kind", std::string(to_word(attempt.kind)));
  filler.put("Item", attempt.item);
  if (attempt.outcome) filler.put("Outcome", std::string(to_word(*attempt.outcome)));
  filler.put("StartedUSec", std::optional(attempt.started_at));
  filler.put("EndedUSec", attempt.ended_at);
  filler.put("ExitCode", attempt.exit_code);
  filler.put("Signal", attempt.signal);
  if (attempt.outcome) {
    filler.put("CPUUserUSec", unsigned_of(attempt.usage.cpu_user_us));
    filler.put("CPUSystemUSec", unsigned_of(attempt.usage.cpu_system_us));
    filler.put("MemoryPeak", unsigned_of(attempt.usage.memory_peak_bytes));
    filler.put("IORead", unsigned_of(attempt.usage.io_read_bytes));
    filler.put("IOWrite", unsigned_of(attempt.usage.io_write_bytes));
    filler.put("OutputBytes", attempt.output_bytes);
    filler.put("OutputCut", attempt.output_cut);
  }
  if (private_too) {
    filler.text("Error", attempt.error, limits::message_bytes);
    filler.text("OutputTail", attempt.output_tail, limits::tail_bytes);
  }
  return filler.take();
}

void describe_row(const ExecutionRow& row, bool private_too, Filler& filler) {
  filler.put("ID", row.id);
  filler.put("Process", row.process);
  filler.put("Version", row.version);
  filler.put("State", std::string(to_word(row.state)));
  if (!is_live(row.state)) filler.put("Outcome", std::string(to_word(row.state)));
  filler.put("Run", row.run);
  filler.put("Priority", static_cast<std::int32_t>(row.priority));
  filler.put("TriggerKind", row.trigger_kind);
  filler.text("Trigger", row.trigger_key, limits::message_bytes);
  filler.put("NominalUSec", row.nominal_at);
  filler.put("RequestedBy", row.requested_by);
  filler.put("QueuedUSec", std::optional(row.queued_at));
  filler.put("StartedUSec", row.started_at);
  filler.put("EndedUSec", row.ended_at);
  filler.put("DeadlineUSec", row.deadline_at);
  filler.text("Reason", private_too ? row.reason : public_reason(row), limits::message_bytes);
  filler.text("ErrorStep", row.error_step, limits::name_bytes);
  if (is_live(row.state) && row.state != ExecutionState::queued) filler.put("Phase", std::string(to_word(row.phase)));
  filler.put("StartUSec", row.start_at);
  filler.put("Parent", row.parent);
  if (row.depth != 0) filler.put("Depth", row.depth);
  if (!private_too) return;
  filler.text("IdempotencyKey", row.idempotency_key, limits::key_bytes);
  filler.json("Inputs", row.inputs);
  filler.json("Result", row.result);
  filler.json("TriggerFields", row.trigger);
}

std::vector<Dict> describe_attempts(const ExecutionHistory& history, bool private_too, ReplyBudget& budget,
                                    bool& truncated) {
  std::map<std::uint32_t, std::string> names;
  for (const StepRow& step : history.steps) names[step.step] = step.name;
  std::vector<Dict> attempts;
  for (auto attempt = history.attempts.rbegin(); attempt != history.attempts.rend(); ++attempt) {
    if (!budget.take(dictionary_bytes)) {
      truncated = true;
      break;
    }
    attempts.push_back(describe_attempt(*attempt, names[attempt->step], private_too, Filler(budget, truncated)));
  }
  std::reverse(attempts.begin(), attempts.end());
  return attempts;
}

}  // namespace

Dict describe_execution(const ExecutionHistory& history, const ExecutionSurroundings& around, bool private_too) {
  ReplyBudget budget;
  bool truncated = false;
  Filler filler(budget, truncated);
  describe_row(history.execution, private_too, filler);

  const StepsProgress progress =
      around.live != nullptr ? steps_progress(*around.live) : steps_progress(history.steps, history.steps.size());
  filler.put("Progress", progress.fraction());
  filler.text("CurrentStep", progress.current, limits::name_bytes);
  filler.put("TotalSteps", progress.total);
  filler.put("DoneSteps", progress.done);
  if (!around.children.empty()) filler.put("Children", around.children);

  std::vector<Dict> steps;
  for (const StepRow& step : history.steps) {
    if (!budget.take(dictionary_bytes)) {
      truncated = true;
      break;
    }
    steps.push_back(describe_step(step, around.definition.get(), private_too, Filler(budget, truncated)));
  }
  filler.put("Steps", steps);
  filler.put("Attempts", describe_attempts(history, private_too, budget, truncated));
  if (truncated) filler.put("Truncated", true);
  return filler.take();
}

}  // namespace takt
