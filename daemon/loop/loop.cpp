#include "loop/loop.h"

#include <sys/eventfd.h>

#include <array>
#include <chrono>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace takt {

namespace {

// Of one turn; what else is ready comes with the next, so that a busy descriptor starves nobody.
constexpr int events_a_turn = 64;

int epoll_timeout(std::optional<Duration> longest) {
  if (!longest) return -1;
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(*longest).count();
  if (milliseconds < 0) return 0;
  return milliseconds > std::numeric_limits<int>::max() ? std::numeric_limits<int>::max()
                                                        : static_cast<int>(milliseconds);
}

}  // namespace

Loop::Watch::Watch(Watch&& other) noexcept : loop_(std::exchange(other.loop_, nullptr)), id_(other.id_) {}

Loop::Watch& Loop::Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    reset();
    loop_ = std::exchange(other.loop_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

void Loop::Watch::reset() {
  if (Loop* loop = std::exchange(loop_, nullptr)) loop->remove(id_);
}

Status Loop::Watch::modify(std::uint32_t events) {
  TAKT_ASSERT(loop_ != nullptr);
  const auto found = loop_->sources_.find(id_);
  TAKT_ASSERT(found != loop_->sources_.end());
  Source& source = *found->second;
  if (source.events == events) return {};
  epoll_event event{};
  event.events = events;
  event.data.u64 = id_;
  if (::epoll_ctl(loop_->epoll_.get(), EPOLL_CTL_MOD, source.fd, &event) < 0) return fail_errno("modify a watch");
  source.events = events;
  return {};
}

Result<std::unique_ptr<Loop>> Loop::create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return fail_errno("create an epoll instance");
  UniqueFd posted(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!posted.valid()) return fail_errno("create an eventfd");
  std::unique_ptr<Loop> loop(new Loop(std::move(epoll), std::move(posted)));
  TAKT_ASSIGN(loop->posted_watch_,
              loop->add(loop->posted_fd_.get(), EPOLLIN, [self = loop.get()](std::uint32_t) { self->run_posted(); }));
  return loop;
}

Loop::~Loop() {
  posted_watch_.reset();
  // What was deferred or posted may own watches.
  deferred_.clear();
  posted_.clear();
  TAKT_ASSERT(sources_.empty() && prepared_.empty());
}

Result<Loop::Watch> Loop::add(int fd, std::uint32_t events, Callback callback) {
  const std::uint64_t id = ++last_id_;
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0) return fail_errno("watch a descriptor");
  sources_.emplace(id, std::make_shared<Source>(Source{fd, events, std::move(callback)}));
  return Watch(this, id);
}

void Loop::remove(std::uint64_t id) {
  if (prepared_.erase(id) != 0) return;
  const auto found = sources_.find(id);
  TAKT_ASSERT(found != sources_.end());
  // A failure means that the descriptor was closed first, which its owner must not do: the kernel may then still
  // report it (epoll(7), Q6), and a descriptor that got its number would have been taken out in its place.
  TAKT_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second->fd, nullptr) == 0);
  sources_.erase(found);
}

void Loop::defer(Function function) {
  deferred_.push_back(std::move(function));
}

Loop::Watch Loop::prepare(Function hook) {
  const std::uint64_t id = ++last_id_;
  prepared_.emplace(id, std::make_shared<Function>(std::move(hook)));
  return Watch(this, id);
}

void Loop::post(Function function) {
  bool first = false;
  {
    const std::lock_guard lock(posted_mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(function));
  }
  // The others are taken together with the first. Adding 1 to a counter that is read when it is not 0 cannot fail.
  if (first) TAKT_ASSERT(::eventfd_write(posted_fd_.get(), 1) == 0);
}

void Loop::run_posted() {
  eventfd_t count = 0;
  // Read before the list is taken: what is posted in between is then taken at once and its wake-up finds nothing.
  (void)::eventfd_read(posted_fd_.get(), &count);
  std::vector<Function> functions;
  {
    const std::lock_guard lock(posted_mutex_);
    functions.swap(posted_);
  }
  for (Function& function : functions) function();
}

void Loop::run_prepared() {
  std::vector<std::uint64_t> ids;
  ids.reserve(prepared_.size());
  for (const auto& [id, hook] : prepared_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    const auto found = prepared_.find(id);
    if (found == prepared_.end()) continue;
    const std::shared_ptr<Function> hook = found->second;
    (*hook)();
  }
}

void Loop::run_deferred() {
  std::vector<Function> functions;
  functions.swap(deferred_);
  for (Function& function : functions) function();
}

Status Loop::turn(std::optional<Duration> longest) {
  run_prepared();
  const bool at_once = stopping_ || !deferred_.empty();
  std::array<epoll_event, events_a_turn> events;
  const int ready = ::epoll_wait(epoll_.get(), events.data(), events_a_turn, at_once ? 0 : epoll_timeout(longest));
  if (ready < 0 && errno != EINTR) return fail_errno("wait for events");
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto found = sources_.find(event.data.u64);
    if (found == sources_.end()) continue;  // taken out by a callback of this turn
    const std::shared_ptr<Source> source = found->second;
    source->callback(event.events);
  }
  run_deferred();
  return {};
}

Status Loop::run() {
  while (!stopping_) TAKT_TRY(turn());
  stopping_ = false;
  return {};
}

}  // namespace takt
