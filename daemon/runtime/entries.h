// What of all that happens an administrator should read in the log, in which words. Pure.
#pragma once

#include <optional>

#include "engine/engine.h"
#include "runtime/ports.h"

namespace takt {

// The entry for an announcement; ordinary transitions are LogPriority::debug.
std::optional<LogEntry> log_entry(const Announcement& announcement);

}  // namespace takt
