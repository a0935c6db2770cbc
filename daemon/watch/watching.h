// What the watches of the machine's events have in common.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include "definition/definition.h"
#include "engine/engine.h"

namespace takt {

// Whom a watch tells. Neither may set other triggers in the call.
struct WatchCallbacks {
  std::function<void(TriggerSeen)> seen;
  // Something of a process's trigger (or, without a name, of any) cannot be watched or was lost.
  std::function<void(const std::string& process, const std::string& message)> failed;
};

using TriggerName = std::pair<std::string, std::string>;  // process, key

// The triggers of one kind that are to be followed: those of enabled definitions that are enabled themselves.
template <class Kind>
std::map<TriggerName, Kind> triggers_of(const std::map<std::string, Definition>& definitions) {
  std::map<TriggerName, Kind> wanted;
  for (const auto& [name, definition] : definitions) {
    if (!definition->enabled) continue;
    for (const Trigger& trigger : definition->triggers) {
      const auto* kind = std::get_if<Kind>(&trigger.kind);
      if (kind != nullptr && trigger.enabled) wanted.emplace(TriggerName(name, trigger.key), *kind);
    }
  }
  return wanted;
}

}  // namespace takt
