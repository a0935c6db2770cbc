#include "store/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>

#include "base/names.h"

namespace takt {

namespace {

// The pid that the holder wrote; 0 when it has not yet.
int holder(int file) {
  std::array<char, 32> text{};
  const ssize_t bytes = ::pread(file, text.data(), text.size(), 0);
  int pid = 0;
  if (bytes > 0) std::from_chars(text.data(), text.data() + bytes, pid);
  return pid;
}

Status write_pid(int file) {
  const std::string text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file, 0) < 0) return fail_errno("truncate");
  if (::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) return fail_errno("write");
  return {};
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder) {
  const std::string path = fmt::format("{}/{}", folder, names::lock_file);
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail_errno("open {}", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK) return fail_errno("lock {}", path);
    if (const int pid = holder(file.get()); pid != 0)
      return fail(ErrorCode::unavailable, "{} is in use by taktd, pid {}", folder, pid);
    return fail(ErrorCode::unavailable, "{} is in use by another taktd", folder);
  }
  if (Status written = write_pid(file.get()); !written) return tl::unexpected(std::move(written).error().in(path));
  return FolderLock(std::move(file));
}

}  // namespace takt
