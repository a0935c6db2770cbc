// What the tests of the schedule share: definitions of a line each, and a daemon that may die and come back.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "definition/definition.h"
#include "trigger/schedule.h"

namespace takt {

inline constexpr Duration second = std::chrono::seconds(1);
inline constexpr Duration minute = std::chrono::minutes(1);
inline constexpr Duration hour = std::chrono::hours(1);
inline constexpr Duration day = 24 * hour;

inline WallTime at(std::string_view text) {
  return parse_rfc3339(text).value();
}

inline const WallTime noon = at("2026-12-19T12:00:00Z");

inline Trigger trigger(std::string key, TriggerKind kind) {
  return Trigger{
      .key = std::move(key), .kind = std::move(kind), .when = "", .inputs = Value::object(), .enabled = true};
}

inline Trigger cron(const std::string& line, CatchUp catch_up = CatchUp::latest, Duration jitter = Duration(0)) {
  return trigger("cron " + line,
                 CalendarTrigger{Calendar::parse_cron(line).value(), Zone::utc(), jitter, catch_up, true});
}

inline std::map<std::string, Definition> definitions(const std::map<std::string, std::vector<Trigger>>& triggers) {
  std::map<std::string, Definition> result;
  for (const auto& [name, list] : triggers) {
    auto definition = std::make_shared<ProcessDefinition>();
    definition->name = name;
    definition->triggers = list;
    result[name] = definition;
  }
  return result;
}

// One machine: its clocks, its schedule, and the marks that its store would hold.
struct Machine {
  explicit Machine(WallTime start, Duration uptime = hour) : now{start, BootTime(uptime)} {}

  void load(const std::map<std::string, std::vector<Trigger>>& triggers) {
    loaded = definitions(triggers);
    remember(schedule->set_definitions(loaded, {}, now));
  }
  // The daemon starts with what the store holds.
  void start(const std::map<std::string, std::vector<Trigger>>& triggers) {
    loaded = definitions(triggers);
    restart();
  }
  void restart() {
    schedule = std::make_unique<Schedule>("machine", boot_id);
    std::vector<TriggerMark> known;
    for (const auto& [name, mark] : marks) known.push_back(mark);
    remember(schedule->set_definitions(loaded, known, now));
  }
  // The machine is off for a while and boots.
  void reboot(Duration off, Duration uptime = second) {
    now = {now.wall + off, BootTime(uptime)};
    boot_id += "'";
    restart();
  }

  // The clock was set to what `now` says.
  void set_clock() { remember(schedule->clock_changed(now)); }

  void remember(const std::vector<TriggerMark>& list) {
    for (const TriggerMark& mark : list) marks[{mark.process, mark.key}] = mark;
  }
  std::vector<Firing> due() {
    std::vector<TriggerMark> let_go;
    std::vector<Firing> firings = schedule->due(now, let_go);
    remember(let_go);
    for (const Firing& firing : firings) remember({{firing.process, firing.key, firing.nominal, firing.boot_id}});
    return firings;
  }
  // Sleeps through `span` without looking, then looks.
  std::vector<Firing> sleep(Duration span) {
    now = {now.wall + span, now.boot + span};
    return due();
  }
  // Lives through `span`, woken whenever something is due.
  std::vector<Firing> live(Duration span) {
    std::vector<Firing> result;
    const BootTime end = now.boot + span;
    for (;;) {
      Duration next = end - now.boot;
      if (const auto wall = schedule->next_wall()) next = std::min(next, *wall - now.wall);
      if (const auto boot = schedule->next_boot()) next = std::min(next, *boot - now.boot);
      next = std::max(next, Duration(0));
      now = {now.wall + next, now.boot + next};
      auto firings = due();
      if (firings.empty() && now.boot >= end) return result;
      result.insert(result.end(), firings.begin(), firings.end());
    }
  }

  Now now;
  std::string boot_id = "boot";
  std::map<std::string, Definition> loaded;
  std::map<std::pair<std::string, std::string>, TriggerMark> marks;
  std::unique_ptr<Schedule> schedule = std::make_unique<Schedule>("machine", boot_id);
};

// "2026-12-19T07:30:00Z" and, when it stands for more than itself, " x3".
inline std::vector<std::string> texts(const std::vector<Firing>& firings) {
  std::vector<std::string> result;
  for (const Firing& firing : firings) {
    result.push_back(format_utc(firing.nominal) +
                     (firing.stands_for > 1 ? " x" + std::to_string(firing.stands_for) : ""));
  }
  return result;
}

}  // namespace takt
