// The limits of expressions; base/limits.h says what a limit is.
#pragma once

#include <cstddef>

namespace takt::limits {

inline constexpr std::size_t expression_bytes = 4 * 1024;  // the text of one expression
inline constexpr int expression_instructions = 1'000'000;  // of one evaluation
inline constexpr std::size_t expression_memory = 16 * 1024 * 1024;

}  // namespace takt::limits
