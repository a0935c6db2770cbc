// What a Calendar holds.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/calendar.h"
#include "calendar/fields.h"

namespace takt {

// A step that begins anew before it comes round, such as `*/7` of the minutes.
struct UnevenStep {
  std::string_view field;   // "minute"
  std::string text;         // the normal form's
  std::string_view within;  // "hour": with the next one it begins anew
};

struct Calendar::Impl {
  CalendarFields fields;
  std::string text;  // the normal form
  std::optional<Zone> zone;
  std::vector<UnevenStep> uneven_steps;
};

}  // namespace takt
