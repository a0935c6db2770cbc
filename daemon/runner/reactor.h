// The runner's event loop: epoll(7), and nothing more. taktd has a loop of its own; the runner shares no code with it
// but base/, so that what runs as root stays small.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "base/fd.h"
#include "base/result.h"

namespace takt {

// Owns the epoll descriptor and the handlers; never the descriptors that are watched. Whoever adds one removes it
// before it is closed. A handler may add and remove any descriptor, its own included.
class Reactor {
 public:
  using Handler = std::function<void(std::uint32_t events)>;

  static Result<std::unique_ptr<Reactor>> create();

  void add(int fd, std::uint32_t events, Handler handler);
  void change(int fd, std::uint32_t events);
  void remove(int fd);
  // Waits for the next events, and handles them.
  void turn();

 private:
  struct Watch {
    std::uint64_t id;
    std::shared_ptr<Handler> handler;
  };
  explicit Reactor(UniqueFd epoll) : epoll_(std::move(epoll)) {}
  void control(int operation, int fd, std::uint32_t events, std::uint64_t id) const;

  UniqueFd epoll_;
  std::uint64_t last_id_ = 0;
  std::map<int, Watch> watches_;
  std::map<std::uint64_t, int> fds_;  // by id: an event of a descriptor that was closed since finds nothing
};

}  // namespace takt
