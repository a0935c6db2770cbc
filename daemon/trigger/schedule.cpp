#include "trigger/schedule.h"

#include <algorithm>
#include <queue>
#include <set>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "trigger/timed.h"

namespace takt {
namespace {

struct Entry {
  TimedTrigger trigger;
  std::uint64_t serial = 0;         // breaks ties, in the order of names, so that the same input gives the same order
  std::optional<WallTime> wall_at;  // as it stands in the sets
  std::optional<BootTime> boot_at;
};

template <class Time>
struct Slot {
  Time at;
  Entry* entry;
  friend bool operator<(const Slot& left, const Slot& right) {
    return std::pair(left.at, left.entry->serial) < std::pair(right.at, right.entry->serial);
  }
};

}  // namespace

// The triggers by name, and those that have an instant to come in two sets, one a clock, the earliest first: looking
// costs nothing, a change O(log n), however many there are.
struct Schedule::Impl {
  std::string machine_id;
  std::string boot_id;
  bool started = false;  // set_definitions was called before
  std::map<std::string, std::map<std::string, Entry>> processes;
  std::set<Slot<WallTime>> wall;
  std::set<Slot<BootTime>> boot;
  std::map<std::string, std::size_t> live;  // executions of a process, if any

  void unindex(Entry& entry) {
    if (entry.wall_at) wall.erase({*entry.wall_at, &entry});
    if (entry.boot_at) boot.erase({*entry.boot_at, &entry});
  }

  void index(Entry& entry) {
    entry.wall_at = entry.trigger.wall_at();
    entry.boot_at = entry.trigger.boot_at();
    if (entry.wall_at) wall.insert({*entry.wall_at, &entry});
    if (entry.boot_at) boot.insert({*entry.boot_at, &entry});
  }

  template <class Change>
  void change(Entry& entry, Change apply) {
    unindex(entry);
    apply(entry.trigger);
    index(entry);
  }

  void hold(const std::string& process, bool is_live, Now now) {
    const auto found = processes.find(process);
    if (found == processes.end()) return;
    for (auto& [key, entry] : found->second) {
      change(entry, [&](TimedTrigger& trigger) { trigger.hold(is_live, now); });
    }
  }
};

Schedule::Schedule(std::string machine_id, std::string boot_id) : impl_(std::make_unique<Impl>()) {
  impl_->machine_id = std::move(machine_id);
  impl_->boot_id = std::move(boot_id);
}

Schedule::~Schedule() = default;

std::vector<TriggerMark> Schedule::set_definitions(const std::map<std::string, Definition>& definitions,
                                                   const std::vector<TriggerMark>& marks, Now now) {
  std::map<std::pair<std::string_view, std::string_view>, const TriggerMark*> known;
  for (const TriggerMark& mark : marks) known[{mark.process, mark.key}] = &mark;

  impl_->wall.clear();
  impl_->boot.clear();
  auto before = std::exchange(impl_->processes, {});
  std::vector<TriggerMark> begun;
  std::uint64_t serial = 0;
  for (const auto& [name, definition] : definitions) {
    if (!definition->enabled) continue;
    for (const Trigger& trigger : definition->triggers) {
      if (!trigger.enabled || !is_timed(trigger)) continue;
      auto& triggers = impl_->processes[name];
      if (auto old = before[name].extract(trigger.key)) {
        old.mapped().trigger.adopt(definition, trigger);
        triggers.insert(std::move(old));
      } else {
        TimedTrigger timed(definition, trigger, jitter_place(impl_->machine_id, name, trigger.key));
        const auto mark = known.find({name, trigger.key});
        auto first = timed.begin(mark != known.end() ? mark->second : nullptr, !impl_->started, impl_->boot_id, now);
        if (first) begun.push_back(std::move(*first));
        if (impl_->live.contains(name)) timed.hold(true, now);
        triggers.insert({trigger.key, Entry{std::move(timed), 0, {}, {}}});
      }
    }
  }
  for (auto& [name, triggers] : impl_->processes) {
    for (auto& [key, entry] : triggers) {
      entry.serial = serial++;
      impl_->index(entry);
    }
  }
  impl_->started = true;
  return begun;
}

std::optional<WallTime> Schedule::next_wall() const {
  if (impl_->wall.empty()) return std::nullopt;
  return impl_->wall.begin()->at;
}

std::optional<BootTime> Schedule::next_boot() const {
  if (impl_->boot.empty()) return std::nullopt;
  return impl_->boot.begin()->at;
}

std::vector<Firing> Schedule::due(Now now, std::vector<TriggerMark>& let_go) {
  std::vector<Firing> firings;
  std::size_t instants = 0;
  const auto take = [&](Entry& entry) {
    impl_->change(entry,
                  [&](TimedTrigger& trigger) { instants += trigger.take_due(impl_->boot_id, now, firings, let_go); });
  };
  while (next_boot() && *next_boot() <= now.boot && instants < limits::instants_due) take(*impl_->boot.begin()->entry);
  while (next_wall() && *next_wall() <= now.wall && instants < limits::instants_due) take(*impl_->wall.begin()->entry);
  std::stable_sort(firings.begin(), firings.end(),
                   [](const Firing& left, const Firing& right) { return left.nominal < right.nominal; });
  return firings;
}

std::vector<TriggerMark> Schedule::clock_changed(Now now) {
  std::vector<TriggerMark> moved;
  for (auto& [name, triggers] : impl_->processes) {
    for (auto& [key, entry] : triggers) {
      if (!entry.trigger.goes_by_wall()) continue;
      impl_->change(entry, [&](TimedTrigger& trigger) {
        if (auto mark = trigger.clock_changed(impl_->boot_id, now)) moved.push_back(std::move(*mark));
      });
    }
  }
  return moved;
}

void Schedule::execution_started(const std::string& process) {
  // The time does not matter to what is held.
  if (++impl_->live[process] == 1) impl_->hold(process, true, Now{});
}

void Schedule::execution_ended(const std::string& process, Now now) {
  const auto found = impl_->live.find(process);
  if (found == impl_->live.end() || --found->second > 0) return;
  impl_->live.erase(found);
  impl_->hold(process, false, now);
}

std::vector<Upcoming> Schedule::upcoming(const std::string& process, std::size_t count, Now now) const {
  struct Next {
    TimedTrigger::Instant instant;
    const Entry* entry;
    bool operator<(const Next& other) const {  // the heap's top is its greatest: the earliest
      return std::pair(instant.at, entry->serial) > std::pair(other.instant.at, other.entry->serial);
    }
  };
  std::vector<Next> first;
  const auto gather = [&](const std::map<std::string, Entry>& triggers) {
    for (const auto& [key, entry] : triggers) {
      if (const auto instant = entry.trigger.upcoming(std::nullopt, now)) first.push_back({*instant, &entry});
    }
  };
  if (process.empty()) {
    for (const auto& [name, triggers] : impl_->processes) gather(triggers);
  } else if (const auto found = impl_->processes.find(process); found != impl_->processes.end()) {
    gather(found->second);
  }

  std::priority_queue<Next> heap(std::less<Next>(), std::move(first));
  std::vector<Upcoming> result;
  while (!heap.empty() && result.size() < count) {
    const Next next = heap.top();
    heap.pop();
    const TimedTrigger& trigger = next.entry->trigger;
    result.push_back({next.instant.at, next.instant.nominal, trigger.process(), trigger.key(), trigger.zone()});
    if (const auto instant = trigger.upcoming(next.instant, now)) heap.push({*instant, next.entry});
  }
  return result;
}

}  // namespace takt
