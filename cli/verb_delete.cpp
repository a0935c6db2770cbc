// delete: takes a definition away that came by put.
#include "cli/verbs.h"

namespace takt {

void add_delete(Command& taktctl) {
  const auto names = std::make_shared<std::vector<std::string>>();
  Command verb = taktctl.verb("delete", "Remove definitions that came by put; live executions go on");
  verb.option("NAME", *names, "Processes").required();
  verb.run([names](Session& session) -> Result<ExitCode> {
    TAKT_ASSIGN(Client * client, session.client());
    return for_each_word(session, *names, [&](const std::string& name) { return client->remove(name); });
  });
}

}  // namespace takt
