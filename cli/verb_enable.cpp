// enable and disable: whether a process's triggers fire and it may be started, for good.
#include "cli/verbs.h"

namespace takt {
namespace {

void add_enabling(Command& taktctl, bool enable, const char* name, const char* about) {
  const auto names = std::make_shared<std::vector<std::string>>();
  Command verb = taktctl.verb(name, about);
  verb.option("NAME", *names, "Processes").required();
  verb.run([names, enable](Session& session) -> Result<ExitCode> {
    TAKT_ASSIGN(Client * client, session.client());
    return for_each_word(session, *names, [&](const std::string& process) {
      return enable ? client->enable_process(process) : client->disable_process(process);
    });
  });
}

}  // namespace

void add_enable_and_disable(Command& taktctl) {
  add_enabling(taktctl, true, "enable", "Let processes fire and be started, from now on");
  add_enabling(taktctl, false, "disable", "Let processes neither fire nor be started, from now on");
}

}  // namespace takt
