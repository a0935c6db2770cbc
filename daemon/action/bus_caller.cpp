#include "action/bus_caller.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/timerfd.h>

#include <ctime>

#include "action/bus_arguments.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/names.h"

namespace takt {

// poll(2) and epoll(7) have the same bits on Linux; sd-bus speaks of the first.
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT);

namespace {

constexpr const char* bus_text(BusKind kind) {
  switch (kind) {
    case BusKind::system:
      return "the system bus";
    case BusKind::session:
      return "the session bus";
  }
  TAKT_ASSERT(false);
}

Status check_names(const CallAction& action) {
  const auto check = [](bool valid, const std::string& text, std::string_view what) -> Status {
    if (valid && text.find('\0') == std::string::npos) return {};
    return fail(ErrorCode::invalid_input, "'{}' is not {}", text, what);
  };
  TAKT_TRY(check(sd_bus_service_name_is_valid(action.service.c_str()) > 0, action.service, "the name of a service"));
  TAKT_TRY(check(sd_bus_object_path_is_valid(action.path.c_str()) > 0, action.path, "the path of an object"));
  TAKT_TRY(check(sd_bus_interface_name_is_valid(action.interface.c_str()) > 0, action.interface,
                 "the name of an interface"));
  return check(sd_bus_member_name_is_valid(action.method.c_str()) > 0, action.method, "the name of a method");
}

Result<Value> reply_value(sd_bus_message* message) {
  if (const sd_bus_error* error = sd_bus_message_get_error(message))
    return fail(ErrorCode::io, "{}: {}", error->name, error->message == nullptr ? "" : error->message);
  return read_arguments(message);
}

}  // namespace

BusCaller::BusCaller(Loop& loop, Log& log, BusKind kind, std::string address, Done done)
    : loop_(loop), log_(log), kind_(kind), address_(std::move(address)), done_(std::move(done)) {}

BusCaller::~BusCaller() {
  calls_.clear();  // before the connection that their slots belong to
}

Status BusCaller::start(const std::string& token, const CallAction& action) {
  TAKT_TRY(check_names(action));
  if (!connection_) TAKT_TRY(connect());
  // Whatever sd-bus has to wait for now, it says when it is pumped in the next turn, which is to follow at once.
  loop_.defer([] {});
  sd_bus_message* raw = nullptr;
  int r = sd_bus_message_new_method_call(connection_->bus.get(), &raw, action.service.c_str(), action.path.c_str(),
                                         action.interface.c_str(), action.method.c_str());
  const std::unique_ptr<sd_bus_message, Close> message(raw);
  if (r >= 0) TAKT_TRY(write_arguments(raw, action.signature, action.args));
  auto call = std::make_unique<Call>(Call{this, token, nullptr});
  sd_bus_slot* slot = nullptr;
  if (r >= 0) r = sd_bus_call_async(connection_->bus.get(), &slot, raw, &BusCaller::on_reply, call.get(), UINT64_MAX);
  if (r < 0) return fail(ErrorCode::unavailable, "call {} on {}: {}", action.method, bus_text(kind_), errno_text(-r));
  call->slot.reset(slot);
  calls_[token] = std::move(call);
  return {};
}

int BusCaller::on_reply(sd_bus_message* message, void* call, sd_bus_error*) {
  auto& [caller, token, slot] = *static_cast<Call*>(call);
  caller->ended_.emplace_back(token, reply_value(message));
  caller->calls_.erase(std::string(token));  // sd-bus holds the slot while it calls back
  return 0;
}

int BusCaller::open(sd_bus** bus) const {
  if (address_.empty()) return kind_ == BusKind::system ? sd_bus_open_system(bus) : sd_bus_open_user(bus);
  int r = sd_bus_new(bus);
  if (r >= 0) r = sd_bus_set_address(*bus, address_.c_str());
  if (r >= 0) r = sd_bus_set_bus_client(*bus, 1);
  return r < 0 ? r : sd_bus_start(*bus);
}

Status BusCaller::connect() {
  auto connection = std::make_unique<Connection>();
  sd_bus* bus = nullptr;
  const int r = open(&bus);
  connection->bus.reset(bus);
  if (r < 0) return fail(ErrorCode::unavailable, "connect to {}: {}", bus_text(kind_), errno_text(-r));
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

void BusCaller::pump() {
  sd_bus* bus = connection_->bus.get();
  int taken = 0;
  int r = 0;
  while (taken < limits::bus_messages && (r = sd_bus_process(bus, nullptr)) > 0) ++taken;
  // The rest comes with the next turn, which something deferred makes follow at once.
  if (taken == limits::bus_messages) loop_.defer([] {});
  if (r < 0)
    drop({ErrorCode::unavailable, errno_text(-r)});
  else if (const Status waits = wait_for_what_it_wants(); !waits)
    drop(waits.error());
  for (auto& [token, result] : std::exchange(ended_, {})) done_(token, std::move(result));
}

Status BusCaller::wait_for_what_it_wants() {
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

// sd-bus has told the calls it knew that the connection is over; the others hear it here.
void BusCaller::drop(const Error& why) {
  const std::string text = fmt::format("{} went away: {}", bus_text(kind_), why.message);
  log_.write({LogPriority::notice, names::id_bus, text + "; the next call of a step connects to it again", {}});
  for (const auto& [token, call] : calls_)
    ended_.emplace_back(token, tl::unexpected<Error>(Error{ErrorCode::unavailable, text}));
  calls_.clear();
  connection_.reset();
}

}  // namespace takt
