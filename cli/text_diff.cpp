#include "cli/text_diff.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/fd.h"

namespace takt {
namespace {

constexpr int not_found = 127;

// A file without a name, which a child can open by its descriptor.
Result<UniqueFd> file_with(const std::string& text) {
  UniqueFd file(::memfd_create("definition", MFD_CLOEXEC));
  if (!file.valid()) return fail_errno("a file for diff");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(file.get(), text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail_errno("a file for diff");
    done += static_cast<std::size_t>(wrote);
  }
  return file;
}

std::string path_of(const UniqueFd& file) {
  return "/proc/self/fd/" + std::to_string(file.get());
}

// In the child.
[[noreturn]] void exec_diff(const char* const* argv, const UniqueFd& before, const UniqueFd& after, int out) {
  ::dup2(out, STDOUT_FILENO);
  ::fcntl(before.get(), F_SETFD, 0);
  ::fcntl(after.get(), F_SETFD, 0);
  ::execv("/usr/bin/diff", const_cast<char* const*>(argv));
  ::_exit(not_found);
}

Result<std::string> read_all(int fd) {
  std::string text;
  char block[4096];
  while (true) {
    const ssize_t got = ::read(fd, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("the output of diff");
    if (got == 0) return text;
    text.append(block, static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<std::string> text_diff(const NamedText& before, const NamedText& after) {
  TAKT_ASSIGN(const UniqueFd first, file_with(before.text));
  TAKT_ASSIGN(const UniqueFd second, file_with(after.text));
  const std::string first_path = path_of(first);
  const std::string second_path = path_of(second);
  const char* argv[] = {"diff",
                        "-u",
                        "--label",
                        before.label.c_str(),
                        "--label",
                        after.label.c_str(),
                        "--",
                        first_path.c_str(),
                        second_path.c_str(),
                        nullptr};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_errno("a pipe for diff");
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) exec_diff(argv, first, second, writing.get());
  if (child < 0) return fail_errno("start diff");
  writing = UniqueFd();
  Result<std::string> told = read_all(reading.get());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!told) return told;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == not_found) return fail(ErrorCode::not_supported, "there is no /usr/bin/diff to compare them with");
  if (code != 0 && code != 1) return fail(ErrorCode::io, "diff ended with exit code {}", code);
  return told;
}

}  // namespace takt
