#include "runtime/entries.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/names.h"

namespace takt {

namespace {

LogEntry entry(LogPriority priority, std::string_view message_id, const ExecutionRow& row, std::string message) {
  LogEntry made{priority, message_id, std::move(message), {}};
  made.fields[std::string(names::process)] = row.process;
  made.fields[std::string(names::execution)] = std::to_string(row.id);
  made.fields[std::string(names::trigger)] = row.trigger_key.empty() ? row.trigger_kind : row.trigger_key;
  return made;
}

LogEntry step_entry(const ExecutionRow& row, const StepRow& step, std::string message) {
  LogEntry made = entry(LogPriority::debug, names::id_execution, row, std::move(message));
  made.fields[std::string(names::step)] = step.name;
  made.fields[std::string(names::attempt)] = std::to_string(step.attempts);
  return made;
}

std::string with_tail(std::string message, const std::string& tail) {
  if (!tail.empty()) message += fmt::format("; the last of its output:\n{}", tail);
  return message;
}

LogEntry finished_entry(const ExecutionFinished& ended) {
  const ExecutionRow& row = ended.execution;
  const std::string head = fmt::format("{}: execution {} {}", row.process, row.id, to_word(row.state));
  switch (outcome_of(row.state)) {
    case Outcome::succeeded:
      return entry(LogPriority::debug, names::id_execution, row, head);
    case Outcome::skipped:
      return entry(LogPriority::notice, names::id_firing_skipped, row, fmt::format("{}: {}", head, row.reason));
    case Outcome::cancelled:
      return entry(LogPriority::notice, names::id_execution, row, fmt::format("{}: {}", head, row.reason));
    case Outcome::failed:
    case Outcome::timed_out:
    case Outcome::interrupted: {
      LogEntry made = entry(LogPriority::error, names::id_execution_failed, row,
                            with_tail(fmt::format("{}: {}", head, row.reason), ended.output_tail));
      if (!row.error_step.empty()) made.fields[std::string(names::step)] = row.error_step;
      return made;
    }
  }
  TAKT_ASSERT(false);
}

struct Entries {
  using Entry = std::optional<LogEntry>;

  static Entry transition(const ExecutionRow& row, std::string message) {
    return entry(LogPriority::debug, names::id_execution, row, std::move(message));
  }
  Entry operator()(const ExecutionQueued& one) const {
    return transition(one.execution, fmt::format("{}: execution {} queued by {}", one.execution.process,
                                                 one.execution.id, one.execution.trigger_kind));
  }
  Entry operator()(const ExecutionStarted& one) const {
    return transition(one.execution, fmt::format("{}: execution {} started", one.execution.process, one.execution.id));
  }
  Entry operator()(const ExecutionChanged& one) const {
    return transition(one.execution,
                      fmt::format("{}: execution {} {}", one.execution.process, one.execution.id,
                                  one.execution.ending ? "is being ended" : to_word(one.execution.state)));
  }
  Entry operator()(const ExecutionFinished& one) const { return finished_entry(one); }
  Entry operator()(const StepStarted& one) const {
    return step_entry(
        one.execution, one.step,
        fmt::format("{}: execution {}: step '{}' started", one.execution.process, one.execution.id, one.step.name));
  }
  Entry operator()(const StepFinished& one) const {
    return step_entry(one.execution, one.step,
                      fmt::format("{}: execution {}: step '{}' {}", one.execution.process, one.execution.id,
                                  one.step.name, to_word(one.step.state)));
  }
  // A failure that is tried again may still end well: a warning, so that the night's log shows it.
  Entry operator()(const StepWaits& one) const {
    LogEntry made = step_entry(one.execution, one.step,
                               fmt::format("{}: execution {}: step '{}' attempt {} failed: {}; next attempt at {}",
                                           one.execution.process, one.execution.id, one.step.name, one.step.attempts,
                                           one.step.error, format_utc(one.step.retry_at.value_or(WallTime{}))));
    made.priority = LogPriority::warning;
    return made;
  }
  Entry operator()(const Progress&) const { return std::nullopt; }
  Entry operator()(const ProcessChanged&) const { return std::nullopt; }
  Entry operator()(const Reloaded&) const { return std::nullopt; }
};

}  // namespace

std::optional<LogEntry> log_entry(const Announcement& announcement) {
  return std::visit(Entries{}, announcement);
}

}  // namespace takt
