// list: the processes.
#include "cli/documents.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

struct ListOptions {
  std::string pattern;
  std::string tag;
  bool enabled = false;
  bool disabled = false;
};

Result<ExitCode> list(Session& session, const ListOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  ProcessFilter filter{options.pattern, options.tag, std::nullopt};
  if (options.enabled || options.disabled) filter.enabled = options.enabled;
  TAKT_ASSIGN(const Value rows, client->processes(filter));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(rows);
  } else {
    output.print(process_table(rows, {session.look(), session.zone(), wall_now()}));
  }
  return ExitCode::ok;
}

}  // namespace

void add_list(Command& taktctl) {
  const auto options = std::make_shared<ListOptions>();
  Command verb = taktctl.verb("list", "List processes");
  verb.option("PATTERN", options->pattern, "A shell pattern that names must match");
  verb.option("--tag", options->tag, "Only those with this tag");
  const CommandOption enabled = verb.flag("--enabled", options->enabled, "Only enabled ones");
  verb.flag("--disabled", options->disabled, "Only disabled ones").excludes(enabled);
  verb.run([options](Session& session) { return list(session, *options); });
}

}  // namespace takt
