// How long a test waits for what must come before it fails.
#pragma once

#include <chrono>

namespace takt::test {

inline constexpr std::chrono::seconds patience(120);  // generous, for sanitizers on a busy machine

}  // namespace takt::test
