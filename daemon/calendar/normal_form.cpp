#include "calendar/calendar_spec.h"

namespace takt {
namespace {

// Monday first; two neighbours are a list, three or more a range.
std::string weekdays_text(Bits weekdays) {
  constexpr const char* names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  std::string text;
  for (int first = 0; first < 7; ++first) {
    if (!has(weekdays, first)) continue;
    int last = first;
    while (last < 6 && has(weekdays, last + 1)) ++last;
    if (!text.empty()) text += ',';
    text += names[first];
    if (last > first) text += fmt::format("{}{}", last > first + 1 ? ".." : ",", names[last]);
    first = last;
  }
  return text;
}

// Whole numbers, and seconds that are given in microseconds.
std::string number(std::int64_t value, int width, std::int64_t unit) {
  std::string text = fmt::format("{:0{}}", value / unit, width);
  if (value % unit != 0) text += fmt::format(".{:06}", value % unit);
  return text;
}

std::string list_text(const SpecList& list, int width, std::int64_t unit = 1) {
  if (list.empty()) return "*";
  // Every whole second, whatever else the list says.
  if (unit == one_second && list.front() == SpecItem{0, std::nullopt, one_second}) return "*";
  std::string text;
  for (const SpecItem& item : list) {
    if (!text.empty()) text += ',';
    text += item_text(item, width, unit);
  }
  return text;
}

}  // namespace

std::string item_text(const SpecItem& item, int width, std::int64_t unit) {
  std::string text = number(item.start, width, unit);
  if (item.stop) text += ".." + number(*item.stop, width, unit);
  const bool implied = item.stop && item.repeat == unit;
  if (item.repeat > 0 && !implied) text += "/" + number(item.repeat, 1, unit);
  return text;
}

std::string normal_form(const CalendarSpec& spec) {
  std::string text = weekdays_text(spec.weekdays);
  if (!text.empty()) text += ' ';
  text += fmt::format("{}-{}{}{} {}:{}:{}", list_text(spec.year, 4), list_text(spec.month, 2),
                      spec.from_end ? '~' : '-', list_text(spec.day, 2), list_text(spec.hour, 2),
                      list_text(spec.minute, 2), list_text(spec.second, 2, one_second));
  if (spec.zone) text += " " + spec.zone->name();
  return text;
}

}  // namespace takt
