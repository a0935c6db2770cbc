// A terminal that a live view has for itself: another screen, keys as they are typed, and all as it was afterwards.
#pragma once

#include <termios.h>

#include <csignal>
#include <memory>

#include "base/fd.h"
#include "base/result.h"
#include "cli/output.h"

namespace takt {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// Takes standard input over, and the screen of the output, from create() to its destruction. Signals that would end
// the program or tell that the size changed are held and read as keys are, so that the terminal is always given back.
class Terminal {
 public:
  // Whether there is one to take over, at either end.
  static bool is_there(const Output& output);
  static Result<std::unique_ptr<Terminal>> create(Output& output);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Can be read when there is something for read_keys().
  [[nodiscard]] int watch_fd() const { return watch_.get(); }
  // Reads what was typed and signalled; true when the person, or a signal, wants to quit.
  bool read_keys();
  [[nodiscard]] static TerminalSize size();
  // Draws a screen over the last one; lines end in newlines.
  void draw(std::string_view screen);

 private:
  explicit Terminal(Output& output) : output_(output) {}

  Output& output_;
  termios before_{};
  sigset_t mask_before_{};
  UniqueFd signals_;
  UniqueFd watch_;  // an epoll of both
  bool taken_ = false;
};

}  // namespace takt
