// What the calendar tests share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "calendar/calendar.h"

namespace takt {

inline WallTime at(std::string_view text) {
  return parse_rfc3339(text).value();
}
inline Zone zone(std::string_view name) {
  return Zone::find(name).value();
}
inline Calendar cron(std::string_view text) {
  return Calendar::parse_cron(text).value();
}
inline Calendar calendar(std::string_view text) {
  return Calendar::parse_calendar(text).value();
}

// The next instants in their zone, as people read them; "(shifted)" behind those that a gap moved.
inline std::vector<std::string> upcoming(const Calendar& of, std::string_view zone_name, std::string_view after,
                                         int count, DaylightSaving dst = DaylightSaving::takt) {
  const Zone in = zone(zone_name);
  std::vector<std::string> texts;
  WallTime last = at(after);
  while (count-- > 0) {
    const auto next = of.next(last, in, dst);
    if (!next) {
      texts.push_back("never");
      break;
    }
    texts.push_back(of.zone().value_or(in).format(next->at) + (next->shifted ? " (shifted)" : ""));
    last = next->at;
  }
  return texts;
}

}  // namespace takt
