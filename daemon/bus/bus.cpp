#include "bus/bus.h"

#include <sys/timerfd.h>

#include "base/assert.h"
#include "base/names.h"
#include "bus/bus_source.h"
#include "bus/limits.h"
#include "bus/session.h"

namespace takt {

Bus::Bus(Loop& loop, BusAddress address, std::string version, Log& log)
    : loop_(loop), address_(std::move(address)), version_(std::move(version)), log_(log), authority_(::getuid()) {}

Bus::~Bus() = default;

Result<std::unique_ptr<Bus>> Bus::create(Loop& loop, BusAddress address, std::string version, Log& log) {
  std::unique_ptr<Bus> bus(new Bus(loop, std::move(address), std::move(version), log));
  bus->timer_ = UniqueFd(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!bus->timer_.valid()) return fail_errno("create a timer");
  TAKT_ASSIGN(bus->timer_watch_,
              loop.add(bus->timer_.get(), EPOLLIN, [self = bus.get()](std::uint32_t) { self->retry(); }));
  TAKT_TRY(bus->connect());
  return bus;
}

Status Bus::connect() {
  TAKT_ASSIGN(source_, BusSource::open(loop_, address_, [this](const std::string& why) { lost(why); }));
  return {};
}

Status Bus::serve(Control& control, std::function<void(const Status&)> state) {
  TAKT_ASSERT(control_ == nullptr);
  control_ = &control;
  state_ = std::move(state);
  return open_session();
}

Status Bus::open_session() {
  // The bus may have gone between create() and serve(); then lost() is on its way.
  if (!source_) return fail(ErrorCode::unavailable, "there is no bus");
  try {
    session_ = std::make_unique<Session>(loop_, source_->connection(), *control_, authority_, version_);
    session_->request_name([this](const Status& status) { named(status); });
  } catch (const sdbus::Error& error) {
    session_.reset();
    return fail(ErrorCode::unavailable, "serve on the bus: {}", error.getMessage());
  }
  return {};
}

void Bus::named(const Status& status) {
  if (!status && was_lost_) write(LogPriority::error, status.error().message);
  if (status && was_lost_) write(LogPriority::notice, "on the bus again");
  if (status) was_lost_ = false;
  state_(status);
}

void Bus::lost(const std::string& why) {
  session_.reset();
  source_.reset();
  was_lost_ = true;
  write(LogPriority::warning, fmt::format("lost the bus: {}; connecting again", why));
  if (state_) state_(fail(ErrorCode::unavailable, "lost the bus: {}", why));
  retry_later();
}

void Bus::retry_later() {
  itimerspec at{};
  at.it_value.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(limits::bus_retry).count();
  at.it_value.tv_nsec = std::chrono::nanoseconds(limits::bus_retry % std::chrono::seconds(1)).count();
  TAKT_ASSERT(::timerfd_settime(timer_.get(), 0, &at, nullptr) == 0);
}

void Bus::retry() {
  std::uint64_t expirations = 0;
  (void)!::read(timer_.get(), &expirations, sizeof expirations);
  if (source_) return;
  if (connect() && (control_ == nullptr || open_session())) return;
  source_.reset();
  retry_later();
}

void Bus::announce(const Announcement& announcement) {
  if (session_) session_->announce(announcement);
}

void Bus::write(LogPriority priority, std::string message) {
  log_.write(LogEntry{priority, names::id_bus, std::move(message), {}});
}

}  // namespace takt
