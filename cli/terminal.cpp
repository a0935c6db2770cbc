#include "cli/terminal.h"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <string>

namespace takt {
namespace {

constexpr char control_c = 3;

Status watch(const UniqueFd& epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) < 0) return fail_errno("watch the terminal");
  return {};
}

bool can_be_read(int epoll, int fd) {
  epoll_event events[2];
  const int count = ::epoll_wait(epoll, events, 2, 0);
  for (int i = 0; i < count; ++i) {
    if (events[i].data.fd == fd) return true;
  }
  return false;
}

}  // namespace

bool Terminal::is_there(const Output& output) {
  return output.look().terminal && ::isatty(STDIN_FILENO) == 1;
}

Result<std::unique_ptr<Terminal>> Terminal::create(Output& output) {
  std::unique_ptr<Terminal> terminal(new Terminal(output));
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) ::sigaddset(&signals, signal);
  terminal->signals_ = UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  terminal->watch_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!terminal->signals_.valid() || !terminal->watch_.valid()) return fail_errno("watch the terminal");
  TAKT_TRY(watch(terminal->watch_, STDIN_FILENO));
  TAKT_TRY(watch(terminal->watch_, terminal->signals_.get()));
  if (::tcgetattr(STDIN_FILENO, &terminal->before_) < 0) return fail_errno("the terminal's settings");
  termios raw = terminal->before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  ::sigprocmask(SIG_BLOCK, &signals, &terminal->mask_before_);
  terminal->taken_ = true;
  if (::tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0) return fail_errno("the terminal's settings");
  output.print("\x1b[?1049h\x1b[?25l");  // xterm's other screen, without a cursor
  output.flush();
  return terminal;
}

Terminal::~Terminal() {
  if (!taken_) return;
  output_.print("\x1b[?25h\x1b[?1049l");
  output_.flush();
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

bool Terminal::read_keys() {
  signalfd_siginfo signal{};
  while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo != SIGWINCH) return true;
  }
  if (!can_be_read(watch_.get(), STDIN_FILENO)) return false;
  char keys[64];
  const ssize_t got = ::read(STDIN_FILENO, keys, sizeof keys);
  if (got <= 0) return true;  // the terminal has gone
  for (const char key : std::string_view(keys, static_cast<std::size_t>(got))) {
    if (key == 'q' || key == 'Q' || key == control_c) return true;
  }
  return false;
}

TerminalSize Terminal::size() {
  winsize size{};
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

// Home, each line with its rest erased, then what is left below: nothing flickers.
void Terminal::draw(std::string_view screen) {
  std::string text = "\x1b[H";
  for (const char c : screen) {
    if (c == '\n') text += "\x1b[K\r";
    text += c;
  }
  output_.print(text + "\x1b[J");
  output_.flush();
}

}  // namespace takt
