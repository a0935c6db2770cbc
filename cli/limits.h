// The limits of taktctl; base/limits.h says what a limit is.
#pragma once

#include <cstddef>

namespace takt::limits {

inline constexpr std::size_t calendar_question_bytes = 16 * 1024;  // a line for `taktctl calendar --batch`
inline constexpr std::size_t calendar_instants = 10'000;           // of one answer, or shown at once

}  // namespace takt::limits
