// An execution's log, read as it grows.
#pragma once

#include <functional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "cli/log_line.h"

namespace takt {

using LogSink = std::function<void(const LogLine&)>;

// Owns the log's descriptor and the inotify(7) descriptor that tells when more was written.
class LogReader {
 public:
  // Takes the descriptor that OpenLog gave. `watched`: it will be followed.
  static Result<LogReader> open(UniqueFd log, bool watched);

  // Readable when the log has grown; -1 when it is not watched.
  [[nodiscard]] int watch_fd() const { return inotify_.get(); }
  // Hands over every whole line that is there by now.
  Status read(const LogSink& sink);
  // Hands over a last line that no newline ends. The execution has ended.
  void finish(const LogSink& sink);

 private:
  LogReader(UniqueFd log, UniqueFd inotify) : log_(std::move(log)), inotify_(std::move(inotify)) {}
  void take_notices() const;

  UniqueFd log_;
  UniqueFd inotify_;
  std::string rest_;  // the beginning of a line whose end is not there yet
};

}  // namespace takt
