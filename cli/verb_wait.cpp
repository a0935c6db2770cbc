// wait: until an execution ends.
#include "cli/outcome.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct WaitOptions {
  std::string id;
  std::string timeout;
};

Result<ExitCode> wait(Session& session, const WaitOptions& options) {
  TAKT_ASSIGN(const std::uint64_t id, parse_execution_id(options.id));
  std::optional<Duration> timeout;
  if (!options.timeout.empty()) {
    TAKT_ASSIGN(timeout, parse_duration(options.timeout));
  }
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const std::optional<FollowedEnd> end, follow(*client, id, {}, timeout));
  return tell_outcome(session, id, end);
}

}  // namespace

void add_wait(Command& taktctl) {
  const auto options = std::make_shared<WaitOptions>();
  Command verb = taktctl.verb("wait", "Wait for an execution's end; its outcome is the exit code");
  verb.option("ID", options->id, "The execution").required();
  verb.option("--timeout", options->timeout, "Give up after this span (5min, 1h 30min)").type_name("SPAN");
  verb.run([options](Session& session) { return wait(session, *options); });
}

}  // namespace takt
