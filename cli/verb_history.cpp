// history: executions, newest first.
#include "cli/documents.h"
#include "cli/time_text.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

constexpr std::size_t default_rows = 30;
constexpr const char* states[] = {"queued", "running",   "paused",    "interrupted", "succeeded",
                                  "failed", "timed-out", "cancelled", "skipped"};

struct HistoryOptions {
  std::string name;
  std::vector<std::string> states;
  std::string since;
  std::string until;
  std::optional<std::size_t> rows;
  bool all = false;
};

Result<HistoryFilter> to_filter(const HistoryOptions& options, const Zone& zone) {
  HistoryFilter filter;
  filter.process = options.name;
  filter.states = options.states;
  const WallTime now = wall_now();
  if (!options.since.empty()) {
    TAKT_ASSIGN(filter.since, parse_time_argument(options.since, now, zone));
  }
  if (!options.until.empty()) {
    TAKT_ASSIGN(filter.until, parse_time_argument(options.until, now, zone));
  }
  return filter;
}

Result<ExitCode> history(Session& session, const HistoryOptions& options) {
  TAKT_ASSIGN(const HistoryFilter filter, to_filter(options, session.zone()));
  TAKT_ASSIGN(Client * client, session.client());
  // A process that is gone may have a history; only one that never was is an error.
  const std::size_t most = options.all ? SIZE_MAX : options.rows.value_or(default_rows);
  TAKT_ASSIGN(const Value rows, client->executions(filter, most));
  if (rows.empty() && !options.name.empty()) TAKT_TRY(client->process(options.name));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(rows);
    return ExitCode::ok;
  }
  const View view{session.look(), session.zone(), wall_now()};
  output.print(execution_table(rows, view) + listed(rows.size(), "execution", "executions", view));
  return ExitCode::ok;
}

std::string check_state(const std::string& word) {
  for (const char* state : states) {
    if (word == state) return "";
  }
  return "write queued, running, paused, interrupted, succeeded, failed, timed-out, cancelled or skipped";
}

}  // namespace

void add_history(Command& taktctl) {
  const auto options = std::make_shared<HistoryOptions>();
  Command verb = taktctl.verb("history", "List executions, newest first");
  verb.option("NAME", options->name, "Only of this process");
  verb.option("--state", options->states, "Only in this state; may be given several times, or as a,b")
      .type_name("STATE")
      .separated_by(',')
      .one_each()
      .check(check_state);
  verb.option("-S,--since", options->since, "Queued at or after this time").type_name("TIME");
  verb.option("-U,--until", options->until, "Queued before this time").type_name("TIME");
  const CommandOption rows =
      verb.option("-n,--lines", options->rows, "At most so many; 30 if not said").type_name("N").not_negative();
  verb.flag("--all", options->all, "All that are kept").excludes(rows);
  verb.run([options](Session& session) { return history(session, *options); });
}

}  // namespace takt
