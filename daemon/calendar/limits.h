// The limits of calendars; base/limits.h says what a limit is.
#pragma once

#include <cstddef>

namespace takt::limits {

inline constexpr std::size_t calendar_bytes = 2 * 1024;  // the text of one cron line or calendar expression

}  // namespace takt::limits
