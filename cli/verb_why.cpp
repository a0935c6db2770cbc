// why: why a process did or did not run.
#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/verbs.h"
#include "cli/why_view.h"

namespace takt {
namespace {

struct WhyOptions {
  std::string name;
  std::size_t rows = 10;
};

Result<ExitCode> why(Session& session, const WhyOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  Value document = Value::object();
  TAKT_ASSIGN(const Value diagnostics, client->diagnostics());
  document["diagnostics"] = diagnostics_of(diagnostics, options.name);
  auto process = client->process(options.name);
  // A file that was wrong from the first has no process; what is wrong with it is the answer.
  const bool refused = !document["diagnostics"].empty();
  if (!process && !(refused && process.error().code == ErrorCode::no_such_process)) {
    return tl::unexpected(std::move(process).error());
  }
  document["process"] = process ? *std::move(process) : Value();
  TAKT_ASSIGN(document["daemon"], client->daemon());
  HistoryFilter filter;
  filter.process = options.name;
  TAKT_ASSIGN(document["firings"], client->executions(filter, options.rows));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(document);
  } else {
    output.print(why_text(options.name, document, {session.look(), session.zone(), wall_now()}));
  }
  return document["process"].is_null() ? ExitCode::not_found : ExitCode::ok;
}

}  // namespace

void add_why(Command& taktctl) {
  const auto options = std::make_shared<WhyOptions>();
  Command verb = taktctl.verb("why", "Tell why a process did or did not run");
  verb.option("NAME", options->name, "The process").required();
  verb.option("-n,--lines", options->rows, "Tell of so many firings; 10 if not said").type_name("N").not_negative();
  verb.run([options](Session& session) { return why(session, *options); });
}

}  // namespace takt
