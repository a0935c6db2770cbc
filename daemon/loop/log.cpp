#include "loop/log.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

// Macros that add where in the source an entry was written, under the name of our own wrapper, would mislead.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/assert.h"

namespace takt {

namespace {

LogPriority threshold_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return LogPriority::error;
    case LogLevel::warning:
      return LogPriority::warning;
    case LogLevel::notice:
      return LogPriority::notice;
    case LogLevel::info:
      return LogPriority::info;
    case LogLevel::debug:
      return LogPriority::debug;
  }
  TAKT_ASSERT(false);
}

// spdlog knows no notice; the sink writes the entry's own priority, so this decides nothing but what spdlog is told.
spdlog::level::level_enum spdlog_level(LogPriority priority) {
  switch (priority) {
    case LogPriority::error:
      return spdlog::level::err;
    case LogPriority::warning:
      return spdlog::level::warn;
    case LogPriority::notice:
    case LogPriority::info:
      return spdlog::level::info;
    case LogPriority::debug:
      return spdlog::level::debug;
  }
  TAKT_ASSERT(false);
}

std::string_view prefix(LogPriority priority) {
  switch (priority) {
    case LogPriority::error:
      return "error: ";
    case LogPriority::warning:
      return "warning: ";
    case LogPriority::notice:
    case LogPriority::info:
      return "";
    case LogPriority::debug:
      return "debug: ";
  }
  TAKT_ASSERT(false);
}

void send_to_journal(const LogEntry& entry) {
  std::vector<std::string> assignments;
  assignments.reserve(entry.fields.size() + 3);
  assignments.push_back("MESSAGE=" + entry.message);
  assignments.push_back(fmt::format("PRIORITY={}", static_cast<int>(entry.priority)));
  if (!entry.message_id.empty()) assignments.push_back("MESSAGE_ID=" + std::string(entry.message_id));
  for (const auto& [name, value] : entry.fields) assignments.push_back(name + "=" + value);
  std::vector<iovec> parts;
  parts.reserve(assignments.size());
  for (std::string& assignment : assignments) parts.push_back({assignment.data(), assignment.size()});
  (void)::sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

void write_line(const LogEntry& entry, bool with_fields) {
  std::string line(prefix(entry.priority));
  line += entry.message;
  if (with_fields)
    for (const auto& [name, value] : entry.fields) line += fmt::format(" {}={}", name, value);
  line += '\n';
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

// The end of the logger's way. spdlog carries a text alone, so the entry that is being written stands beside it; the
// log belongs to one thread, and the logger is synchronous.
class SystemLog::EntrySink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit EntrySink(Destination destination) : destination_(destination) {}
  const LogEntry* entry = nullptr;
  bool with_fields = false;

 protected:
  void sink_it_(const spdlog::details::log_msg&) override {
    TAKT_ASSERT(entry != nullptr);
    switch (destination_) {
      case Destination::journal:
        return send_to_journal(*entry);
      case Destination::standard_error:
        return write_line(*entry, with_fields);
    }
  }
  void flush_() override {}

 private:
  const Destination destination_;
};

SystemLog::Destination SystemLog::connected() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) < 0) return Destination::standard_error;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream ? Destination::journal
                                                                      : Destination::standard_error;
}

SystemLog::SystemLog(LogLevel level, Destination destination)
    : sink_(std::make_shared<EntrySink>(destination)),
      logger_(std::make_unique<spdlog::logger>("taktd", sink_)),
      threshold_(threshold_of(level)) {
  logger_->set_level(spdlog::level::trace);
  set_level(level);
}

SystemLog::~SystemLog() = default;

void SystemLog::set_level(LogLevel level) {
  threshold_ = threshold_of(level);
  sink_->with_fields = level == LogLevel::debug;
}

void SystemLog::write(const LogEntry& entry) {
  if (static_cast<int>(entry.priority) > static_cast<int>(threshold_)) return;
  sink_->entry = &entry;
  logger_->log(spdlog_level(entry.priority), spdlog::string_view_t(entry.message));
  sink_->entry = nullptr;
}

}  // namespace takt
