#include "cli/import_timer.h"

#include <fmt/core.h>

#include <algorithm>

#include "calendar/calendar.h"
#include "cli/import_service.h"

namespace takt {
namespace {

constexpr const char* timer_section = "Timer";

// What a timer says of all its times.
struct TimerRules {
  std::optional<Duration> jitter;
  bool persistent = false;
};

tl::unexpected<Error> wrong(const UnitSetting& setting, const std::string& message,
                            ErrorCode code = ErrorCode::invalid_input) {
  return fail(code, "{}: line {}: {} = {}: {}", setting.file, setting.line, setting.key, setting.value, message);
}

// What systemd takes and a definition does not: the rest of the unit is turned without it.
constexpr ErrorCode not_turned = ErrorCode::not_supported;

// An empty value of any of these forgets what all of them said before: systemd.timer(5).
std::vector<UnitSetting> take_times(SystemdUnit& timer) {
  return timer.take_list(timer_section, std::set<std::string>{"OnCalendar", "OnBootSec", "OnStartupSec", "OnActiveSec",
                                                              "OnUnitActiveSec", "OnUnitInactiveSec"});
}

TimerRules take_rules(SystemdUnit& timer, DraftProcess& draft) {
  TimerRules rules;
  if (const auto delay = timer.take(timer_section, "RandomizedDelaySec")) {
    const Result<Duration> span = unit_span(*delay);
    if (!span)
      draft.notes.push_back(fmt::format("{}: RandomizedDelaySec = {}: it is no time span", timer.name(), *delay));
    else if (*span > Duration(0))
      rules.jitter = *span;
  }
  const auto fixed = timer.take(timer_section, "FixedRandomDelay");
  if (rules.jitter && !(fixed && is_true(*fixed))) {
    draft.notes.push_back(
        fmt::format("{}: RandomizedDelaySec without FixedRandomDelay: the delay is a new one each time; `jitter` is "
                    "always the same",
                    timer.name()));
  }
  if (const auto persistent = timer.take(timer_section, "Persistent")) rules.persistent = is_true(*persistent);
  if (const auto accuracy = timer.take(timer_section, "AccuracySec"))
    draft.comments.push_back(
        fmt::format("{}: AccuracySec = {} is not needed: taktd fires at the instant.", timer.name(), *accuracy));
  return rules;
}

Result<DraftTrigger> turn_calendar(const UnitSetting& setting, const std::string& expression, const TimerRules& rules) {
  const auto calendar = Calendar::parse_calendar(expression);
  const bool never = !calendar && calendar.error().code == ErrorCode::invalid_definition;
  if (!calendar) return wrong(setting, calendar.error().message, never ? not_turned : ErrorCode::invalid_input);
  DraftTrigger trigger{
      .keys = {{"calendar", toml_value(expression)}, {"catch_up", toml_value(rules.persistent ? "latest" : "none")}},
      .old = OldSchedule::systemd,
      .expression = expression};
  if (rules.jitter) trigger.keys.emplace_back("jitter", toml_value(format_duration(*rules.jitter)));
  return trigger;
}

DraftTrigger turn_boot(const UnitSetting& setting, Duration span, const TimerRules& rules, DraftProcess& draft) {
  if (setting.key != "OnBootSec")
    draft.notes.push_back(fmt::format("{} = {}: it is counted from the boot", setting.key, setting.value));
  if (rules.jitter) draft.notes.push_back(fmt::format("{} = {}: it has no jitter", setting.key, setting.value));
  return boot_trigger(format_duration(span));
}

DraftTrigger turn_every(const UnitSetting& setting, Duration span, const TimerRules& rules, DraftProcess& draft) {
  DraftTrigger trigger{.keys = {{"every", toml_value(format_duration(span))}}};
  trigger.keys.emplace_back("anchor", toml_value(setting.key == "OnUnitActiveSec" ? "start" : "finish"));
  if (rules.jitter && *rules.jitter < span) {
    trigger.keys.emplace_back("jitter", toml_value(format_duration(*rules.jitter)));
  } else if (rules.jitter) {
    draft.notes.push_back(fmt::format("RandomizedDelaySec = {}: it is not shorter than {}",
                                      format_duration(*rules.jitter), setting.value));
  }
  return trigger;
}

Result<DraftTrigger> turn_time(const UnitSetting& setting, const std::string& value, const TimerRules& rules,
                               DraftProcess& draft) {
  if (setting.key == "OnCalendar") return turn_calendar(setting, value, rules);
  if (value == "infinity") return wrong(setting, "it never comes", not_turned);
  const Result<Duration> span = unit_span(value);
  if (!span) return wrong(setting, span.error().message);
  const bool repeats = setting.key.starts_with("OnUnit");
  return repeats ? turn_every(setting, *span, rules, draft) : turn_boot(setting, *span, rules, draft);
}

// The path as a glob that it alone matches, without a slash at its end.
std::string literal_glob(const std::string& path) {
  std::string glob;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      glob.append("[").append(1, c).append("]");
    } else if (c == '\\') {
      glob.append("\\\\");
    } else if (c != '/' || !glob.ends_with('/')) {
      glob += c;
    }
  }
  if (glob.ends_with('/')) glob.pop_back();
  return glob;
}

