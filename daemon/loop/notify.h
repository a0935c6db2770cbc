// What the service manager is told: sd_notify(3) and the watchdog.
#pragma once

#include <memory>
#include <string_view>

#include "base/fd.h"
#include "loop/loop.h"

namespace takt {

// Owns the watchdog's timer, if the service manager asked for one (WATCHDOG_USEC, sd_watchdog_enabled(3)). Pings go out
// from the loop, twice a period: a loop that hangs is seen. Without a service manager all of it does nothing, and
// without a watchdog it never wakes the loop.
class Notify {
 public:
  static Result<std::unique_ptr<Notify>> create(Loop& loop);

  void ready(std::string_view status);
  // Before a reload; ready() ends it. Says when it began, as Type=notify-reload wants (sd_notify(3)).
  void reloading();
  void stopping(std::string_view status);
  void status(std::string_view status);

 private:
  Notify() = default;

  UniqueFd watchdog_;
  Loop::Watch watchdog_watch_;
};

}  // namespace takt
