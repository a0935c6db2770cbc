// The owner of a file descriptor, and all that a descriptor has to read.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <string>
#include <utility>

#include "base/result.h"

namespace takt {

// Owns one descriptor and closes it. Whoever opens one opens it CLOEXEC, and takes it out of epoll before this closes
// it.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  // Gives the descriptor up to the caller.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

// What `fd` has to read, from where it stands to its end. More than `limit` bytes are ErrorCode::limit_exceeded. The
// one way to read what may go while it is read, as files of /proc and cgroups may: iterators of std::ifstream throw.
Result<std::string> read_whole(int fd, std::size_t limit);

}  // namespace takt
