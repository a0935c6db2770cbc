#include "loop/timer.h"

#include <sys/timerfd.h>

#include <algorithm>

#include "base/assert.h"

namespace takt {

Status Timer::set(Duration delay) {
  cancel();
  fd_.reset(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!fd_.valid()) return fail_errno("create a timer");
  TAKT_ASSIGN(watch_, loop_.add(fd_.get(), EPOLLIN, [this](std::uint32_t) {
    cancel();
    rang_();
  }));
  const auto at = std::max(delay, Duration(1));  // a timerfd that is set to zero never rings
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  itimerspec spec{};
  spec.it_value.tv_sec = seconds.count();
  spec.it_value.tv_nsec = std::chrono::nanoseconds(at - seconds).count();
  TAKT_ASSERT(::timerfd_settime(fd_.get(), 0, &spec, nullptr) == 0);
  return {};
}

void Timer::cancel() {
  watch_.reset();
  fd_.reset();
}

}  // namespace takt
