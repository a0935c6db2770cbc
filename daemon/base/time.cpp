#include "base/time.h"

#include <charconv>

namespace takt {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// The long units have systemd.time(7)'s lengths.
constexpr Duration month_span = seconds(2'630'016);  // 30.44 days
constexpr Duration year_span = seconds(31'557'600);  // 365.25 days
constexpr Duration longest_span = 100 * year_span;

struct Unit {
  std::string_view name;
  Duration span;
};

constexpr Unit units[] = {
    {"us", Duration(1)},      {"usec", Duration(1)},   {"µs", Duration(1)},     {"ms", Duration(1'000)},
    {"msec", Duration(1000)}, {"s", seconds(1)},       {"sec", seconds(1)},     {"secs", seconds(1)},
    {"second", seconds(1)},   {"seconds", seconds(1)}, {"m", minutes(1)},       {"min", minutes(1)},
    {"mins", minutes(1)},     {"minute", minutes(1)},  {"minutes", minutes(1)}, {"h", hours(1)},
    {"hr", hours(1)},         {"hrs", hours(1)},       {"hour", hours(1)},      {"hours", hours(1)},
    {"d", days(1)},           {"day", days(1)},        {"days", days(1)},       {"w", days(7)},
    {"week", days(7)},        {"weeks", days(7)},      {"M", month_span},       {"month", month_span},
    {"months", month_span},   {"y", year_span},        {"year", year_span},     {"years", year_span},
};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Takes the longest beginning of `text` whose characters all satisfy `wanted`.
template <class Predicate>
std::string_view take_while(std::string_view& text, Predicate wanted) {
  std::size_t length = 0;
  while (length < text.size() && wanted(text[length])) ++length;
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

tl::unexpected<Error> too_long(std::string_view text) {
  return fail(ErrorCode::invalid_argument, "\"{}\" is more than 100 years", text);
}

// whole.fraction × unit, cut to the microsecond; nothing when it is beyond the longest span.
std::optional<Duration> scale(std::string_view whole, std::string_view fraction, Duration unit) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), count);
  if (!whole.empty() && error != std::errc{}) return std::nullopt;
  if (count > longest_span / unit) return std::nullopt;
  // From the last digit to the first, so that the cuts of the divisions add up to one cut.
  Duration part{0};
  for (auto digit = fraction.rbegin(); digit != fraction.rend(); ++digit) part = (part + (*digit - '0') * unit) / 10;
  return count * unit + part;
}

// Takes one "number unit" off the front of `rest`. Only a number that is the whole text may go without a unit.
Result<Duration> take_span(std::string_view& rest, std::string_view text, bool first) {
  const std::string_view whole = take_while(rest, is_digit);
  std::string_view fraction;
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    fraction = take_while(rest, is_digit);
  }
  if (whole.empty() && fraction.empty())
    return fail(ErrorCode::invalid_argument, "\"{}\" is not a time span: a number is expected at \"{}\"", text, rest);
  take_while(rest, is_blank);
  const std::string_view name =
      take_while(rest, [](char c) { return !is_digit(c) && !is_blank(c) && c != '.' && c != '-' && c != '+'; });
  take_while(rest, is_blank);
  Duration unit = seconds(1);
  if (name.empty() && !(first && rest.empty()))
    return fail(ErrorCode::invalid_argument, "\"{}\" is not a time span: a unit is expected after \"{}\"", text, whole);
  if (!name.empty()) {
    const auto* known = std::begin(units);
    while (known != std::end(units) && known->name != name) ++known;
    if (known == std::end(units))
      return fail(ErrorCode::invalid_argument,
                  "\"{}\" is not a time span: no unit \"{}\" (us, ms, s, min, h, d, w, month, y)", text, name);
    unit = known->span;
  }
  const auto span = scale(whole, fraction, unit);
  if (!span) return too_long(text);
  return *span;
}

// A number of microseconds as a decimal count of `unit`, without needless zeros: (2500, 1000) -> "2.5".
std::string decimal(Duration span, Duration unit) {
  std::string text = fmt::format("{}", span / unit);
  Duration rest = span % unit;
  if (rest == Duration::zero()) return text;
  text += '.';
  for (; rest != Duration::zero(); rest %= unit) {
    rest *= 10;
    text += static_cast<char>('0' + rest / unit);
  }
  return text;
}

// Less than a minute, in the unit that reads best.
std::string format_seconds(Duration span) {
  if (span >= seconds(1)) return decimal(span, seconds(1)) + "s";
  if (span >= Duration(1'000)) return decimal(span, Duration(1'000)) + "ms";
  return decimal(span, Duration(1)) + "us";
}

constexpr Unit clock_units[] = {{"d", days(1)}, {"h", hours(1)}, {"min", minutes(1)}};

