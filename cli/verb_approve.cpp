// approve and reject: answers to a step that waits for one.
#include <fmt/format.h>

#include "cli/documents.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct ApproveOptions {
  std::string id;
  std::string step;
  std::string comment;
};

// The one step of the execution that waits for an approval.
Result<std::string> waiting_step(Client& client, std::uint64_t id) {
  TAKT_ASSIGN(const Value description, client.execution(id));
  std::vector<std::string> names;
  for (const Value& step : items_of(description, "steps")) {
    if (text_of(step, "state") == "waiting" && text_of(step, "action") == "approve")
      names.push_back(text_of(step, "name"));
  }
  if (names.empty()) return fail(ErrorCode::not_running, "execution {} does not wait for an approval", id);
  if (names.size() == 1) return names.front();
  return fail(ErrorCode::invalid_argument, "several steps of execution {} wait for an approval, name one: {}", id,
              fmt::join(names, ", "));
}

Result<ExitCode> answer(Session& session, const ApproveOptions& options, bool yes) {
  TAKT_ASSIGN(const std::uint64_t id, parse_execution_id(options.id));
  TAKT_ASSIGN(Client * client, session.client());
  std::string step = options.step;
  if (step.empty()) {
    TAKT_ASSIGN(step, waiting_step(*client, id));
  }
  TAKT_TRY(client->approve(id, step, yes, options.comment));
  if (session.output().json()) session.output().print_json({{"id", id}, {"step", step}, {"approved", yes}});
  return ExitCode::ok;
}

void add_answering(Command& taktctl, bool yes, const char* name, const char* about) {
  const auto options = std::make_shared<ApproveOptions>();
  Command verb = taktctl.verb(name, about);
  verb.option("ID", options->id, "The execution").required();
  verb.option("STEP", options->step, "The step; not needed when only one waits");
  verb.option("--comment", options->comment, "Kept with the answer").type_name("TEXT");
  verb.run([options, yes](Session& session) { return answer(session, *options, yes); });
}

}  // namespace

void add_approve_and_reject(Command& taktctl) {
  add_answering(taktctl, true, "approve", "Say yes to a step that waits for an approval");
  add_answering(taktctl, false, "reject", "Say no to a step that waits for an approval");
}

}  // namespace takt