DraftTrigger watch(const std::string& glob, const std::vector<std::string>& events) {
  return {.keys = {{"path", toml_value(literal_text(glob))}, {"events", toml_value(Value(events))}}};
}

bool says_the_same(const DraftTrigger& one, const DraftTrigger& other) {
  if (one.old != OldSchedule::systemd || other.old != one.old) return one.keys == other.keys;
  return Calendar::parse_calendar(one.expression)->to_string() ==
         Calendar::parse_calendar(other.expression)->to_string();
}

// Two that say the same fire once with systemd, and taktd takes them only once.
void add_trigger(DraftTrigger trigger, DraftProcess& draft) {
  const bool known = std::ranges::any_of(draft.triggers, [&](const auto& one) { return says_the_same(one, trigger); });
  if (!known) draft.triggers.push_back(std::move(trigger));
}

// What is left of a unit when its triggers were turned.
void add_rest(SystemdUnit& unit, DraftProcess& draft) {
  if (const auto text = unit.take("Unit", "Description"))
    draft.comments.push_back(fmt::format("{}: {}", unit.name(), *text));
  if (draft.triggers.empty())
    draft.notes.push_back(fmt::format("{}: it has nothing that could be turned, so that nothing fires", unit.name()));
  const std::vector<std::string> notes = unit.notes();
  draft.notes.insert(draft.notes.end(), notes.begin(), notes.end());
}

}  // namespace

std::string service_of(SystemdUnit& unit, const std::string& of) {
  return unit.take(of, "Unit").value_or(unit.stem() + ".service");
}

Status import_timer(SystemdUnit& timer, DraftProcess& draft) {
  const TimerRules rules = take_rules(timer, draft);
  for (const UnitSetting& setting : take_times(timer)) {
    Result<DraftTrigger> trigger = turn_time(setting, timer.expanded(setting.value), rules, draft);
    if (trigger)
      add_trigger(*std::move(trigger), draft);
    else if (trigger.error().code == not_turned)
      draft.notes.push_back(trigger.error().message);
    else
      return tl::unexpected<Error>(std::move(trigger).error());
  }
  add_rest(timer, draft);
  return {};
}

Status import_path_unit(SystemdUnit& path, const std::function<bool(const std::string&)>& is_folder,
                        DraftProcess& draft) {
  for (const char* key : {"PathExists", "PathExistsGlob", "PathChanged", "PathModified", "DirectoryNotEmpty"}) {
    for (const UnitSetting& setting : path.take_list("Path", key)) {
      const std::string value = path.expanded(setting.value);
      if (!value.starts_with('/')) return wrong(setting, "it is no absolute path");
      const std::string word = key;
      const std::string glob = word == "PathExistsGlob" ? value : literal_glob(value);
      const std::string where = fmt::format("{} = {}", word, value);
      const bool changes = word == "PathChanged" || word == "PathModified";
      const bool folder = word == "DirectoryNotEmpty" || (changes && is_folder(value));
      DraftTrigger trigger = changes ? watch(folder ? glob + "/*" : glob, {"created", "modified", "deleted"})
                                     : watch(folder ? glob + "/*" : glob, {"created"});
      if (!changes) {
        trigger.comments.push_back(fmt::format(
            "{}: systemd starts it again for as long as that holds; this fires for each file that comes.", where));
      }
      if (word == "PathModified")
        draft.notes.push_back(fmt::format("{}: it fires when a file is closed, not at each write", where));
      add_trigger(std::move(trigger), draft);
    }
  }
  add_rest(path, draft);
  return {};
}

}  // namespace takt
