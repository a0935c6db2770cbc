// What a Calendar holds.
#pragma once

#include <optional>
#include <string>

#include "calendar/calendar.h"
#include "calendar/fields.h"

namespace takt {

struct Calendar::Impl {
  CalendarFields fields;
  std::string text;  // the normal form
  std::optional<Zone> zone;
};

}  // namespace takt
