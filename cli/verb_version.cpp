// version: taktctl's own, and the daemon's if there is one.
#include "cli/documents.h"
#include "cli/verbs.h"
#include "cli/version.h"

namespace takt {
namespace {

Result<std::string> daemon_version(Session& session) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const Value daemon, client->daemon());
  return text_of(daemon, "version");
}

Result<ExitCode> version(Session& session) {
  const Result<std::string> daemon = daemon_version(session);
  Output& output = session.output();
  if (output.json()) {
    output.print_json({{"taktctl", taktctl_version()}, {"taktd", daemon ? Value(*daemon) : Value()}});
    return ExitCode::ok;
  }
  output.print(fmt::format("taktctl {}\n", taktctl_version()));
  output.print(daemon ? fmt::format("taktd {} on {}\n", *daemon, to_text(session.bus()))
                      : fmt::format("taktd: {}\n", daemon.error().message));
  return ExitCode::ok;
}

}  // namespace

void add_version(Command& taktctl) {
  Command verb = taktctl.verb("version", "Show the versions of taktctl and of the daemon");
  verb.run(version);
}

}  // namespace takt
