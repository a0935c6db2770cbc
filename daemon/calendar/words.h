// Sets of numbers in English: what explanations of a calendar are made of. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "calendar/fields.h"

namespace takt {

std::vector<int> values_of(Bits bits);

// "1st", "22nd".
std::string ordinal(int number);
std::string month_name(int month);  // 1 is January
std::string weekday_name(int day);  // 0 is Sunday

// "a", "a and b", "a, b and c".
std::string enumeration(const std::vector<std::string>& parts, const std::string& last_joint = "and");

// Ascending values: "1, 5 and 9 to 12". Four or more that lie evenly apart are "every 5th minute from 3 to 58" where
// they have a `unit`.
std::string set_words(const std::vector<int>& values, const std::string& unit,
                      const std::function<std::string(int)>& name, const std::string& last_joint = "and");

}  // namespace takt
