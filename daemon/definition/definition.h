// What a process is: the definition that a TOML file (takt.process(5)) becomes. Plain data, complete and checked;
// nothing here is read from the machine.
#pragma once

#include <csignal>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "calendar/calendar.h"

namespace takt {

// How a step or an execution ended.
enum class Outcome { succeeded, failed, timed_out, cancelled, skipped, interrupted };

// ---- Inputs

enum class InputType { string, integer, number, boolean, array, object };

struct InputDeclaration {
  std::string name;
  InputType type = InputType::string;
  std::string description;
  std::optional<Value> fallback;  // `default`; without one the input is required
  std::vector<Value> choices;     // empty: any
  std::string pattern;            // POSIX extended, for strings; empty: any
  std::optional<double> min;      // a number's value, a string's or an array's length
  std::optional<double> max;
};

// ---- Triggers

enum class CatchUp { none, latest, all };
enum class Anchor { start, finish };

struct CalendarTrigger {  // `cron` and `calendar`
  Calendar calendar;
  Zone zone;
  Duration jitter{0};
  CatchUp catch_up = CatchUp::latest;
  bool cron = false;  // which of the two words it was written with
};
struct EveryTrigger {
  Duration period;
  Anchor anchor = Anchor::start;
  Duration jitter{0};
};
struct AtTrigger {
  WallTime at;
  CatchUp catch_up = CatchUp::latest;
};
struct BootTrigger {
  Duration delay;
};
enum class PathEvent { created, modified, deleted };
struct PathTrigger {
  std::string glob;  // absolute; `*`, `?`, `[…]` in its components, as glob(7)
  std::vector<PathEvent> events{PathEvent::created};
  Duration settle{0};  // a file fires when it has been left alone for so long
};
using TriggerKind = std::variant<CalendarTrigger, EveryTrigger, AtTrigger, BootTrigger, PathTrigger>;

struct Trigger {
  std::string key;  // what it says, normalised ("cron 30 7 * * 1-5 Asia/Tehran"): unique in a definition, and the
                    // name under which its history is kept
  TriggerKind kind;
  std::string when;                // a guard over {trigger, inputs, env}; empty: always
  Value inputs = Value::object();  // texts may hold ${trigger.…}
  bool enabled = true;
};
// "cron", "calendar", "every", "at", "boot", "path".
std::string_view trigger_word(const Trigger& trigger);

// ---- Steps

struct RunAction {
  std::vector<std::string> argv;  // not empty; each may hold ${…}
};
struct ShellAction {
  std::string script;  // handed over as it is
  std::string interpreter = "/bin/sh";
};
using StepAction = std::variant<RunAction, ShellAction>;

enum class ResultSource { file, standard_output, lines, none };
enum class OnInterrupt { fail, retry };

struct Retry {
  int limit = 0;  // tries after the first
  Duration delay{0};
  double backoff = 1.0;
  std::optional<Duration> max_delay;
  std::vector<Outcome> on{Outcome::failed, Outcome::timed_out};
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
  std::optional<Retry> retry;                      // nothing: the daemon's default
  std::map<std::string, std::string> environment;  // values may hold ${…}
  std::string directory;                           // may hold ${…}; empty: the execution's own
  std::string user;                                // empty: the process's
  std::string standard_input;                      // `stdin`; may hold ${…}
  ResultSource result = ResultSource::file;
  OnInterrupt on_interrupt = OnInterrupt::fail;
  Kill kill;
  bool continue_on_failure = false;
};

// ---- The process

enum class Overlap { skip, queue, replace, allow };

struct Keep {  // of its history; nothing: the daemon's default
  std::optional<std::int64_t> runs;
  std::optional<Duration> age;
};

struct ProcessDefinition {
  std::string name;
  std::string description;
  bool enabled = true;
  std::vector<std::string> tags;
  Zone zone = Zone::utc();
  Overlap overlap = Overlap::skip;
  int max_instances = 1;
  int priority = 0;
  std::optional<Duration> timeout;
  Keep keep;
  std::string user;  // whose children its steps are; never empty
  std::map<std::string, std::string> environment;
  std::vector<InputDeclaration> inputs;
  std::vector<Trigger> triggers;
  std::vector<Step> steps;  // not empty

  std::string version;  // SHA-256 of `text`, in hex
  std::string text;     // the effective TOML: the file, its drop-ins merged over it
  std::string origin;   // the file's path; "" for a text that came over D-Bus to be checked
};
using Definition = std::shared_ptr<const ProcessDefinition>;

// The words of the enumerations, as definitions, D-Bus, records and people write them ("timed-out", "standard output"
// is "stdout"); from_word gives nothing for an unknown one.
std::string_view to_word(Outcome value);
std::string_view to_word(InputType value);
std::string_view to_word(CatchUp value);
std::string_view to_word(PathEvent value);
std::string_view to_word(ResultSource value);
std::string_view to_word(Overlap value);
std::optional<Outcome> outcome_from_word(std::string_view word);

// The inputs of one start: those given, checked against the declarations, the defaults for the rest.
// ErrorCode::invalid_input names the input, what is wrong and what is allowed. Unknown names are refused.
Result<Value> check_inputs(const ProcessDefinition& definition, const Value& given);

}  // namespace takt
