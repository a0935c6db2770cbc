#include "watch/watching.h"

#include <fmt/core.h>

#include "definition/definition.h"

namespace takt {

std::string about_trigger(const TriggerName& name, const std::string& message) {
  return fmt::format("{}: trigger '{}': {}", name.first, name.second, message);
}

std::vector<std::pair<TriggerName, const Trigger*>> enabled_triggers(
    const std::map<std::string, Definition>& definitions) {
  std::vector<std::pair<TriggerName, const Trigger*>> enabled;
  for (const auto& [name, definition] : definitions) {
    if (!definition->enabled) continue;
    for (const Trigger& trigger : definition->triggers)
      if (trigger.enabled) enabled.emplace_back(TriggerName(name, trigger.key), &trigger);
  }
  return enabled;
}

}  // namespace takt
