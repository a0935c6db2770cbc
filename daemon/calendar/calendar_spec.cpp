// Reads calendar expressions. What is accepted and how it is normalized is what systemd 252 accepts and prints.
#include "calendar/calendar_spec.h"

#include <charconv>

#include "base/nearest.h"
#include "calendar/spec_list.h"
#include "calendar/text.h"

namespace takt {
namespace {

constexpr SpecField year_field{.name = "year", .low = first_year, .high = last_year, .short_years = true};
constexpr SpecField month_field{"month", 1, 12};
constexpr SpecField day_field{"day", 1, 31};
constexpr SpecField day_from_end_field{.name = "day from the end (~)", .low = 1, .high = 28, .downwards = true};
constexpr SpecField hour_field{"hour", 0, 23};
constexpr SpecField minute_field{"minute", 0, 59};
constexpr SpecField second_field{"second", 0, 60 * one_second - 1, one_second};

struct Shorthand {
  std::string_view name;
  std::string_view meaning;
};
constexpr Shorthand shorthands[] = {
    {"minutely", "*:*:00"},          {"hourly", "*:00:00"},         {"daily", "00:00:00"},
    {"weekly", "Mon 00:00:00"},      {"monthly", "*-*-01"},         {"yearly", "*-01-01"},
    {"annually", "*-01-01"},         {"anually", "*-01-01"},        {"quarterly", "*-01,04,07,10-01"},
    {"biannually", "*-01,07-01"},    {"bi-annually", "*-01,07-01"}, {"semiannually", "*-01,07-01"},
    {"semi-annually", "*-01,07-01"},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Result<int> read_weekday(std::string_view text) {
  constexpr std::string_view names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  const std::string word = lower_case(text);
  for (int day = 0; day < 7; ++day) {
    const std::string name = lower_case(names[day]);
    if (word == name || word == name.substr(0, 3)) return day;
  }
  const auto nearest = nearest_name(text, names);
  return fail(ErrorCode::invalid_argument,
              "weekday: \"{}\" is none{}; Mon to Sun, lists a,b and ranges a..b are allowed", text,
              nearest.empty() ? "" : fmt::format(", did you mean {}?", nearest));
}

// "Mon..Fri,Sun"; "Mon-Fri" is the older way to write the range, and a comma may trail.
Result<Bits> read_weekdays(std::string_view text) {
  if (text.ends_with(',')) text.remove_suffix(1);
  Bits days = 0;
  for (const std::string_view part : split(text, ',')) {
    const auto dots = part.find("..");
    const bool dotted = dots != std::string_view::npos;
    const auto [first, last] = dotted ? std::pair(part.substr(0, dots), part.substr(dots + 2)) : split_once(part, '-');
    TAKT_ASSIGN(const int low, read_weekday(first));
    int high = low;
    if (first.size() < part.size()) {
      TAKT_ASSIGN(high, read_weekday(last));
    }
    if (high < low)
      return fail(ErrorCode::invalid_argument, "weekday: the range {} runs backwards; the week begins with Mon", part);
    days |= bits_of(low, high);
  }
  return days == bits_of(0, 6) ? 0 : days;
}

// "[year-]month-day", with `~` before a day that is counted from the end.
Status read_date(std::string_view text, CalendarSpec& spec) {
  const auto last = text.find_last_of("-~");
  const std::string_view before = text.substr(0, last);
  const std::string_view day = text.substr(last + 1);
  const bool from_end = text[last] == '~';
  const auto parts = split(before, '-');
  if (parts.size() > 2 || before.find('~') != std::string_view::npos)
    return fail(ErrorCode::invalid_argument, "\"{}\" is not a date: month-day or year-month-day, ~ only before the day",
                text);
  TAKT_ASSIGN(spec.day, read_spec_list(day, from_end ? day_from_end_field : day_field));
  TAKT_ASSIGN(spec.month, read_spec_list(parts.back(), month_field));
  if (parts.size() == 2) {
    TAKT_ASSIGN(spec.year, read_spec_list(parts.front(), year_field));
  }
  spec.from_end = from_end && !spec.day.empty();
  return {};
}

// "hour:minute[:second]"
Status read_time(std::string_view text, CalendarSpec& spec) {
  const auto parts = split(text, ':');
  if (parts.size() > 3)
    return fail(ErrorCode::invalid_argument, "\"{}\" is not a time: hour:minute or hour:minute:second", text);
  TAKT_ASSIGN(spec.hour, read_spec_list(parts[0], hour_field));
  TAKT_ASSIGN(spec.minute, read_spec_list(parts[1], minute_field));
  TAKT_ASSIGN(spec.second, read_spec_list(parts.size() == 3 ? parts[2] : "0", second_field));
  return {};
}

// "@seconds since 1970": the one instant.
Status read_instant(std::string_view text, CalendarSpec& spec) {
  std::int64_t since = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), since);
  const bool number = text.size() > 1 && is_digit(text[1]) && end == text.data() + text.size();
  constexpr auto after_all = std::chrono::sys_days(std::chrono::year(last_year + 1) / 1 / 1);
  if (!number || error != std::errc{} || std::chrono::seconds(since) >= after_all.time_since_epoch())
    return fail(ErrorCode::invalid_argument, "\"{}\" is not an instant: @ and the seconds since 1970, before {}", text,
                last_year + 1);
  const std::chrono::sys_seconds at{std::chrono::seconds(since)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  const auto only = [](std::int64_t value) { return SpecList{{value, std::nullopt, 0}}; };
  spec.year = only(static_cast<int>(date.year()));
  spec.month = only(static_cast<unsigned>(date.month()));
  spec.day = only(static_cast<unsigned>(date.day()));
  spec.hour = only(time.hours().count());
  spec.minute = only(time.minutes().count());
  spec.second = only(time.seconds().count() * one_second);
  spec.zone = Zone::utc();
  return {};
}

// The zone at the end: only a zone can be a later word that begins with a letter.
Result<std::optional<Zone>> take_zone(std::vector<std::string_view>& words) {
  if (words.size() < 2 || !is_letter(words.back().front())) return std::nullopt;
  const std::string_view name = words.back();
  words.pop_back();
  if (lower_case(name) == "utc") return Zone::utc();
  TAKT_ASSIGN(Zone zone, Zone::find(name));
  return zone;
}

// Weekdays, date and time, of which each may be missing.
Status read_words(std::vector<std::string_view> words, CalendarSpec& spec) {
  TAKT_TRY(read_time("00:00:00", spec));
  auto word = words.begin();
  if (is_letter(word->front())) {
    TAKT_ASSIGN(spec.weekdays, read_weekdays(*word++));
  }
  if (word != words.end() && word->starts_with('@')) {
    TAKT_TRY(read_instant(*word++, spec));
  } else {
    if (word != words.end() && word->find_first_of("-~") != std::string_view::npos) TAKT_TRY(read_date(*word++, spec));
    if (word != words.end() && word->find(':') != std::string_view::npos) TAKT_TRY(read_time(*word++, spec));
  }
  if (word != words.end())
    return fail(ErrorCode::invalid_argument,
                "\"{}\" is neither a date (year-month-day) nor a time (hour:minute:second) in its place", *word);
  return {};
}

}  // namespace

Result<CalendarSpec> parse_spec(std::string_view text) {
  TAKT_TRY(check_length(text));
  std::vector<std::string_view> words = words_of(text);
  CalendarSpec spec;
  TAKT_ASSIGN(spec.zone, take_zone(words));
  if (words.empty())
    return fail(ErrorCode::invalid_argument, "empty; such as \"Mon..Fri 07:30\", \"*-*-01 00:00:00\" or \"hourly\"");
  if (words.size() == 1) {
    for (const Shorthand& shorthand : shorthands)
      if (shorthand.name == lower_case(words[0])) words = words_of(shorthand.meaning);
  }
  TAKT_TRY(read_words(std::move(words), spec));
  return spec;
}

}  // namespace takt
