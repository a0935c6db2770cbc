// [[trigger]]: one kind, named by its key, and the fields that go with it.
#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "definition/inputs.h"
#include "definition/parts.h"
#include "definition/words.h"

namespace takt {
namespace {

Zone parse_zone(TableReader& reader, const Zone& fallback) {
  const auto name = reader.text("timezone");
  if (!name) return fallback;
  const auto zone = Zone::find(*name);
  if (zone) return *zone;
  reader.error("timezone", zone.error().message);
  return fallback;
}

std::optional<TriggerKind> parse_calendar(TableReader& reader, bool cron, const Zone& outer, std::string& key) {
  const std::string_view word = cron ? "cron" : "calendar";
  const auto text = reader.text(word);
  Zone zone = parse_zone(reader, outer);
  const auto jitter = reader.duration("jitter").value_or(Duration(0));
  const auto catch_up = reader.word("catch_up", catch_up_words).value_or(CatchUp::latest);
  if (!text) return std::nullopt;
  auto calendar = cron ? Calendar::parse_cron(*text) : Calendar::parse_calendar(*text);
  if (!calendar) {
    reader.error(word, calendar.error().message);
    return std::nullopt;
  }
  key = fmt::format("{} {}", word, calendar->to_string());
  if (const auto own = calendar->zone()) {
    if (reader.has("timezone"))
      reader.error("timezone", fmt::format("the expression names its own zone, {}", own->name()));
    zone = *own;
  } else {
    key += " " + zone.name();
  }
  return CalendarTrigger{.calendar = *calendar, .zone = zone, .jitter = jitter, .catch_up = catch_up, .cron = cron};
}

std::optional<TriggerKind> parse_every(TableReader& reader, std::string& key) {
  const auto period = reader.duration("every", limits::every_min);
  const auto anchor = reader.word("anchor", anchor_words).value_or(Anchor::start);
  const auto jitter = reader.duration("jitter").value_or(Duration(0));
  if (!period) return std::nullopt;
  if (jitter >= *period)
    reader.error("jitter", fmt::format("it must be shorter than the {} between two firings", format_duration(*period)));
  key = fmt::format("every {}{}", format_duration(*period), anchor == Anchor::finish ? " finish" : "");
  return EveryTrigger{.period = *period, .anchor = anchor, .jitter = jitter};
}

// A date-time without an offset is one on the clocks of `zone`.
Result<WallTime> parse_instant(const std::string& text, const Zone& zone) {
  if (auto instant = parse_rfc3339(text)) return instant;
  const auto local = parse_rfc3339(text + "Z");
  if (!local)
    return fail(ErrorCode::invalid_argument,
                "expected a date and time such as 2026-12-19T07:30:00 or 2026-12-19T04:00:00Z");
  // The offset at an instant that is off by the offset itself is wrong only near a change of it; once more is right.
  const WallTime near = *local - zone.offset(*local);
  return *local - zone.offset(near);
}

std::optional<TriggerKind> parse_at(TableReader& reader, const Zone& outer, std::string& key) {
  const Zone zone = parse_zone(reader, outer);
  const auto catch_up = reader.word("catch_up", catch_up_words).value_or(CatchUp::latest);
  const auto* node = reader.find("at");
  const auto* time = std::get_if<TomlTime>(&node->value);
  const auto text = time != nullptr ? time->text : reader.text("at");
  if (!text) return std::nullopt;
  const auto instant = parse_instant(*text, zone);
  if (!instant) {
    reader.error("at", instant.error().message);
    return std::nullopt;
  }
  key = fmt::format("at {}", format_utc(*instant));
  return AtTrigger{.at = *instant, .catch_up = catch_up};
}

std::optional<TriggerKind> parse_boot(TableReader& reader, std::string& key) {
  const auto delay = reader.duration("boot");
  if (!delay) return std::nullopt;
  key = fmt::format("boot {}", format_duration(*delay));
  return BootTrigger{*delay};
}

// What is wrong with a glob; empty: nothing.
std::string_view wrong_glob(std::string_view glob) {
  if (!glob.starts_with('/')) return "expected an absolute path";
  if (glob.ends_with('/')) return "it names a folder; expected files, such as \"/srv/inbox/*\"";
  if (glob.find("//") != std::string_view::npos) return "it has an empty component (\"//\")";
  if (glob.find("**") != std::string_view::npos) return "\"**\" is not yet supported by this version of taktd";
  for (std::size_t at = 0; at < glob.size();) {
    const auto end = std::min(glob.find('/', at + 1), glob.size());
    const auto component = glob.substr(at, end - at);
    if (component == "/." || component == "/..") return "it has a component \".\" or \"..\"";
    at = end;
  }
  return {};
}

std::optional<TriggerKind> parse_path(TableReader& reader, std::string& key) {
  PathTrigger path;
  const auto glob = reader.text("path");
  const auto events = reader.words("events", path_event_words);
  path.settle = reader.duration("settle").value_or(Duration(0));
  reader.not_yet({"recursive", "batch"});
  if (!glob) return std::nullopt;
  if (const auto wrong = wrong_glob(*glob); !wrong.empty()) reader.error("path", wrong);
  path.glob = *glob;
  if (events) {
    path.events = *events;
    std::ranges::sort(path.events);
    path.events.erase(std::unique(path.events.begin(), path.events.end()), path.events.end());
    if (path.events.empty()) reader.error("events", "it names no event");
  }
  key = fmt::format("path {}", path.glob);
  for (const auto event : path.events) key += fmt::format(" {}", to_word(event));
  return path;
}

// What a trigger brings must be declared, and what is required it must bring: else none of its firings could start.
void parse_inputs(TableReader& reader, const Surroundings& surroundings, Trigger& trigger) {
  const auto* node = reader.find("inputs");
  trigger.inputs = reader.object("inputs").value_or(Value::object());
  if (node != nullptr && !std::holds_alternative<TomlTable>(node->value)) return;
  std::vector<std::string_view> names;
  for (const auto& declaration : surroundings.inputs) names.push_back(declaration.name);
  for (const auto& [name, value] : trigger.inputs.items()) {
    const Place& place = std::get<TomlTable>(node->value).find(name)->second.place;
    const auto key = reader.path_of("inputs." + name);
    const auto declaration = std::ranges::find(surroundings.inputs, name, &InputDeclaration::name);
    if (declaration == surroundings.inputs.end()) {
      reader.report().error(place, key, fmt::format("the process declares no such input{}", suggestion(name, names)));
    } else if (value_text(value).find("${") == std::string::npos) {
      if (const auto checked = check_input(*declaration, value); !checked)
        reader.report().error(place, key, checked.error().message);
    }
  }
  for (const auto& declaration : surroundings.inputs)
    if (!declaration.fallback && !trigger.inputs.contains(declaration.name))
      reader.error("",
                   fmt::format("its firings could not start: the input \"{}\" is required, and is not in its `inputs`",
                               declaration.name));
}

// The syntax of every text in a value.
Status check_texts(const Value& value, Evaluator& evaluator) {
  if (value.is_string()) return evaluator.check_text(value.get_ref<const std::string&>());
  if (value.is_structured())
    for (const auto& member : value) TAKT_TRY(check_texts(member, evaluator));
  return {};
}

std::optional<Rate> parse_rate(TableReader& outer) {
  const auto* node = outer.find("rate");
  if (node == nullptr || outer.table("rate") == nullptr) return std::nullopt;
  TableReader reader(outer.report(), std::get<TomlTable>(node->value), outer.path_of("rate"), node->place);
  Rate rate;
  for (const char* key : {"limit", "span"})
    if (!reader.has(key)) reader.error("", fmt::format("expected `{}`: at most so many executions in so long", key));
  rate.limit = static_cast<int>(reader.integer("limit", 1, limits::rate).value_or(1));
  rate.span = reader.duration("span", Duration(1)).value_or(Duration(1));
  rate.excess = reader.word("excess", excess_words).value_or(Excess::skip);
  reader.finish();
  return rate;
}

}  // namespace

std::optional<Trigger> parse_trigger(TableReader& reader, const Surroundings& surroundings) {
  const auto word = parse_kind(reader, {"cron", "calendar", "every", "at", "boot", "path"},
                               {"after", "event", "dbus", "unit", "journal", "device", "webhook", "pressure"});
  Trigger trigger{.key = {}, .kind = BootTrigger{}, .when = {}};
  trigger.enabled = reader.boolean("enabled").value_or(true);
  trigger.when = parse_expression(reader, "when", surroundings.context);
  parse_inputs(reader, surroundings, trigger);
  if (const auto checked = check_texts(trigger.inputs, surroundings.context.evaluator); !checked)
    reader.error("inputs", checked.error().message);
  std::optional<TriggerKind> kind;
  if (word) {
    reader.set_expansion([&](std::string_view text) { return expand_environment(text, surroundings.context); });
    if (*word == "cron" || *word == "calendar")
      kind = parse_calendar(reader, *word == "cron", surroundings.zone, trigger.key);
    if (*word == "every") kind = parse_every(reader, trigger.key);
    if (*word == "at") kind = parse_at(reader, surroundings.zone, trigger.key);
    if (*word == "boot") kind = parse_boot(reader, trigger.key);
    if (*word == "path") kind = parse_path(reader, trigger.key);
  }
  trigger.debounce = reader.duration("debounce", Duration(1));
  trigger.rate = parse_rate(reader);
  reader.not_yet({"dst"});
  reader.elsewhere({"timezone"}, "`cron`, `calendar` and `at`");
  reader.elsewhere({"catch_up"}, "`cron`, `calendar` and `at`");
  reader.elsewhere({"jitter"}, "`cron`, `calendar` and `every`");
  reader.elsewhere({"anchor"}, "`every`");
  reader.elsewhere({"events", "settle", "recursive", "batch"}, "`path`");
  reader.finish();
  if (!kind) return std::nullopt;
  trigger.kind = *std::move(kind);
  return trigger;
}

}  // namespace takt
