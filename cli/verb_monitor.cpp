// monitor: every signal of the daemon as it comes.
#include "cli/documents.h"
#include "cli/time_text.h"
#include "cli/verbs.h"

namespace takt {
namespace {

struct MonitorOptions {
  std::string name;
  std::optional<std::size_t> count;
};

// "execution-finished  id=12 process=nightly outcome=failed …": what is null is left out.
std::string event_line(const BusEvent& event, WallTime now, const Zone& zone, const Look& look) {
  const std::string outcome = text_of(event.data, "outcome");
  std::string line = fmt::format(
      "{} {}", toned(format_local(now, zone), Tone::faint, look),
      toned(fmt::format("{:18}", to_word(event.kind)), outcome.empty() ? Tone::bold : state_tone(outcome), look));
  for (const auto& [key, value] : event.data.items()) {
    if (!value.is_null()) line += fmt::format(" {}={}", key, harmless(text_of(event.data, key)));
  }
  return line + "\n";
}

void print_event(Session& session, const BusEvent& event) {
  const WallTime now = wall_now();
  if (!session.output().json()) {
    session.output().print(event_line(event, now, session.zone(), session.look()));
    session.output().flush();
    return;
  }
  Value document = event.data;
  document["at"] = format_utc(now);
  document["event"] = to_word(event.kind);
  session.output().print_json_line(document);
}

// Pauses come from an execution's properties, which do not say whose it is.
void name_process(Client& client, BusEvent& event) {
  const bool unnamed = event.kind == EventKind::execution_paused || event.kind == EventKind::execution_resumed;
  if (!unnamed) return;
  const Result<Value> description = client.execution(count_of(event.data, "id"));
  if (description) event.data["process"] = text_of(*description, "process");
}

Result<ExitCode> monitor(Session& session, const MonitorOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_TRY(client->listen(true));
  std::size_t seen = 0;
  while (!options.count || seen < *options.count) {
    auto event = client->take_event();
    if (!event) {
      TAKT_TRY(client->wait(-1, std::nullopt));
      continue;
    }
    if (event->kind == EventKind::daemon_came) TAKT_TRY(client->listen(true));
    name_process(*client, *event);
    const std::string process = text_of(event->data, "process");
    if (!options.name.empty() && !process.empty() && process != options.name) continue;
    print_event(session, *event);
    ++seen;
  }
  return ExitCode::ok;
}

}  // namespace

void add_monitor(Command& taktctl) {
  const auto options = std::make_shared<MonitorOptions>();
  Command verb = taktctl.verb("monitor", "Show what happens as it happens");
  verb.option("NAME", options->name, "Only of this process");
  verb.option("-n,--lines", options->count, "End after so many events").type_name("N").not_negative();
  verb.run([options](Session& session) { return monitor(session, *options); });
}

}  // namespace takt
