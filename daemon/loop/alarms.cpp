#include "loop/alarms.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <ctime>
#include <limits>

#include "base/assert.h"

namespace takt {

namespace {

// All-zero disarms a timer (timerfd_create(2)), so an instant at or before the epoch becomes the first one after it.
itimerspec absolute(std::int64_t us) {
  us = std::max<std::int64_t>(us, 1);
  itimerspec spec{};
  spec.it_value.tv_sec = us / 1'000'000;
  spec.it_value.tv_nsec = us % 1'000'000 * 1'000;
  return spec;
}

// A timer that never goes off yet tells of the clock being set; the kernel takes the largest time_t for "never".
itimerspec never() {
  itimerspec spec{};
  spec.it_value.tv_sec = std::numeric_limits<time_t>::max();
  return spec;
}

// Whether it went off: false when there was nothing to read. ECANCELED is left in errno.
bool expired(int fd) {
  std::uint64_t count = 0;
  return ::read(fd, &count, sizeof count) == static_cast<ssize_t>(sizeof count);
}

}  // namespace

Result<std::unique_ptr<LoopAlarms>> LoopAlarms::create(Loop& loop, Callbacks callbacks) {
  std::unique_ptr<LoopAlarms> alarms(new LoopAlarms(loop, std::move(callbacks)));
  alarms->wall_ = UniqueFd(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!alarms->wall_.valid()) return fail_errno("create a timer on CLOCK_REALTIME");
  alarms->boot_ = UniqueFd(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!alarms->boot_.valid()) return fail_errno("create a timer on CLOCK_BOOTTIME");
  LoopAlarms* self = alarms.get();
  TAKT_ASSIGN(self->wall_watch_, loop.add(self->wall_.get(), EPOLLIN, [self](std::uint32_t) { self->wall_ready(); }));
  TAKT_ASSIGN(self->boot_watch_, loop.add(self->boot_.get(), EPOLLIN, [self](std::uint32_t) { self->boot_ready(); }));
  self->arm_wall();
  return alarms;
}

void LoopAlarms::set_wall(std::optional<WallTime> at) {
  if (at == wall_at_) return;
  wall_at_ = at;
  arm_wall();
}

void LoopAlarms::set_boot(std::optional<BootTime> at) {
  const itimerspec spec = at ? absolute(to_us(*at)) : itimerspec{};
  TAKT_ASSERT(::timerfd_settime(boot_.get(), TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
}

void LoopAlarms::arm_wall() {
  const itimerspec spec = wall_at_ ? absolute(to_us(*wall_at_)) : never();
  if (::timerfd_settime(wall_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, nullptr) == 0) return;
  // The clock was set since the last look; the timer is armed all the same, and will not say so again.
  TAKT_ASSERT(errno == ECANCELED);
  tell_clock_set();
}

void LoopAlarms::tell_clock_set() {
  loop_.defer([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) callbacks_.clock_set();
  });
}

void LoopAlarms::wall_ready() {
  if (expired(wall_.get())) {
    wall_at_.reset();
    arm_wall();
    callbacks_.due();
  } else if (errno == ECANCELED) {
    arm_wall();
    callbacks_.clock_set();
  }
}

void LoopAlarms::boot_ready() {
  if (expired(boot_.get())) callbacks_.due();
}

}  // namespace takt
