// The administrator's log: the journal where the daemon's standard error is the journal, else lines on standard error.
#pragma once

#include <memory>

#include "definition/settings.h"
#include "runtime/ports.h"

namespace spdlog {
class logger;
}

namespace takt {

// Owns an spdlog logger with one sink. In the journal an entry has its fields, its MESSAGE_ID and its PRIORITY; on
// standard error it is its message, after its level where that is not news ("warning: …"), and with its fields where
// `debug` asks for all there is. An entry that cannot be written is lost: logging never fails its caller.
class SystemLog : public Log {
 public:
  enum class Destination { journal, standard_error };

  // The journal, if standard error is connected to it: $JOURNAL_STREAM is its device and inode (systemd.exec(5)).
  static Destination connected();

  SystemLog(LogLevel level, Destination destination);
  ~SystemLog() override;

  void write(const LogEntry& entry) override;

  // What is less urgent is left out from now on.
  void set_level(LogLevel level);

 private:
  class EntrySink;
  std::shared_ptr<EntrySink> sink_;
  std::unique_ptr<spdlog::logger> logger_;
  LogPriority threshold_;
};

}  // namespace takt
