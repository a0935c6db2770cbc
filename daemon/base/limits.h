// Whatever a user, a caller or a child can make grow has a limit with a name. Settings may lower or raise those that
// taktd.toml(5) names; these are then the defaults. Each folder has its own in its limits.h, so that who changes one
// compiles again only what it concerns; here are those that several folders share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace takt::limits {

inline constexpr std::size_t name_bytes = 128;                // a process, step, input or tag
inline constexpr std::size_t value_bytes = 1024 * 1024;       // inputs, a result, a context value
inline constexpr int value_depth = 64;                        // nesting of a JSON value
inline constexpr std::uint64_t log_bytes = 16 * 1024 * 1024;  // of one attempt's output; the rest is counted, not kept
inline constexpr std::size_t tail_bytes = 4 * 1024;           // the end of an attempt's output, kept in its record
inline constexpr std::size_t message_bytes = 4 * 1024;        // a reason or an error in a record
inline constexpr std::size_t page_rows = 1'000;               // of one D-Bus list
inline constexpr std::size_t page_bytes = 8 * 1024 * 1024;    // of one D-Bus reply (the bus ends us at 32 MiB)

}  // namespace takt::limits
