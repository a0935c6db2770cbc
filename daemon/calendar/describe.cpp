#include "calendar/describe.h"

#include "calendar/calendar_impl.h"
#include "calendar/words.h"

namespace takt {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Bits all_dates = bits_of(1, 31);
constexpr Bits all_months = bits_of(1, 12);
// More times of day than so many are told by their hours and minutes.
constexpr std::size_t most_times = 5;
// A minute that fires more often is told by its steps.
constexpr std::size_t most_seconds = 60;

std::string number(int value) {
  return std::to_string(value);
}

// "1.5", of seconds.
std::string decimal(Duration span) {
  std::string text = fmt::format("{}", span / seconds(1));
  if (span % seconds(1) == Duration(0)) return text;
  text += fmt::format(".{:06}", (span % seconds(1)).count());
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string clock(Duration of_day, bool with_seconds) {
  std::string text = fmt::format("{:02}:{:02}", of_day / hours(1), of_day % hours(1) / minutes(1));
  if (!with_seconds) return text;
  const std::string second = decimal(of_day % minutes(1));
  return text + (of_day % minutes(1) < seconds(10) ? ":0" : ":") + second;
}

// The instants of a minute; nothing when they are too many.
std::optional<std::vector<Duration>> instants_of_minute(const CalendarFields& fields) {
  std::vector<Duration> instants;
  std::optional<Duration> next = Duration(0);
  while ((next = fields.next_second(*next))) {
    if (instants.size() == most_seconds) return std::nullopt;
    instants.push_back(*next);
    *next += Duration(1);
  }
  return instants;
}

// Of one unit of time, what fires: "every minute", "minutes 0 and 30", "every 15th minute".
struct Unit {
  std::string text;
  std::string alone;  // the same when each of the coarser units fires: "every 15 minutes"
  bool all = false;
};

// `low` to `high` are all that there are.
Unit unit_of(Bits bits, int low, int high, const std::string& name) {
  if (bits == bits_of(low, high)) return {"every " + name, "every " + name, true};
  const std::vector<int> values = values_of(bits);
  if (values.size() == 1) return {fmt::format("{} {}", name, values.front()), "", false};
  const int step = values[1] - values[0];
  const bool even = values.front() == low && (high - low + 1) % step == 0 && bits == bits_of(low, high, step);
  if (even && values.size() > 2)
    return {fmt::format("every {} {}", ordinal(step), name), fmt::format("every {} {}s", step, name), false};
  const std::string words = set_words(values, name, number);
  return {words.starts_with("every") ? words : fmt::format("{}s {}", name, words), "", false};
}

Unit second_unit(const CalendarFields& fields) {
  Bits whole = 0;
  std::vector<std::string> fractions;
  if (const auto instants = instants_of_minute(fields)) {
    for (const Duration instant : *instants) {
      fractions.push_back(decimal(instant));
      if (instant % seconds(1) == Duration(0)) whole |= bit(static_cast<int>(instant / seconds(1)));
    }
    if (values_of(whole).size() == instants->size()) return unit_of(whole, 0, 59, "second");
    return {fmt::format("second{} {}", fractions.size() > 1 ? "s" : "", enumeration(fractions)), "", false};
  }
  for (const SecondSteps& steps : fields.seconds) {
    const Duration last = steps.stop - (steps.stop - steps.start) % steps.step;
    fractions.push_back(last == steps.start ? "second " + decimal(last)
                                            : fmt::format("every {} seconds from {} to {}", decimal(steps.step),
                                                          decimal(steps.start), decimal(last)));
  }
  return {enumeration(fractions), "", false};
}

// "07:30 and 19:30"; empty when they are too many.
std::string times_of_day(const CalendarFields& fields) {
  std::vector<Duration> times;
  std::optional<Duration> next = Duration(0);
  bool with_seconds = false;
  while ((next = fields.next_time_of_day(*next))) {
    if (times.size() == most_times) return "";
    times.push_back(*next);
    with_seconds = with_seconds || *next % minutes(1) != Duration(0);
    *next += Duration(1);
    if (*next >= hours(24)) break;
  }
  std::vector<std::string> texts;
  for (const Duration time : times) texts.push_back(clock(time, with_seconds));
  return enumeration(texts);
}

// "every 15 minutes from 09:00 to 17:45": a rhythm within hours that follow each other. Empty for others.
std::string rhythm(const CalendarFields& fields, const Unit& minute) {
  const std::vector<int> in = values_of(fields.hours_of_day);
  if (minute.alone.empty() || fields.hours_of_day != bits_of(in.front(), in.back())) return "";
  const int last = values_of(fields.minutes_of_hour).back();
  return fmt::format("{} from {} to {}", minute.alone, clock(hours(in.front()), false),
                     clock(hours(in.back()) + minutes(last), false));
}

// Finest first: "every second of minute 5 of every hour".
std::string time_words(const CalendarFields& fields) {
  const Unit second = second_unit(fields);
  const Unit minute = unit_of(fields.minutes_of_hour, 0, 59, "minute");
  const Unit hour = unit_of(fields.hours_of_day, 0, 23, "hour");
  std::string text;
  if (second.text != "second 0") {
    if (minute.all && hour.all && !second.alone.empty()) return second.alone;
    text = second.text + " of ";
  } else if (!hour.all) {
    if (std::string regular = rhythm(fields, minute); !regular.empty()) return regular;
  } else if (!minute.alone.empty()) {
    return minute.alone;
  }
  text += minute.text;
  if (!minute.all || !hour.all) text += " of " + hour.text;
  return text.starts_with("every") ? text : "at " + text;
}

// "the 1st, 15th and last day", without the month.
std::string date_words(const DayRule& days) {
  std::vector<std::string> parts;
  const auto the = [](int day) { return "the " + ordinal(day); };
  if (days.dates != 0) parts.push_back(set_words(values_of(days.dates), "day", the));
  for (const int day : values_of(days.nearest_workdays)) parts.push_back("the workday nearest to " + the(day));
  if (days.last_workday) parts.push_back("the last workday");
  const auto from_end = [](int day) {
    return day == 1 ? std::string("the last day") : "the " + ordinal(day) + " last";
  };
  std::vector<int> ends;
  for (int day = 31; day >= 1; --day)
    if (has(days.dates_from_end, day)) ends.push_back(-day);
  if (!ends.empty()) {
    std::string text = set_words(ends, "day", [&from_end](int day) { return from_end(-day); });
    if (text.ends_with(" last")) text += " day";
    parts.push_back(text);
  }
  return enumeration(parts);
}

// "Monday to Friday and Sunday": a week begins with Monday.
std::string plain_weekdays(Bits weekdays, const std::string& last_joint) {
  const Bits monday_first = weekdays >> 1 | (has(weekdays, 0) ? bit(6) : 0);
  return set_words(
      values_of(monday_first), "", [](int day) { return weekday_name((day + 1) % 7); }, last_joint);
}

// "the 2nd and last Friday" has its month behind it; "Friday" stands alone.
struct WeekdayWords {
  std::string text;
  bool of_month = false;
};
WeekdayWords weekday_words(const DayRule& days, const std::string& last_joint) {
  std::vector<std::string> parts;
  for (int nth = 1; nth <= 5; ++nth)
    for (const int day : values_of(days.nth_weekdays.at(static_cast<std::size_t>(nth - 1))))
      parts.push_back(fmt::format("the {} {}", ordinal(nth), weekday_name(day)));
  for (const int day : values_of(days.last_weekdays)) parts.push_back("the last " + weekday_name(day));
  const bool of_month = !parts.empty();
  if (days.weekdays != 0) parts.insert(parts.begin(), plain_weekdays(days.weekdays, last_joint));
  return {enumeration(parts, last_joint), of_month};
}

std::string year_words(const Years& years) {
  if (years.all()) return "";
  std::vector<int> values;
  for (std::size_t i = 0; i < years.size(); ++i)
    if (years.test(i)) values.push_back(first_year + static_cast<int>(i));
  return " in " + set_words(values, "year", number);
}

// " on the 13th of March and every Friday", " every day in March".
std::string day_words(const CalendarFields& fields) {
  const DayRule& days = fields.days;
  const bool any_date = days.dates == all_dates;
  const bool any_weekday = days.weekdays == all_weekdays;
  const bool any_day = days.either ? any_date || any_weekday : any_date && any_weekday;
  const bool any_month = fields.months == all_months;
  const std::string months = any_month ? "the month" : set_words(values_of(fields.months), "month", month_name);
  std::string in_months = any_month ? "" : " in " + months;
  if (any_day) return in_months;
  const bool by_both = !any_date && !days.either;
  const WeekdayWords weekday = weekday_words(days, by_both ? "or" : "and");
  const std::string of_months = " of " + months;
  if (any_date && !days.either) return " on " + weekday.text + (weekday.of_month ? of_months : in_months);
  std::string on_date = " on " + date_words(days) + of_months;
  if (any_weekday && !days.either) return on_date;
  if (by_both) return fmt::format("{}, if it is {}{}", on_date, weekday.of_month ? "" : "a ", weekday.text);
  return fmt::format("{}, and on {}{}{}", on_date, weekday.of_month ? "" : "every ", weekday.text,
                     weekday.of_month ? of_months : in_months);
}

}  // namespace

std::string describe(const Calendar& calendar) {
  const CalendarFields& fields = calendar.impl().fields;
  const std::string times = times_of_day(fields);
  const std::string days = day_words(fields);
  std::string text = times.empty() ? time_words(fields) : "at " + times;
  if (!times.empty() && (days.empty() || days.starts_with(" in "))) text += " every day";
  text += days + year_words(fields.years);
  if (const auto& zone = calendar.impl().zone)
    text += fmt::format(", {}{}", zone->name(), zone->name() == "UTC" ? "" : " time");
  return text;
}

}  // namespace takt
