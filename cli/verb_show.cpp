// show: all properties of a process, and the text of its definition.
#include "cli/documents.h"
#include "cli/verbs.h"
#include "cli/views.h"

namespace takt {
namespace {

struct ShowOptions {
  std::string name;
  std::string version;
  bool definition_only = false;
};

std::string property_lines(const Value& process) {
  std::string text;
  for (const auto& [key, value] : process.items()) {
    text += fmt::format("{}={}\n", key, harmless(text_of(process, key)));
  }
  return text;
}

Result<ExitCode> show(Session& session, const ShowOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(Value process, client->process(options.name));
  const Result<std::string> text = client->definition(options.name, options.version);
  // The text is for few; without it the properties are still for everybody.
  const bool may_not_read = !text && text.error().code == ErrorCode::access_denied && !options.definition_only;
  if (!text && !may_not_read) return tl::unexpected(text.error());
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    process["definition"] = text ? Value(*text) : Value();
    output.print_json(process);
    return ExitCode::ok;
  }
  if (!options.definition_only) output.print(property_lines(process) + "\n");
  if (!text) {
    output.message("the definition's text is not for you to read");
    return ExitCode::ok;
  }
  output.print(*text);
  if (!text->ends_with('\n')) output.print("\n");
  return ExitCode::ok;
}

}  // namespace

void add_show(Command& taktctl) {
  const auto options = std::make_shared<ShowOptions>();
  Command verb = taktctl.verb("show", "Show a process's properties and definition");
  verb.option("NAME", options->name, "The process").required();
  verb.option("--version-of", options->version, "The definition of this version, as status shows it").type_name("HASH");
  verb.flag("--definition", options->definition_only, "Print the definition's text alone");
  verb.run([options](Session& session) { return show(session, *options); });
}

}  // namespace takt
