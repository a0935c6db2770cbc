// The limits of the loop; base/limits.h says what a limit is.
#pragma once

namespace takt::limits {

inline constexpr int bus_messages = 256;  // that one turn of the loop takes from the bus

}  // namespace takt::limits
