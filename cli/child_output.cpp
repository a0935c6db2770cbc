#include "cli/child_output.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/limits.h"

namespace takt {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  return all;
}

std::vector<char*> environment_with(const std::vector<std::string>& variables) {
  std::vector<char*> all = pointers(variables);
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::size_t name = std::string_view(*entry).find('=') + 1;
    bool replaced = false;
    for (const std::string& variable : variables) replaced |= std::strncmp(variable.c_str(), *entry, name) == 0;
    if (!replaced) all.push_back(*entry);
  }
  all.push_back(nullptr);
  return all;
}

}  // namespace

Result<ChildOutput> output_of(const std::vector<std::string>& argv, const std::vector<std::string>& variables) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_errno("a pipe for {}", argv.front());
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  std::vector<char*> arguments = pointers(argv);
  arguments.push_back(nullptr);
  std::vector<char*> environment = environment_with(variables);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) return fail(ErrorCode::not_supported, "there is no {}", argv.front());
  if (error != 0) return fail(ErrorCode::io, "{}: {}", argv.front(), errno_text(error));
  writing = UniqueFd();
  Result<std::string> text = read_whole(reading.get(), limits::log_bytes);
  reading = UniqueFd();  // one that has more to say ends
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!text) return tl::unexpected(std::move(text).error().in("the output of " + argv.front()));
  return ChildOutput{WIFEXITED(status) ? WEXITSTATUS(status) : -1, *std::move(text)};
}

}  // namespace takt
