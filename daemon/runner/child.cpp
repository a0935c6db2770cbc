#include "runner/child.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>

namespace takt {
namespace {

constexpr const char* search_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr int status_fd = 3;  // where the child keeps its end of Child::status until the exec closes it

// What the child says of a set-up that failed: errno, and the words before its text. Smaller than PIPE_BUF, so whole.
struct StartFailure {
  int error = 0;
  char what[PIPE_BUF - sizeof(int)] = {};
};

[[noreturn]] void give_up(const char* what, const std::string& name = "", int status = status_fd) {
  StartFailure failure;
  failure.error = errno;
  std::snprintf(failure.what, sizeof failure.what, "%s%s%s", what, name.empty() ? "" : " ", name.c_str());
  [[maybe_unused]] const ssize_t wrote = write(status, &failure, sizeof failure);
  _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// exec as execvp(3) finds it, but by the child's own PATH, and without its fallback to a shell.
[[noreturn]] void exec_child(std::vector<std::string> argv, std::vector<std::string> environment,
                             const std::string& path) {
  const std::string command = argv.front();
  const std::vector<char*> arguments = pointers(argv);
  const std::vector<char*> variables = pointers(environment);
  if (command.find('/') != std::string::npos) {
    execve(command.c_str(), arguments.data(), variables.data());
    give_up("exec", command);
  }
  int error = ENOENT;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const std::string folder = path.substr(at, end - at);
    at = end + 1;
    if (folder.empty()) continue;  // an empty part means the working directory: not a place to find programs in
    execve((folder + "/" + command).c_str(), arguments.data(), variables.data());
    if (errno == EACCES) error = EACCES;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) give_up("exec", folder + "/" + command);
  }
  errno = error;
  give_up("exec", command);
}

// Default dispositions and an empty mask; ignored signals would otherwise stay ignored through the exec.
void reset_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// 0, 1, 2 and the status pipe as 3, all else closed. First out of each other's way, above 3.
void arrange_descriptors(const ChildSetup& setup, int status) {
  const int wanted[] = {setup.standard_input, setup.standard_output, setup.standard_error, status};
  int moved[4];
  for (int i = 0; i < 4; ++i) {
    moved[i] = fcntl(wanted[i], F_DUPFD, status_fd + 1);
    if (moved[i] < 0) give_up("descriptors of the child", "", status);
  }
  for (int i = 0; i < 4; ++i)
    if (dup2(moved[i], i) < 0) give_up("descriptors of the child", "", moved[3]);
  fcntl(status_fd, F_SETFD, FD_CLOEXEC);
  close_range(status_fd + 1, UINT_MAX, 0);
}

// The runner's own is raised; select(2) cannot do with as many.
void limit_descriptors(rlim_t most) {
  rlimit limit{};
  if (most == 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = most;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) give_up("limit of descriptors");
}

void become(const ChildUser& user) {
  if (!user.switches) return;
  if (setgroups(user.groups.size(), user.groups.data()) < 0) give_up("set the groups of user", user.name);
  if (setresgid(user.gid, user.gid, user.gid) < 0) give_up("set the group of user", user.name);
  if (setresuid(user.uid, user.uid, user.uid) < 0) give_up("become user", user.name);
}

[[noreturn]] void run_child(const ChildSetup& setup, std::vector<std::string> environment, const std::string& path,
                            int status) {
  arrange_descriptors(setup, status);
  if (setsid() < 0) give_up("setsid");
  reset_signals();
  umask(022);
  limit_descriptors(setup.open_files);
  become(setup.user);
  if (chdir(setup.directory.c_str()) < 0) give_up("directory", setup.directory);
  exec_child(setup.argv, std::move(environment), path);
}

// fork(2), or clone3(2) that bears the child in its cgroup, so that nothing of it was ever elsewhere.
pid_t fork_into(int cgroup) {
  if (cgroup < 0) return fork();
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace

Result<ChildUser> find_child_user(const std::string& name) {
  errno = 0;
  const passwd* entry = name.empty() ? getpwuid(geteuid()) : getpwnam(name.c_str());
  if (entry == nullptr) {
    const std::string shown = name.empty() ? std::to_string(geteuid()) : name;
    return fail(ErrorCode::invalid_argument, "user {}: no such user", shown);
  }
  ChildUser user{entry->pw_name, entry->pw_dir, entry->pw_shell, entry->pw_uid, entry->pw_gid, {}, false};
  if (user.shell.empty()) user.shell = "/bin/sh";
  user.switches = user.uid != geteuid();
  if (user.switches && geteuid() != 0)
    return fail(ErrorCode::access_denied, "user {}: only root can run children as another user", user.name);
  if (geteuid() == 0) {
    user.switches = true;  // also to root itself: the runner's own groups are not the user's
    int count = 32;
    user.groups.resize(static_cast<std::size_t>(count));
    while (getgrouplist(user.name.c_str(), user.gid, user.groups.data(), &count) < 0)
      user.groups.resize(static_cast<std::size_t>(count));
    user.groups.resize(static_cast<std::size_t>(count));
  }
  return user;
}

std::map<std::string, std::string> base_environment(const ChildUser& user) {
  return {{"PATH", search_path},  {"HOME", user.home},   {"USER", user.name},
          {"LOGNAME", user.name}, {"SHELL", user.shell}, {"LANG", "C.UTF-8"}};
}

Result<Child> spawn_child(const ChildSetup& setup) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return fail_errno("pipe");
  UniqueFd status(ends[0]);
  UniqueFd child_end(ends[1]);
  std::vector<std::string> environment;
  for (const auto& [name, value] : setup.environment) environment.push_back(name + "=" + value);
  const auto path = setup.environment.find("PATH");

  const pid_t pid = fork_into(setup.cgroup);
  if (pid < 0) return fail_errno("fork");
  if (pid == 0)
    run_child(setup, std::move(environment), path == setup.environment.end() ? "" : path->second, child_end.get());
  return Child{pid, std::move(status)};
}

std::optional<std::string> read_start_failure(int status) {
  StartFailure failure;
  ssize_t got = 0;
  while ((got = read(status, &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (got < static_cast<ssize_t>(sizeof failure)) return std::nullopt;
  failure.what[sizeof failure.what - 1] = '\0';
  return std::string(failure.what) + ": " + errno_text(failure.error);
}

}  // namespace takt
