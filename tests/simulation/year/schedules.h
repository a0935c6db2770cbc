// What a simulated administrator has scheduled: processes of a few calendars each, in forty zones, by chance.
#pragma once

#include <map>
#include <string>

#include "simulation/dice.h"

namespace takt::test {

// Texts of processes by name, `count` triggers in all. Most of them are daily or rarer, some hourly, a few more often.
std::map<std::string, std::string> make_schedules(Dice& dice, int count);

}  // namespace takt::test
