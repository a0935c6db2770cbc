#include "cli/documents.h"
#include "cli/time_text.h"
#include "cli/views.h"

namespace takt {
namespace {

std::string headline(std::string_view name, std::string_view about, Tone tone, const View& view) {
  const std::string dot = toned(view.look.unicode ? "●" : "*", tone, view.look);
  const std::string rest = about.empty() ? "" : " - " + harmless(about);
  return fmt::format("{} {}{}\n", dot, toned(harmless(name), Tone::bold, view.look), rest);
}

std::string section(std::string_view title, const std::string& text, const View& view) {
  if (text.empty()) return "";
  return fmt::format("\n{}\n{}", toned(title, Tone::bold, view.look), text);
}

std::string texts(const Value& items, std::string_view separator) {
  std::string out;
  for (const Value& item : items)
    out += (out.empty() ? "" : std::string(separator)) + harmless(item.get<std::string>());
  return out;
}

std::string numbers(const Value& items) {
  std::string out;
  for (const Value& item : items) out += (out.empty() ? "" : ", ") + value_text(item);
  return out;
}

std::string started_by(const Value& execution, const View& view) {
  std::string text = text_of(execution, "trigger");
  if (text.empty()) text = text_of(execution, "trigger_kind");
  if (const Value* uid = execution.member("requested_by"); uid != nullptr && !uid->is_null()) {
    text += fmt::format(", by uid {}", value_text(*uid));
  }
  if (const auto nominal = time_of(execution, "nominal_at")) {
    text += fmt::format(", for {}", format_local_offset(*nominal, view.zone));
  }
  return harmless(text);
}

std::string json_text(const Value& document, std::string_view key) {
  const Value* found = document.member(key);
  return found == nullptr || found->is_null() ? "" : harmless(value_text(*found));
}

std::string counts_text(const Value& daemon, const Value& overview) {
  std::string text = fmt::format("{}", count_of(daemon, "processes"));
  const std::uint64_t disabled = count_of(overview, "disabled");
  if (disabled != 0) text += fmt::format(", {} disabled", disabled);
  if (count_of(daemon, "paused") != 0) text += fmt::format(", {} paused", count_of(daemon, "paused"));
  if (count_of(daemon, "refused") != 0) text += fmt::format("; {} refused (below)", count_of(daemon, "refused"));
  return text;
}

}  // namespace

std::string time_and_distance(const Value& document, std::string_view key, const View& view) {
  const auto at = time_of(document, key);
  return at ? fmt::format("{} ({})", format_local_offset(*at, view.zone), format_relative(*at, view.now)) : "";
}

std::string overview_text(const Value& overview, const View& view) {
  const Value& daemon = overview["daemon"];
  const bool enabled = truth_of(daemon, "enabled");
  const bool runner = truth_of(daemon, "runner_connected");
  const Tone tone = !runner ? Tone::bad : !enabled || count_of(daemon, "refused") != 0 ? Tone::warning : Tone::good;
  std::string text = headline("taktd " + text_of(daemon, "version"), "on " + text_of(overview, "bus"), tone, view);
  Properties properties;
  properties.add_if("Since", time_and_distance(daemon, "started_at", view));
  properties.add("Triggers",
                 enabled ? "fire" : toned("held (enabled = false in taktd.toml)", Tone::warning, view.look));
  properties.add("Runner", runner ? "connected"
                                  : toned("not connected: no step can run (see 'systemctl status takt-runner')",
                                          Tone::bad, view.look));
  properties.add("Processes", counts_text(daemon, overview));
  properties.add("Executions",
                 fmt::format("{} running, {} queued", count_of(daemon, "running"), count_of(daemon, "queued")));
  text += properties.to_text();
  text += section("Live executions", progress_table(items_of(overview, "executions"), view), view);
  text += section("Next firings", upcoming_table(items_of(overview, "next"), view), view);
  text += section("Last failures", execution_table(items_of(overview, "failures"), view), view);
  text += section("Refused definitions", diagnostics_text(items_of(overview, "diagnostics"), view), view);
  return text;
}

std::string process_text(const Value& status, const View& view) {
  const Value& process = status["process"];
  const Cell state = process_state(process);
  std::string text = headline(text_of(process, "name"), text_of(process, "description"), state.tone, view);
  Properties properties;
  const std::string until = time_and_distance(process, "paused_until_at", view);
  properties.add("State", toned(state.text, state.tone, view.look) + (until.empty() ? "" : " until " + until));
  if (const std::uint64_t skipped = count_of(process, "skip_next"); skipped != 0)
    properties.add("Skips", skipped == 1 ? "the next firing" : fmt::format("the next {} firings", skipped));
  properties.add_if("Definition", harmless(text_of(process, "origin")));
  properties.add_if("Version", text_of(process, "version").substr(0, 12));
  properties.add_if("Tags", texts(items_of(process, "tags"), ", "));
  properties.add_if("User", text_of(process, "user"));
  properties.add_if("Overlap", text_of(process, "overlap"));
  if (const std::string pool = harmless(text_of(process, "pool")); !pool.empty())
    properties.add("Pool", fmt::format("{}, {} of its slots", pool, count_of(process, "slots")));
  properties.add_if("Triggers", texts(items_of(process, "triggers"), "\n"));
  properties.add_if("Steps", texts(items_of(process, "steps"), ", "));
  properties.add_if("Next", time_and_distance(process, "next_at", view));
  const std::string outcome = text_of(process, "last_outcome");
  if (!outcome.empty()) {
    properties.add("Last", fmt::format("execution {}, {}", text_of(process, "last_execution"),
                                       toned(outcome, state_tone(outcome), view.look)));
  }
  text += properties.to_text();
  text += section("Live executions", progress_table(items_of(status, "live"), view), view);
  text += section("Newest executions", execution_table(items_of(status, "executions"), view), view);
  text += section("Diagnostics", diagnostics_text(items_of(status, "diagnostics"), view), view);
  return text;
}

std::string execution_text(const Value& execution, const View& view) {
  const std::string state = text_of(execution, "state");
  std::string text =
      headline(fmt::format("execution {} of {}", text_of(execution, "id"), text_of(execution, "process")), "",
               state_tone(state), view);
  Properties properties;
  properties.add("State", toned(harmless(outcome_text(execution)), state_tone(state), view.look));
  const std::string phase = text_of(execution, "phase");
  if (phase != "steps") properties.add_if("Phase", phase);
  properties.add_if("Started by", started_by(execution, view));
  properties.add_if("Parent", text_of(execution, "parent"));
  properties.add_if("Children", numbers(items_of(execution, "children")));
  properties.add_if("Key", harmless(text_of(execution, "idempotency_key")));
  if (state == "queued") properties.add_if("Starts", time_and_distance(execution, "start_at", view));
  properties.add_if("Queued", time_and_distance(execution, "queued_at", view));
  properties.add_if("Started", time_and_distance(execution, "started_at", view));
  properties.add_if("Ended", time_and_distance(execution, "ended_at", view));
  const bool ran = !execution["started_at"].is_null();
  if (const auto span = span_of(execution, "duration_us")) properties.add("Duration", format_span(*span));
  if (is_live(state)) properties.add_if("Deadline", time_and_distance(execution, "deadline_at", view));
  if (ran) {
    properties.add("Progress",
                   fmt::format("{:.0f}% ({})", number_of(execution, "progress") * 100, progress_text(execution)));
  }
  if (count_of(execution, "run") > 1) properties.add("Run", text_of(execution, "run"));
  if (number_of(execution, "priority") != 0) properties.add("Priority", text_of(execution, "priority"));
  properties.add_if("Version", text_of(execution, "version").substr(0, 12));
  properties.add_if("Inputs", json_text(execution, "inputs"));
  properties.add_if("Trigger", json_text(execution, "trigger_fields"));
  properties.add_if("Result", json_text(execution, "result"));
  text += properties.to_text();
  text += section("Steps", step_table(execution, view), view);
  text += section("Attempts", attempt_table(execution, view), view);
  text += section("Last output", failed_tail(execution), view);
  if (truth_of(execution, "truncated"))
    text += "\nIt is too long to be told whole: the oldest attempts are left out.\n";
  return text;
}

}  // namespace takt
