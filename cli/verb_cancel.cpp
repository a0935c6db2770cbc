// cancel: executions by id, all live ones of a process by its name, or all.
#include "cli/documents.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct CancelOptions {
  std::vector<std::string> words;
  VerbOptions how;
  bool all = false;
  bool no_undo = false;
};

// One that ends by itself meanwhile is as good as cancelled.
Status cancel_live(Client& client, const std::string& process, const VerbOptions& how) {
  TAKT_ASSIGN(const Value rows, live_executions(client, process));
  for (const Value& row : rows) {
    Status done = client.control(Verb::cancel, count_of(row, "id"), how);
    if (!done && done.error().code != ErrorCode::not_running) return done;
  }
  return {};
}

Result<ExitCode> cancel(Session& session, const CancelOptions& options) {
  if (options.all != options.words.empty()) {
    return fail(ErrorCode::invalid_argument, "name executions or processes, or say --all");
  }
  VerbOptions how = options.how;
  how.undo = !options.no_undo;
  TAKT_ASSIGN(Client * client, session.client());
  if (options.all) {
    TAKT_TRY(cancel_live(*client, "", how));
    return ExitCode::ok;
  }
  return for_each_word(session, options.words, [&](const std::string& word) {
    if (const auto id = to_execution_id(word)) return client->control(Verb::cancel, *id, how);
    return cancel_live(*client, word, how);
  });
}

}  // namespace

void add_cancel(Command& taktctl) {
  const auto options = std::make_shared<CancelOptions>();
  Command verb = taktctl.verb("cancel", "Cancel executions, or all live ones of processes");
  verb.option("ID|NAME", options->words, "Executions by id, processes by name");
  verb.flag("--all", options->all, "Every live execution");
  verb.flag("--no-undo", options->no_undo, "What the steps did stays as it is");
  verb.option("--reason", options->how.reason, "Kept in the execution's record").type_name("TEXT");
  verb.run([options](Session& session) { return cancel(session, *options); });
}

}  // namespace takt
