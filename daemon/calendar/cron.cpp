// Cron lines: crontab(5), with the `L`, `W`, `#`, `?` and `+` of the Open Cron Pattern Specification.
#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

#include "base/nearest.h"
#include "calendar/calendar_impl.h"
#include "calendar/text.h"

namespace takt {
namespace {

struct CronField {
  std::string_view name;
  int low;
  int high;
  std::span<const std::string_view> words = {};  // names of low, low + 1, …
  std::string_view within = {};                  // what all of its values make up
  bool days = false;                             // `?` may stand for `*`
};

constexpr std::string_view month_abbreviations[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                                    "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view weekday_abbreviations[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr CronField cron_second{.name = "second", .low = 0, .high = 59, .within = "minute"};
constexpr CronField cron_minute{.name = "minute", .low = 0, .high = 59, .within = "hour"};
constexpr CronField cron_hour{.name = "hour", .low = 0, .high = 23, .within = "day"};
constexpr CronField cron_day{.name = "day of month", .low = 1, .high = 31, .within = "month", .days = true};
constexpr CronField cron_month{.name = "month", .low = 1, .high = 12, .words = month_abbreviations, .within = "year"};
// 0 and 7 are Sunday.
constexpr CronField cron_weekday{
    .name = "weekday", .low = 0, .high = 7, .words = weekday_abbreviations, .within = "week", .days = true};

struct Macro {
  std::string_view name;
  std::string_view line;
};
constexpr Macro macros[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"},
};

// One field, read: its values and its normal form.
struct Values {
  Bits bits = 0;
  std::string text;
  bool star = false;  // it begins with `*` or `?`
  std::vector<UnevenStep> uneven_steps = {};
};

template <class... Args>
tl::unexpected<Error> wrong(const CronField& field, fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::invalid_argument, "{}: {}", field.name, fmt::format(format, std::forward<Args>(args)...));
}

std::string allowed(const CronField& field) {
  std::string text = fmt::format("{} to {}", field.low, field.high);
  if (!field.words.empty()) text += fmt::format(" or {} to {}", field.words.front(), field.words.back());
  return text;
}

// A number or a name of the field. `ends_range`: Sunday is then the 7 that a range upwards can reach.
Result<int> read_value(const CronField& field, std::string_view text, bool ends_range = false) {
  const auto word = std::find(field.words.begin(), field.words.end(), lower_case(text));
  if (word != field.words.end()) {
    const int value = field.low + static_cast<int>(word - field.words.begin());
    return value == 0 && ends_range ? field.high : value;
  }
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  if (error != std::errc::result_out_of_range && !number) {
    const auto nearest = nearest_name(text, field.words);
    if (!nearest.empty()) return wrong(field, "\"{}\" is no name; did you mean {}?", text, nearest);
    return wrong(field, "\"{}\" is not understood; {} are allowed", text, allowed(field));
  }
  if (error != std::errc{} || value < field.low || value > field.high)
    return wrong(field, "{} is not within {}", text, allowed(field));
  return value;
}

// One day of the weekday's `L` and `#`, or of the month's `W`, which go with no range.
Result<int> read_day_of(const CronField& field, std::string_view element, std::string_view text) {
  if (text.find('-', 1) != std::string_view::npos)
    return wrong(field, "\"{}\": L, W and # go with one day, not with a range", element);
  return read_value(field, text);
}

Result<int> read_step(const CronField& field, std::string_view text) {
  int step = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc{} || end != text.data() + text.size() || step < 1)
    return wrong(field, "\"/{}\" is no step; a number from 1 is", text);
  if (step > field.high - field.low) return wrong(field, "a step of {} is wider than {}", step, allowed(field));
  return step;
}

// `*` or `?`, whose step may not come round evenly.
Values read_star(const CronField& field, int step) {
  const int size = field.words.empty() ? field.high - field.low + 1 : static_cast<int>(field.words.size());
  Values all{bits_of(field.low, field.high, step), step > 1 ? fmt::format("*/{}", step) : "*", true};
  if (size % step != 0) all.uneven_steps.push_back({field.name, all.text, field.within});
  return all;
}

// One element of a list: `*`, a value or a range, the last two of them with or without a step.
Result<Values> read_element(const CronField& field, std::string_view text) {
  const auto [body, step_text] = split_once(text, '/');
  const bool stepped = body.size() < text.size();
  int step = 1;
  if (stepped) {
    TAKT_ASSIGN(step, read_step(field, step_text));
  }
  if (body == "*" || (body == "?" && field.days)) return read_star(field, step);
  if (body == "?") return wrong(field, "? stands only for the day of month or the weekday; write *");
  if (body.empty()) return wrong(field, "a value is missing; {} are allowed", allowed(field));

  const auto [first, last] = split_once(body, '-');
  TAKT_ASSIGN(const int low, read_value(field, first));
  if (first.size() == body.size()) {
    if (stepped) return wrong(field, "{} is a step without a range; write {}-{}/{}", text, low, field.high, step);
    return Values{bit(low), std::to_string(low), false};
  }
  TAKT_ASSIGN(const int high, read_value(field, last, low > 0));
  if (high < low) return wrong(field, "{} runs backwards; write two ranges", body);
  const std::string suffix = step > 1 ? fmt::format("/{}", step) : "";
  return Values{bits_of(low, high, step), fmt::format("{}-{}{}", low, high, suffix), false};
}

// Adds one element to what the field has so far.
void add(Values& values, const Values& element) {
  if (values.text.empty()) values.star = element.star;
  values.text += (values.text.empty() ? "" : ",") + element.text;
  values.bits |= element.bits;
  values.uneven_steps.insert(values.uneven_steps.end(), element.uneven_steps.begin(), element.uneven_steps.end());
}

Result<Values> read_field(const CronField& field, std::string_view text) {
  Values values;
  for (const std::string_view element : split(text, ',')) {
    TAKT_ASSIGN(const Values read, read_element(field, element));
    add(values, read);
  }
  return values;
}

// The day of the month: also L (the last), L-n, nW (the workday nearest to the n-th) and LW (the last workday).
Result<Values> read_day(std::string_view text, DayRule& days) {
  Values values;
  for (const std::string_view element : split(text, ',')) {
    const std::string word = lower_case(element);
    if (word == "l") {
      days.dates_from_end |= bit(1);
      add(values, {.text = "L"});
    } else if (word == "lw") {
      days.last_workday = true;
      add(values, {.text = "LW"});
    } else if (word.starts_with("l-")) {
      TAKT_ASSIGN(const int before, read_value({.name = "day of month, after L-", .low = 1, .high = 30},
                                               std::string_view(word).substr(2)));
      days.dates_from_end |= bit(before + 1);
      add(values, {.text = fmt::format("L-{}", before)});
    } else if (word.size() > 1 && word.back() == 'w') {
      TAKT_ASSIGN(const int day, read_day_of(cron_day, element, element.substr(0, element.size() - 1)));
      days.nearest_workdays |= bit(day);
      add(values, {.text = fmt::format("{}W", day)});
    } else {
      TAKT_ASSIGN(const Values read, read_element(cron_day, element));
      add(values, read);
    }
  }
  days.dates |= values.bits;
  return values;
}

// The weekday: also d#n (the n-th of the month), dL and d#L (the last).
Result<Values> read_weekday(std::string_view text, DayRule& days) {
  Values values;
  for (const std::string_view element : split(text, ',')) {
    const auto [name, nth] = split_once(element, '#');
    const bool numbered = name.size() < element.size();
    const bool last = numbered ? lower_case(nth) == "l" : element.size() > 1 && lower_case(element).back() == 'l';
    if (lower_case(element) == "l") return wrong(cron_weekday, "L needs the weekday before it: 5L is the last Friday");
    if (last) {
      TAKT_ASSIGN(const int day,
                  read_day_of(cron_weekday, element, numbered ? name : element.substr(0, element.size() - 1)));
      days.last_weekdays |= bit(day % 7);
      add(values, {.text = fmt::format("{}L", day % 7)});
    } else if (numbered) {
      TAKT_ASSIGN(const int day, read_day_of(cron_weekday, element, name));
      TAKT_ASSIGN(const int number, read_value({.name = "weekday, after #", .low = 1, .high = 5}, nth));
      days.nth_weekdays[static_cast<std::size_t>(number - 1)] |= bit(day % 7);
      add(values, {.text = fmt::format("{}#{}", day % 7, number)});
    } else {
      TAKT_ASSIGN(Values read, read_element(cron_weekday, element));
      if (read.text == "7") read.text = "0";
      add(values, read);
    }
  }
  days.weekdays |= values.bits & bits_of(0, 6);
  if (has(values.bits, 7)) days.weekdays |= bit(0);
  return values;
}

}  // namespace

