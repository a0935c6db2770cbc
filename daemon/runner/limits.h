// The limits of children and of the runner's protocol; base/limits.h says what a limit is.
#pragma once

#include <cstddef>

namespace takt::limits {

inline constexpr std::size_t log_line_bytes = 48 * 1024;  // a longer line is split
inline constexpr std::size_t packet_bytes = 64 * 1024;    // of the runner's protocol; a larger one goes by memfd
inline constexpr std::size_t runner_message_bytes = 16 * 1024 * 1024;  // of the runner's protocol, however it goes
inline constexpr std::size_t runner_queue = 20'000;     // messages that wait for a peer that does not read
inline constexpr std::size_t runner_attempts = 10'000;  // that the runner knows, ended ones included

}  // namespace takt::limits
