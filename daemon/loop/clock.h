// The machine's clocks.
#pragma once

#include "base/time.h"
#include "runtime/ports.h"

namespace takt {

class SystemClock : public Clock {
 public:
  [[nodiscard]] Now now() const override;
};

// CLOCK_MONOTONIC, for libsystemd's time-outs.
MonoTime mono_now();

}  // namespace takt
