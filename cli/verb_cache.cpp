// cache clear: forgets results that steps have kept.
#include "cli/verbs.h"

namespace takt {
namespace {

Result<ExitCode> clear(Session& session, const CacheChoice& choice) {
  if (choice.key && choice.step.empty())
    return fail(ErrorCode::invalid_argument, "--key is one of a step: name the process and the step");
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_TRY(client->clear_cache(choice));
  return ExitCode::ok;
}

}  // namespace

void add_cache(Command& taktctl) {
  const auto choice = std::make_shared<CacheChoice>();
  Command verb = taktctl.verb("cache", "Forget results that steps have kept");
  verb.requires_verb();
  Command act = verb.verb("clear", "Of a process, of a step of it, or all");
  act.option("PROCESS", choice->process, "Only of this process");
  act.option("STEP", choice->step, "Only of this step of it");
  act.option("--key", choice->key, "Only with this key of the step").type_name("TEXT");
  act.run([choice](Session& session) { return clear(session, *choice); });
}

}  // namespace takt
