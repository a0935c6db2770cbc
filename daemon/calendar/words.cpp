#include "calendar/words.h"

#include <fmt/core.h>

#include <array>

namespace takt {
namespace {

// The distance between each two neighbours; zero when there is no such one.
int even_distance(const std::vector<int>& values) {
  const int distance = values[1] - values[0];
  for (std::size_t i = 2; i < values.size(); ++i)
    if (values[i] - values[i - 1] != distance) return 0;
  return distance;
}

}  // namespace

std::vector<int> values_of(Bits bits) {
  std::vector<int> values;
  for (int value = 0; value < 64; ++value)
    if (has(bits, value)) values.push_back(value);
  return values;
}

std::string ordinal(int number) {
  constexpr std::array<const char*, 4> endings{"th", "st", "nd", "rd"};
  const bool teen = number / 10 % 10 == 1;
  const int digit = number % 10;
  return fmt::format("{}{}", number, endings.at(teen || digit > 3 ? 0 : static_cast<std::size_t>(digit)));
}

std::string month_name(int month) {
  constexpr std::array<const char*, 12> names{"January", "February", "March",     "April",   "May",      "June",
                                              "July",    "August",   "September", "October", "November", "December"};
  return names.at(static_cast<std::size_t>(month - 1));
}

std::string weekday_name(int day) {
  constexpr std::array<const char*, 7> names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                             "Thursday", "Friday", "Saturday"};
  return names.at(static_cast<std::size_t>(day));
}

std::string enumeration(const std::vector<std::string>& parts, const std::string& last_joint) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 < parts.size() ? ", " : " " + last_joint + " ";
    text += parts[i];
  }
  return text;
}

std::string set_words(const std::vector<int>& values, const std::string& unit,
                      const std::function<std::string(int)>& name, const std::string& last_joint) {
  if (values.size() > 3 && !unit.empty()) {
    const int distance = even_distance(values);
    if (distance > 1)
      return fmt::format("every {} {} from {} to {}", ordinal(distance), unit, name(values.front()),
                         name(values.back()));
  }
  std::vector<std::string> parts;
  for (std::size_t first = 0; first < values.size();) {
    std::size_t last = first;
    while (last + 1 < values.size() && values[last + 1] == values[last] + 1) ++last;
    if (last < first + 2) last = first;  // two neighbours are no range
    parts.push_back(last == first ? name(values[first]) : name(values[first]) + " to " + name(values[last]));
    first = last + 1;
  }
  return enumeration(parts, last_joint);
}

}  // namespace takt
