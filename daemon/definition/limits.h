// The limits of definitions; base/limits.h says what a limit is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace takt::limits {

inline constexpr std::size_t definition_bytes = 256 * 1024;    // one file, or one text over D-Bus
inline constexpr std::size_t definitions = 10'000;             // files in all folders
inline constexpr std::size_t drop_ins = 64;                    // of one process
inline constexpr std::size_t steps = 1'000;                    // of one process
inline constexpr std::uint32_t visits = 1'000;                 // of one step in one run: the greatest max_visits
inline constexpr std::uint32_t items_parallel = 256;           // of them at a time
inline constexpr std::size_t variants = 16;                    // of one step
inline constexpr std::size_t pools = 256;                      // of taktd.toml
inline constexpr std::uint32_t slots = 100'000;                // of one pool
inline constexpr std::size_t rate = 10'000;                    // the greatest `limit` of a trigger's rate
inline constexpr std::size_t triggers = 1'000;                 // of one process
inline constexpr std::size_t constraints = 64;                 // of one process
inline constexpr std::size_t diagnostics = 100;                // told of one file
inline constexpr std::size_t key_parts = 16;                   // of one dotted TOML key
inline constexpr std::size_t argument_bytes = 128 * 1024 - 1;  // one argument: Linux's MAX_ARG_STRLEN, less its NUL
inline constexpr std::size_t pattern_size = 200'000;  // characters of an input's pattern, its repetitions written out
inline constexpr std::size_t pattern_subject_bytes = 16 * 1024;        // of a text that a pattern is tried on
inline constexpr std::int64_t priority = 1'000;                        // of an execution, up or down
inline constexpr std::size_t max_concurrent = 64;                      // executions that run at once, by default
inline constexpr std::size_t max_queued = 10'000;                      // executions that wait, of all processes
inline constexpr Duration every_min = std::chrono::milliseconds(100);  // the shortest period of `every`

}  // namespace takt::limits
