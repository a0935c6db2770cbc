// status: how the machine's automation stands; one process; one execution.
#include <set>
#include <string_view>

#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

constexpr std::size_t live_shown = 20;
constexpr std::size_t rows_shown = 5;
constexpr Duration failures_shown = std::chrono::hours(24 * 7);

Result<Value> overview(Session& session) {
  TAKT_ASSIGN(Client * client, session.client());
  Value document = {{"bus", to_text(session.bus())}};
  TAKT_ASSIGN(document["daemon"], client->daemon());
  TAKT_ASSIGN(const Value processes, client->processes({}));
  std::size_t disabled = 0;
  for (const Value& process : processes) disabled += truth_of(process, "enabled") ? 0 : 1;
  document["disabled"] = disabled;
  TAKT_ASSIGN(document["executions"], describe_live(*client, "", live_shown));
  TAKT_ASSIGN(document["next"], client->upcoming("", rows_shown));
  HistoryFilter failures;
  failures.states = {"failed", "timed-out"};
  failures.since = wall_now() - failures_shown;
  TAKT_ASSIGN(document["failures"], client->executions(failures, rows_shown));
  TAKT_ASSIGN(document["diagnostics"], client->diagnostics());
  return document;
}

Result<Value> process_status(Client& client, const std::string& name) {
  Value document = Value::object();
  TAKT_ASSIGN(document["process"], client.process(name));
  TAKT_ASSIGN(document["live"], describe_live(client, name, live_shown));
  HistoryFilter newest;
  newest.process = name;
  TAKT_ASSIGN(document["executions"], client.executions(newest, rows_shown));
  TAKT_ASSIGN(const Value diagnostics, client.diagnostics());
  document["diagnostics"] = diagnostics_of(diagnostics, name);
  return document;
}

Status show_one(Session& session, const std::string& word, bool first) {
  TAKT_ASSIGN(Client * client, session.client());
  const auto id = to_execution_id(word);
  TAKT_ASSIGN(const Value document, id ? client->execution(*id) : process_status(*client, word));
  Output& output = session.output();
  if (output.json()) {
    output.print_json(document);
    return {};
  }
  const View view{session.look(), session.zone(), wall_now()};
  output.print(first ? "" : "\n");
  output.print(id ? execution_text(document, view) : process_text(document, view));
  return {};
}

Result<ExitCode> show_each(Session& session, const std::vector<std::string>& words) {
  session.output().open_pager();
  bool first = true;
  return for_each_word(session, words,
                       [&](const std::string& word) { return show_one(session, word, std::exchange(first, false)); });
}

}  // namespace

Result<ExitCode> show_overview(Session& session) {
  TAKT_ASSIGN(const Value document, overview(session));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(document);
  } else {
    output.print(overview_text(document, {session.look(), session.zone(), wall_now()}));
  }
  return ExitCode::ok;
}

void add_status(Command& taktctl) {
  const auto words = std::make_shared<std::vector<std::string>>();
  Command verb = taktctl.verb("status", "Show how everything stands, or processes, or executions");
  verb.option("NAME|ID", *words, "Processes by name, executions by id");
  verb.run([words](Session& session) { return words->empty() ? show_overview(session) : show_each(session, *words); });
}

}  // namespace takt
