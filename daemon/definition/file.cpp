#include "definition/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/fd.h"
#include "definition/limits.h"

namespace takt {
namespace {

// /dev/null (Linux's Documentation/admin-guide/devices.txt).
bool is_null_device(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

Status check_status(const struct stat& status, uid_t owner) {
  if (status.st_uid != 0 && status.st_uid != owner)
    return fail(ErrorCode::access_denied, "it belongs to uid {}; only root{} may own it", status.st_uid,
                owner == 0 ? "" : fmt::format(" and uid {}", owner));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail(ErrorCode::access_denied, "others than its owner may write to it (mode {:04o}); \"chmod go-w\" it",
                status.st_mode & 07777U);
  return {};
}

Status write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno("write");
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

Status check_permissions(int fd, uid_t owner) {
  struct stat status {};
  if (::fstat(fd, &status) < 0) return fail_errno("fstat");
  return check_status(status, owner);
}

Result<std::optional<FileText>> read_file(int folder, const std::string& name, uid_t owner) {
  // O_NONBLOCK, because a FIFO would otherwise hold the opener until somebody writes.
  const UniqueFd fd(::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid()) return fail_errno("open");
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return fail_errno("fstat");
  if (is_null_device(status)) return std::optional<FileText>();
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid_argument, "it is not a regular file");
  TAKT_TRY(check_status(status, owner));
  TAKT_ASSIGN(auto text, read_whole(fd.get(), limits::definition_bytes));
  if (text.empty()) return std::optional<FileText>();
  return std::optional(FileText{std::move(text), status.st_uid});
}

Status replace_file(int folder, const std::string& name, std::string_view text) {
  const std::string fresh = fmt::format(".{}.new", name);
  // What a crash left of an earlier write is in nobody's way.
  ::unlinkat(folder, fresh.c_str(), 0);
  const UniqueFd fd(::openat(folder, fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd.valid()) return fail_errno("create");
  const auto write = [&]() -> Status {
    TAKT_TRY(write_whole(fd.get(), text));
    if (::fchmod(fd.get(), 0644) < 0) return fail_errno("fchmod");  // whatever the umask made of it
    if (::fsync(fd.get()) < 0) return fail_errno("fsync");
    if (::renameat(folder, fresh.c_str(), folder, name.c_str()) < 0) return fail_errno("rename");
    if (::fsync(folder) < 0) return fail_errno("fsync");
    return {};
  };
  auto written = write();
  if (!written) ::unlinkat(folder, fresh.c_str(), 0);
  return written;
}

Result<std::vector<std::string>> list_folder(int folder) {
  // fdopendir takes its descriptor over; ours stays.
  UniqueFd copy(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy.valid()) return fail_errno("open");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy.get()), ::closedir);
  if (!stream) return fail_errno("fdopendir");
  (void)copy.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get()))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  if (errno != 0) return fail_errno("readdir");
  std::ranges::sort(names);
  return names;
}

}  // namespace takt
