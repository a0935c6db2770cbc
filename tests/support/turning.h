// Waiting for what a loop has to bring about.
#pragma once

#include <chrono>
#include <functional>

#include "loop/loop.h"
#include "support/patience.h"

namespace takt::test {

// Turns the loop until it is so, and looks every 10 ms at what may become so outside of it. False: it never was, or the
// loop failed.
inline bool turn_until(Loop& loop, const std::function<bool()>& so) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!so())
    if (std::chrono::steady_clock::now() > end || !loop.turn(std::chrono::milliseconds(10))) return false;
  return true;
}

}  // namespace takt::test
