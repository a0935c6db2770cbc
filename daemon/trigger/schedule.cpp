#include "trigger/schedule.h"

#include <algorithm>
#include <queue>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "definition/definition.h"
#include "trigger/limits.h"
#include "trigger/timed.h"

namespace takt {
namespace {

struct Entry {
  TimedTrigger trigger;
  std::optional<WallTime> wall_at;  // as it stands in the sets
  std::optional<BootTime> boot_at;
};

struct Process {
  Definition definition;
  std::map<std::string, Entry> triggers;  // by key
};

// Ties are broken by names, so that the same input gives the same order.
template <class Time>
bool earlier(Time left_at, const TimedTrigger& left, Time right_at, const TimedTrigger& right) {
  return std::tie(left_at, left.process(), left.key()) < std::tie(right_at, right.process(), right.key());
}

template <class Time>
struct Slot {
  Time at;
  Entry* entry;
  friend bool operator<(const Slot& left, const Slot& right) {
    return earlier(left.at, left.entry->trigger, right.at, right.entry->trigger);
  }
};

}  // namespace

// The triggers by name, and those that have an instant to come in two sets, one a clock, the earliest first: looking
// costs nothing, a change O(log n), however many there are.
struct Schedule::Impl {
  std::string machine_id;
  std::string boot_id;
  bool started = false;  // set_definitions was called before
  std::map<std::string, Process> processes;
  std::set<Slot<WallTime>> wall;
  std::set<Slot<BootTime>> boot;
  std::map<std::string, std::size_t> live;  // executions of a process, if any

  void unindex(Entry& entry) {
    if (entry.wall_at) wall.erase({*entry.wall_at, &entry});
    if (entry.boot_at) boot.erase({*entry.boot_at, &entry});
  }

  void unindex(Process& process) {
    for (auto& [key, entry] : process.triggers) unindex(entry);
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
    for (auto& [key, entry] : found->second.triggers) {
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

  for (auto process = impl_->processes.begin(); process != impl_->processes.end();) {
    const auto still = definitions.find(process->first);
    const bool stays = still != definitions.end() && still->second->enabled;
    if (!stays) impl_->unindex(process->second);
    process = stays ? std::next(process) : impl_->processes.erase(process);
  }
  std::vector<TriggerMark> begun;
  for (const auto& [name, definition] : definitions) {
    if (!definition->enabled) continue;
    Process& process = impl_->processes[name];
    if (process.definition == definition) continue;  // the very same: a change of one costs nothing for the others
    impl_->unindex(process);
    auto before = std::exchange(process, {definition, {}}).triggers;
    for (const Trigger& trigger : definition->triggers) {
      if (!trigger.enabled || !is_timed(trigger)) continue;
      if (auto old = before.extract(trigger.key)) {
        old.mapped().trigger.adopt(definition, trigger);
        process.triggers.insert(std::move(old));
      } else {
        TimedTrigger timed(definition, trigger, jitter_place(impl_->machine_id, name, trigger.key));
        const auto mark = known.find({name, trigger.key});
        auto first = timed.begin(mark != known.end() ? mark->second : nullptr, !impl_->started, impl_->boot_id, now);
        if (first) begun.push_back(std::move(*first));
        if (impl_->live.contains(name)) timed.hold(true, now);
        process.triggers.emplace(trigger.key, Entry{std::move(timed), {}, {}});
      }
    }
    for (auto& [key, entry] : process.triggers) impl_->index(entry);
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
  for (auto& [name, process] : impl_->processes) {
    for (auto& [key, entry] : process.triggers) {
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
      return earlier(other.instant.at, other.entry->trigger, instant.at, entry->trigger);
    }
  };
  std::vector<Next> first;
  const auto gather = [&](const Process& one) {
    for (const auto& [key, entry] : one.triggers) {
      if (const auto instant = entry.trigger.upcoming(std::nullopt, now)) first.push_back({*instant, &entry});
    }
  };
  if (process.empty()) {
    for (const auto& [name, one] : impl_->processes) gather(one);
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
