// rollback: undoes what an ended execution did.
#include "cli/documents.h"
#include "cli/follow.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct RollbackOptions {
  std::string id;
  std::string to;
  bool wait = false;
};

// The steps whose undo failed: they have succeeded still, and their error says so.
std::vector<std::string> not_undone(const Value& description) {
  std::vector<std::string> failures;
  for (const Value& step : items_of(description, "steps")) {
    const std::string error = text_of(step, "error");
    if (text_of(step, "state") == "succeeded" && error.starts_with("undo: "))
      failures.push_back(fmt::format("{}: {}", text_of(step, "name"), error));
  }
  return failures;
}

Result<ExitCode> rollback(Session& session, const RollbackOptions& options) {
  TAKT_ASSIGN(const std::uint64_t id, parse_execution_id(options.id));
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_TRY(client->rollback(id, options.to));
  if (options.wait) TAKT_TRY(follow(*client, id, {}, std::nullopt));
  Output& output = session.output();
  if (!options.wait && !output.json()) return ExitCode::ok;
  TAKT_ASSIGN(const Value description, client->execution(id));
  if (output.json()) output.print_json(description);
  if (!options.wait) return ExitCode::ok;
  const std::vector<std::string> failures = not_undone(description);
  for (const std::string& failure : failures) output.message(harmless(failure));
  return failures.empty() ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

void add_rollback(Command& taktctl) {
  const auto options = std::make_shared<RollbackOptions>();
  Command verb = taktctl.verb("rollback", "Undo what an ended execution did");
  verb.option("ID", options->id, "The execution").required();
  verb.option("--to", options->to, "Back to this step, which stays, with what ended before it").type_name("STEP");
  verb.flag("-w,--wait", options->wait, "Wait until it is done; what could not be undone is exit code 1");
  verb.run([options](Session& session) { return rollback(session, *options); });
}

}  // namespace takt
