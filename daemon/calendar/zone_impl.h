// What the calendar folder knows of a zone: the spans of time in which its offset stays the same.
#pragma once

#include <optional>
#include <string>

#include <date/tz.h>

#include "calendar/posix_rules.h"
#include "calendar/zone.h"

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

struct Zone::Impl {
  std::string name;
  const date::time_zone* rules = nullptr;  // owned by the library; null is UTC, which needs no database
  std::optional<PosixRules> tail;          // what holds after the database's last transition

  [[nodiscard]] OffsetSpan span_at(WallTime at) const;
};

}  // namespace takt
