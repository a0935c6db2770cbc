// DescribeExecution's reply (rows.h).
#include <algorithm>
#include <map>

#include "bus/dbus_text.h"
#include "bus/rows.h"

namespace takt {

namespace {

// Of a dictionary's fixed values, with their keys.
constexpr std::size_t dictionary_bytes = 1024;

// Fills one dictionary; counts the bytes of texts, and leaves out those that do not fit.
class Filler {
 public:
  Filler(ReplyBudget& budget, bool& truncated) : budget_(budget), truncated_(truncated) {}

  template <class T>
  void put(const char* key, const T& value) {
    dict_[key] = value;
  }
  template <class T>
  void put(const char* key, const std::optional<T>& value) {
    if (value) dict_[key] = *value;
  }
  void put(const char* key, std::optional<WallTime> at) {
    if (at) dict_[key] = usec(at);
  }
  void text(const char* key, std::string_view value, std::size_t most) {
    if (value.empty()) return;
    const std::string text = dbus_text(value, most);
    if (budget_.take(text.size()))
      dict_[key] = text;
    else
      truncated_ = true;
  }
  void json(const char* key, const Value& value) {
    if (!value.is_null()) text(key, value_text(value), limits::page_bytes);
  }
  Dict take() { return std::move(dict_); }

 private:
  ReplyBudget& budget_;
  bool& truncated_;
  Dict dict_;
};

Dict describe_step(const StepRow& step, bool private_too, Filler filler) {
  filler.text("Name", step.name, limits::name_bytes);
  filler.put("State", std::string(to_word(step.state)));
  filler.put("Attempts", step.attempts);
  filler.put("StartedUSec", step.started_at);
  filler.put("EndedUSec", step.ended_at);
  filler.put("RetryUSec", step.retry_at);
  filler.put("ExitCode", step.exit_code);
  filler.put("Signal", step.signal);
  filler.text("Error", private_too ? step.error : public_error(step), limits::message_bytes);
  if (private_too) filler.json("Result", step.result);
  return filler.take();
}

Dict describe_attempt(const AttemptRow& attempt, const std::string& step, bool private_too, Filler filler) {
  const auto unsigned_of = [](std::int64_t number) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
  };
  filler.put("Run", attempt.run);
  filler.text("Step", step, limits::name_bytes);
  filler.put("Attempt", attempt.attempt);
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
  if (!private_too) return;
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

Dict describe_execution(const ExecutionHistory& history, std::size_t total_steps, bool private_too) {
  ReplyBudget budget;
  bool truncated = false;
  Filler filler(budget, truncated);
  describe_row(history.execution, private_too, filler);

  const StepsProgress progress = steps_progress(history.steps, total_steps);
  filler.put("Progress", progress.fraction());
  filler.text("CurrentStep", progress.current, limits::name_bytes);
  filler.put("TotalSteps", progress.total);
  filler.put("DoneSteps", progress.done);

  std::vector<Dict> steps;
  for (const StepRow& step : history.steps) {
    if (!budget.take(dictionary_bytes)) {
      truncated = true;
      break;
    }
    steps.push_back(describe_step(step, private_too, Filler(budget, truncated)));
  }
  filler.put("Steps", steps);
  filler.put("Attempts", describe_attempts(history, private_too, budget, truncated));
  if (truncated) filler.put("Truncated", true);
  return filler.take();
}

}  // namespace takt
