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
  DaylightSaving dst = DaylightSaving::takt;
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
  Duration settle{0};      // a file fires when it has been left alone for so long
  bool recursive = false;  // also in all folders below the one that the glob's last component is looked for in
  bool batch = false;      // all files of a burst in one firing
};
struct AfterTrigger {                  // another process's execution ended
  std::vector<std::string> processes;  // their names; "*": any but its own
  std::vector<Outcome> outcomes{Outcome::succeeded, Outcome::failed, Outcome::timed_out, Outcome::cancelled};
};
struct EventTrigger {  // a named event was emitted: over D-Bus, or by a step
  std::string event;
  Value match = Value::object();  // members that the payload must have, equal
};
enum class BusKind { system, session };
struct BusTrigger {  // a D-Bus signal; what is empty matches any
  BusKind bus = BusKind::system;
  std::string sender;  // a name whose owner must have sent it
  std::string interface;
  std::string member;
  std::string object;
  Value args = Value::array();  // the first arguments, equal; null: any
};
enum class UnitState { active, inactive, failed };
struct UnitTrigger {  // a systemd unit reached a state
  std::string unit;   // its full name, with its suffix
  std::vector<UnitState> states{UnitState::failed};
};
struct JournalTrigger {                      // an entry of the journal
  std::map<std::string, std::string> match;  // its fields, equal; not empty, or `pattern` is not
  std::string pattern;                       // POSIX extended, on its MESSAGE
};
struct DeviceTrigger {  // udev reports a device
  std::string subsystem;
  std::vector<std::string> actions{"add"};        // udev(7): add, remove, change, move, online, offline, bind, unbind
  std::map<std::string, std::string> properties;  // equal
};
enum class PressureResource { cpu, memory, io };
struct PressureTrigger {  // tasks stalled for so long within a window (proc_pressure: "some")
  PressureResource resource = PressureResource::memory;
  Duration stall{0};
  Duration window{0};
};
using TriggerKind = std::variant<CalendarTrigger, EveryTrigger, AtTrigger, BootTrigger, PathTrigger, AfterTrigger,
                                 EventTrigger, BusTrigger, UnitTrigger, JournalTrigger, DeviceTrigger, PressureTrigger>;

// At most `limit` executions in any `span`; what is more is skipped, or coalesced into one that waits for its turn.
enum class Excess { skip, coalesce };
struct Rate {
  int limit = 1;
  Duration span{0};
  Excess excess = Excess::skip;
};

struct Trigger {
  std::string key;  // what it says, normalised ("cron 30 7 * * 1-5 Asia/Tehran"): unique in a definition, and the
                    // name under which its history is kept
  TriggerKind kind;
  std::string when;                // a guard over {trigger, inputs, env}; empty: always
  Value inputs = Value::object();  // texts may hold ${trigger.…}
  bool enabled = true;
  std::optional<Duration> debounce{};  // a firing waits until it has been quiet for so long; the last one counts
  std::optional<Rate> rate{};
};
// "cron", "calendar", "every", "at", "boot", "path", "after", …
std::string_view trigger_word(const Trigger& trigger);

// ---- Steps

struct RunAction {
  std::vector<std::string> argv;  // not empty; each may hold ${…}
};
struct ShellAction {
  std::string script;  // handed over as it is
  std::string interpreter = "/bin/sh";
};
struct ProcessAction {  // a nested execution; its result is the step's
  std::string process;
  Value inputs = Value::object();  // texts may hold ${…}
};
struct CallAction {  // a D-Bus method call; the reply is the result: null, its one value, or the list of them
  BusKind bus = BusKind::system;
  std::string service;
  std::string path;
  std::string interface;
  std::string method;
  std::string signature;        // of the arguments; D-Bus specification, "Type System"
  Value args = Value::array();  // as many as the signature has complete types; texts may hold ${…}
};
struct HttpAction {  // the result is {status, headers, body}; a JSON body is parsed
  std::string method = "GET";
  std::string url;                             // may hold ${…}
  std::map<std::string, std::string> headers;  // values may hold ${…}
  Value body;               // null: none; a text is sent as it is, anything else as JSON; may hold ${…}
  std::vector<int> expect;  // status codes that are a success; empty: 200..299
};
struct EmitAction {
  std::string event;                // may hold ${…}
  Value payload = Value::object();  // texts may hold ${…}
};
struct ApproveAction {             // the step's `timeout` bounds the wait
  std::string message;             // may hold ${…}
  std::vector<std::string> users;  // who may answer beside root and whoever may control the process; names
  std::vector<std::string> groups;
  std::optional<bool> fallback;  // `default`: the answer when the time is over; nothing: the step is timed-out
};
struct WaitAction {  // exactly one of the three; the step's `timeout` bounds the wait for an event
  std::optional<Duration> span;
  std::string until;              // an instant as RFC 3339 has it; may hold ${…}
  std::string event;              // the payload is the result
  Value match = Value::object();  // members that the payload must have, equal
};
struct SetAction {  // the result is the object of the expanded values
  Value values = Value::object();
};
using StepAction = std::variant<RunAction, ShellAction, ProcessAction, CallAction, HttpAction, EmitAction,
                                ApproveAction, WaitAction, SetAction>;
