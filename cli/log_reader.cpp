#include "cli/log_reader.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace takt {
namespace {

void hand_over(std::string_view text, const LogSink& sink) {
  if (const auto line = parse_log_line(text)) sink(*line);
}

}  // namespace

Result<LogReader> LogReader::open(UniqueFd log, bool watched) {
  if (!watched) return LogReader(std::move(log), UniqueFd());
  UniqueFd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify.valid()) return fail_errno("inotify");
  const std::string path = fmt::format("/proc/self/fd/{}", log.get());
  if (::inotify_add_watch(inotify.get(), path.c_str(), IN_MODIFY) < 0) return fail_errno("watch the log");
  return LogReader(std::move(log), std::move(inotify));
}

void LogReader::take_notices() const {
  std::array<char, 4096> notices;
  while (inotify_.valid() && ::read(inotify_.get(), notices.data(), notices.size()) > 0) {
  }
}

Status LogReader::read(const LogSink& sink) {
  take_notices();
  std::array<char, 65536> block;
  while (true) {
    const ssize_t got = ::read(log_.get(), block.data(), block.size());
    if (got == 0) return {};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read the log");
    rest_.append(block.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
      hand_over(std::string_view(rest_).substr(begin, end - begin), sink);
      begin = end + 1;
    }
    rest_.erase(0, begin);
  }
}

void LogReader::finish(const LogSink& sink) {
  if (!rest_.empty()) hand_over(rest_, sink);
  rest_.clear();
}

}  // namespace takt
