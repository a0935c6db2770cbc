#include "cli/vixie_cron.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <string>

#include "calendar/zone_impl.h"

namespace takt {
namespace {

using std::chrono::minutes;

constexpr std::int64_t hour_minutes = 60;
constexpr std::int64_t day_minutes = 24 * hour_minutes;
// cron.c: a clock that jumps by more than three hours was set, and is taken as it is; one that jumps on by more than
// five minutes came to summer time.
constexpr std::int64_t set_minutes = 3 * hour_minutes;
constexpr std::int64_t late_minutes = 5;

constexpr const char* month_abbreviations[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                               "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr const char* weekday_abbreviations[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct CronField {
  const char* name;
  int low;
  int high;
  std::span<const char* const> names;
};

Result<int> read_number(const CronField& field, const std::string& text) {
  for (std::size_t i = 0; i < field.names.size(); ++i)
    if (::strcasecmp(field.names[i], text.c_str()) == 0) return field.low + static_cast<int>(i);
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < field.low || number > field.high)
    return fail(ErrorCode::invalid_input, "{}: \"{}\" is not within {} to {}", field.name, text, field.low, field.high);
  return number;
}

// entry.c, get_range: `*` or a-b, each with /n or without, or one value.
template <std::size_t Size>
Status read_range(const CronField& field, const std::string& text, std::bitset<Size>& values) {
  const std::size_t slash = text.find('/');
  const std::string range = text.substr(0, slash);
  const std::size_t dash = range.find('-');
  if (slash != std::string::npos && range != "*" && dash == std::string::npos)
    return fail(ErrorCode::invalid_input, "{}: \"{}\" is a step without a range", field.name, text);
  int low = field.low;
  int high = field.high;
  int step = 1;
  if (range != "*") {
    TAKT_ASSIGN(low, read_number(field, range.substr(0, dash)));
    high = low;
  }
  if (dash != std::string::npos) {
    TAKT_ASSIGN(high, read_number(field, range.substr(dash + 1)));
  }
  if (slash != std::string::npos) {
    const std::string number = text.substr(slash + 1);
    const char* end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, step);
    if (error != std::errc() || stop != end || step < 1)
      return fail(ErrorCode::invalid_input, "{}: \"/{}\" is no step", field.name, number);
  }
  if (low > high) return fail(ErrorCode::invalid_input, "{}: {} runs backwards", field.name, range);
  for (std::int64_t value = low; value <= high; value += step)  // whose sum an int may not hold
    values.set(static_cast<std::size_t>(value));
  return {};
}

template <std::size_t Size>
Status read_list(const CronField& field, const std::string& text, std::bitset<Size>& values) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    TAKT_TRY(read_range(field, text.substr(at, comma - at), values));
    at = comma + 1;
  }
  return {};
}

std::vector<std::string> words_of_line(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

Result<VixieCron> VixieCron::parse(std::string_view schedule) {
  static const std::map<std::string, const char*, std::less<>> macros{
      {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
      {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};
  const auto macro = macros.find(schedule);
  const std::vector<std::string> words = words_of_line(macro == macros.end() ? schedule : macro->second);
  if (words.size() != 5)
    return fail(ErrorCode::invalid_input, "\"{}\" is neither five fields nor one of cron's words", schedule);
  VixieCron cron;
  TAKT_TRY(read_list({"minute", 0, 59, {}}, words[0], cron.minutes_));
  TAKT_TRY(read_list({"hour", 0, 23, {}}, words[1], cron.hours_));
  TAKT_TRY(read_list({"day of month", 1, 31, {}}, words[2], cron.days_));
  TAKT_TRY(read_list({"month", 1, 12, month_abbreviations}, words[3], cron.months_));
  TAKT_TRY(read_list({"weekday", 0, 7, weekday_abbreviations}, words[4], cron.weekdays_));
  if (cron.weekdays_[7]) cron.weekdays_.set(0);
  cron.wildcard_ = words[0].front() == '*' || words[1].front() == '*';
  cron.either_day_ = words[2].front() != '*' && words[4].front() != '*';
  return cron;
}

bool VixieCron::matches_day(ClockMinute at) const {
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_time<minutes>(minutes(at)));
  const std::chrono::year_month_day date(day);
  const bool in_month = days_[static_cast<unsigned>(date.day())];
  const bool in_week = weekdays_[std::chrono::weekday(day).c_encoding()];
  return months_[static_cast<unsigned>(date.month())] && (either_day_ ? in_month || in_week : in_month && in_week);
}

bool VixieCron::matches(ClockMinute at) const {
  return minutes_[static_cast<std::size_t>(at % hour_minutes)] &&
         hours_[static_cast<std::size_t>(at % day_minutes / hour_minutes)] && matches_day(at);
}

// How often cron starts the line when its clock, which it last saw at `last`, shows `clock` (cron.c, main).
int VixieCron::runs(ClockMinute last, ClockMinute clock) const {
  const ClockMinute jump = clock - last;
  if (jump == 1 || jump > set_minutes || jump <= -set_minutes) return int{matches(clock)};
  if (jump <= 0) return int{wildcard_ && matches(clock)};
  // What the clock left out is made up for; where it was a change of the clock, not for lines with wildcards.
  if (wildcard_ && jump > late_minutes) return int{matches(clock)};
  int count = 0;
  for (ClockMinute missed = last + 1; missed <= clock; ++missed) count += int{matches(missed)};
  return count;
}

// How many minutes from `from` on cannot match, told by the day or the hour alone.
VixieCron::ClockMinute VixieCron::idle(ClockMinute from) const {
  if (from % day_minutes == 0 && !matches_day(from)) return day_minutes;
  const auto hour = static_cast<std::size_t>(from % day_minutes / hour_minutes);
  return from % hour_minutes == 0 && !hours_[hour] ? hour_minutes : 0;
}

std::vector<WallTime> VixieCron::instants(WallTime after, const Zone& zone, std::size_t count) const {
  constexpr ClockMinute end =
      minutes(std::chrono::sys_days(std::chrono::year(2200) / 1 / 1).time_since_epoch()).count();
  std::vector<WallTime> found;
  minutes now = std::chrono::floor<minutes>(after.time_since_epoch());
  OffsetSpan span = zone.impl().span_at(WallTime(now));  // which minute after minute has in common
  const auto clock_at = [&zone, &span](minutes at) {
    if (WallTime(at) < span.begin || WallTime(at) >= span.end) span = zone.impl().span_at(WallTime(at));
    return std::chrono::floor<minutes>(at + span.offset).count();
  };
  ClockMinute last = clock_at(now);
  while (found.size() < count && last + 1 < end) {
    const minutes ahead(idle(last + 1));
    // Skipped is only what the clock goes through without a change.
    if (ahead.count() > 0 && clock_at(now + ahead) == last + ahead.count()) {
      now += ahead;
      last += ahead.count();
      continue;
    }
    now += minutes(1);
    const ClockMinute clock = clock_at(now);
    found.insert(found.end(), static_cast<std::size_t>(runs(last, clock)), WallTime(now));
    // While the clock repeats what it has shown, cron's own time stands still.
    const bool repeats = clock <= last && clock - last > -set_minutes;
    if (!repeats) last = clock;
  }
  if (found.size() > count) found.resize(count);
  return found;
}

}  // namespace takt
