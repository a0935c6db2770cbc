#include "bus/bus_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/timerfd.h>

#include <sdbus-c++/Error.h>

#include <cstdlib>

#include "base/assert.h"
#include "loop/limits.h"

namespace takt {

// poll(2) and epoll(7) have the same bits on Linux; sd-bus speaks of the first.
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT);

namespace {

constexpr const char* session_bus_variable = "DBUS_SESSION_BUS_ADDRESS";

std::unique_ptr<sdbus::IConnection> connect(const BusAddress& address) {
  switch (address.kind) {
    case BusAddress::Kind::system:
      return sdbus::createSystemBusConnection();
    case BusAddress::Kind::session:
      return sdbus::createSessionBusConnection();
    case BusAddress::Kind::address: {
      // sdbus-c++ 1.2 has a function for this, which leaks a connection that fails, as each try does while a bus is
      // away. The variable is set by the first try, at the start of the daemon, and never again.
      const char* const set = ::getenv(session_bus_variable);
      if (set == nullptr || address.address != set) ::setenv(session_bus_variable, address.address.c_str(), 1);
      return sdbus::createSessionBusConnection();
    }
  }
  TAKT_ASSERT(false);
}

std::string describe(const BusAddress& address) {
  switch (address.kind) {
    case BusAddress::Kind::system:
      return "the system bus";
    case BusAddress::Kind::session:
      return "the session bus";
    case BusAddress::Kind::address:
      return "the bus at " + address.address;
  }
  TAKT_ASSERT(false);
}

}  // namespace

BusSource::BusSource(Loop& loop, std::unique_ptr<sdbus::IConnection> connection,
                     std::function<void(const std::string&)> lost)
    : loop_(loop), connection_(std::move(connection)), lost_(std::move(lost)) {}

BusSource::~BusSource() = default;

Result<std::unique_ptr<BusSource>> BusSource::open(Loop& loop, const BusAddress& address,
                                                   std::function<void(const std::string& why)> lost) {
  std::unique_ptr<sdbus::IConnection> connection;
  try {
    connection = connect(address);
  } catch (const sdbus::Error& error) {
    return fail(ErrorCode::unavailable, "connect to {}: {}", describe(address), error.getMessage());
  }
  std::unique_ptr<BusSource> source(new BusSource(loop, std::move(connection), std::move(lost)));
  TAKT_TRY(source->watch());
  return source;
}

Status BusSource::watch() {
  timer_ = UniqueFd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_.valid()) return fail_errno("create a timer");
  TAKT_ASSIGN(timer_watch_, loop_.add(timer_.get(), EPOLLIN, [this](std::uint32_t) {
    std::uint64_t expirations = 0;
    (void)!::read(timer_.get(), &expirations, sizeof expirations);
  }));
  const auto poll = connection_->getEventLoopPollData();
  descriptor_ = UniqueFd(::fcntl(poll.fd, F_DUPFD_CLOEXEC, 3));
  if (!descriptor_.valid()) return fail_errno("duplicate the connection's descriptor");
  // Its being ready ends the wait; the hook of the next turn does the work.
  TAKT_ASSIGN(descriptor_watch_,
              loop_.add(descriptor_.get(), static_cast<std::uint32_t>(poll.events), [](std::uint32_t) {}));
  hook_ = loop_.prepare([this] { pump(); });
  return {};
}

void BusSource::pump() {
  try {
    int taken = 0;
    while (taken < limits::bus_messages && connection_->processPendingRequest()) ++taken;
    // The rest comes with the next turn, which something deferred makes follow at once.
    if (taken == limits::bus_messages) loop_.defer([] {});
    wait_for_what_it_wants();
  } catch (const sdbus::Error& error) {
    give_up(error.getMessage());
  } catch (const std::exception& exception) {  // thrown through sd-bus, whose state is unknown now
    give_up(exception.what());
  }
}

void BusSource::wait_for_what_it_wants() {
  const auto poll = connection_->getEventLoopPollData();
  if (auto modified = descriptor_watch_.modify(static_cast<std::uint32_t>(poll.events)); !modified)
    return give_up(modified.error().message);
  // Absolute microseconds of CLOCK_MONOTONIC; UINT64_MAX: never; 0: at once (sd_bus_get_timeout(3)). A timer's 0 would
  // disarm it, so that becomes the first instant there is.
  constexpr std::uint64_t second = 1'000'000;
  itimerspec at{};
  if (poll.timeout_usec != UINT64_MAX) {
    at.it_value.tv_sec = static_cast<time_t>(poll.timeout_usec / second);
    at.it_value.tv_nsec = static_cast<long>(poll.timeout_usec % second * 1000);
    if (poll.timeout_usec == 0) at.it_value.tv_nsec = 1;
  }
  TAKT_ASSERT(::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &at, nullptr) == 0);
}

void BusSource::give_up(const std::string& why) {
  hook_.reset();
  descriptor_watch_.reset();
  timer_watch_.reset();
  // Not from here: the owner's answer is to destroy this, and sd-bus may still be on the stack.
  loop_.defer([lost = std::exchange(lost_, nullptr), why, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired() && lost) lost(why);
  });
}

}  // namespace takt
