// What the watches of the machine's events have in common.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "definition/definition_fwd.h"
#include "definition/trigger.h"
#include "engine/engine.h"

namespace takt {

// Whom a watch tells. Neither may set other triggers in the call.
struct WatchCallbacks {
  std::function<void(TriggerSeen)> seen;
  // Something of a process's trigger (or, without a name, of any) cannot be watched or was lost.
  std::function<void(const std::string& process, const std::string& message)> failed;
};

using TriggerName = std::pair<std::string, std::string>;  // process, key

// What is wrong with a trigger, as the log tells it.
std::string about_trigger(const TriggerName& name, const std::string& message);

// The triggers that are to be followed: those of enabled definitions that are enabled themselves.
std::vector<std::pair<TriggerName, const Trigger*>> enabled_triggers(
    const std::map<std::string, Definition>& definitions);
// Those of one kind.
template <class Kind>
std::map<TriggerName, Kind> triggers_of(const std::map<std::string, Definition>& definitions) {
  std::map<TriggerName, Kind> wanted;
  for (const auto& [name, trigger] : enabled_triggers(definitions))
    if (const auto* kind = std::get_if<Kind>(&trigger->kind)) wanted.emplace(name, *kind);
  return wanted;
}

// Brings what is followed to what is wanted: `gone` for each entry that is to go, before it does; `come` makes each new
// one. What is wanted still goes on undisturbed.
template <class State, class Kind, class Gone, class Come>
void follow_triggers(std::map<TriggerName, State>& followed, const std::map<TriggerName, Kind>& wanted, Gone gone,
                     Come come) {
  for (auto at = followed.begin(); at != followed.end();) {
    if (wanted.contains(at->first)) {
      ++at;
    } else {
      gone(at->second);
      at = followed.erase(at);
    }
  }
  for (const auto& [name, kind] : wanted)
    if (!followed.contains(name)) come(name, kind);
}

}  // namespace takt
