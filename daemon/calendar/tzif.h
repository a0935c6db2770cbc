// A compiled file of the tz database (RFC 8536, tzfile(5)): when a zone's offset changes.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calendar/posix_rules.h"

namespace takt {

// Far from every year a calendar knows, and far from the ends of a 64-bit count of microseconds.
inline constexpr WallTime earliest{std::chrono::sys_days(std::chrono::year(1800) / 1 / 1).time_since_epoch()};
inline constexpr WallTime latest{std::chrono::sys_days(std::chrono::year(2400) / 1 / 1).time_since_epoch()};

// begin <= t < end, all with one offset east of UTC. An end at `earliest` or `latest` stands for "always".
struct OffsetSpan {
  WallTime begin;
  WallTime end;
  std::chrono::seconds offset;
};

struct ZoneTable {
  std::vector<OffsetSpan> spans;   // not empty; from earliest to latest, without gaps
  std::optional<PosixRules> tail;  // what holds after the last change, year by year
};

// Refused (invalid_argument): what is no such file, is cut short, or counts leap seconds.
Result<ZoneTable> parse_tzif(std::string_view bytes);

}  // namespace takt
