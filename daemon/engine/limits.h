// The limits of executions; base/limits.h says what a limit is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace takt::limits {

inline constexpr std::size_t items = 10'000;                   // of one for_each
inline constexpr std::uint32_t nesting = 16;                   // of executions that `process` steps start
inline constexpr std::uint32_t chain = 16;                     // of executions that set each other off
inline constexpr std::size_t cache_entries = 10'000;           // results kept, of all processes
inline constexpr std::size_t cache_bytes = 64 * 1024 * 1024;   // of them together
inline constexpr std::size_t key_bytes = 1'024;                // a cache, variant or idempotency key
inline constexpr std::uint32_t interrupted_attempts = 10;      // of a step that may be tried again when interrupted
inline constexpr int lost_orders = 10;                         // of one attempt, each of which is given again
inline constexpr std::size_t context_bytes = 8 * 1024 * 1024;  // of the context that a child is given
inline constexpr std::size_t max_queued_process = 1'000;       // executions that wait, of one process
inline constexpr Duration constraint_patience = std::chrono::seconds(10);  // until the first word of a constraint

}  // namespace takt::limits
