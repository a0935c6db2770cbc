// start: asks for one execution, and follows it if told to.
#include "cli/documents.h"
#include "cli/follow_display.h"
#include "cli/input_argument.h"
#include "cli/outcome.h"
#include "cli/time_text.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct StartOptions {
  std::string name;
  std::vector<std::string> inputs;
  std::vector<std::string> string_inputs;
  StartTerms terms;
  std::string at;
  bool wait = false;
  bool follow = false;
};

// It was recorded; whether it will run is already known when an overlap rule skipped it.
Result<ExitCode> tell_start(Session& session, Client& client, std::uint64_t id, const StartOptions& options) {
  TAKT_ASSIGN(const Value description, client.execution(id));
  Output& output = session.output();
  if (output.json()) {
    output.print_json(description);
  } else {
    output.print(fmt::format("{}\n", id));
  }
  if (text_of(description, "state") == "skipped") {
    output.message(fmt::format("execution {} of {} was skipped: {}", id, options.name, text_of(description, "reason")));
    return ExitCode::skipped;
  }
  if (!output.json() && output.error_is_terminal()) {
    output.message(fmt::format("{} asked for as execution {}; 'taktctl logs -f {}' follows it", options.name, id, id));
  }
  return ExitCode::ok;
}

Result<ExitCode> start(Session& session, const StartOptions& options) {
  TAKT_ASSIGN(const Value inputs, parse_inputs(options.inputs, options.string_inputs));
  StartTerms terms = options.terms;
  if (!options.at.empty()) {
    TAKT_ASSIGN(terms.at, parse_time_argument(options.at, wall_now(), session.zone()));
  }
  TAKT_ASSIGN(Client * client, session.client());
  if (options.follow) TAKT_TRY(client->listen(true));  // before it starts, so that nothing of it is missed
  TAKT_ASSIGN(const std::uint64_t id, client->start(options.name, inputs, terms));
  if (!options.wait && !options.follow) return tell_start(session, *client, id, options);
  FollowDisplay display(session, id, options.name);
  const FollowHooks hooks = options.follow ? display.hooks() : FollowHooks{};
  TAKT_ASSIGN(const std::optional<FollowedEnd> end, follow(*client, id, hooks, std::nullopt));
  if (options.follow) display.finish(end);
  return tell_outcome(session, id, end);
}

}  // namespace

void add_start(Command& taktctl) {
  const auto options = std::make_shared<StartOptions>();
  Command verb = taktctl.verb("start", "Start a process; prints the execution's id");
  verb.option("NAME", options->name, "The process").required();
  verb.option("-i,--input", options->inputs, "An input; numbers, true, false, [...] and {...} as JSON reads them")
      .type_name("KEY=VALUE")
      .one_each();
  verb.option("--input-string", options->string_inputs, "An input that is a string, whatever it looks like")
      .type_name("KEY=VALUE")
      .one_each();
  verb.option("--version", options->terms.version, "The version whose hash begins so, instead of that in force")
      .type_name("HASH");
  verb.option("--at", options->at, "Not before this time; it is queued until then").type_name("TIME");
  verb.option("--key", options->terms.key, "A later start with this key gives this execution's id").type_name("TEXT");
  verb.option("--priority", options->terms.priority, "Instead of the definition's; higher leaves the queue first")
      .type_name("N");
  verb.flag("-w,--wait", options->wait, "Wait for its end; its outcome is the exit code");
  verb.flag("-f,--follow", options->follow, "Wait, and show its progress and its output");
  verb.run([options](Session& session) { return start(session, *options); });
}

}  // namespace takt
