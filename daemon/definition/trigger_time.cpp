// Triggers that time sets off: cron, calendar, every, at, boot.
#include <fmt/core.h>

#include "calendar/describe.h"
#include "definition/limits.h"
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
  const auto dst = reader.word("dst", dst_words).value_or(DaylightSaving::takt);
  if (!text) return std::nullopt;
  auto calendar = cron ? Calendar::parse_cron(*text) : Calendar::parse_calendar(*text);
  if (!calendar) {
    reader.error(word, calendar.error().message);
    return std::nullopt;
  }
  if (calendar->finest_step() < limits::every_min)
    reader.error(word, fmt::format("it fires at every {}; the shortest step is {}",
                                   format_duration(calendar->finest_step()), format_duration(limits::every_min)));
  key = fmt::format("{} {}", word, calendar->to_string());
  if (const auto own = calendar->zone()) {
    if (reader.has("timezone"))
      reader.error("timezone", fmt::format("the expression names its own zone, {}", own->name()));
    zone = *own;
  } else {
    key += " " + zone.name();
  }
  if (dst == DaylightSaving::systemd) key += " dst=systemd";
  if (const auto trap = day_trap(*calendar)) reader.warning(word, *trap);
  return CalendarTrigger{
      .calendar = *calendar, .zone = zone, .jitter = jitter, .catch_up = catch_up, .cron = cron, .dst = dst};
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

// A date-time without an offset is one on the clocks of `zone`, and meets their changes as a calendar's does.
Result<Occurrence> parse_instant(const std::string& text, const Zone& zone) {
  if (const auto instant = parse_rfc3339(text)) return Occurrence{*instant};
  const auto local = parse_rfc3339(text + "Z");
  if (!local)
    return fail(ErrorCode::invalid_argument,
                "expected a date and time such as 2026-12-19T07:30:00 or 2026-12-19T04:00:00Z");
  std::string expression = format_utc(*local);
  expression[expression.find('T')] = ' ';
  expression.pop_back();
  TAKT_ASSIGN(const Calendar once, Calendar::parse_calendar(expression));
  const auto instant = once.next(WallTime(), zone);
  if (!instant)
    return fail(ErrorCode::invalid_argument, "the clocks of {} never show {}: that day was left out", zone.name(),
                expression);
  return *instant;
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
  if (instant->shifted)
    reader.warning("at", fmt::format("the clocks of {} leave {} out; it fires at {}", zone.name(), *text,
                                     zone.format(instant->at)));
  key = fmt::format("at {}", format_utc(instant->at));
  return AtTrigger{.at = instant->at, .catch_up = catch_up};
}

std::optional<TriggerKind> parse_boot(TableReader& reader, std::string& key) {
  const auto delay = reader.duration("boot");
  if (!delay) return std::nullopt;
  key = fmt::format("boot {}", format_duration(*delay));
  return BootTrigger{*delay};
}

}  // namespace

std::optional<TriggerKind> parse_time_trigger(TableReader& reader, std::string_view word, const Zone& zone,
                                              std::string& key) {
  if (word == "cron" || word == "calendar") return parse_calendar(reader, word == "cron", zone, key);
  if (word == "every") return parse_every(reader, key);
  if (word == "at") return parse_at(reader, zone, key);
  return parse_boot(reader, key);
}

}  // namespace takt
