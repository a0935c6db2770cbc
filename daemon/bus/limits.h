// The limits of D-Bus; base/limits.h says what a limit is.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.h"

namespace takt::limits {

inline constexpr std::size_t subscribers = 256;
inline constexpr std::size_t error_bytes = 64 * 1024;                  // of one error message on the bus
inline constexpr Duration bus_retry = std::chrono::milliseconds(250);  // between tries to reach a bus that went

}  // namespace takt::limits
