#include "executor/launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <string_view>

namespace takt {
namespace {

// In the child, after the fork of a program with two threads: nothing but system calls.
[[noreturn]] void become_program(const char* program, char* const* arguments, char* const* environment) {
  setsid();
  if (fork() != 0) _exit(0);  // the grandchild is adopted by whoever adopts orphans
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  close_range(STDERR_FILENO + 1, UINT_MAX, 0);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (chdir("/") == 0) execve(program, arguments, environment);
  _exit(127);
}

}  // namespace

Status launch_detached(const std::string& program, const std::vector<std::string>& arguments) {
  if (access(program.c_str(), X_OK) < 0) return fail_errno("start {}", program);
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  // It is no part of our service: what it tells the service manager would be taken for ours (sd_notify(3)).
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("NOTIFY_SOCKET=")) variables.push_back(*variable);
  variables.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) return fail_errno("fork");
  if (pid == 0) become_program(program.c_str(), pointers.data(), variables.data());
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return {};
}

}  // namespace takt
