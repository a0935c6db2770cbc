// versions: the versions of a definition that are kept.
#include "cli/documents.h"
#include "cli/time_text.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

constexpr std::size_t hash_shown = 12;

std::string version_table(const Value& rows, const View& view) {
  Table table({{"VERSION"}, {"LOADED"}, {"AGO"}, {"IN FORCE"}, {"USER"}, {"ORIGIN", false, true}});
  for (const Value& row : rows) {
    const auto loaded = time_of(row, "loaded_at");
    const bool in_force = truth_of(row, "in_force");
    table.add({{text_of(row, "version").substr(0, hash_shown), in_force ? Tone::bold : Tone::plain},
               loaded ? format_local(*loaded, view.zone) : "",
               loaded ? format_relative(*loaded, view.now) : "",
               in_force ? Cell("yes", Tone::good) : Cell(""),
               text_of(row, "user"),
               text_of(row, "origin")});
  }
  return table.to_text(view.look) + listed(table.rows(), "version", "versions", view);
}

Result<ExitCode> versions(Session& session, const std::string& name) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const Value rows, client->versions(name));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json(rows);
  } else {
    output.print(version_table(rows, {session.look(), session.zone(), wall_now()}));
  }
  return ExitCode::ok;
}

}  // namespace

void add_versions(Command& taktctl) {
  const auto name = std::make_shared<std::string>();
  Command verb = taktctl.verb("versions", "List the versions of a definition, newest first");
  verb.option("NAME", *name, "The process").required();
  verb.run([name](Session& session) { return versions(session, *name); });
}

}  // namespace takt
