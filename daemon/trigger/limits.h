// The limits of timed triggers; base/limits.h says what a limit is.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.h"

namespace takt::limits {

inline constexpr std::size_t catch_up = 1'000;                     // firings made up for by `catch_up = "all"`
inline constexpr std::size_t instants_counted = 10'000;            // that passed, of one trigger, into `stands_for`
inline constexpr std::size_t instants_due = 100'000;               // that one look at the schedule works through
inline constexpr Duration lateness = std::chrono::minutes(1);      // a firing that late is still on time, not caught up
inline constexpr Duration clock_set_back = std::chrono::hours(3);  // so far back, what fired does not fire again

}  // namespace takt::limits
