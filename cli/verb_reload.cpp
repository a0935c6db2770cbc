// reload: has the daemon read its definitions again.
#include "cli/documents.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

Result<ExitCode> reload(Session& session) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const Value diagnostics, client->reload());
  Output& output = session.output();
  if (output.json()) {
    output.print_json(diagnostics);
  } else {
    output.print(diagnostics_text(diagnostics, {session.look(), session.zone(), wall_now()}));
  }
  for (const Value& diagnostic : diagnostics) {
    if (text_of(diagnostic, "severity") == "error") return ExitCode::failed;
  }
  return ExitCode::ok;
}

}  // namespace

void add_reload(Command& taktctl) {
  Command verb = taktctl.verb("reload", "Have the daemon read its definitions again; tells what it refuses");
  verb.run(reload);
}

}  // namespace takt
