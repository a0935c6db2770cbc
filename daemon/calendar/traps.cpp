// What people often do not see in an expression.
#include "calendar/calendar_impl.h"
#include "calendar/describe.h"
#include "calendar/words.h"

namespace takt {
namespace {

using std::chrono::month;
using std::chrono::year;

// Months that lack all of the rule's days, in a year that is no leap year or in every one.
Bits empty_months(const CalendarFields& fields, bool leap_year) {
  DayRule days = fields.days;
  // Which weekday a date falls on is chance, and no trap: only dates that the month does not have are.
  days.weekdays = bits_of(0, 6);
  Bits empty = 0;
  for (const int number : values_of(fields.months))
    if (days.of(year(leap_year ? 2028 : 2027) / month(static_cast<unsigned>(number))) == 0) empty |= bit(number);
  return empty;
}

std::string months_text(Bits months) {
  return set_words(values_of(months), "", month_name);
}

void add_skipped_months(const CalendarFields& fields, std::vector<std::string>& found) {
  const Bits always = empty_months(fields, true);
  const Bits february = empty_months(fields, false) & ~always;
  if (always != 0) found.push_back(fmt::format("it skips {}, where there is no such day", months_text(always)));
  if (february != 0) found.push_back("it fires in February only in leap years");
}

}  // namespace

std::optional<std::string> day_trap(const Calendar& calendar) {
  if (!calendar.impl().fields.days.either) return std::nullopt;
  return "it fires when the day of the month or the weekday matches; write + before the weekday to ask for both";
}

std::vector<std::string> traps(const Calendar& calendar) {
  const Calendar::Impl& impl = calendar.impl();
  std::vector<std::string> found;
  if (const auto trap = day_trap(calendar)) {
    found.push_back(*trap);
  } else {
    add_skipped_months(impl.fields, found);
  }
  for (const UnevenStep& step : impl.uneven_steps)
    found.push_back(
        fmt::format("{}: {} does not divide evenly, and begins anew with each {}", step.field, step.text, step.within));
  return found;
}

}  // namespace takt
