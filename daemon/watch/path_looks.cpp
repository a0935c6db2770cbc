#include "watch/path_looks.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <system_error>

#include "base/thread.h"
#include "watch/limits.h"

namespace takt {

struct PathLooks::Owner {
  std::mutex mutex;
  PathLooks* looks;  // changed by the loop's thread alone, under the mutex; null: it is gone
  Loop& loop;        // as long as `looks` is there
};

PathLooks::PathLooks(Loop& loop) : owner_(new Owner{{}, this, loop}) {}

PathLooks::~PathLooks() {
  const std::lock_guard lock(owner_->mutex);
  owner_->looks = nullptr;
}

std::string PathLooks::look(const std::string& path, Answer answer) {
  const auto now = std::chrono::steady_clock::now();
  if (const auto under_way = looks_.find(path); under_way != looks_.end()) {
    under_way->second.answer = std::move(answer);
    return now - under_way->second.begun_at < limits::path_patience ? "" : "the file system does not answer";
  }
  if (looks_.size() >= limits::path_looks) return "it cannot be looked for: other file systems do not answer";
  const auto work = [path, owner = owner_] {
    const int error = ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_EACCESS) == 0 ? 0 : errno;
    const std::lock_guard lock(owner->mutex);
    if (owner->looks == nullptr) return;
    owner->loop.post([path, owner, error] {
      if (owner->looks != nullptr) owner->looks->answer(path, error);
    });
  };
  try {
    thread_without_signals(work).detach();
  } catch (const std::system_error& error) {
    return fmt::format("it cannot be looked for: {}", error.what());
  }
  looks_[path] = {std::move(answer), now};
  return "";
}

void PathLooks::forget(const std::string& path) {
  if (const auto look = looks_.find(path); look != looks_.end()) look->second.answer = nullptr;
}

void PathLooks::answer(const std::string& path, int error) {
  const auto look = looks_.extract(path);
  if (look.mapped().answer) look.mapped().answer(error);
}

}  // namespace takt