Result<Calendar> Calendar::parse_cron(std::string_view text) {
  TAKT_TRY(check_length(text));
  std::vector<std::string_view> fields = words_of(text);
  if (fields.size() == 1 && fields[0].starts_with('@')) {
    for (const Macro& macro : macros)
      if (macro.name == lower_case(fields[0])) return parse_cron(macro.line);
    return fail(ErrorCode::invalid_argument,
                "unknown \"{}\"; @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly are allowed{}",
                fields[0], lower_case(fields[0]) == "@reboot" ? "; for @reboot there is the trigger `boot`" : "");
  }
  if (fields.size() != 5 && fields.size() != 6)
    return fail(ErrorCode::invalid_argument,
                "{} fields; five (minute hour day month weekday) or six (second first) are needed", fields.size());
  Values second{bit(0), "0", false};
  if (fields.size() == 6) {
    TAKT_ASSIGN(second, read_field(cron_second, fields.front()));
    fields.erase(fields.begin());
  }
  auto impl = std::make_shared<Impl>();
  CalendarFields& schedule = impl->fields;
  DayRule& days = schedule.days;
  TAKT_ASSIGN(const Values minute, read_field(cron_minute, fields[0]));
  TAKT_ASSIGN(const Values hour, read_field(cron_hour, fields[1]));
  TAKT_ASSIGN(const Values day, read_day(fields[2], days));
  TAKT_ASSIGN(const Values month, read_field(cron_month, fields[3]));
  const bool both = fields[4].starts_with('+');
  TAKT_ASSIGN(const Values weekday, read_weekday(fields[4].substr(both ? 1 : 0), days));

  schedule.years.set();
  schedule.months = month.bits;
  schedule.hours_of_day = hour.bits;
  schedule.minutes_of_hour = minute.bits;
  for (int value = 0; value < 60; ++value) {
    const Duration at = std::chrono::seconds(value);
    if (has(second.bits, value)) schedule.seconds.push_back({at, at, Duration(1)});
  }
  // Vixie cron's rule: a field that begins with a star does not restrict, even when it goes on with a step.
  days.either = !both && !day.star && !weekday.star;
  schedule.follows_clock = minute.star || hour.star;
  const Values* const all_fields[] = {&second, &minute, &hour, &day, &month, &weekday};
  for (const Values* field : all_fields)
    for (const UnevenStep& step : field->uneven_steps) impl->uneven_steps.push_back(step);
  TAKT_TRY(check_fires(schedule));
  impl->text =
      fmt::format("{} {} {} {} {}{}", minute.text, hour.text, day.text, month.text, both ? "+" : "", weekday.text);
  if (second.text != "0") impl->text = second.text + " " + impl->text;
  return Calendar(std::move(impl));
}

}  // namespace takt
