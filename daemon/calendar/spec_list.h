// One field of a calendar expression: "*", or a list of values, ranges and steps.
#pragma once

#include <cstdint>
#include <string_view>

#include "calendar/calendar_spec.h"

namespace takt {

struct SpecField {
  std::string_view name;
  std::int64_t low;
  std::int64_t high;
  std::int64_t unit = 1;     // of the numbers kept; more than one where decimals are allowed
  bool short_years = false;  // years may lack their century
  bool downwards = false;    // open steps go down: the numbers count from the end
};

// The list, normalized as systemd does it. Errors name the field, what is wrong, and what it allows.
Result<SpecList> read_spec_list(std::string_view text, const SpecField& field);

}  // namespace takt