// A fixed number of digits off the front, as a number; -1 when they are not there.
int take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (!is_digit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take_one_of(std::string_view& text, std::string_view wanted) {
  if (text.empty() || wanted.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// ".25" -> 250 ms, cut to the microsecond; nothing is zero, a point without digits is nullopt.
std::optional<Duration> take_fraction(std::string_view& text) {
  if (!take_one_of(text, ".")) return Duration::zero();
  const std::string_view digits = take_while(text, is_digit);
  if (digits.empty()) return std::nullopt;
  return scale("", digits, seconds(1));
}

// "Z" or "+03:30", as the span east of UTC.
std::optional<Duration> take_offset(std::string_view& text) {
  if (take_one_of(text, "Zz")) return Duration::zero();
  const bool west = !text.empty() && text.front() == '-';
  if (!take_one_of(text, "+-")) return std::nullopt;
  const int hour = take_number(text, 2);
  const bool colon = take_one_of(text, ":");
  const int minute = take_number(text, 2);
  if (!colon || hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  const Duration east = hours(hour) + minutes(minute);
  return west ? -east : east;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  take_while(rest, is_blank);
  if (rest.empty()) return fail(ErrorCode::invalid_argument, "\"{}\" is not a time span: such as \"1h 30min\"", text);
  Duration sum{0};
  for (bool first = true; !rest.empty(); first = false) {
    TAKT_ASSIGN(const Duration span, take_span(rest, text, first));
    sum += span;
    if (sum > longest_span) return too_long(text);
  }
  return sum;
}

std::string format_duration(Duration span) {
  if (span < Duration::zero()) return "-" + format_duration(-span);
  if (span == Duration::zero()) return "0";
  // These lengths are odd in days; only a whole number of them is worth the name.
  if (span % year_span == Duration::zero()) return fmt::format("{}y", span / year_span);
  if (span % month_span == Duration::zero()) return fmt::format("{}month", span / month_span);
  std::string text;
  for (const Unit& unit : clock_units) {
    if (span >= unit.span) text += fmt::format("{}{}{}", text.empty() ? "" : " ", span / unit.span, unit.name);
    span %= unit.span;
  }
  if (span == Duration::zero()) return text;
  // Behind larger units only seconds read well; the decimals carry what is finer.
  return text.empty() ? format_seconds(span) : fmt::format("{} {}s", text, decimal(span, seconds(1)));
}

std::string format_duration_short(Duration span) {
  if (span < Duration::zero()) return "-" + format_duration_short(-span);
  // Cut to what the two largest units can say.
  if (span >= days(1)) return format_duration(std::chrono::floor<hours>(span));
  if (span >= hours(1)) return format_duration(std::chrono::floor<minutes>(span));
  if (span >= minutes(1)) return format_duration(std::chrono::floor<seconds>(span));
  for (const Duration unit : {Duration(seconds(1)), Duration(1'000)}) {
    if (span < unit) continue;
    const Duration grain = span < 10 * unit ? unit / 10 : unit;
    return format_seconds(span - span % grain);
  }
  return format_duration(span);
}

std::string format_utc(WallTime at) {
  const Duration since = at.time_since_epoch();
  const auto day = std::chrono::floor<days>(since);
  const std::chrono::year_month_day date{std::chrono::sys_days(day)};
  const std::chrono::hh_mm_ss<Duration> time(since - day);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 time.hours().count(), time.minutes().count(), time.seconds().count());
  const std::int64_t us = time.subseconds().count();
  if (us % 1'000 != 0) {
    text += fmt::format(".{:06}", us);
  } else if (us != 0) {
    text += fmt::format(".{:03}", us / 1'000);
  }
  return text + "Z";
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    return fail(ErrorCode::invalid_argument,
                "\"{}\" is not an RFC 3339 instant ({}); such as 2026-12-19T07:30:00+03:30", text, why);
  };
  std::string_view rest = text;
  const int year = take_number(rest, 4);
  const bool dash = take_one_of(rest, "-");
  const int month = take_number(rest, 2);
  const bool second_dash = take_one_of(rest, "-");
  const int day = take_number(rest, 2);
  if (!dash || !second_dash || year < 0 || month < 0 || day < 0) return wrong("the date is YYYY-MM-DD");
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return wrong("there is no such day");
  if (!take_one_of(rest, "Tt ")) return wrong("a T stands between date and time");
  const int hour = take_number(rest, 2);
  const bool colon = take_one_of(rest, ":");
  const int minute = take_number(rest, 2);
  const bool second_colon = take_one_of(rest, ":");
  const int second = take_number(rest, 2);
  if (!colon || !second_colon || hour < 0 || minute < 0 || second < 0) return wrong("the time is HH:MM:SS");
  if (hour > 23 || minute > 59 || second > 59) return wrong("there is no such time of day");
  const auto fraction = take_fraction(rest);
  if (!fraction) return wrong("digits are missing after the point");
  const auto east = take_offset(rest);
  if (!east) return wrong("the offset is Z or ±HH:MM");
  if (!rest.empty()) return wrong("it goes on after the offset");
  return WallTime(Duration(std::chrono::sys_days(date).time_since_epoch()) + hours(hour) + minutes(minute) +
                  seconds(second) + *fraction - *east);
}

}  // namespace takt
