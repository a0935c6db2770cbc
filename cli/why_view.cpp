#include "cli/why_view.h"

#include "cli/documents.h"
#include "cli/time_text.h"

namespace takt {
namespace {

// Later than this after its instant, a firing was made up for; sooner is the ordinary way of a queue.
constexpr Duration late = std::chrono::minutes(1);

std::string state_text(const std::string& name, const Value& document, const View& view) {
  const Value& process = document["process"];
  if (process.is_null()) {
    if (items_of(document, "firings").empty())
      return fmt::format("{} never ran: its definition is refused, and there is no earlier good one.\n", name);
    return fmt::format("{} has no definition any more that is good.\n", name);
  }
  std::string text;
  const auto say = [&](const std::string& line) { text += line + "\n"; };
  if (!items_of(document, "diagnostics").empty()) say("Its newest definition has diagnostics (below).");
  if (!truth_of(process, "enabled")) {
    say(fmt::format("{} is disabled: its triggers do not fire and it cannot be started ('taktctl enable {}').", name,
                    name));
  } else if (truth_of(process, "paused")) {
    say(fmt::format("{} is paused: its firings are skipped ('taktctl resume {}').", name, name));
  } else if (!truth_of(document["daemon"], "enabled")) {
    say("All triggers are held: enabled = false in taktd.toml.");
  } else if (items_of(process, "triggers").empty()) {
    say(fmt::format("{} has no trigger: it runs when it is started.", name));
  } else {
    say(fmt::format("{} is enabled.", name));
  }
  const std::string next = time_and_distance(process, "next_at", view);
  if (!next.empty()) say("Its next instant is " + next + ".");
  if (!truth_of(document["daemon"], "runner_connected")) say("No step can run: takt-runner cannot be reached.");
  return text;
}

}  // namespace

std::string fate_text(const Value& execution) {
  const std::string state = text_of(execution, "state");
  const auto nominal = time_of(execution, "nominal_at");
  const auto queued = time_of(execution, "queued_at");
  std::string way = nominal && queued && *queued - *nominal > late
                        ? fmt::format("caught up {} late", format_span(*queued - *nominal))
                        : "ran";
  if (state == "skipped") return outcome_text(execution);
  if (state == "queued") {
    const std::string reason = text_of(execution, "reason");  // of its constraints: "waits for …"
    return reason.empty() ? "waits in the queue" : reason;
  }
  if (is_live(state)) return (way == "ran" ? "runs now" : way + ", runs now") + ": " + outcome_text(execution);
  return way + ": " + outcome_text(execution);
}

std::string why_text(const std::string& name, const Value& document, const View& view) {
  std::string text = state_text(name, document, view);
  Table table({{"INSTANT"}, {"TRIGGER", false, true}, {"EXECUTION", true}, {"WHAT BECAME OF IT", false, true}});
  for (const Value& firing : items_of(document, "firings")) {
    const auto nominal = time_of(firing, "nominal_at");
    const auto at = nominal ? nominal : time_of(firing, "queued_at");
    std::string trigger = text_of(firing, "trigger");
    if (trigger.empty()) trigger = text_of(firing, "trigger_kind");
    if (firing.contains("requested_by") && !firing["requested_by"].is_null()) {
      trigger += ", by uid " + text_of(firing, "requested_by");
    }
    table.add({at ? format_local(*at, view.zone) : "",
               trigger,
               text_of(firing, "id"),
               {fate_text(firing), state_tone(text_of(firing, "state"))}});
  }
  if (table.rows() != 0) text += "\n" + table.to_text(view.look);
  const std::string diagnostics = diagnostics_text(items_of(document, "diagnostics"), view);
  if (!diagnostics.empty()) text += "\n" + diagnostics;
  return text;
}

}  // namespace takt
