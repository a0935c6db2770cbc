#include "loop/notify.h"

#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <string>

#include "loop/clock.h"

namespace takt {

namespace {

// A line break would begin another assignment of the protocol.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

// A service manager that does not listen is no reason to stop: the notice is lost, and its own time-outs strike.
void tell(const std::string& state) {
  (void)::sd_notify(0, state.c_str());
}

Result<UniqueFd> periodic_timer(std::uint64_t period_us) {
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.valid()) return fail_errno("create the watchdog's timer");
  itimerspec spec{};
  spec.it_interval.tv_sec = static_cast<time_t>(period_us / 1'000'000);
  spec.it_interval.tv_nsec = static_cast<long>(period_us % 1'000'000 * 1'000);
  spec.it_value = spec.it_interval;
  if (::timerfd_settime(timer.get(), 0, &spec, nullptr) < 0) return fail_errno("set the watchdog's timer");
  return timer;
}

}  // namespace

Result<std::unique_ptr<Notify>> Notify::create(Loop& loop) {
  std::unique_ptr<Notify> self(new Notify);
  std::uint64_t watchdog_us = 0;
  if (::sd_watchdog_enabled(0, &watchdog_us) <= 0) return self;
  TAKT_ASSIGN(self->watchdog_, periodic_timer(std::max<std::uint64_t>(watchdog_us / 2, 1)));
  const int fd = self->watchdog_.get();
  TAKT_ASSIGN(self->watchdog_watch_, loop.add(fd, EPOLLIN, [fd](std::uint32_t) {
    std::uint64_t count = 0;
    if (::read(fd, &count, sizeof count) == static_cast<ssize_t>(sizeof count)) tell("WATCHDOG=1");
  }));
  return self;
}

void Notify::ready(std::string_view status) {
  tell("READY=1\nSTATUS=" + one_line(status));
}

void Notify::reloading() {
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", to_us(mono_now())));
}

void Notify::stopping(std::string_view status) {
  tell("STOPPING=1\nSTATUS=" + one_line(status));
}

void Notify::status(std::string_view status) {
  tell("STATUS=" + one_line(status));
}

}  // namespace takt
