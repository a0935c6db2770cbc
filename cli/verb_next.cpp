// next: what fires when.
#include "base/limits.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

struct NextOptions {
  std::string name;
  std::uint32_t count = 20;
};

Result<ExitCode> next(Session& session, const NextOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  if (!options.name.empty()) TAKT_TRY(client->process(options.name));
  TAKT_ASSIGN(const Value rows, client->upcoming(options.name, options.count));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(rows);
    return ExitCode::ok;
  }
  const View view{session.look(), session.zone(), wall_now()};
  output.print(upcoming_table(rows, view) + listed(rows.size(), "firing", "firings", view));
  return ExitCode::ok;
}

}  // namespace

void add_next(Command& taktctl) {
  const auto options = std::make_shared<NextOptions>();
  Command verb = taktctl.verb("next", "List the next firings of timed triggers");
  verb.option("NAME", options->name, "Only of this process");
  verb.option("-n,--lines", options->count, "At most so many; 20 if not said")
      .type_name("N")
      .range(std::uint32_t{1}, static_cast<std::uint32_t>(limits::page_rows));
  verb.run([options](Session& session) { return next(session, *options); });
}

}  // namespace takt
