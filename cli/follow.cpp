#include "cli/follow.h"

#include <chrono>

#include "cli/documents.h"

namespace takt {
namespace {

using Clock = std::chrono::steady_clock;

// How often a log is asked for that is not there yet: it comes with the first child, of which no signal tells.
constexpr Duration log_retry = std::chrono::milliseconds(500);

class Follower {
 public:
  Follower(Client& client, std::uint64_t id, const FollowHooks& hooks) : client_(client), id_(id), hooks_(hooks) {}

  Result<std::optional<FollowedEnd>> run(std::optional<Duration> timeout);

 private:
  Status begin();
  Status handle(const BusEvent& event);
  Status open_log();
  Status read_log();
  [[nodiscard]] std::optional<Duration> next_wake(std::optional<Clock::time_point> deadline) const;

  Client& client_;
  std::uint64_t id_;
  const FollowHooks& hooks_;
  std::optional<LogReader> log_;
  std::optional<FollowedEnd> end_;
};

Status Follower::begin() {
  TAKT_TRY(client_.listen(hooks_.event || hooks_.line));
  return client_.begin_wait(id_);
}

// The log is there once a child has started; until then its absence is no error.
Status Follower::open_log() {
  if (!hooks_.line || log_) return {};
  auto fd = client_.open_log(id_);
  if (!fd) {
    const ErrorCode code = fd.error().code;
    const bool not_yet =
        code == ErrorCode::unavailable || code == ErrorCode::io || code == ErrorCode::no_such_execution;
    if (not_yet) return {};
    return tl::unexpected(std::move(fd).error());
  }
  TAKT_ASSIGN(log_, LogReader::open(*std::move(fd), true));
  return {};
}

Status Follower::read_log() {
  if (!log_) return {};
  TAKT_TRY(log_->read(hooks_.line));
  if (end_) log_->finish(hooks_.line);
  return {};
}

Status Follower::handle(const BusEvent& event) {
  const bool about_it = count_of(event.data, "id") == id_;
  switch (event.kind) {
    case EventKind::daemon_came:
      TAKT_TRY(begin());
      break;
    case EventKind::wait_answered:
      if (about_it) end_ = FollowedEnd{text_of(event.data, "outcome"), event.data["result"]};
      return {};
    case EventKind::wait_refused: {
      Error error = client_.error(text_of(event.data, "error"), text_of(event.data, "message"));
      // The daemon went while it was asked. Its execution goes on, and so does the wait, from daemon_came.
      if (error.code == ErrorCode::unavailable) return {};
      return tl::unexpected(std::move(error));
    }
    case EventKind::daemon_left:
      break;
    case EventKind::execution_queued:
    case EventKind::execution_started:
    case EventKind::execution_paused:
    case EventKind::execution_resumed:
    case EventKind::step_waiting:
    case EventKind::emitted:
    case EventKind::step_started:
    case EventKind::execution_finished:
    case EventKind::step_finished:
    case EventKind::progress:
    case EventKind::process_changed:
    case EventKind::process_paused:
    case EventKind::process_resumed:
    case EventKind::reloaded:
      if (!about_it) return {};
      break;
  }
  // What a step wrote stands before the news of its end.
  TAKT_TRY(read_log());
  if (hooks_.event) hooks_.event(event);
  return {};
}

std::optional<Duration> Follower::next_wake(std::optional<Clock::time_point> deadline) const {
  std::optional<Duration> wake;
  if (deadline) wake = std::chrono::duration_cast<Duration>(*deadline - Clock::now());
  if (hooks_.second) wake = std::min<Duration>(wake.value_or(std::chrono::seconds(1)), std::chrono::seconds(1));
  if (hooks_.line && !log_) wake = std::min(wake.value_or(log_retry), log_retry);
  return wake;
}

Result<std::optional<FollowedEnd>> Follower::run(std::optional<Duration> timeout) {
  const auto deadline = timeout ? std::optional(Clock::now() + *timeout) : std::nullopt;
  // The first answer tells whether there is such an execution and a daemon to ask.
  TAKT_TRY(client_.execution(id_));
  TAKT_TRY(begin());
  while (true) {
    TAKT_TRY(open_log());
    TAKT_TRY(read_log());
    while (auto event = client_.take_event()) TAKT_TRY(handle(*event));
    if (end_) break;
    if (deadline && Clock::now() >= *deadline) return std::nullopt;
    TAKT_TRY(client_.wait(log_ ? log_->watch_fd() : -1, next_wake(deadline)));
    if (hooks_.second) hooks_.second();
  }
  TAKT_TRY(open_log());
  TAKT_TRY(read_log());
  return end_;
}

}  // namespace

Result<std::optional<FollowedEnd>> follow(Client& client, std::uint64_t id, const FollowHooks& hooks,
                                          std::optional<Duration> timeout) {
  return Follower(client, id, hooks).run(timeout);
}

}  // namespace takt
