// The limits of HTTP requests and D-Bus calls of steps; base/limits.h says what a limit is.
#pragma once

#include <cstddef>

namespace takt::limits {

inline constexpr std::size_t requests = 1'000;  // calls and HTTP requests of steps at once
inline constexpr long redirects = 10;           // that one HTTP request follows

}  // namespace takt::limits
