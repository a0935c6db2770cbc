// A calendar in words, for people who do not read cron lines at sight.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calendar/calendar.h"

namespace takt {

// One English sentence without its full stop: "at 07:30 on Monday to Friday".
std::string describe(const Calendar& calendar);

// A day of the month and a weekday that look as if both were asked for, and either is enough.
std::optional<std::string> day_trap(const Calendar& calendar);

// What the expression does that its author may not have meant, a sentence each; mostly none.
// day_trap() is among them.
std::vector<std::string> traps(const Calendar& calendar);

}  // namespace takt
