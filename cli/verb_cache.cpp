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

void add_cache(CLI::App& app, Run& run) {
  const auto choice = std::make_shared<CacheChoice>();
  CLI::App* verb = app.add_subcommand("cache", "Forget results that steps have kept");
  verb->require_subcommand(1);
  CLI::App* act = verb->add_subcommand("clear", "Of a process, of a step of it, or all");
  act->add_option("PROCESS", choice->process, "Only of this process");
  act->add_option("STEP", choice->step, "Only of this step of it");
  act->add_option("--key", choice->key, "Only with this key of the step")->type_name("TEXT");
  act->callback([&run, choice] { run = [choice](Session& session) { return clear(session, *choice); }; });
}

}  // namespace takt
