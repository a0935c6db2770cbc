// A calendar in words, for people who do not read cron lines at sight.
#pragma once

#include <string>
#include <vector>

#include "calendar/calendar.h"

namespace takt {

// One English sentence without its full stop: "at 07:30 on Monday to Friday".
std::string describe(const Calendar& calendar);

// What the expression does that its author may not have meant, a sentence each; mostly none.
std::vector<std::string> traps(const Calendar& calendar);

}  // namespace takt
