// Triggers that other executions set off: their ends, and the events that are emitted.
#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "definition/folders.h"
#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

std::optional<TriggerKind> parse_after(TableReader& reader, std::string& key) {
  AfterTrigger after;
  const auto processes = reader.text_or_texts("after");
  const auto outcomes = reader.words("outcome", outcome_words);
  if (outcomes && std::ranges::find(*outcomes, Outcome::interrupted) != outcomes->end())
    reader.error("outcome", "no execution ends as \"interrupted\": what was, goes on");
  if (!processes) return std::nullopt;
  for (const std::string& name : *processes)
    if (name != "*" && !valid_process_name(name))
      reader.error("after", fmt::format("\"{}\" is not the name of a process, nor \"*\" for any", name));
  after.processes = *processes;
  std::ranges::sort(after.processes);
  // Named twice, it would set it off twice.
  after.processes.erase(std::unique(after.processes.begin(), after.processes.end()), after.processes.end());
  if (outcomes) after.outcomes = *outcomes;
  key = fmt::format("after {}", fmt::join(after.processes, ","));
  for (const Outcome outcome : after.outcomes) key += fmt::format(" {}", to_word(outcome));
  return after;
}

std::optional<TriggerKind> parse_event(TableReader& reader, std::string& key) {
  EventTrigger event;
  const auto name = reader.text("event");
  event.match = reader.object("match").value_or(Value::object());
  if (!name) return std::nullopt;
  if (name->size() > limits::name_bytes)
    reader.error("event", fmt::format("a name has at most {} bytes", limits::name_bytes));
  event.event = *name;
  key = fmt::format("event {}", event.event);
  if (!event.match.empty()) key += " " + value_text(event.match);
  return event;
}

}  // namespace

std::optional<TriggerKind> parse_chain_trigger(TableReader& reader, std::string_view word, std::string& key) {
  return word == "after" ? parse_after(reader, key) : parse_event(reader, key);
}

}  // namespace takt
