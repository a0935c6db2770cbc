// When the timed triggers (calendar, every, at, boot) of all definitions fire next. Pure: it is told what time it is.
//
// Calendars and `at` go by wall time, spans (`every`, `boot`) by boot time, so there are two instants to wait for. The
// owner waits for whichever comes first, asks due(), hands each firing to the engine, and asks again. Each firing moves
// the trigger on, so nothing fires twice; the engine records the firing and its TriggerMark in one transaction, and
// set_definitions() takes the marks back after a restart: instants that passed meanwhile go through `catch_up`.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "definition/definition_fwd.h"
#include "trigger/firing.h"

namespace takt {

// One instant to come. `at` is when it will fire, with its jitter.
struct Upcoming {
  WallTime at;
  WallTime nominal;
  std::string process;
  std::string key;
  std::string zone;  // name; empty for a span
};

class Schedule {
 public:
  // `machine_id` seeds the jitter; `boot_id` tells one boot from the next (kernel's boot_id).
  Schedule(std::string machine_id, std::string boot_id);
  ~Schedule();

  // The triggers to follow from now on: those of enabled definitions that are enabled themselves. A trigger that was
  // there before under the same process and key goes on undisturbed; a new one starts from its mark, if it has one,
  // else from now. What a trigger that is gone had to come is forgotten. `marks` are those of the store at the daemon's
  // start; later calls bring none, so that a trigger that was disabled for a while does not make up for that while.
  //
  // Returns the marks of those that start from now (or whose mark lies too far ahead of it, as in clock_changed()), to
  // be recorded, so that a downtime that comes before their first instant is made up for as any other. From its mark
  //   cron, calendar   goes through `catch_up` for what passed;
  //   at               is done if it fired; an instant that was past when the trigger was first seen never fires;
  //   every            goes on in the old rhythm; what passed is one firing, at once, that stands for all of it;
  //   boot             is done if it fired in this boot. Without one it fires, also late, at the daemon's start; a
  //                    trigger that comes by a reload when its delay is over waits for the next boot.
  [[nodiscard]] std::vector<TriggerMark> set_definitions(const std::map<std::string, Definition>& definitions,
                                                         const std::vector<TriggerMark>& marks, Now now);

  // The earliest instant on each clock, nothing when nothing is due on it, ever.
  [[nodiscard]] std::optional<WallTime> next_wall() const;
  [[nodiscard]] std::optional<BootTime> next_boot() const;

  // Everything that is due, oldest first, each trigger moved on. What passed while nobody asked (downtime, suspend, a
  // clock set forward) goes through `catch_up`: none fires nothing, latest one firing that stands for all, all each of
  // them, at most limits::catch_up, the last standing for what exceeds that. `let_go` gets the marks of triggers whose
  // passed instants fire nothing, to be recorded, and before the firings. The newest instant is fired whatever
  // `catch_up` says if it is due for no longer than limits::lateness. When very much is due, some of it is left for the
  // next call: next_wall() then lies in the past.
  std::vector<Firing> due(Now now, std::vector<TriggerMark>& let_go);

  // The wall clock was set, or the zone database changed: computes every calendar's next instant again. An instant
  // already fired does not fire again unless the clock went back more than limits::clock_set_back behind it; an `at`
  // never does. Returns the marks of those that go on from now instead, to be recorded, so that a restart does too.
  [[nodiscard]] std::vector<TriggerMark> clock_changed(Now now);

  // An execution of the process ended: `every` with anchor = "finish" counts from here. Told once for each
  // execution_started, and for none that was skipped.
  void execution_ended(const std::string& process, Now now);
  // A trigger's process has a live execution: `every` with anchor = "finish" does not fire meanwhile. Told once for
  // each, also for those that a restart found live.
  void execution_started(const std::string& process);

  // The next `count` instants of one process (or of all, with an empty name), in order of time; spans included.
  [[nodiscard]] std::vector<Upcoming> upcoming(const std::string& process, std::size_t count, Now now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace takt
