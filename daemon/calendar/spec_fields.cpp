// From what a calendar expression says to the sets of values it stands for.
#include <algorithm>

#include "calendar/calendar_impl.h"
#include "calendar/calendar_spec.h"

namespace takt {
namespace {

constexpr std::int64_t last_microsecond = 60 * one_second - 1;  // of a minute

// The values of a list of whole numbers.
template <class Function>
void for_each_value(const SpecList& list, std::int64_t low, std::int64_t high, const Function& function) {
  if (list.empty()) {
    for (std::int64_t value = low; value <= high; ++value) function(static_cast<int>(value));
  }
  for (const SpecItem& item : list) {
    const std::int64_t stop = item.stop.value_or(item.repeat > 0 ? high : item.start);
    for (std::int64_t value = item.start; value <= stop; value += std::max<std::int64_t>(item.repeat, 1))
      function(static_cast<int>(value));
  }
}

Bits bits_of_list(const SpecList& list, int low, int high) {
  Bits bits = 0;
  for_each_value(list, low, high, [&bits](int value) { bits |= bit(value); });
  return bits;
}

// Counted from the end, a range is what it is from the start; an open step runs down to the last day.
Bits bits_from_end(const SpecList& list) {
  Bits bits = 0;
  for (const SpecItem& item : list) {
    if (item.stop || item.repeat == 0) {
      bits |= bits_of_list({item}, 1, 28);
    } else {
      for (std::int64_t day = item.start; day >= 1; day -= item.repeat) bits |= bit(static_cast<int>(day));
    }
  }
  return bits;
}

bool open(const SpecList& list) {
  const auto is_open = [](const SpecItem& item) { return !item.stop && item.repeat > 0; };
  return list.empty() || std::any_of(list.begin(), list.end(), is_open);
}

// The open steps of a field whose `size` values begin with `low`.
void add_uneven(std::vector<UnevenStep>& found, UnevenStep of, const SpecList& list, std::int64_t low,
                std::int64_t size, std::int64_t unit = 1) {
  for (const SpecItem& item : list) {
    const bool from_the_first = !item.stop && item.repeat > 0 && item.start - low < item.repeat;
    if (!from_the_first || size % item.repeat == 0) continue;
    of.text = item_text(item, 1, unit);
    found.push_back(of);
  }
}

std::vector<UnevenStep> uneven_steps_of(const CalendarSpec& spec) {
  std::vector<UnevenStep> found;
  add_uneven(found, {"second", "", "minute"}, spec.second, 0, 60 * one_second, one_second);
  add_uneven(found, {"minute", "", "hour"}, spec.minute, 0, 60);
  add_uneven(found, {"hour", "", "day"}, spec.hour, 0, 24);
  add_uneven(found, {"day", "", "month"}, spec.day, 1, 31);
  add_uneven(found, {"month", "", "year"}, spec.month, 1, 12);
  return found;
}

}  // namespace

CalendarFields fields_of(const CalendarSpec& spec) {
  CalendarFields fields;
  for_each_value(spec.year, first_year, last_year,
                 [&fields](int year) { fields.years.set(static_cast<std::size_t>(year - first_year)); });
  fields.months = bits_of_list(spec.month, 1, 12);
  if (spec.from_end) {
    fields.days.dates_from_end = bits_from_end(spec.day);
  } else {
    fields.days.dates = bits_of_list(spec.day, 1, 31);
  }
  fields.days.weekdays = bits_of(0, 6);
  if (spec.weekdays != 0) {
    // From Monday first to Sunday first.
    fields.days.weekdays = (spec.weekdays << 1 | spec.weekdays >> 6) & bits_of(0, 6);
  }
  fields.hours_of_day = bits_of_list(spec.hour, 0, 23);
  fields.minutes_of_hour = bits_of_list(spec.minute, 0, 59);
  for (const SpecItem& item : spec.second) {
    const std::int64_t stop = item.stop.value_or(item.repeat > 0 ? last_microsecond : item.start);
    fields.seconds.push_back({Duration(item.start), Duration(stop), Duration(std::max<std::int64_t>(item.repeat, 1))});
  }
  fields.follows_clock = open(spec.hour) || open(spec.minute);
  return fields;
}

Result<Calendar> Calendar::parse_calendar(std::string_view text) {
  TAKT_ASSIGN(CalendarSpec spec, parse_spec(text));
  auto impl = std::make_shared<Impl>();
  impl->fields = fields_of(spec);
  TAKT_TRY(check_fires(impl->fields));
  impl->text = normal_form(spec);
  impl->uneven_steps = uneven_steps_of(spec);
  impl->zone = std::move(spec.zone);
  return Calendar(std::move(impl));
}

}  // namespace takt
