// One unit of work inside a process: its action, its place in the order, and what becomes of it when it fails.
#pragma once

#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "definition/action.h"
#include "definition/retry.h"

namespace takt {

enum class OnInterrupt { fail, retry };

struct Undo {                     // a command that takes back what the step did
  std::vector<std::string> argv;  // each may hold ${…}; the step's own result is steps.NAME.result
  std::optional<Duration> timeout;
};
struct Cache {
  std::string key;  // may hold ${…}
  Duration ttl{0};
};
struct Variant {
  std::string name;
  int weight = 1;  // 0: never
  StepAction action;
};
// Where a step's end leads.
struct Route {
  bool end = false;        // "end": the execution's
  std::uint32_t step = 0;  // else its place
};
struct Kill {
  int signal = SIGTERM;
  Duration grace = std::chrono::seconds(10);
  bool leftovers = false;  // let live what a step's child left running
};

struct Step {
  std::string name;
  std::string description;
  StepAction action;
  std::string when;
  std::optional<Duration> timeout;                 // of one attempt
  std::optional<Duration> total_timeout{};         // of all its attempts and items, with the delays between them
  std::optional<Retry> retry;                      // nothing: the daemon's default
  std::map<std::string, std::string> environment;  // values may hold ${…}
  std::string directory;                           // may hold ${…}; empty: the execution's own
  std::string user;                                // empty: the process's
  std::string standard_input;                      // `stdin`; may hold ${…}
  ResultSource result = ResultSource::file;
  OnInterrupt on_interrupt = OnInterrupt::fail;
  Kill kill;
  bool continue_on_failure = false;

  // Its place in the order (takt.process(5), ORDER), resolved from names: all indices into ProcessDefinition::steps.
  std::vector<std::uint32_t> after;  // it starts when all of these have ended well
  bool routed = false;               // it runs only when a route leads to it
  std::optional<Route> on_success;
  std::optional<Route> on_failure;
  std::uint32_t max_visits = 1;  // more than one: routes may lead back to it
  std::string parallel_group;    // as it was written; empty: none
  bool finally = false;          // of [[finally]]: these stand behind all others, and run in order at the end

  std::string for_each;            // an expression that gives a list; empty: the step runs once
  std::uint32_t max_parallel = 1;  // items at a time
  std::optional<bool> fail_fast;   // of its items; nothing: as the process says
  std::optional<Undo> undo;
  std::optional<Cache> cache;
  std::vector<Variant> variants;  // not empty: one of these is the action
  std::string variant_key;  // may hold ${…}: the same key has the same variant; empty: each execution has its own
  bool generate = false;    // its result is a list of step tables, which run after it
  std::string pool;         // named slots of taktd.toml that each attempt takes; empty: none
  std::uint32_t slots = 1;  // how many
};

}  // namespace takt
