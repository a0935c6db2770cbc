// put: gives the daemon a definition to keep.
#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

struct PutOptions {
  std::string file;
  std::string name;
  bool transient = false;
};

Result<ExitCode> put(Session& session, const PutOptions& options) {
  std::string name = options.name;
  if (name.empty() && options.file == "-") {
    return fail(ErrorCode::invalid_argument, "a definition from standard input needs --name");
  }
  if (name.empty()) {
    TAKT_ASSIGN(name, process_of_file(options.file));
  }
  TAKT_ASSIGN(const std::string text, read_definition(options.file));
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const Value diagnostics, client->put(name, text, options.transient));
  Output& output = session.output();
  if (output.json()) {
    output.print_json(diagnostics);
  } else {
    output.print(diagnostics_text(diagnostics, {session.look(), session.zone(), wall_now()}));
  }
  return ExitCode::ok;
}

}  // namespace

void add_put(Command& taktctl) {
  const auto options = std::make_shared<PutOptions>();
  Command verb = taktctl.verb("put", "Create or replace a definition that the daemon keeps");
  verb.option("FILE", options->file, "The definition, NAME.toml; - is standard input").required();
  verb.option("--name", options->name, "The process's name, if not the file's stem");
  verb.flag("--transient", options->transient, "Keep it until the next boot only");
  verb.run([options](Session& session) { return put(session, *options); });
}

}  // namespace takt
