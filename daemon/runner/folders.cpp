#include "runner/folders.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <filesystem>

#include "base/limits.h"
#include "runner/packet.h"
#include "runner/remove_tree.h"

namespace takt {
namespace {

constexpr const char* context_name = "context";
constexpr const char* result_name = "result";

std::string log_name(std::uint64_t execution) {
  return fmt::format("{}.log", execution);
}

// A folder of the runner's own.
Result<UniqueFd> own_folder(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) < 0 && errno != EEXIST) return fail_errno("mkdir {}", path);
  UniqueFd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder.valid()) return fail_errno("open {}", path);
  if (fchmod(folder.get(), mode) < 0) return fail_errno("chmod {}", path);
  return folder;
}

Result<UniqueFd> user_folder(int parent, const std::string& name, const std::string& path) {
  UniqueFd folder(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder.valid()) return fail_errno("open {}", path);
  return folder;
}

Status give(int fd, const ChildUser& user, const std::string& path) {
  if (user.switches && fchown(fd, user.uid, user.gid) < 0) return fail_errno("chown {}", path);
  return {};
}

}  // namespace

Result<StateFolders> StateFolders::open(const std::string& path, int lock) {
  std::error_code error;
  if (std::filesystem::create_directories(path, error); error)
    return fail(ErrorCode::io, "mkdir {}: {}", path, error.message());
  StateFolders folders;
  folders.path_ = std::filesystem::canonical(path, error);
  if (error) return fail(ErrorCode::io, "{}: {}", path, error.message());
  folders.lock_ = UniqueFd(lock);
  if (lock < 0) {
    const std::string name = folders.path_ + "/runner.lock";
    folders.lock_ = UniqueFd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!folders.lock_.valid()) return fail_errno("open {}", name);
    if (flock(folders.lock_.get(), LOCK_EX | LOCK_NB) < 0)
      return fail(ErrorCode::unavailable, "state folder {} is in use by another takt-runner", path);
  }
  // Children pass through the first two on their way to what is theirs; only the names below are hidden from them.
  TAKT_ASSIGN(folders.work_, own_folder(folders.path_ + "/work", 0711));
  TAKT_ASSIGN(folders.attempt_, own_folder(folders.path_ + "/attempt", 0711));
  TAKT_ASSIGN(folders.log_, own_folder(folders.path_ + "/log", 0700));
  return folders;
}

Result<std::string> StateFolders::make_work(std::uint64_t execution, const ChildUser& user) const {
  const std::string name = std::to_string(execution);
  const std::string path = path_ + "/work/" + name;
  if (mkdirat(work_.get(), name.c_str(), 0700) < 0 && errno != EEXIST) return fail_errno("mkdir {}", path);
  TAKT_ASSIGN(const UniqueFd folder, user_folder(work_.get(), name, path));
  TAKT_TRY(give(folder.get(), user, path));
  return path;
}

Status StateFolders::make_attempt(const std::string& token, const ChildUser& user, const std::string& context) const {
  const std::string path = path_ + "/attempt/" + token;
  TAKT_TRY(remove_tree(attempt_.get(), token));  // of a runner that was killed
  if (mkdirat(attempt_.get(), token.c_str(), 0700) < 0) return fail_errno("mkdir {}", path);
  TAKT_ASSIGN(const UniqueFd folder, user_folder(attempt_.get(), token, path));
  const UniqueFd file(openat(folder.get(), context_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400));
  if (!file.valid()) return fail_errno("open {}/{}", path, context_name);
  for (std::string_view rest = context; !rest.empty();) {
    const ssize_t wrote = write(file.get(), rest.data(), rest.size());
    if (wrote < 0) return fail_errno("write to {}/{}", path, context_name);
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  TAKT_TRY(give(file.get(), user, path));
  return give(folder.get(), user, path);
}

std::string StateFolders::context_path(const std::string& token) const {
  return fmt::format("{}/attempt/{}/{}", path_, token, context_name);
}
std::string StateFolders::result_path(const std::string& token) const {
  return fmt::format("{}/attempt/{}/{}", path_, token, result_name);
}

Result<std::optional<std::string>> StateFolders::read_result(const std::string& token, uid_t uid) const {
  const UniqueFd folder(openat(attempt_.get(), token.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder.valid()) return std::optional<std::string>();
  // O_NONBLOCK: a FIFO with that name must not hold the runner up.
  const UniqueFd file(openat(folder.get(), result_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return std::optional<std::string>();
  if (!file.valid() && errno == ELOOP) return fail(ErrorCode::invalid_input, "the result file is no regular file");
  if (!file.valid()) return fail_errno("open the result file");
  struct stat about {};
  if (fstat(file.get(), &about) < 0) return fail_errno("stat the result file");
  if (!S_ISREG(about.st_mode)) return fail(ErrorCode::invalid_input, "the result file is no regular file");
  if (about.st_uid != uid) return fail(ErrorCode::invalid_input, "the result file belongs to another user");
  auto content = read_whole(file.get(), limits::value_bytes);
  if (!content) return tl::unexpected(std::move(content).error().in("the result file"));
  return std::optional(std::move(content).value());
}

Result<UniqueFd> StateFolders::append_log(std::uint64_t execution) const {
  const std::string name = log_name(execution);
  UniqueFd file(openat(log_.get(), name.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail_errno("open {}/log/{}", path_, name);
  return file;
}

Result<UniqueFd> StateFolders::read_log(std::uint64_t execution) const {
  const std::string name = log_name(execution);
  UniqueFd file(openat(log_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid() && errno == ENOENT) return fail(ErrorCode::no_such_execution, "execution {} has no log", execution);
  if (!file.valid()) return fail_errno("open {}/log/{}", path_, name);
  return file;
}

void StateFolders::remove_attempt(const std::string& token) const {
  // Nearly always these two names are all there is.
  const std::string prefix = token + "/";
  for (const char* name : {context_name, result_name}) unlinkat(attempt_.get(), (prefix + name).c_str(), 0);
  if (unlinkat(attempt_.get(), token.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT) remove_aside(attempt_.get(), token);
}

void StateFolders::forget(std::uint64_t execution) const {
  unlinkat(log_.get(), log_name(execution).c_str(), 0);
  const std::string name = std::to_string(execution);
  if (unlinkat(work_.get(), name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT) remove_aside(work_.get(), name);
}

// In a child: a tree may be large, and the runner waits for no disk. It needs nothing but the folder.
void StateFolders::remove_aside(int parent, const std::string& name) const {
  const pid_t pid = fork();
  if (pid != 0) return;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(parent, 3);
  close_range(4, UINT_MAX, 0);
  static_cast<void>(remove_tree(3, name));
  _exit(0);
}

}  // namespace takt
