#include "loop/clock.h"

#include <ctime>

#include "base/assert.h"

namespace takt {

namespace {

std::int64_t read_clock_us(clockid_t clock) {
  timespec now{};
  TAKT_ASSERT(::clock_gettime(clock, &now) == 0);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

Now SystemClock::now() const {
  return {wall_from_us(read_clock_us(CLOCK_REALTIME)), boot_from_us(read_clock_us(CLOCK_BOOTTIME))};
}

MonoTime mono_now() {
  return mono_from_us(read_clock_us(CLOCK_MONOTONIC));
}

}  // namespace takt
