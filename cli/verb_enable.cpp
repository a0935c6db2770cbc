// enable and disable: whether a process's triggers fire and it may be started, for good.
#include "cli/verbs.h"

namespace takt {
namespace {

void add_enabling(CLI::App& app, Run& run, bool enable, const char* name, const char* about) {
  const auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = app.add_subcommand(name, about);
  verb->add_option("NAME", *names, "Processes")->required();
  verb->callback([&run, names, enable] {
    run = [names, enable](Session& session) -> Result<ExitCode> {
      TAKT_ASSIGN(Client * client, session.client());
      return for_each_word(session, *names, [&](const std::string& process) {
        return enable ? client->enable_process(process) : client->disable_process(process);
      });
    };
  });
}

}  // namespace

void add_enable_and_disable(CLI::App& app, Run& run) {
  add_enabling(app, run, true, "enable", "Let processes fire and be started, from now on");
  add_enabling(app, run, false, "disable", "Let processes neither fire nor be started, from now on");
}

}  // namespace takt
