// diff: what differs between two versions of a definition.
#include "cli/text_diff.h"
#include "cli/verbs.h"
#include "cli/version_choice.h"

namespace takt {
namespace {

struct DiffOptions {
  std::string name;
  std::string before;
  std::string after;
};

Tone line_tone(std::string_view line) {
  if (line.starts_with("---") || line.starts_with("+++")) return Tone::bold;
  if (line.starts_with('+')) return Tone::good;
  if (line.starts_with('-')) return Tone::bad;
  return line.starts_with("@@") ? Tone::warning : Tone::plain;
}

std::string coloured(const std::string& text, const Look& look) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    out += toned(harmless(line), line_tone(line), look) + "\n";
    begin = end + 1;
  }
  return out;
}

Result<ExitCode> diff(Session& session, const DiffOptions& options) {
  TAKT_ASSIGN(Client * client, session.client());
  TAKT_ASSIGN(const Value versions, client->versions(options.name));
  TAKT_ASSIGN(const std::string before, choose_version(versions, options.before, options.name));
  TAKT_ASSIGN(const std::string after, choose_version(versions, options.after, options.name));
  TAKT_ASSIGN(const std::string old_text, client->definition(options.name, before));
  TAKT_ASSIGN(const std::string new_text, client->definition(options.name, after));
  const auto label = [&](const std::string& hash) { return options.name + "@" + hash.substr(0, 12); };
  TAKT_ASSIGN(const std::string text, text_diff({label(before), old_text}, {label(after), new_text}));
  Output& output = session.output();
  output.open_pager();
  if (output.json()) {
    output.print_json({{"process", options.name}, {"from", before}, {"to", after}, {"diff", text}});
  } else {
    output.print(coloured(text, session.look()));
  }
  return text.empty() ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

void add_diff(Command& taktctl) {
  const auto options = std::make_shared<DiffOptions>();
  Command verb = taktctl.verb("diff", "Show what differs between two versions of a definition");
  verb.option("NAME", options->name, "The process").required();
  verb.option("V1", options->before, "A version, by the beginning of its hash").required();
  verb.option("V2", options->after, "Another one; that in force if not said");
  verb.run([options](Session& session) { return diff(session, *options); });
}

}  // namespace takt
