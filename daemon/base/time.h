// Three kinds of time that do not mix, to the microsecond.
//
// WallTime   an instant in UTC (CLOCK_REALTIME). Calendars, records and people use it. It may jump.
// BootTime   time since boot, through suspend (CLOCK_BOOTTIME). Spans, time-outs and delays use it.
// MonoTime   time since boot without suspend (CLOCK_MONOTONIC). libsystemd's time-outs use it.
//
// The core reads no clock: it is handed a Now.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace takt {

using Duration = std::chrono::microseconds;

struct WallClockTag {};
struct BootClockTag {};
struct MonoClockTag {};
using WallTime = std::chrono::time_point<WallClockTag, Duration>;
using BootTime = std::chrono::time_point<BootClockTag, Duration>;
using MonoTime = std::chrono::time_point<MonoClockTag, Duration>;

// What the core is told of the clocks, once for each event.
struct Now {
  WallTime wall;
  BootTime boot;
};

constexpr WallTime wall_from_us(std::int64_t us) {
  return WallTime(Duration(us));
}
constexpr BootTime boot_from_us(std::int64_t us) {
  return BootTime(Duration(us));
}
constexpr MonoTime mono_from_us(std::int64_t us) {
  return MonoTime(Duration(us));
}
template <class Clock>
constexpr std::int64_t to_us(std::chrono::time_point<Clock, Duration> at) {
  return at.time_since_epoch().count();
}

// A span as systemd.time(7) writes it: "5min", "1h 30min", "2.5s", "500ms", "1d"; units us ms s sec min m h hr d day w
// week month (30.44 d) y year (365.25 d), singular or plural; a bare number is seconds. At most 100 years; never
// negative.
Result<Duration> parse_duration(std::string_view text);
// The shortest text that parse_duration reads back as the same span: "1h 30min", "250ms", "0".
std::string format_duration(Duration span);
// The same for people who skim: its two largest units ("1h 30min", "2.5s", "14ms").
std::string format_duration_short(Duration span);

// An instant as RFC 3339 in UTC, with as many decimals as it needs (0, 3 or 6): "2026-12-19T04:00:00Z".
std::string format_utc(WallTime at);
// Reads RFC 3339 with an offset ("Z", "+03:30") back.
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace takt
