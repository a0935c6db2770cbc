// Plays a definition on the real engine, with a clock of its own and without any effect. Pure.
//
// Nothing runs: a command, a request or a call succeeds after an instant (or as long as is said), or fails if its step
// is to fail; an approval is given, or refused if its step is to fail. Delays, waits and time-outs move the clock.
// What a step's result would be is not known: it is null, unless the request says one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "definition/definition_fwd.h"
#include "definition/outcome.h"
#include "expression/expression.h"

namespace takt::limits {

inline constexpr std::size_t simulated_events = 100'000;                     // told of one simulation
inline constexpr Duration simulated_attempt = std::chrono::milliseconds(1);  // what a command takes in one

}  // namespace takt::limits

namespace takt {

struct SimulationRequest {
  std::string process;                             // empty: all that are enabled, by their triggers
  std::map<std::string, Definition> definitions;   // it, and those that it may set off
  std::map<std::string, std::string> environment;  // what `env` shows
  std::string machine_id;                          // seeds the jitter of triggers
  Value inputs = Value::object();
  WallTime from;
  std::optional<WallTime> to;   // fires its timed triggers from `from` to here; nothing: one start at `from`
  std::set<std::string> fails;  // steps
  Duration attempt = limits::simulated_attempt;  // what a command, a request or a call takes
  std::map<std::string, Value> results;          // of steps
};

struct SimulatedEvent {
  WallTime at;
  std::uint64_t execution = 0;
  std::string process;
  std::string step;    // empty: of the execution
  std::string event;   // queued, started, runs, waits, emits, or the outcome it ends with
  std::string detail;  // for people
};

struct SimulationOutcome {
  std::vector<SimulatedEvent> events;  // in order of time
  std::optional<Outcome> outcome;      // of the one start; nothing while it waits for what never comes
  bool cut = false;                    // there was more than limits::simulated_events
};

// Errors are those of a start: ErrorCode::invalid_input, disabled, limit_exceeded.
Result<SimulationOutcome> simulate(const SimulationRequest& request, Evaluator& evaluator);

}  // namespace takt
