#include "cli/documents.h"
#include "cli/time_text.h"
#include "cli/views.h"

namespace takt {
namespace {

std::string local_time(const Value& row, std::string_view key, const View& view) {
  const auto at = time_of(row, key);
  return at ? format_local(*at, view.zone) : "";
}

std::string relative_time(const Value& row, std::string_view key, const View& view) {
  const auto at = time_of(row, key);
  return at ? format_relative(*at, view.now) : "";
}

// How long it took, or takes so far.
std::string span_text(const Value& row, const View& view) {
  if (const auto span = span_of(row, "duration_us")) return format_span(*span);
  const auto started = time_of(row, "started_at");
  if (!started || !is_live(text_of(row, "state"))) return "";
  return format_span(std::max(Duration(0), view.now - *started));
}

std::string joined(const Value& texts) {
  std::string out;
  for (const Value& text : texts) out += (out.empty() ? "" : ", ") + text.get<std::string>();
  return out;
}

}  // namespace

std::string listed(std::size_t count, std::string_view one, std::string_view many, const View& view) {
  if (!view.look.legend) return "";
  return fmt::format("{}{} {} listed.\n", count == 0 ? "" : "\n", count, count == 1 ? one : many);
}

Cell process_state(const Value& process) {
  if (!truth_of(process, "enabled")) return {"disabled", Tone::faint};
  if (truth_of(process, "paused")) return {"paused", Tone::warning};
  return {"enabled", Tone::good};
}

std::string progress_text(const Value& execution) {
  const std::string step = text_of(execution, "current_step");
  const std::string share = fmt::format("{}/{}", count_of(execution, "done_steps"), count_of(execution, "total_steps"));
  return step.empty() ? share : share + ", " + step;
}

std::string outcome_text(const Value& execution) {
  const std::string state = text_of(execution, "state");
  std::string reason = text_of(execution, "reason");
  const std::string step = text_of(execution, "error_step");
  // "cancelled by uid 0" says its state itself.
  if (!reason.empty() && reason.starts_with(state)) return reason;
  std::string text = state;
  if (state == "running" || state == "paused") {
    const std::string current = text_of(execution, "current_step");
    if (!current.empty()) text += ", step " + current;
  }
  if (!step.empty() && reason.find(step) == std::string::npos) text += " in step " + step;
  if (!reason.empty()) text += ": " + reason;
  return text;
}

std::string process_table(const Value& rows, const View& view) {
  Table table({{"PROCESS"},
               {"STATE"},
               {"NEXT"},
               {"LEFT"},
               {"LAST"},
               {"OUTCOME"},
               {"LIVE", true},
               {"TRIGGERS", false, true},
               {"DESCRIPTION", false, true}});
  for (const Value& row : rows) {
    const std::string outcome = text_of(row, "last_outcome");
    const std::uint64_t live = count_of(row, "running") + count_of(row, "queued");
    table.add({{text_of(row, "name"), Tone::bold},
               process_state(row),
               local_time(row, "next_at", view),
               relative_time(row, "next_at", view),
               relative_time(row, "last_at", view),
               {outcome, state_tone(outcome)},
               live == 0 ? "" : std::to_string(live),
               joined(items_of(row, "triggers")),
               text_of(row, "description")});
  }
  return table.to_text(view.look) + listed(table.rows(), "process", "processes", view);
}

std::string execution_table(const Value& rows, const View& view) {
  Table table({{"ID", true},
               {"PROCESS"},
               {"STATE"},
               {"QUEUED"},
               {"DURATION", true},
               {"TRIGGER", false, true},
               {"DETAIL", false, true}});
  for (const Value& row : rows) {
    const std::string state = text_of(row, "state");
    std::string detail = text_of(row, "reason");
    const std::string step = text_of(row, "error_step");
    if (!step.empty() && detail.find(step) == std::string::npos) detail = fmt::format("{}: {}", step, detail);
    const std::string trigger = text_of(row, "trigger");
    table.add({text_of(row, "id"),
               {text_of(row, "process"), Tone::bold},
               {state, state_tone(state)},
               local_time(row, "queued_at", view),
               span_text(row, view),
               trigger.empty() ? text_of(row, "trigger_kind") : trigger,
               detail});
  }
  return table.to_text(view.look);
}

std::string upcoming_table(const Value& rows, const View& view) {
  Table table({{"NEXT"}, {"LEFT"}, {"PROCESS"}, {"TRIGGER", false, true}, {"ZONE"}});
  for (const Value& row : rows) {
    table.add({local_time(row, "at", view),
               relative_time(row, "at", view),
               {text_of(row, "process"), Tone::bold},
               text_of(row, "trigger"),
               text_of(row, "zone")});
  }
  return table.to_text(view.look);
}

std::string progress_table(const Value& descriptions, const View& view) {
  Table table({{"ID", true}, {"PROCESS"}, {"STATE"}, {"PROGRESS", false, true}, {"SINCE"}, {"TRIGGER", false, true}});
  for (const Value& row : descriptions) {
    const std::string state = text_of(row, "state");
    const bool started = !row["started_at"].is_null();
    const std::string trigger = text_of(row, "trigger");
    table.add({text_of(row, "id"),
               {text_of(row, "process"), Tone::bold},
               {state, state_tone(state)},
               started ? progress_text(row) : "",
               relative_time(row, started ? "started_at" : "queued_at", view),
               trigger.empty() ? text_of(row, "trigger_kind") : trigger});
  }
  return table.to_text(view.look);
}

std::string diagnostics_text(const Value& diagnostics, const View& view) {
  std::string text;
  for (const Value& document : diagnostics) {
    Diagnostic diagnostic = diagnostic_from_json(document);
    diagnostic.message = harmless(diagnostic.message);
    diagnostic.excerpt = harmless(diagnostic.excerpt);
    const std::string told = to_text(diagnostic);
    const std::size_t end = told.find('\n');
    text += toned(told.substr(0, end), diagnostic.severity == Severity::error ? Tone::bad : Tone::warning, view.look);
    if (end != std::string::npos) text += told.substr(end);
  }
  return text;
}

}  // namespace takt
