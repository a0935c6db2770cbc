// An assertion that stays on in release builds: a programmer's error ends the program where it is, before it can be
// recorded as a fact. The next start recovers from the store.
#pragma once

namespace takt {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace takt

#define TAKT_ASSERT(condition) \
  (static_cast<bool>(condition) ? void(0) : ::takt::assertion_failed(#condition, __FILE__, __LINE__))
