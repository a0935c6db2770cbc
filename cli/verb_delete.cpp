// delete: takes a definition away that came by put.
#include "cli/verbs.h"

namespace takt {

void add_delete(CLI::App& app, Run& run) {
  const auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = app.add_subcommand("delete", "Remove definitions that came by put; live executions go on");
  verb->add_option("NAME", *names, "Processes")->required();
  verb->callback([&run, names] {
    run = [names](Session& session) -> Result<ExitCode> {
      TAKT_ASSIGN(Client * client, session.client());
      return for_each_word(session, *names, [&](const std::string& name) { return client->remove(name); });
    };
  });
}

}  // namespace takt
