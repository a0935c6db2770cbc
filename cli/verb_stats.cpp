// stats: how executions went, over a span.
#include "cli/documents.h"
#include "cli/time_text.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

struct StatsOptions {
  std::string name;
  std::string since;
  std::string until;
};

// "9 failed, 1 timed-out": those beside the good ones.
std::string other_outcomes(const Value& row) {
  std::string text;
  for (const auto& [outcome, count] : row["outcomes"].items()) {
    if (outcome == "succeeded" || count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", value_text(count), outcome);
  }
  return text;
}

Cell rate_cell(const Value& row) {
  if (row["success_rate"].is_null()) return {""};
  const double rate = number_of(row, "success_rate");
  return {fmt::format("{:.1f}%", rate * 100), rate == 1 ? Tone::good : rate < 0.5 ? Tone::bad : Tone::warning};
}

// Nothing when none ran, of which no span is known.
std::string span_cell(const Value& row, const char* spread, const char* key) {
  const Value* found = row.member(spread);
  const auto span = found == nullptr ? std::nullopt : span_of(*found, key);
  return span && count_of(row, "ran") != 0 ? format_span(*span) : "";
}

std::string cost_cell(const Value& row) {
  const auto span = span_of(row, "cpu_us");
  return span && span->count() != 0 ? format_span(*span) : "";
}

std::string memory_cell(const Value& row) {
  const double bytes = number_of(row, "memory_peak_bytes");
  return bytes == 0 ? "" : format_bytes(bytes);
}

std::string process_table_of(const Value& rows, const View& view) {
  Table table({{"PROCESS"},
               {"RAN", true},
               {"SUCCESS", true},
               {"P50", true},
               {"P95", true},
               {"MAX", true},
               {"QUEUED P50", true},
               {"P95", true},
               {"MAX", true},
               {"CPU", true},
               {"MEMORY", true},
               {"OTHER OUTCOMES", false, true}});
  for (const Value& row : rows) {
    table.add({{text_of(row, "process"), Tone::bold},
               text_of(row, "ran"),
               rate_cell(row),
               span_cell(row, "duration", "median_us"),
               span_cell(row, "duration", "p95_us"),
               span_cell(row, "duration", "max_us"),
               span_cell(row, "queue_time", "median_us"),
               span_cell(row, "queue_time", "p95_us"),
               span_cell(row, "queue_time", "max_us"),
               cost_cell(row),
               memory_cell(row),
               other_outcomes(row)});
  }
  return table.to_text(view.look);
}

std::string step_table_of(const Value& rows, const View& view) {
  Table table({{"STEP"},
               {"VARIANT"},
               {"RAN", true},
               {"SUCCESS", true},
               {"P50", true},
               {"P95", true},
               {"MAX", true},
               {"CPU", true},
               {"MEMORY", true},
               {"OTHER OUTCOMES", false, true}});
  for (const Value& row : rows) {
    table.add({{text_of(row, "step"), Tone::bold},
               text_of(row, "variant"),
               text_of(row, "ran"),
               rate_cell(row),
               span_cell(row, "duration", "median_us"),
               span_cell(row, "duration", "p95_us"),
               span_cell(row, "duration", "max_us"),
               cost_cell(row),
               memory_cell(row),
               other_outcomes(row)});
  }
  return table.to_text(view.look);
}

Result<ExitCode> stats(Session& session, const StatsOptions& options) {
  StatisticsRequest request;
  request.process = options.name;
  if (!options.since.empty()) {
    TAKT_ASSIGN(request.since, parse_time_argument(options.since, wall_now(), session.zone()));
  }
  if (!options.until.empty()) {
    TAKT_ASSIGN(request.until, parse_time_argument(options.until, wall_now(), session.zone()));
  }
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const Value document, client->statistics(request));
  // A process that is gone may have a history; only one that never was is an error.
  const Value& processes = items_of(document, "processes");
  if (processes.empty() && !options.name.empty()) TAKT_TRY(client->process(options.name));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(document);
    return ExitCode::ok;
  }
  const View view{session.look(), session.zone(), wall_now()};
  output.print(process_table_of(processes, view));
  const std::string steps = options.name.empty() ? "" : step_table_of(items_of(document, "steps"), view);
  if (!steps.empty()) output.print("\n" + steps);
  if (processes.empty() && view.look.legend) output.print("No execution in this span.\n");
  if (truth_of(document, "truncated")) output.message("there is more than can be told at once: name a process");
  return ExitCode::ok;
}

}  // namespace

void add_stats(Command& taktctl) {
  const auto options = std::make_shared<StatsOptions>();
  Command verb = taktctl.verb("stats", "Show how executions went; of a process, its steps, too");
  verb.option("NAME", options->name, "Only of this process");
  verb.option("-S,--since", options->since, "Queued at or after this time").type_name("TIME");
  verb.option("-U,--until", options->until, "Queued before this time").type_name("TIME");
  verb.run([options](Session& session) { return stats(session, *options); });
}

}  // namespace takt
