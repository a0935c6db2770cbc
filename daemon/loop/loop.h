// The event loop: one thread, epoll, and nothing that wakes it but a descriptor.
//
// One turn
//   1. prepare hooks run            (a library that wants a last word before the wait: sd-bus)
//   2. epoll_wait                   (does not wait when something was deferred or the loop is to stop)
//   3. callbacks of the descriptors that are ready, and functions posted by other threads
//   4. deferred functions           (those that these defer in turn belong to the next turn)
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace takt {

// Owns the epoll instance and the callbacks; never the descriptors it watches. All of it belongs to the thread that
// runs it, but for post(). It never reads a clock, and never wakes when nothing is ready.
class Loop {
 public:
  using Callback = std::function<void(std::uint32_t events)>;  // EPOLLIN, EPOLLOUT, EPOLLHUP, …
  using Function = std::function<void()>;

  // The place of a descriptor, or of a prepare hook, in the loop. Its destruction takes that out: from then on the
  // callback is not called, not even for what this turn had already found ready. Declare it after the descriptor it
  // watches, so that it goes first; it must not outlive the loop.
  class Watch {
   public:
    Watch() = default;
    Watch(Watch&& other) noexcept;
    Watch& operator=(Watch&& other) noexcept;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { reset(); }

    // Waits for these events from now on (0: for errors and hang-ups alone). Costs nothing when they are the same.
    // Only of a descriptor's watch.
    Status modify(std::uint32_t events);
    void reset();
    [[nodiscard]] bool active() const { return loop_ != nullptr; }

   private:
    friend class Loop;
    Watch(Loop* loop, std::uint64_t id) : loop_(loop), id_(id) {}
    Loop* loop_ = nullptr;
    std::uint64_t id_ = 0;
  };

  static Result<std::unique_ptr<Loop>> create();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Calls `callback` in each turn in which `fd` has one of `events` (level-triggered, unless they say EPOLLET). The
  // descriptor stays the caller's. A callback may take out any watch, its own too, and add others.
  Result<Watch> add(int fd, std::uint32_t events, Callback callback);

  // Once, after the callbacks of this turn; in the order of the calls.
  void defer(Function function);

  // Before each wait. A hook may defer, add and modify; then the wait sees it.
  [[nodiscard]] Watch prepare(Function hook);

  // From any thread: runs `function` in the loop's thread, in the order of the calls. What is posted after the last
  // turn is dropped with the loop.
  void post(Function function);

  // Turns until stop(). An error is one of epoll itself.
  Status run();
  // run() returns after the turn under way (or after its next one). Loop's thread; from another one, post it.
  void stop() { stopping_ = true; }

  // One turn that waits for at most `longest` (nothing: until something is ready). run() is made of these.
  Status turn(std::optional<Duration> longest = std::nullopt);

 private:
  struct Source {
    int fd = -1;
    std::uint32_t events = 0;
    Callback callback;
  };

  Loop(UniqueFd epoll, UniqueFd posted_fd) : epoll_(std::move(epoll)), posted_fd_(std::move(posted_fd)) {}
  void remove(std::uint64_t id);
  void run_prepared();
  void run_posted();
  void run_deferred();

  UniqueFd epoll_;
  UniqueFd posted_fd_;
  Watch posted_watch_;

  // Shared, so that a callback which takes itself out is not destroyed while it runs. Ids are never used twice, so an
  // event of a descriptor that is gone cannot reach the one that got its number.
  std::map<std::uint64_t, std::shared_ptr<Source>> sources_;
  std::map<std::uint64_t, std::shared_ptr<Function>> prepared_;
  std::uint64_t last_id_ = 0;
  std::vector<Function> deferred_;
  bool stopping_ = false;

  std::mutex posted_mutex_;
  std::vector<Function> posted_;  // under posted_mutex_
};

}  // namespace takt
