// Of an execution's steps and attempts (views.h).
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/documents.h"
#include "cli/time_text.h"
#include "cli/views.h"

namespace takt {
namespace {

constexpr std::size_t tail_lines = 10;  // as systemctl shows; taktctl logs has the rest

std::string cost_text(const Value& attempt) {
  const double cpu = number_of(attempt, "cpu_user_us") + number_of(attempt, "cpu_system_us");
  return cpu == 0 ? "" : format_span(Duration(static_cast<std::int64_t>(cpu)));
}

std::string how_it_ended(const Value& one) {
  std::string error = text_of(one, "error");
  if (!error.empty()) return error;
  if (!one["signal"].is_null() && one["signal"] != 0) return "signal " + text_of(one, "signal");
  if (!one["exit_code"].is_null() && one["exit_code"] != 0) return "exit code " + text_of(one, "exit_code");
  return "";
}

// What is to be known of a step beside how it ended: what it waits for, its items, which of its variants ran.
std::string circumstances(const Value& step, const View& view) {
  std::vector<std::string> parts;
  const std::string state = text_of(step, "state");
  if (const std::string variant = text_of(step, "variant"); !variant.empty()) parts.push_back("variant " + variant);
  if (const Value items = step.value("items", Value()); !items.is_null()) {
    const std::uint64_t failed = count_of(items, "failed");
    parts.push_back(fmt::format("{}/{} items{}", count_of(items, "ended"), count_of(items, "all"),
                                failed == 0 ? "" : fmt::format(", {} failed", failed)));
  }
  if (count_of(step, "visits") > 1) parts.push_back("visit " + text_of(step, "visits"));
  if (state == "waiting") {
    const auto until = time_of(step, "waits_until_at");
    const std::string action = text_of(step, "action");
    std::string waits = action == "approve" ? "waits for an approval" : until ? "waits" : "waits for an event";
    if (const auto retry = time_of(step, "retry_at")) {
      waits = "tries again " + format_relative(*retry, view.now);
    } else if (until) {
      waits += ", until " + format_local(*until, view.zone);
    }
    if (const std::string message = text_of(step, "message"); !message.empty()) waits += ": " + message;
    parts.push_back(waits);
  }
  if (!step.value("approved_by", Value()).is_null())
    parts.push_back(fmt::format("answered by uid {}", text_of(step, "approved_by")));
  if (const std::string comment = text_of(step, "comment"); !comment.empty()) parts.push_back(comment);
  if (const std::string how = how_it_ended(step); !how.empty()) parts.push_back(how);
  return fmt::format("{}", fmt::join(parts, "; "));
}

// " undo", " item 17".
std::string of_what(const Value& attempt) {
  std::string text = text_of(attempt, "kind") == "undo" ? " undo" : "";
  if (!attempt.value("item", Value()).is_null()) text += " item " + text_of(attempt, "item");
  return text;
}

}  // namespace

std::string step_span(const Value& one, const View& view) {
  if (const auto span = span_of(one, "duration_us")) return format_span(*span);
  const auto started = time_of(one, "started_at");
  const std::string state = text_of(one, "state");
  const bool goes_on = state.empty() || state == "running" || state == "paused" || state == "waiting";
  return started && goes_on ? format_span(std::max(Duration(0), view.now - *started)) : "";
}

std::string step_table(const Value& execution, const View& view) {
  Table table({{"STEP"}, {"STATE"}, {"ATTEMPTS", true}, {"DURATION", true}, {"DETAIL", false, true}});
  for (const Value& step : items_of(execution, "steps")) {
    const std::string state = text_of(step, "state");
    table.add({{text_of(step, "name"), Tone::bold},
               {state, state_tone(state)},
               text_of(step, "attempts"),
               step_span(step, view),
               circumstances(step, view)});
  }
  return table.to_text(view.look);
}

std::string attempt_table(const Value& execution, const View& view) {
  Table table({{"RUN", true},
               {"STEP"},
               {"ATTEMPT", true},
               {"OUTCOME"},
               {"DURATION", true},
               {"CPU", true},
               {"MEMORY", true},
               {"READ", true},
               {"WRITTEN", true},
               {"OUTPUT", true},
               {"DETAIL", false, true}});
  const auto bytes = [](const Value& attempt, const char* key) {
    const double count = number_of(attempt, key);
    return count == 0 ? std::string() : format_bytes(count);
  };
  for (const Value& attempt : items_of(execution, "attempts")) {
    const std::string outcome = text_of(attempt, "outcome");
    const std::string cut = truth_of(attempt, "output_cut") ? " (cut)" : "";
    table.add({text_of(attempt, "run"),
               {text_of(attempt, "step"), Tone::bold},
               text_of(attempt, "attempt") + of_what(attempt),
               outcome.empty() ? Cell("running", Tone::good) : Cell(outcome, state_tone(outcome)),
               step_span(attempt, view),
               cost_text(attempt),
               bytes(attempt, "memory_peak_bytes"),
               bytes(attempt, "io_read_bytes"),
               bytes(attempt, "io_write_bytes"),
               bytes(attempt, "output_bytes") + cut,
               how_it_ended(attempt)});
  }
  return table.to_text(view.look);
}

std::string failed_tail(const Value& execution) {
  std::string tail;
  for (const Value& attempt : items_of(execution, "attempts")) {
    const std::string outcome = text_of(attempt, "outcome");
    if (outcome == "failed" || outcome == "timed-out") tail = text_of(attempt, "output_tail");
  }
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < tail.size();) {
    const std::size_t end = std::min(tail.find('\n', begin), tail.size());
    lines.push_back(std::string_view(tail).substr(begin, end - begin));
    begin = end + 1;
  }
  std::string shown;
  for (std::size_t i = lines.size() - std::min(lines.size(), tail_lines); i < lines.size(); ++i)
    shown += "  " + harmless(lines[i]) + "\n";
  return shown;
}

}  // namespace takt
