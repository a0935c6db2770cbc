#include "cli/output.h"

#include <fcntl.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

namespace takt {
namespace {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::size_t terminal_width(int fd) {
  if (const auto columns = environment("COLUMNS")) {
    const long width = std::strtol(columns->c_str(), nullptr, 10);
    if (width > 0) return static_cast<std::size_t>(width);
  }
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::string pager_command() {
  for (const char* name : {"TAKT_PAGER", "SYSTEMD_PAGER", "PAGER"}) {
    if (const auto command = environment(name)) return *command == "cat" ? "" : *command;
  }
  return "less";
}

// In the child, before exec: as less(1) is wanted for what may be short, coloured and in UTF-8. Through sudo it may not
// run commands of its own, which would be root's.
void set_pager_environment() {
  ::setenv("LESS", "FRSXMK", 0);
  ::setenv("LESSCHARSET", "utf-8", 0);
  if (std::getenv("SUDO_UID") != nullptr) ::setenv("LESSSECURE", "1", 1);
}

}  // namespace

Look look_of(std::FILE* stream, bool legend) {
  Look look;
  const int fd = ::fileno(stream);
  look.terminal = fd >= 0 && ::isatty(fd) == 1;
  const std::string no_color = environment("NO_COLOR").value_or("");
  look.colour = look.terminal && no_color.empty() && environment("TERM").value_or("dumb") != "dumb";
  look.unicode = std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
  look.legend = legend;
  look.width = look.terminal ? terminal_width(fd) : 0;
  return look;
}

Output::Output(std::FILE* out, std::FILE* error, const OutputOptions& options)
    : out_(out), error_(error), options_(options), look_(look_of(out, options.legend)) {}

void Output::open_pager() {
  if (!options_.pager || !look_.terminal || pager_ >= 0) return;
  const std::string command = pager_command();
  int ends[2];
  if (command.empty() || ::pipe2(ends, O_CLOEXEC) < 0) return;
  std::fflush(out_);
  pager_ = ::fork();
  if (pager_ == 0) {
    ::dup2(ends[0], STDIN_FILENO);
    set_pager_environment();
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[0]);
  if (pager_ < 0) {
    ::close(ends[1]);
    return;
  }
  pipe_ = ::fdopen(ends[1], "w");
}

void Output::close() {
  flush();
  if (pager_ < 0) return;
  std::fclose(pipe_);
  pipe_ = nullptr;
  int status = 0;
  while (::waitpid(pager_, &status, 0) < 0 && errno == EINTR) {
  }
  pager_ = -1;
}

void Output::print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), pipe_ != nullptr ? pipe_ : out_) < text.size()) note_failure();
}

void Output::flush() {
  if (std::fflush(pipe_ != nullptr ? pipe_ : out_) != 0) note_failure();
}

// Who leaves the pager has seen enough.
void Output::note_failure() {
  if (pipe_ == nullptr && written_) written_ = fail_errno("write to standard output");
}

void Output::print_json(const Value& document) {
  print((options_.json == JsonMode::pretty ? value_text_indented(document) : value_text(document)) + "\n");
}

void Output::print_json_line(const Value& document) {
  print(value_text(document) + "\n");
  flush();
}

void Output::message(std::string_view text) {
  flush();
  std::fwrite("taktctl: ", 1, 9, error_);
  for (std::size_t at = 0; at <= text.size();) {  // it may tell of what stands in others' files
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = harmless(text.substr(at, end - at)) + "\n";
    if (end > at || end < text.size() || at == 0) std::fwrite(line.data(), 1, line.size(), error_);
    at = end + 1;
  }
}

bool Output::error_is_terminal() const {
  const int fd = ::fileno(error_);
  return fd >= 0 && ::isatty(fd) == 1;
}

}  // namespace takt
