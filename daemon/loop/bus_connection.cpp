#include "loop/bus_connection.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/timerfd.h>

#include <ctime>

#include "base/assert.h"
#include "loop/limits.h"

namespace takt {

// poll(2) and epoll(7) have the same bits on Linux; sd-bus speaks of the first.
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT);

BusConnection::BusConnection(Loop& loop, BusKind kind, std::string address, Callbacks callbacks)
    : loop_(loop), kind_(kind), address_(std::move(address)), callbacks_(std::move(callbacks)) {}

const char* BusConnection::name() const {
  switch (kind_) {
    case BusKind::system:
      return "the system bus";
    case BusKind::session:
      return "the session bus";
  }
  TAKT_ASSERT(false);
}

int BusConnection::start(sd_bus** bus) const {
  if (address_.empty()) return kind_ == BusKind::system ? sd_bus_open_system(bus) : sd_bus_open_user(bus);
  int r = sd_bus_new(bus);
  if (r >= 0) r = sd_bus_set_address(*bus, address_.c_str());
  if (r >= 0) r = sd_bus_set_bus_client(*bus, 1);
  return r < 0 ? r : sd_bus_start(*bus);
}

Status BusConnection::open() {
  if (connection_) return {};
  auto connection = std::make_unique<Connection>();
  sd_bus* bus = nullptr;
  const int r = start(&bus);
  connection->bus.reset(bus);
  if (r < 0) return fail(ErrorCode::unavailable, "connect to {}: {}", name(), errno_text(-r));
  connection->timer = UniqueFd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!connection->timer.valid()) return fail_errno("create a timer");
  TAKT_ASSIGN(connection->timer_watch,
              loop_.add(connection->timer.get(), EPOLLIN, [fd = connection->timer.get()](std::uint32_t) {
                std::uint64_t expirations = 0;
                (void)!::read(fd, &expirations, sizeof expirations);
              }));
  connection->hook = loop_.prepare([this] { pump(); });
  connection_ = std::move(connection);
  return {};
}

void BusConnection::pump() {
  sd_bus* bus = connection_->bus.get();
  int taken = 0;
  int r = 0;
  while (taken < limits::bus_messages && (r = sd_bus_process(bus, nullptr)) > 0) ++taken;
  // The rest comes with the next turn, which something deferred makes follow at once.
  if (taken == limits::bus_messages) loop_.defer([] {});
  std::optional<Error> lost;
  if (r < 0)
    lost = Error{ErrorCode::unavailable, errno_text(-r)};
  else if (const Status waits = wait_for_what_it_wants(); !waits)
    lost = waits.error();
  if (lost) {
    const auto gone = std::move(connection_);  // until those who hold slots of it have heard
    callbacks_.lost(*lost);
  }
  callbacks_.pumped();
}

Status BusConnection::wait_for_what_it_wants() {
  Connection& connection = *connection_;
  sd_bus* bus = connection.bus.get();
  const int events = sd_bus_get_events(bus);
  std::uint64_t timeout = UINT64_MAX;
  if (const int r = events < 0 ? events : sd_bus_get_timeout(bus, &timeout); r < 0)
    return fail(ErrorCode::unavailable, "{}", errno_text(-r));
  if (!connection.settled) {
    connection.descriptor_watch.reset();
    connection.descriptor = UniqueFd(::fcntl(sd_bus_get_fd(bus), F_DUPFD_CLOEXEC, 3));
    if (!connection.descriptor.valid()) return fail_errno("duplicate the connection's descriptor");
    // Its being ready ends the wait; the hook of the next turn does the work.
    TAKT_ASSIGN(connection.descriptor_watch,
                loop_.add(connection.descriptor.get(), static_cast<std::uint32_t>(events), [](std::uint32_t) {}));
    connection.settled = sd_bus_is_ready(bus) > 0;
  }
  TAKT_TRY(connection.descriptor_watch.modify(static_cast<std::uint32_t>(events)));
  // Absolute microseconds of CLOCK_MONOTONIC; UINT64_MAX: never; 0: at once (sd_bus_get_timeout(3)). A timer's 0 would
  // disarm it, so that becomes the first instant there is.
  constexpr std::uint64_t second = 1'000'000;
  itimerspec at{};
  if (timeout != UINT64_MAX) {
    at.it_value.tv_sec = static_cast<time_t>(timeout / second);
    at.it_value.tv_nsec = timeout == 0 ? 1 : static_cast<long>(timeout % second * 1000);
  }
  TAKT_ASSERT(::timerfd_settime(connection.timer.get(), TFD_TIMER_ABSTIME, &at, nullptr) == 0);
  return {};
}

}  // namespace takt
