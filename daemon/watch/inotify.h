// inotify(7) for several users of one folder.
#pragma once

#include <sys/inotify.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tl/expected.hpp>

#include "base/fd.h"
#include "base/result.h"

namespace takt {

// Owns an inotify instance. The kernel has one watch an inode, whatever the names it was reached by; here each *place*
// (a number of the caller's) has its own, and an event goes to all places on its inode. It never follows what a folder
// holds, and decides nothing.
class Inotify {
 public:
  static Result<Inotify> create();

  [[nodiscard]] int fd() const { return fd_.get(); }

  // Watches the folder at `path` for this place, in place of what it watched before. The watch's number, the same as
  // before when the path still leads to the same folder; or errno: ENOSPC also for more than limits::path_watches.
  tl::expected<int, int> watch(std::uint64_t place, const std::string& path, std::uint32_t mask);
  void unwatch(std::uint64_t place);

  // What happened: `name` is empty for what concerns the folder itself.
  using Handler = std::function<void(std::uint64_t place, std::uint32_t mask, const std::string& name)>;
  // Hands on at most limits::path_events of what the kernel has queued; never waits. The handler may watch and unwatch.
  // IN_Q_OVERFLOW comes once, with place 0.
  void read(const Handler& handler);

 private:
  explicit Inotify(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
  std::map<int, std::map<std::uint64_t, std::uint32_t>> places_;  // by watch: what each place wants
  std::map<std::uint64_t, int> watches_;                          // by place
};

}  // namespace takt
