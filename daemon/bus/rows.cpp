#include "bus/rows.h"

#include <fmt/core.h>

#include "base/assert.h"
#include "base/limits.h"
#include "bus/dbus_path.h"
#include "bus/dbus_text.h"
#include "definition/definition.h"

namespace takt {

namespace {

std::string_view to_word(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
  }
  TAKT_ASSERT(false);
}

// Of a row: its fixed part with all alignment, and the keys of its dictionary.
constexpr std::size_t row_bytes = 256;

std::size_t size_of(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + 8;
  return bytes;
}

std::size_t size_of(const Dict& dict) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : dict) {
    bytes += key.size() + 24;
    if (value.containsValueOfType<std::string>())
      bytes += value.get<std::string>().size();
    else if (value.containsValueOfType<std::vector<std::string>>())
      bytes += size_of(value.get<std::vector<std::string>>());
  }
  return bytes;
}

std::size_t size_of(const DiagnosticEntry& entry) {
  return row_bytes + entry.get<1>().size() + entry.get<4>().size() + entry.get<5>().size() + entry.get<6>().size();
}

}  // namespace

std::size_t size_of(const ProcessEntry& entry) {
  return row_bytes + 2 * entry.get<0>().size() + entry.get<1>().size() + entry.get<2>().size() +
         size_of(entry.get<10>());
}

std::size_t size_of(const ExecutionEntry& entry) {
  return row_bytes + entry.get<1>().size() + entry.get<7>().size() + size_of(entry.get<8>());
}

std::size_t size_of(const VersionEntry& entry) {
  return row_bytes + entry.get<0>().size() + size_of(entry.get<2>());
}

std::uint64_t usec(std::optional<WallTime> at) {
  if (!at || to_us(*at) < 0) return 0;
  return static_cast<std::uint64_t>(to_us(*at));
}

std::vector<std::string> trigger_texts(const ProcessDefinition& definition) {
  std::vector<std::string> texts;
  for (const Trigger& trigger : definition.triggers) texts.push_back(message_text(trigger.key));
  return texts;
}

std::vector<std::string> tag_texts(const ProcessDefinition& definition) {
  std::vector<std::string> texts;
  for (const std::string& tag : definition.tags) texts.push_back(dbus_text(tag, limits::name_bytes));
  return texts;
}

ProcessEntry process_entry(const ProcessSummary& summary) {
  const ProcessDefinition& definition = *summary.definition;
  Dict more{{"Triggers", trigger_texts(definition)},
            {"Tags", tag_texts(definition)},
            {"Origin", message_text(definition.origin)}};
  std::uint64_t last = 0;
  std::string state;
  if (summary.last) {
    last = summary.last->id;
    state = to_word(summary.last->state);
    more["LastUSec"] = usec(summary.last->started_at ? summary.last->started_at : summary.last->queued_at);
  }
  return {definition.name,
          sdbus::ObjectPath(process_path(definition.name)),
          message_text(definition.description),
          definition.enabled,
          summary.paused,
          usec(summary.next_at),
          last,
          state,
          summary.running,
          summary.queued,
          std::move(more)};
}

std::string public_reason(const ExecutionRow& row) {
  if (row.state != ExecutionState::failed) return row.reason;
  if (row.error_step.empty()) return "its guard or its inputs could not be evaluated";
  return fmt::format("step '{}' failed", row.error_step);
}

std::string public_error(const StepRow& step) {
  if (step.error.empty()) return step.error;
  if (step.state == StepState::succeeded || step.state == StepState::undone) return "its undo failed";
  if (step.state != StepState::failed) return step.error;
  if (step.approved_by) return fmt::format("rejected by uid {}", *step.approved_by);
  if (step.signal) return fmt::format("killed by signal {}", *step.signal);
  if (step.exit_code) return fmt::format("exit status {}", *step.exit_code);
  return "it could not be run";
}

ExecutionEntry execution_entry(const ExecutionRow& row, bool private_too) {
  Dict more{{"Run", row.run}};
  if (!row.error_step.empty()) more["ErrorStep"] = message_text(row.error_step);
  if (row.nominal_at) more["NominalUSec"] = usec(row.nominal_at);
  if (!row.trigger_key.empty()) more["Trigger"] = message_text(row.trigger_key);
  if (row.requested_by) more["RequestedBy"] = *row.requested_by;
  return {row.id,
          row.process,
          std::string(to_word(row.state)),
          row.trigger_kind,
          usec(row.queued_at),
          usec(row.started_at),
          usec(row.ended_at),
          message_text(private_too ? row.reason : public_reason(row)),
          std::move(more)};
}

VersionEntry version_entry(const VersionRow& row, bool in_force) {
  return {row.version, usec(row.loaded_at),
          Dict{{"Origin", message_text(row.origin)},
               {"User", dbus_text(row.user, limits::name_bytes)},
               {"InForce", in_force}}};
}

UpcomingEntry upcoming_entry(const Upcoming& upcoming) {
  return {usec(upcoming.at), upcoming.process, message_text(upcoming.key), upcoming.zone,
          Dict{{"NominalUSec", usec(upcoming.nominal)}}};
}

std::vector<DiagnosticEntry> diagnostic_entries(const Diagnostics& diagnostics) {
  std::vector<DiagnosticEntry> entries;
  ReplyBudget budget;
  for (const Diagnostic& diagnostic : diagnostics) {
    DiagnosticEntry entry(std::string(to_word(diagnostic.severity)), message_text(diagnostic.file), diagnostic.line,
                          diagnostic.column, message_text(diagnostic.key), message_text(diagnostic.message),
                          message_text(diagnostic.excerpt));
    if (!budget.take(size_of(entry))) {
      entries.emplace_back("error", "", 0U, 0U, "",
                           fmt::format("{} more, too many for one reply", diagnostics.size() - entries.size()), "");
      break;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

StepsProgress steps_progress(const std::vector<StepRow>& steps, std::size_t total) {
  StepsProgress progress;
  progress.total = static_cast<std::uint32_t>(total);
  for (const StepRow& step : steps) {
    if (is_ended(step.state))
      ++progress.done;
    else if (progress.current.empty() && step.state != StepState::pending)
      progress.current = step.name;
  }
  return progress;
}

StepsProgress steps_progress(const LiveExecution& execution) {
  StepsProgress progress = steps_progress(execution.steps, execution.total);
  progress.done = execution.done;
  return progress;
}

std::vector<StepEntry> step_entries(const LiveExecution& execution) {
  std::vector<StepEntry> entries;
  for (const StepRow& step : execution.steps)
    entries.emplace_back(step.name, std::string(to_word(step.state)), step.attempts);
  return entries;
}

}  // namespace takt
