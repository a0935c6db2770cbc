// What a Calendar holds.
#pragma once

#include <optional>
#include <string>

#include "calendar/calendar.h"
#include "calendar/schedule.h"

namespace takt {

struct Calendar::Impl {
  Schedule schedule;
  std::string text;  // the normal form
  std::optional<Zone> zone;
};

}  // namespace takt
