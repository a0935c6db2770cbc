// Triggers that files set off.
#include <fmt/core.h>

#include <algorithm>

#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

// What is wrong with a glob; empty: nothing.
std::string_view wrong_glob(std::string_view glob) {
  if (!glob.starts_with('/')) return "expected an absolute path";
  if (glob.ends_with('/')) return "it names a folder; expected files, such as \"/srv/inbox/*\"";
  if (glob.find("//") != std::string_view::npos) return "it has an empty component (\"//\")";
  if (glob.find("**") != std::string_view::npos) return "\"**\" is not yet supported by this version of taktd";
  for (std::size_t at = 0; at < glob.size();) {
    const auto end = std::min(glob.find('/', at + 1), glob.size());
    const auto component = glob.substr(at, end - at);
    if (component == "/." || component == "/..") return "it has a component \".\" or \"..\"";
    at = end;
  }
  return {};
}

}  // namespace

std::optional<TriggerKind> parse_path_trigger(TableReader& reader, std::string& key) {
  PathTrigger path;
  const auto glob = reader.text("path");
  const auto events = reader.words("events", path_event_words);
  path.settle = reader.duration("settle").value_or(Duration(0));
  path.recursive = reader.boolean("recursive").value_or(false);
  path.batch = reader.boolean("batch").value_or(false);
  if (!glob) return std::nullopt;
  if (const auto wrong = wrong_glob(*glob); !wrong.empty()) reader.error("path", wrong);
  path.glob = *glob;
  if (events) path.events = *events;
  key = fmt::format("path {}", path.glob);
  for (const auto event : path.events) key += fmt::format(" {}", to_word(event));
  if (path.recursive) key += " recursive";
  return path;
}

}  // namespace takt
