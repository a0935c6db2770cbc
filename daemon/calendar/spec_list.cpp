#include "calendar/spec_list.h"

#include <algorithm>
#include <limits>

#include "calendar/text.h"

namespace takt {
namespace {

template <class... Args>
tl::unexpected<Error> wrong(const SpecField& field, fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::invalid_argument, "{}: {}", field.name, fmt::format(format, std::forward<Args>(args)...));
}

std::string shown(const SpecField& field, std::int64_t value) {
  return value % field.unit == 0 ? fmt::format("{}", value / field.unit)
                                 : fmt::format("{}.{:06}", value / field.unit, value % field.unit);
}
std::string allowed(const SpecField& field) {
  return fmt::format("{} to {}", field.low, field.high / field.unit);
}

// Takes a number off the front, with decimals where the field has them, rounded to the microsecond. A number of more
// than nine digits is as far outside every field as one of nine.
std::optional<std::int64_t> take_number(std::string_view& text, const SpecField& field) {
  constexpr std::int64_t most = 999'999'999;
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::int64_t value = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1))
    value = std::min(value * 10 + (text.front() - '0'), most);
  value *= field.unit;
  const bool decimals = field.unit > 1 && text.size() > 1 && text[0] == '.' && text[1] != '.';
  if (!decimals) return value;
  text.remove_prefix(1);
  if (!is_digit(text.front())) return std::nullopt;
  std::int64_t place = field.unit;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (place == 1) value += text.front() >= '5' ? 1 : 0;  // the seventh decimal
    place /= 10;
    value += place * (text.front() - '0');
  }
  return value;
}

Result<SpecItem> read_item(std::string_view text, const SpecField& field) {
  std::string_view rest = text;
  const auto not_understood = [&] {
    return wrong(field, "\"{}\" is not understood; *, {}, ranges a..b, and steps a/n are allowed", text,
                 allowed(field));
  };
  SpecItem item;
  const auto start = take_number(rest, field);
  if (!start) return not_understood();
  item.start = *start;
  if (rest.starts_with("..")) {
    rest.remove_prefix(2);
    item.stop = take_number(rest, field);
    if (!item.stop) return not_understood();
    item.repeat = field.unit;
  }
  const bool stepped = rest.starts_with('/');
  if (stepped) {
    rest.remove_prefix(1);
    const auto repeat = take_number(rest, field);
    if (!repeat) return not_understood();
    if (*repeat == 0) return wrong(field, "\"{}\" has a step of zero", text);
    constexpr std::int64_t widest = std::numeric_limits<int>::max();  // systemd's
    if (*repeat > widest) return wrong(field, "the step of {} is too wide", text);
    item.repeat = *repeat;
  }
  if (!rest.empty()) return not_understood();
  if (field.unit > 1 && item.stop && !stepped && item.start + item.repeat > *item.stop)
    return wrong(field, "the range {} is shorter than its step of one second; write a step behind it: /0.1", text);
  return item;
}

// 12 is 2012, 89 is 1989.
std::int64_t full_year(std::int64_t year) {
  return year < 70 ? year + 2000 : year < 100 ? year + 1900 : year;
}

// A stop that no step reaches moves to the last that one does; a range of one value is that value.
void normalize(SpecItem& item) {
  if (!item.stop || *item.stop < item.start) return;
  *item.stop -= (*item.stop - item.start) % item.repeat;
  if (*item.stop == item.start) {
    item.stop.reset();
    item.repeat = 0;
  }
}

Status check_item(const SpecItem& item, const SpecField& field, std::string_view text) {
  for (const std::int64_t value : {item.start, item.stop.value_or(item.start)})
    if (value < field.low || value > field.high)
      return wrong(field, "{} is not within {}", shown(field, value), allowed(field));
  if (item.stop && *item.stop < item.start) return wrong(field, "the range {} runs backwards; write two ranges", text);
  const bool reached = field.downwards ? item.start - item.repeat >= field.low : item.start + item.repeat <= field.high;
  if (!item.stop && item.repeat > 0 && !reached)
    return wrong(field, "the step of {} leads beyond {} at once", text,
                 shown(field, field.downwards ? field.low : field.high));
  return {};
}

}  // namespace

Result<SpecList> read_spec_list(std::string_view text, const SpecField& field) {
  if (text == "*") return field.unit > 1 ? SpecList{{0, std::nullopt, field.unit}} : SpecList{};
  SpecList list;
  for (const std::string_view part : split(text, ',')) {
    TAKT_ASSIGN(SpecItem item, read_item(part, field));
    if (field.short_years) {
      item.start = full_year(item.start);
      if (item.stop) item.stop = full_year(*item.stop);
    }
    normalize(item);
    TAKT_TRY(check_item(item, field, part));
    list.push_back(item);
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace takt
