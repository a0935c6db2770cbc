#include "cli/time_text.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace takt {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

constexpr std::array<const char*, 7> weekday_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999

// The wall clock's reading in the zone, as seconds since 1970-01-01 00:00 of that clock.
seconds reading(WallTime at, const Zone& zone) {
  return std::chrono::floor<seconds>(at.time_since_epoch()) + zone.offset(at);
}

// The instant at which the clock of the zone reads so. In an overlap the first one; in a gap, as if there were none.
WallTime from_reading(seconds clock, const Zone& zone) {
  const WallTime as_utc{Duration(clock)};
  const WallTime by_offset_before = as_utc - zone.offset(as_utc - days(1));
  const WallTime by_offset_after = as_utc - zone.offset(as_utc + days(1));
  const bool only_after = reading(by_offset_before, zone) != clock && reading(by_offset_after, zone) == clock;
  return only_after ? by_offset_after : by_offset_before;
}

template <class Number = int>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || text.front() == '-')
    return std::nullopt;
  return value;
}

// "HH:MM" or "HH:MM:SS".
std::optional<seconds> parse_clock(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return std::nullopt;
  if (text[2] != ':' || (text.size() == 8 && text[5] != ':')) return std::nullopt;
  const auto hour = number(text.substr(0, 2));
  const auto minute = number(text.substr(3, 2));
  const auto second = text.size() == 8 ? number(text.substr(6, 2)) : std::optional<int>(0);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return hours(*hour) + minutes(*minute) + seconds(*second);
}

// "YYYY-MM-DD", then nothing or " HH:MM[:SS]".
std::optional<seconds> parse_date_clock(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  const seconds midnight = sys_days(date).time_since_epoch();
  if (text.size() == 10) return midnight;
  const auto clock = text[10] == ' ' ? parse_clock(text.substr(11)) : std::nullopt;
  if (!clock) return std::nullopt;
  return midnight + *clock;
}

}  // namespace

const Zone& local_zone() {
  static const Zone zone = [] {
    const Result<Zone> local = Zone::local();
    if (!local) std::fprintf(stderr, "taktctl: %s; times are UTC\n", local.error().message.c_str());
    return local.value_or(Zone::utc());
  }();
  return zone;
}

std::string format_local(WallTime at, const Zone& zone) {
  const seconds clock = reading(at, zone);
  const sys_days day(std::chrono::floor<days>(clock));
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<seconds> time(clock - day.time_since_epoch());
  return fmt::format("{} {:04}-{:02}-{:02} {:02}:{:02}:{:02}", weekday_names.at(std::chrono::weekday(day).c_encoding()),
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

std::string format_local_offset(WallTime at, const Zone& zone) {
  const auto offset = std::chrono::duration_cast<minutes>(zone.offset(at)).count();
  return fmt::format("{}{}{:02}:{:02}", format_local(at, zone), offset < 0 ? '-' : '+', std::abs(offset) / 60,
                     std::abs(offset) % 60);
}

std::string format_relative(WallTime at, WallTime now) {
  const seconds away = std::chrono::duration_cast<seconds>(at - now);
  if (away == seconds(0)) return "now";
  if (away < seconds(0)) return format_duration_short(-away) + " ago";
  return "in " + format_duration_short(away);
}

std::string format_span(Duration span) {
  if (span < seconds(1)) return format_duration_short(std::chrono::floor<std::chrono::milliseconds>(span));
  if (span < minutes(1)) return format_duration_short(Duration(span.count() / 100'000 * 100'000));
  return format_duration_short(std::chrono::floor<seconds>(span));
}

std::string format_bytes(double bytes) {
  constexpr std::array<char, 6> units{'B', 'K', 'M', 'G', 'T', 'P'};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f}B", bytes) : fmt::format("{:.1f}{}", bytes, units.at(unit));
}

Result<WallTime> parse_time_argument(std::string_view text, WallTime now, const Zone& zone) {
  const seconds today = std::chrono::floor<days>(reading(now, zone));
  if (text == "now") return now;
  if (text == "today") return from_reading(today, zone);
  if (text == "yesterday") return from_reading(today - days(1), zone);
  if (text == "tomorrow") return from_reading(today + days(1), zone);
  if (const auto clock = parse_clock(text)) return from_reading(today + *clock, zone);
  if (const auto clock = parse_date_clock(text)) return from_reading(*clock, zone);
  if (const auto instant = parse_rfc3339(text)) return *instant;
  if (text.starts_with('@')) {
    if (const auto since_epoch = number<std::int64_t>(text.substr(1)); since_epoch && *since_epoch <= last_second)
      return WallTime(seconds(*since_epoch));
  }
  const bool before = text.starts_with('-') || text.ends_with(" ago");
  if (before || text.starts_with('+')) {
    std::string_view span = text;
    if (span.starts_with('-') || span.starts_with('+')) span.remove_prefix(1);
    if (span.ends_with(" ago")) span.remove_suffix(4);
    if (const auto length = parse_duration(span)) return before ? now - *length : now + *length;
  }
  return fail(
      ErrorCode::invalid_argument,
      "\"{}\" is no time: write \"2026-12-19 07:30\", \"07:30\", \"today\", \"yesterday\", \"-2h\", \"2h ago\", "
      "\"@1797000000\" or RFC 3339",
      text);
}

}  // namespace takt
