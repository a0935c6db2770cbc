#include "cli/top_view.h"

#include <algorithm>

#include "cli/documents.h"
#include "cli/follow_display.h"
#include "cli/time_text.h"

namespace takt {
namespace {

constexpr std::size_t bar_width = 16;

std::string live_table(const Value& executions, const View& view) {
  Table table({{"ID", true},
               {"PROCESS", false, true},
               {"STATE"},
               {"PROGRESS"},
               {"DONE", true},
               {"TIME", true},
               {"STEP", false, true},
               {"TRIGGER", false, true}});
  for (const Value& row : executions) {
    const std::string state = text_of(row, "state");
    const bool started = !row["started_at"].is_null();
    const std::uint64_t done = count_of(row, "done_steps");
    const std::uint64_t total = count_of(row, "total_steps");
    const auto since = time_of(row, started ? "started_at" : "queued_at");
    const std::string trigger = text_of(row, "trigger");
    table.add({text_of(row, "id"),
               {text_of(row, "process"), Tone::bold},
               {state, state_tone(state)},
               started ? fmt::format("{} {:3.0f}%", progress_bar(done, total, bar_width, view.look.unicode),
                                     number_of(row, "progress") * 100)
                       : "",
               started ? fmt::format("{}/{}", done, total) : "",
               since ? format_span(std::max(Duration(0), view.now - *since)) : "",
               text_of(row, "current_step"),
               trigger.empty() ? text_of(row, "trigger_kind") : trigger});
  }
  return table.to_text(view.look);
}

// The first lines of a text; 0: all.
std::string first_lines(const std::string& text, std::size_t rows) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < rows && end != std::string::npos; ++i) {
    end = text.find('\n', end);
    if (end != std::string::npos) ++end;
  }
  return rows == 0 ? text : text.substr(0, end);
}

}  // namespace

std::string top_text(const Value& document, std::string_view notice, std::size_t rows, const View& view) {
  std::string text;
  if (!notice.empty()) text += toned(harmless(notice), Tone::bad, view.look) + "\n";
  const Value* daemon = document.member("daemon");
  if (daemon != nullptr) {
    text += fmt::format("{}  {} running, {} queued, {} processes  {}\n",
                        toned("taktd " + harmless(text_of(*daemon, "version")), Tone::bold, view.look),
                        count_of(*daemon, "running"), count_of(*daemon, "queued"), count_of(*daemon, "processes"),
                        format_local(view.now, view.zone));
  }
  const std::string live = live_table(items_of(document, "executions"), view);
  text += live.empty() ? "\nNothing runs.\n" : "\n" + live;
  const std::string next = upcoming_table(items_of(document, "next"), view);
  if (!next.empty()) text += "\n" + toned("Next firings", Tone::bold, view.look) + "\n" + next;
  return first_lines(text, rows);
}

}  // namespace takt
