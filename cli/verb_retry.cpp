// retry: runs an ended execution again, from the step that failed or from a named one.
#include "cli/verbs.h"

namespace takt {
namespace {

struct RetryOptions {
  std::string id;
  VerbOptions options;
};

Result<ExitCode> retry(Session& session, const RetryOptions& options) {
  TAKT_ASSIGN(const std::uint64_t id, parse_execution_id(options.id));
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_TRY(client->control(Verb::retry, id, options.options));
  return ExitCode::ok;
}

}  // namespace

void add_retry(Command& taktctl) {
  const auto options = std::make_shared<RetryOptions>();
  Command verb = taktctl.verb("retry", "Run an ended execution again from the step that failed");
  verb.option("ID", options->id, "The execution").required();
  const CommandOption step = verb.option("--step", options->options.step, "From this step").type_name("STEP");
  verb.option("--item", options->options.item, "This item of the step's for_each alone, from 0")
      .type_name("N")
      .needs(step);
  verb.flag("--current", options->options.current, "With the definition as it is now, not as it was");
  verb.option("--reason", options->options.reason, "Kept in the audit trail").type_name("TEXT");
  verb.run([options](Session& session) { return retry(session, *options); });
}

}  // namespace takt
