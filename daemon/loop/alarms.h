// The two instants to be woken at, as timerfds in the loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/fd.h"
#include "loop/loop.h"
#include "runtime/ports.h"

namespace takt {

// Owns a timer on CLOCK_REALTIME and one on CLOCK_BOOTTIME. Both are one-shot: an alarm that has gone off is unset. It
// never decides what is due; and it wakes nobody while no alarm is set, unless the clock is.
class LoopAlarms : public Alarms {
 public:
  struct Callbacks {
    std::function<void()> due;  // an alarm went off; look at the clock to see what for
    // The wall clock was set, or the machine slept: told whether a wall alarm is set or not. That alarm stays set for
    // its instant as it was given.
    std::function<void()> clock_set;
  };
  static Result<std::unique_ptr<LoopAlarms>> create(Loop& loop, Callbacks callbacks);

  // Instants that have passed go off at once, in a later turn.
  void set_wall(std::optional<WallTime> at) override;
  void set_boot(std::optional<BootTime> at) override;

 private:
  LoopAlarms(Loop& loop, Callbacks callbacks) : loop_(loop), callbacks_(std::move(callbacks)) {}
  void wall_ready();
  void boot_ready();
  void arm_wall();
  void tell_clock_set();

  Loop& loop_;
  Callbacks callbacks_;
  std::optional<WallTime> wall_at_;
  UniqueFd wall_;
  UniqueFd boot_;
  Loop::Watch wall_watch_;
  Loop::Watch boot_watch_;
  // A deferred notice looks here whether its alarms are still there.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace takt
