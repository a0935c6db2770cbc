#include "runtime/entries.h"

#include <fmt/core.h>

#include "base/assert.h"
#include "base/names.h"
#include "definition/definition.h"

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

LogEntry waits_entry(const ExecutionRow& row, const StepRow& step) {
  const std::string head = fmt::format("{}: execution {}: step '{}'", row.process, row.id, step.name);
  // A failure that is tried again may still end well: a warning, so that the night's log shows it.
  if (step.retry_at) {
    LogEntry made = step_entry(row, step,
                               fmt::format("{} attempt {} failed: {}; next attempt at {}", head, step.attempts,
                                           step.error, format_utc(*step.retry_at)));
    made.priority = LogPriority::warning;
    return made;
  }
  const std::string until = step.waits_until ? fmt::format(" until {}", format_utc(*step.waits_until)) : "";
  if (step.message.empty()) return step_entry(row, step, fmt::format("{} waits{}", head, until));
  // Somebody has to act: whoever reads the log, or is told by what follows it.
  LogEntry made = step_entry(row, step,
                             fmt::format("{} waits for an approval{}: {}; 'taktctl approve {} {}' gives it", head,
                                         until, step.message, row.id, step.name));
  made.priority = LogPriority::notice;
  made.message_id = names::id_approval;
  return made;
}

LogEntry finished_entry(const ExecutionFinished& ended) {
  const ExecutionRow& row = ended.execution;
  const std::string head = fmt::format("{}: execution {} {}", row.process, row.id, to_word(row.state));
  if (row.phase == Phase::rollback)  // how it had ended was told when it did
    return entry(LogPriority::notice, names::id_rollback, row,
                 fmt::format("{}: execution {}: {}", row.process, row.id, row.reason));
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
    if (one.execution.phase == Phase::rollback && one.execution.state == ExecutionState::running)
      return transition(one.execution,
                        fmt::format("{}: execution {} is rolled back", one.execution.process, one.execution.id));
    if (one.execution.state == ExecutionState::queued && !one.execution.reason.empty())
      return transition(one.execution, fmt::format("{}: execution {} {}", one.execution.process, one.execution.id,
                                                   one.execution.reason));
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
  Entry operator()(const StepWaits& one) const { return waits_entry(one.execution, one.step); }
  Entry operator()(const Emitted& one) const {
    LogEntry made{LogPriority::debug, names::id_execution, fmt::format("event '{}' emitted", one.event), {}};
    if (one.execution == 0) return made;
    made.message += fmt::format(" by execution {} of {}", one.execution, one.process);
    made.fields[std::string(names::process)] = one.process;
    made.fields[std::string(names::execution)] = std::to_string(one.execution);
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
