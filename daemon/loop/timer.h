// A timer that rings once, for whoever has to look again in a while.
#pragma once

#include <functional>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"
#include "loop/loop.h"

namespace takt {

// Owns a timerfd while it is set; without one it costs nothing. It goes by CLOCK_BOOTTIME: what a suspend takes counts.
class Timer {
 public:
  // `rang` is called in the loop, once for each set(); it may set the timer again. `loop` must outlive it.
  Timer(Loop& loop, std::function<void()> rang) : loop_(loop), rang_(std::move(rang)) {}

  // Rings after `delay`, and no more when it was set to before. An error when there is no descriptor for it.
  Status set(Duration delay);
  void cancel();
  [[nodiscard]] bool is_set() const { return watch_.active(); }

 private:
  Loop& loop_;
  std::function<void()> rang_;
  UniqueFd fd_;
  Loop::Watch watch_;
};

}  // namespace takt
