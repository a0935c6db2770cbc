// pause and resume: an execution by its id, a process's triggers by its name.
#include "cli/verbs.h"

namespace takt {
namespace {

struct PauseOptions {
  std::vector<std::string> words;
  std::string reason;
};

Status act(Session& session, Verb verb, const std::string& word, const std::string& reason) {
  TAKT_ASSIGN(Client * client, session.client());
  if (const auto id = to_execution_id(word)) return client->control(verb, *id, {reason, "", false});
  return verb == Verb::pause ? client->pause_process(word) : client->resume_process(word);
}

void add(CLI::App& app, Run& run, Verb which, const char* name, const char* about) {
  const auto options = std::make_shared<PauseOptions>();
  CLI::App* verb = app.add_subcommand(name, about);
  verb->add_option("ID|NAME", options->words, "Executions by id, processes by name")->required();
  verb->add_option("--reason", options->reason, "Kept in the audit trail, of executions")->type_name("TEXT");
  verb->callback([&run, options, which] {
    run = [options, which](Session& session) -> Result<ExitCode> {
      return for_each_word(session, options->words,
                           [&](const std::string& word) { return act(session, which, word, options->reason); });
    };
  });
}

}  // namespace

void add_pause_and_resume(CLI::App& app, Run& run) {
  add(app, run, Verb::pause, "pause", "Freeze executions, or hold the triggers of processes");
  add(app, run, Verb::resume, "resume", "Thaw executions, or let the triggers of processes fire again");
}

}  // namespace takt
