// What starts a process.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "calendar/calendar.h"
#include "definition/machine.h"
#include "definition/outcome.h"

namespace takt {

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
struct BusTrigger {  // a D-Bus signal; what is empty matches any
  BusKind bus = BusKind::system;
  std::string sender;  // a name whose owner must have sent it
  std::string interface;
  std::string member;
  std::string object;
  Value args = Value::array();  // the first arguments, equal; null: any
};
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

// The words of the enumerations, as definitions, D-Bus, records and people write them.
std::string_view to_word(CatchUp value);
std::string_view to_word(PathEvent value);
std::string_view to_word(Excess value);

}  // namespace takt
