// pause and resume: an execution by its id, a process's triggers by its name.
#include "cli/time_text.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct PauseOptions {
  std::vector<std::string> words;
  std::string reason;
  std::string until;
};

// Nothing when none was given. Executions are paused until they are resumed.
Result<std::optional<WallTime>> parse_until(const PauseOptions& options, const Zone& zone) {
  if (options.until.empty()) return std::nullopt;
  for (const std::string& word : options.words) {
    if (to_execution_id(word))
      return fail(ErrorCode::invalid_argument, "--until is for processes, and {} is an execution", word);
  }
  const WallTime now = wall_now();
  TAKT_ASSIGN(const WallTime until, parse_time_argument(options.until, now, zone));
  if (until <= now) return fail(ErrorCode::invalid_argument, "--until {} has passed", options.until);
  return until;
}

Result<ExitCode> act(Session& session, Verb verb, const PauseOptions& options) {
  TAKT_ASSIGN(const std::optional<WallTime> until, parse_until(options, session.zone()));
  TAKT_ASSIGN(Client * client, session.client());
  VerbOptions how;
  how.reason = options.reason;
  return for_each_word(session, options.words, [&](const std::string& word) {
    if (const auto id = to_execution_id(word)) return client->control(verb, *id, how);
    return verb == Verb::pause ? client->pause_process(word, until) : client->resume_process(word);
  });
}

void add_pausing(Command& taktctl, Verb which, const char* name, const char* about) {
  const auto options = std::make_shared<PauseOptions>();
  Command verb = taktctl.verb(name, about);
  verb.option("ID|NAME", options->words, "Executions by id, processes by name").required();
  verb.option("--reason", options->reason, "Kept in the audit trail, of executions").type_name("TEXT");
  if (which == Verb::pause)
    verb.option("--until", options->until, "Processes resume by themselves then").type_name("TIME");
  verb.run([options, which](Session& session) { return act(session, which, *options); });
}

}  // namespace

void add_pause_and_resume(Command& taktctl) {
  add_pausing(taktctl, Verb::pause, "pause", "Freeze executions, or hold the triggers of processes");
  add_pausing(taktctl, Verb::resume, "resume", "Thaw executions, or let the triggers of processes fire again");
}

}  // namespace takt
