#include "watch/zones.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "base/assert.h"
#include "watch/limits.h"

namespace takt {

namespace {

constexpr std::uint64_t etc_place = 1;
constexpr std::uint64_t database_place = 2;
constexpr std::uint32_t whatever_changes = IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE;

}  // namespace

Result<std::unique_ptr<ZoneWatch>> ZoneWatch::create(Loop& loop, const Folders& folders,
                                                     std::function<void()> changed) {
  TAKT_ASSIGN(Inotify inotify, Inotify::create());
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.valid()) return fail_errno("create a timer");
  std::unique_ptr<ZoneWatch> watch(new ZoneWatch(std::move(inotify), std::move(timer), std::move(changed)));
  (void)watch->inotify_.watch(etc_place, folders.etc, whatever_changes);
  (void)watch->inotify_.watch(database_place, folders.database, whatever_changes);
  TAKT_ASSIGN(watch->inotify_watch_,
              loop.add(watch->inotify_.fd(), EPOLLIN, [self = watch.get()](std::uint32_t) { self->read(); }));
  TAKT_ASSIGN(watch->timer_watch_, loop.add(watch->timer_.get(), EPOLLIN, [self = watch.get()](std::uint32_t) {
    std::uint64_t expirations = 0;
    (void)!::read(self->timer_.get(), &expirations, sizeof expirations);
    self->changed_();
  }));
  return watch;
}

ZoneWatch::ZoneWatch(Inotify inotify, UniqueFd timer, std::function<void()> changed)
    : changed_(std::move(changed)), inotify_(std::move(inotify)), timer_(std::move(timer)) {}

void ZoneWatch::read() {
  bool concerns = false;
  inotify_.read([&](std::uint64_t place, std::uint32_t, const std::string& name) {
    concerns = concerns || place != etc_place || name == "localtime" || name == "timezone";
  });
  if (!concerns) return;
  const itimerspec quiet{{0, 0}, {0, std::chrono::nanoseconds(limits::zones_settle).count()}};
  TAKT_ASSERT(::timerfd_settime(timer_.get(), 0, &quiet, nullptr) == 0);
}

}  // namespace takt
