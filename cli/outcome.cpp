#include "cli/outcome.h"

#include "cli/documents.h"
#include "cli/views.h"

namespace takt {

Result<ExitCode> tell_outcome(Session& session, std::uint64_t id, const std::optional<FollowedEnd>& end) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const Value description, client->execution(id));
  Output& output = session.output();
  if (output.json()) {
    output.print_json(description);
  } else if (!end) {
    output.message(fmt::format("execution {} has not ended in time", id));
  } else if (end->outcome != "succeeded") {
    output.message(
        fmt::format("execution {} of {} {}", id, text_of(description, "process"), harmless(outcome_text(description))));
  }
  return end ? exit_code(end->outcome) : ExitCode::not_ended;
}

}  // namespace takt
