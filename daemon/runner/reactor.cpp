#include "runner/reactor.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

#include "base/assert.h"

namespace takt {

Result<std::unique_ptr<Reactor>> Reactor::create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return fail_errno("epoll_create1");
  return std::unique_ptr<Reactor>(new Reactor(std::move(epoll)));
}

void Reactor::control(int operation, int fd, std::uint32_t events, std::uint64_t id) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  TAKT_ASSERT(epoll_ctl(epoll_.get(), operation, fd, &event) == 0);
}

void Reactor::add(int fd, std::uint32_t events, Handler handler) {
  const std::uint64_t id = ++last_id_;
  const bool fresh = watches_.emplace(fd, Watch{id, std::make_shared<Handler>(std::move(handler))}).second;
  TAKT_ASSERT(fresh);
  fds_.emplace(id, fd);
  control(EPOLL_CTL_ADD, fd, events, id);
}

void Reactor::change(int fd, std::uint32_t events) {
  control(EPOLL_CTL_MOD, fd, events, watches_.at(fd).id);
}

void Reactor::remove(int fd) {
  const auto watch = watches_.find(fd);
  TAKT_ASSERT(watch != watches_.end());
  control(EPOLL_CTL_DEL, fd, 0, 0);
  fds_.erase(watch->second.id);
  watches_.erase(watch);
}

void Reactor::turn() {
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
  TAKT_ASSERT(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto fd = fds_.find(event.data.u64);
    if (fd == fds_.end()) continue;
    const std::shared_ptr<Handler> handler = watches_.at(fd->second).handler;
    (*handler)(event.events);
  }
}

}  // namespace takt
