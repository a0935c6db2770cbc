// Vixie cron's own rule, as Debian's cron has it (cron.c and entry.c of cron 3.0), minute by minute: the witness of
// when cron ran a line. It shares nothing with calendar/, so that the two can be held against each other. Pure.
#pragma once

#include <bitset>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calendar/zone.h"

namespace takt {

class VixieCron {
 public:
  // Five fields, or @yearly @annually @monthly @weekly @daily @midnight @hourly. ErrorCode::invalid_input for what cron
  // would refuse.
  static Result<VixieCron> parse(std::string_view schedule);

  // The minutes after `after`, at most `count` and before the year 2200, in which cron runs the line, by a clock of
  // that zone. A minute stands there as often as cron starts the line in it: after a change of the clock that can be
  // more than once.
  [[nodiscard]] std::vector<WallTime> instants(WallTime after, const Zone& zone, std::size_t count) const;

 private:
  // Minutes of the zone's wall clock since 1970, which is how cron counts time.
  using ClockMinute = std::int64_t;

  [[nodiscard]] bool matches_day(ClockMinute at) const;
  [[nodiscard]] bool matches(ClockMinute at) const;
  [[nodiscard]] int runs(ClockMinute last, ClockMinute clock) const;
  [[nodiscard]] ClockMinute idle(ClockMinute from) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<8> weekdays_;  // 0 and 7 are Sunday
  bool wildcard_ = false;    // MIN_STAR or HR_STAR: the minute or the hour begins with a star
  bool either_day_ = false;  // neither day begins with a star: one of the two is enough
};

}  // namespace takt
