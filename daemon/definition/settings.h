// The daemon's settings: taktd.toml(5), each key overridable by TAKT_<KEY> in the environment.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/limits.h"
#include "definition/diagnostic.h"
#include "definition/keep.h"
#include "definition/limits.h"
#include "definition/retry.h"

namespace takt {

enum class Durability { full, normal };
enum class LogLevel { error, warning, notice, info, debug };

struct Settings {
  bool enabled = true;  // false: triggers are held; everything else works
  std::string storage;  // folder of the database; empty: the system's or the user's own
  Durability durability = Durability::full;
  LogLevel log_level = LogLevel::info;
  std::size_t max_concurrent = limits::max_concurrent;
  std::size_t max_queued = limits::max_queued;
  std::optional<Duration> step_timeout;  // default of steps that say none; nothing: none
  Retry retry;                           // default of steps that say none: retry_limit, retry_delay, retry_backoff
  Keep keep{1000, std::chrono::hours(24 * 90)};  // keep_runs, keep_age
  std::uint64_t log_bytes = limits::log_bytes;   // kept of one attempt's output
  std::map<std::string, std::uint32_t> pools;    // [pools]: slots of each, by name
  bool stop_steps = false;                       // end steps when the daemon stops, instead of leaving them running
};

struct SettingsOutcome {
  Settings settings;  // the defaults where a key is wrong
  Diagnostics diagnostics;
};
// `text` may be empty (no file). Environment variables win over it: TAKT_MAX_CONCURRENT, TAKT_STEP_TIMEOUT, …
SettingsOutcome parse_settings(std::string_view path, std::string_view text,
                               const std::map<std::string, std::string>& environment);

}  // namespace takt
