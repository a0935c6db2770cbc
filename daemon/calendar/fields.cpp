#include "calendar/fields.h"

#include <bit>
#include <string>

#include "calendar/words.h"

namespace takt {
namespace {

using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month;
using std::chrono::year_month_day;

int length_of(year_month month) {
  const auto last = std::chrono::year_month_day_last(month.year(), month.month() / std::chrono::last).day();
  return static_cast<int>(static_cast<unsigned>(last));
}

int weekday_of(year_month month, int day) {
  const auto date = month / std::chrono::day(static_cast<unsigned>(day));
  return static_cast<int>(std::chrono::weekday(std::chrono::sys_days(date)).c_encoding());
}

// The smallest value of the set at or after `from`, or -1.
int next_of(Bits bits, int from) {
  if (from > 63) return -1;
  const Bits later = bits >> from << from;
  return later == 0 ? -1 : std::countr_zero(later);
}

// "30", "30 or 31", "30, 31 or 31st last day of".
std::string dates_that_lack(const DayRule& days) {
  std::vector<std::string> dates;
  for (const int day : values_of(days.dates | days.nearest_workdays)) dates.push_back(std::to_string(day));
  for (const int day : values_of(days.dates_from_end)) dates.push_back(ordinal(day) + " last day of");
  return enumeration(dates, "or");
}

}  // namespace

Bits DayRule::workdays_of(year_month month) const {
  constexpr int saturday = 6, sunday = 0;
  const int length = length_of(month);
  Bits found = 0;
  for (int day = next_of(nearest_workdays, 1); day >= 0 && day <= length; day = next_of(nearest_workdays, day + 1)) {
    const int weekday = weekday_of(month, day);
    if (weekday == saturday) {
      found |= bit(day > 1 ? day - 1 : day + 2);
    } else if (weekday == sunday) {
      found |= bit(day < length ? day + 1 : day - 2);
    } else {
      found |= bit(day);
    }
  }
  if (last_workday) {
    const int weekday = weekday_of(month, length);
    found |= bit(weekday == saturday ? length - 1 : weekday == sunday ? length - 2 : length);
  }
  return found;
}

Bits DayRule::of(year_month month) const {
  const int length = length_of(month);
  const int first = weekday_of(month, 1);
  Bits on_date = dates | workdays_of(month);
  Bits on_weekday = 0;
  for (int day = 1; day <= length; ++day) {
    const int weekday = (first + day - 1) % 7;
    if (has(dates_from_end, length - day + 1)) on_date |= bit(day);
    if (has(weekdays | nth_weekdays[static_cast<std::size_t>((day - 1) / 7)], weekday)) on_weekday |= bit(day);
    if (day > length - 7 && has(last_weekdays, weekday)) on_weekday |= bit(day);
  }
  return (either ? on_date | on_weekday : on_date & on_weekday) & bits_of(1, length);
}

std::optional<local_days> CalendarFields::next_day(local_days from) const {
  const year_month_day start(from);
  int year = static_cast<int>(start.year());
  int month = static_cast<int>(static_cast<unsigned>(start.month()));
  int day = static_cast<int>(static_cast<unsigned>(start.day()));
  if (year < first_year) year = first_year, month = 1, day = 1;
  for (; year <= last_year; ++year, month = 1, day = 1) {
    if (!years.test(static_cast<std::size_t>(year - first_year))) continue;
    for (int next = next_of(months, month); next >= 0; next = next_of(months, next + 1)) {
      const year_month in = std::chrono::year(year) / next;
      const int found = next_of(days.of(in), next == month ? day : 1);
      if (found >= 0) return local_days(in / std::chrono::day(static_cast<unsigned>(found)));
    }
  }
  return std::nullopt;
}

std::optional<Duration> CalendarFields::next_second(Duration from) const {
  std::optional<Duration> nearest;
  for (const SecondSteps& steps : seconds) {
    Duration candidate = steps.start;
    if (from > candidate) candidate += (from - candidate + steps.step - Duration(1)) / steps.step * steps.step;
    if (candidate <= steps.stop && (!nearest || candidate < *nearest)) nearest = candidate;
  }
  return nearest;
}

std::optional<Duration> CalendarFields::next_time_of_day(Duration from) const {
  const int hour = static_cast<int>(from / hours(1));
  const int minute = static_cast<int>(from % hours(1) / minutes(1));
  if (has(hours_of_day, hour)) {
    if (has(minutes_of_hour, minute)) {
      if (const auto second = next_second(from % minutes(1))) return hours(hour) + minutes(minute) + *second;
    }
    if (const int later = next_of(minutes_of_hour, minute + 1); later >= 0)
      return hours(hour) + minutes(later) + *next_second(Duration(0));
  }
  const int later = next_of(hours_of_day, hour + 1);
  if (later < 0) return std::nullopt;
  return hours(later) + minutes(next_of(minutes_of_hour, 0)) + *next_second(Duration(0));
}

std::optional<LocalTime> CalendarFields::next(LocalTime from) const {
  const local_days today = std::chrono::floor<std::chrono::days>(from);
  const auto day = next_day(today);
  if (!day) return std::nullopt;
  if (*day > today) return *day + *next_time_of_day(Duration(0));
  if (const auto time = next_time_of_day(from - today)) return today + *time;
  const auto later = next_day(today + std::chrono::days(1));
  if (!later) return std::nullopt;
  return *later + *next_time_of_day(Duration(0));
}

std::vector<std::chrono::year> CalendarFields::years_of_each_kind() const {
  std::bitset<2 * 7> seen;
  std::vector<std::chrono::year> found;
  for (int number = first_year; number <= last_year && !seen.all(); ++number) {
    const std::chrono::year year(number);
    const auto kind = static_cast<std::size_t>(weekday_of(year / 1, 1)) * 2 + (year.is_leap() ? 1U : 0U);
    if (!years.test(static_cast<std::size_t>(number - first_year)) || seen.test(kind)) continue;
    seen.set(kind);
    found.push_back(year);
  }
  return found;
}

bool CalendarFields::ever_fires() const {
  for (const std::chrono::year year : years_of_each_kind())
    for (const int month : values_of(months))
      if (days.of(year / month) != 0) return true;
  return false;
}

Status check_fires(const CalendarFields& fields) {
  if (fields.ever_fires()) return {};
  CalendarFields any_weekday = fields;
  any_weekday.days.weekdays = all_weekdays;
  if (any_weekday.ever_fires())
    return fail(ErrorCode::invalid_definition, "never fires: none of its dates falls on such a weekday");
  std::vector<std::string> months;
  for (const int month : values_of(fields.months)) months.push_back(month_name(month));
  CalendarFields any_year = any_weekday;
  any_year.years.set();
  const char* when = any_year.ever_fires() ? " in its years" : "";
  return fail(ErrorCode::invalid_definition, "never fires: there is no {} {}{}", dates_that_lack(fields.days),
              enumeration(months, "or"), when);
}

}  // namespace takt
