// The rules for all time to come that stand in the last line of a tz file: POSIX's TZ strings (tzset(3), RFC 8536 3.3).
// The tables of the tz database end with the year 2037; these rules go on.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace takt {

// The day and local time at which an offset changes, each year.
struct YearlyChange {
  enum class Kind { month_week_day, julian, day_of_year };  // M10.5.0, J300, 299
  Kind kind = Kind::day_of_year;
  unsigned month = 0, week = 0, weekday = 0;
  int day = 0;
  std::chrono::seconds time{7200};  // after midnight; may lie outside of the day

  [[nodiscard]] std::chrono::sys_days date(int year) const;
};

// Standard and, between the two changes of a year, daylight-saving time.
struct PosixRules {
  std::chrono::seconds standard{0};  // east of UTC
  std::chrono::seconds daylight{0};
  YearlyChange to_daylight;
  YearlyChange to_standard;

  // "CET-1CEST,M3.5.0,M10.5.0/3"; nothing for a text without daylight saving, or one that is not understood.
  static std::optional<PosixRules> parse(std::string_view text);

  struct Change {
    WallTime at;
    std::chrono::seconds offset;  // from then on
  };
  // The two changes of a year, in their order.
  [[nodiscard]] std::array<Change, 2> changes(int year) const;
};

}  // namespace takt
