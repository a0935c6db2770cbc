// check: what is wrong with definitions, as a compiler tells it. No daemon is asked.
#include "cli/definition_files.h"
#include "cli/documents.h"
#include "cli/verbs.h"
#include "cli/views.h"
#include "definition/definition.h"

namespace takt {
namespace {

// Any other word is a process's name.
bool is_path(const std::string& word) {
  return word.find('/') != std::string::npos || word.ends_with(".toml");
}

Result<ExitCode> check(Session& session, const std::vector<std::string>& words) {
  Diagnostics all;
  const auto take = [&](const std::string& word) -> Status {
    const bool file = !word.empty() && is_path(word);
    TAKT_ASSIGN(const Diagnostics found, file ? check_file(word, session.bus()) : check_folders(word, session.bus()));
    all.insert(all.end(), found.begin(), found.end());
    return {};
  };
  const ExitCode read = for_each_word(session, words.empty() ? std::vector<std::string>{""} : words, take);
  Value diagnostics = Value::array();
  for (const Diagnostic& diagnostic : all) diagnostics.push_back(to_json(diagnostic));
  Output& output = session.output();
  if (output.json()) {
    output.print_json(diagnostics);
  } else {
    output.print(diagnostics_text(diagnostics, {session.look(), session.zone(), wall_now()}));
  }
  return has_errors(all) ? ExitCode::failed : read;
}

}  // namespace

void add_check(Command& taktctl) {
  const auto words = std::make_shared<std::vector<std::string>>();
  Command verb = taktctl.verb("check", "Tell what is wrong with definitions, without a daemon");
  verb.option("FILE|NAME", *words, "Files, or processes in the daemon's folders; none: all in those folders");
  verb.run([words](Session& session) { return check(session, *words); });
}

}  // namespace takt
