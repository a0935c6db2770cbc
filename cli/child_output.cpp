#include "cli/child_output.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

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

Result<std::string> read_all(const UniqueFd& file, const std::string& program) {
  std::string text;
  std::array<char, 65536> block;
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("the output of {}", program);
    if (got == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<ChildOutput> output_of(const std::vector<std::string>& argv, const std::vector<std::string>& variables) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_errno("a pipe for {}", argv.front());
  const UniqueFd reading(ends[0]);
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
  Result<std::string> text = read_all(reading, argv.front());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  TAKT_TRY(text);
  return ChildOutput{WIFEXITED(status) ? WEXITSTATUS(status) : -1, *std::move(text)};
}

}  // namespace takt
