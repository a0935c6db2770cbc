// emit: tells an event to the steps that wait for it, and to the triggers that name it.
#include "cli/input_argument.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct EmitOptions {
  std::string event;
  std::string payload;
  std::vector<std::string> members;
};

Result<ExitCode> emit(Session& session, const EmitOptions& options) {
  TAKT_ASSIGN(const Value payload, parse_payload(options.payload, options.members));
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const std::uint32_t woken, client->emit(options.event, payload));
  Output& output = session.output();
  if (output.json()) {
    output.print_json({{"name", options.event}, {"payload", payload}, {"woken", woken}});
  } else {
    output.print(fmt::format("heard by {} {}\n", woken, woken == 1 ? "step or trigger" : "steps and triggers"));
  }
  return ExitCode::ok;
}

}  // namespace

void add_emit(Command& taktctl) {
  const auto options = std::make_shared<EmitOptions>();
  Command verb = taktctl.verb("emit", "Tell an event to the steps and triggers that wait for it");
  verb.option("EVENT", options->event, "Its name").required();
  const CommandOption members = verb.option("KEY=VALUE", options->members, "Members of its payload, as start --input");
  verb.option("--payload", options->payload, "All of its payload, an object").type_name("JSON").excludes(members);
  verb.run([options](Session& session) { return emit(session, *options); });
}

}  // namespace takt
