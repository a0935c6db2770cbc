// One timed trigger: where it stands, and when it fires next. Schedule keeps these in order of time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "definition/definition_fwd.h"
#include "definition/trigger.h"
#include "trigger/firing.h"

namespace takt {

// True for the kinds that a TimedTrigger follows.
bool is_timed(const Trigger& trigger);

// Where in [0, 1) of its jitter a trigger has its place: the same for ever on one machine, and spread evenly over
// machines, processes and triggers, so that a thousand machines do not ask one server at one instant.
double jitter_place(const std::string& machine_id, const std::string& process, const std::string& key);

// Owns the state of one trigger; shares its definition. `instants` (calendars and `at`) go by wall time, `spans`
// (`every` and `boot`) by boot time. It never reads a clock, and never fires the same nominal instant twice.
class TimedTrigger {
 public:
  TimedTrigger(Definition definition, const Trigger& trigger, double place);

  // Says the same as before (its key), perhaps with other jitter, inputs or guard: goes on where it stands.
  void adopt(Definition definition, const Trigger& trigger);

  // Takes its place in time, from its mark or from `now`; Schedule::set_definitions has the rules. `starting`: the
  // daemon starts, this is not a reload. The result is the mark of one that has no history yet, or one from before the
  // clock was set back too far.
  std::optional<TriggerMark> begin(const TriggerMark* mark, bool starting, const std::string& boot_id, Now now);

  // Whether it fires at instants (calendars and `at`), or after spans.
  [[nodiscard]] bool goes_by_wall() const;
  // When it is due, with its jitter; on one of the clocks, or never.
  [[nodiscard]] std::optional<WallTime> wall_at() const { return wall_at_; }
  [[nodiscard]] std::optional<BootTime> boot_at() const;

  // It is due: appends what fires, or the mark of what does not, and moves on. Returns how many instants that took.
  std::size_t take_due(const std::string& boot_id, Now now, std::vector<Firing>& firings,
                       std::vector<TriggerMark>& let_go);

  // The mark of one whose place was moved back: to be recorded, so that a restart goes on from there too.
  std::optional<TriggerMark> clock_changed(const std::string& boot_id, Now now);
  // A run of its process is live, or (false) the last one has ended.
  void hold(bool live, Now now);

  // The instant after `previous` (nothing: the first one to come), when nothing disturbs it.
  struct Instant {
    WallTime at;
    WallTime nominal;
  };
  [[nodiscard]] std::optional<Instant> upcoming(const std::optional<Instant>& previous, Now now) const;

  [[nodiscard]] const std::string& process() const;
  [[nodiscard]] const std::string& key() const { return trigger_->key; }
  // Name of the zone that its calendar is read in; empty for one that has no calendar.
  [[nodiscard]] std::string zone() const;

 private:
  struct Due {  // one instant on the wall clock
    Occurrence nominal;
    WallTime at;
  };
  [[nodiscard]] std::optional<Occurrence> instant_after(WallTime after) const;
  [[nodiscard]] std::optional<Due> due_after(WallTime after) const;
  void arrange();
  void skip_to_newest(WallTime now);
  std::size_t take_instants(const std::string& boot_id, Now now, std::vector<Firing>& firings,
                            std::vector<TriggerMark>& let_go);
  std::size_t take_span(const std::string& boot_id, Now now, std::vector<Firing>& firings);
  [[nodiscard]] Duration offset(Duration jitter, Duration gap) const;
  [[nodiscard]] Duration span_offset() const;
  [[nodiscard]] Firing firing(WallTime nominal, std::uint64_t stands_for, bool shifted,
                              const std::string& boot_id) const;

  Definition definition_;  // keeps *trigger_ alive
  const Trigger* trigger_;
  double place_;

  WallTime handled_;                 // up to here all is handled; of a span, the nominal instant it fired last
  bool fired_ = false;               // whether it is a firing's instant, or the one from which the trigger was followed
  std::optional<Due> next_;          // of instants: the first one after handled_
  std::optional<WallTime> wall_at_;  // next_->at
  std::optional<BootTime> span_at_;  // of spans: the next nominal instant; nothing: never
  bool held_ = false;
};

}  // namespace takt
