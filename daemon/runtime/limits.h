// The limits of requests; base/limits.h says what a limit is.
#pragma once

#include <cstddef>

namespace takt::limits {

inline constexpr std::size_t waiters = 4'096;  // WaitExecution calls under way

}  // namespace takt::limits