// The key that names it: "run", "shell", "process", …
std::string_view action_word(const StepAction& action);
// A command of the runner's: `run` or `shell`.
bool is_command(const StepAction& action);

enum class ResultSource { file, standard_output, lines, none };
enum class OnInterrupt { fail, retry };

struct Retry {
  int limit = 0;  // tries after the first
  Duration delay{0};
  double backoff = 1.0;
  std::optional<Duration> max_delay;
  std::vector<Outcome> on{Outcome::failed, Outcome::timed_out};
  std::vector<int> exit_codes{};  // `on` may hold numbers: a failure with one of these; both empty lists: any failure
  double jitter = 0;              // 0..1: the delay is spread by up to this part of it, fixed by the attempt's token
};
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

// ---- Constraints: what has to hold for a queued execution to start

struct AcPowerConstraint {  // the machine runs on mains power; false: on battery
  bool on = true;
};
struct IdleConstraint {  // nobody has used the machine for so long
  Duration span{0};
};
enum class NetworkState { online };
struct NetworkConstraint {  // online: there is a way out, a default route
  NetworkState state = NetworkState::online;
};
struct StallConstraint {  // tasks stall for no more than this share of the last ten seconds (proc_pressure: "some")
  PressureResource resource = PressureResource::memory;
  double percent = 0;
};
struct BlackoutConstraint {  // it is not between an instant of `from` and the next one of `to`
  Calendar from;
  Calendar to;
  Zone zone;
};
struct PathExistsConstraint {
  std::string path;  // absolute
};
struct UnitActiveConstraint {
  std::string unit;  // its full name, with its suffix
};
using ConstraintKind = std::variant<AcPowerConstraint, IdleConstraint, NetworkConstraint, StallConstraint,
                                    BlackoutConstraint, PathExistsConstraint, UnitActiveConstraint>;
struct Constraint {
  std::string key;  // what it says ("idle = 10min"): who says the same asks for the same
  ConstraintKind kind;
};
struct Constraints {
  std::vector<Constraint> all;
  std::optional<Duration> max_wait;  // from when it was queued; then it is skipped
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
  bool fail_fast = true;  // a failed step cancels those that run beside it
  std::string pool;       // that each execution takes `slots` of; empty: none
  std::uint32_t slots = 1;
  Keep keep;
  std::string user;  // whose children its steps are; never empty
  std::map<std::string, std::string> environment;
  std::vector<InputDeclaration> inputs;
  std::vector<Trigger> triggers;
  Constraints constraints;
  std::vector<Step> steps;  // not empty; those of [[finally]] last

  std::string version;                // SHA-256 of `text`, in hex
  std::string text;                   // the effective TOML: the file, its drop-ins merged over it
  std::string origin;                 // the file's path; "" for a text that came over D-Bus to be checked
  std::vector<std::string> drop_ins;  // the paths of those merged over it
  std::string sources;                // by which load_definitions() sees that the files are the same, and nobody else
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
std::string_view to_word(Excess value);
std::string_view to_word(BusKind value);
std::string_view to_word(UnitState value);
std::string_view to_word(PressureResource value);
std::optional<Outcome> outcome_from_word(std::string_view word);

// The inputs of one start: those given, checked against the declarations, the defaults for the rest.
// ErrorCode::invalid_input names the input, what is wrong and what is allowed. Unknown names are refused.
Result<Value> check_inputs(const ProcessDefinition& definition, const Value& given);

}  // namespace takt
