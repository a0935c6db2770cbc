// What cron lines and calendar expressions both come down to: a set of values for each field of a wall-clock time.
// Pure arithmetic on local times; zones and daylight saving are next.cpp's.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace takt {

using LocalTime = std::chrono::local_time<Duration>;

// A set of small numbers: bit n is the value n.
using Bits = std::uint64_t;
constexpr Bits bit(int value) {
  return Bits{1} << value;
}
constexpr bool has(Bits bits, int value) {
  return (bits >> value & 1) != 0;
}
// The values low, low + step, … up to high.
constexpr Bits bits_of(int low, int high, int step = 1) {
  Bits bits = 0;
  for (int value = low; value <= high; value += step) bits |= bit(value);
  return bits;
}

inline constexpr Bits all_weekdays = bits_of(0, 6);

inline constexpr int first_year = 1970;
inline constexpr int last_year = 2199;
using Years = std::bitset<last_year - first_year + 1>;

// Instants within a minute: start, start + step, … up to stop.
struct SecondSteps {
  Duration start;
  Duration stop;
  Duration step;
};

// The days of a month that fire.
struct DayRule {
  Bits dates = 0;                         // the n-th
  Bits dates_from_end = 0;                // the n-th last
  Bits nearest_workdays = 0;              // the workday nearest to the n-th, within the month (cron's nW)
  bool last_workday = false;              // cron's LW
  Bits weekdays = 0;                      // 0 is Sunday
  std::array<Bits, 5> nth_weekdays = {};  // [n]: the n+1-th such weekday of the month (cron's d#n)
  Bits last_weekdays = 0;                 // cron's dL
  bool either = false;                    // a date or a weekday is enough; else it takes both

  // Bit d: the d-th day of that month fires.
  [[nodiscard]] Bits of(std::chrono::year_month month) const;

 private:
  [[nodiscard]] Bits workdays_of(std::chrono::year_month month) const;
};

struct CalendarFields {
  Years years;
  Bits months = 0;
  DayRule days;
  Bits hours_of_day = 0;
  Bits minutes_of_hour = 0;
  std::vector<SecondSteps> seconds;
  bool follows_clock = false;  // fires by the wall clock alone at daylight-saving changes; else exactly once

  // The first matching wall-clock time at or after `from`; its cost does not depend on how far away that is.
  [[nodiscard]] std::optional<LocalTime> next(LocalTime from) const;
  // One of each kind of year, among those that fire: there are but fourteen, leap or not and beginning with one of the
  // weekdays. So that nothing ever fires is known after a look at 14 × 12 months.
  [[nodiscard]] std::vector<std::chrono::year> years_of_each_kind() const;
  // Some day of some year matches.
  [[nodiscard]] bool ever_fires() const;
  // The first match at or after a time since midnight, or since the minute began.
  [[nodiscard]] std::optional<Duration> next_time_of_day(Duration from) const;
  [[nodiscard]] std::optional<Duration> next_second(Duration from) const;

 private:
  [[nodiscard]] std::optional<std::chrono::local_days> next_day(std::chrono::local_days from) const;
};

// An error that says why when no day of all the years matches ("never fires: there is no 30 February").
Status check_fires(const CalendarFields& fields);

}  // namespace takt
