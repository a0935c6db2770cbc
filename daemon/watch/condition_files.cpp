// Constraints on what files say: a path that exists, and the kernel's figures of stalled time. Nobody is told when they
// change.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <system_error>

#include "base/result.h"
#include "base/thread.h"
#include "watch/condition.h"
#include "watch/pressure.h"

namespace takt {
namespace {

// A network file system whose server is gone keeps whoever looks there for as long as it likes. So that is a thread,
// for which nobody waits.
class PathExists final : public Condition {
 public:
  PathExists(Loop& loop, std::string path, Tell tell)
      : loop_(loop), path_(std::move(path)), tell_(std::move(tell)), look_(std::make_shared<Look>(this)) {}
  ~PathExists() override {
    const std::lock_guard lock(look_->mutex);
    look_->asker = nullptr;
  }

  void look() override {
    const auto now = std::chrono::steady_clock::now();
    if (since_) {
      if (now - *since_ >= prompt) tell_("the file system does not answer");
      return;
    }
    try {
      thread_without_signals([path = path_, look = look_] { look_at(path, look); }).detach();
      since_ = now;
    } catch (const std::system_error& error) {
      tell_(fmt::format("no thread can be started to look for it: {}", error.what()));
    }
  }
  [[nodiscard]] bool is_silent() const override { return true; }

 private:
  // What a thread shares with the one who waits for it, and which outlives either.
  struct Look {
    explicit Look(PathExists* one) : asker(one) {}
    std::mutex mutex;
    PathExists* asker;  // changed by the loop's thread alone; null: nobody waits any more
  };
  static constexpr auto prompt = std::chrono::seconds(1);

  static void look_at(const std::string& path, const std::shared_ptr<Look>& look) {
    const int error = ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_EACCESS) == 0 ? 0 : errno;
    const std::lock_guard lock(look->mutex);
    if (look->asker == nullptr) return;
    look->asker->loop_.post([look, error] {
      if (look->asker != nullptr) look->asker->answer(error);
    });
  }
  void answer(int error) {
    since_.reset();
    tell_(error == 0 ? "" : error == ENOENT || error == ENOTDIR ? "there is no such path" : errno_text(error));
  }

  Loop& loop_;
  std::string path_;
  Tell tell_;
  std::optional<std::chrono::steady_clock::time_point> since_;  // a thread is looking
  std::shared_ptr<Look> look_;
};

class Stall final : public Condition {
 public:
  Stall(const StallConstraint& constraint, const std::string& folder, Tell tell)
      : constraint_(constraint),
        path_(fmt::format("{}/{}", folder, to_word(constraint.resource))),
        tell_(std::move(tell)) {}
  void look() override {
    const auto percent = read_stalled_share(path_);
    if (!percent) return tell_(percent.error().message);
    tell_(*percent <= constraint_.percent ? "" : fmt::format("tasks stall for lack of {}", lacking()));
  }
  [[nodiscard]] bool is_silent() const override { return true; }

 private:
  [[nodiscard]] std::string_view lacking() const {
    switch (constraint_.resource) {
      case PressureResource::cpu:
        return "CPU";
      case PressureResource::memory:
        return "memory";
      case PressureResource::io:
        return "I/O";
    }
    return "";
  }
  StallConstraint constraint_;
  std::string path_;
  Tell tell_;
};

}  // namespace

std::unique_ptr<Condition> make_path_exists(Loop& loop, const PathExistsConstraint& constraint, Condition::Tell tell) {
  return std::make_unique<PathExists>(loop, constraint.path, std::move(tell));
}

std::unique_ptr<Condition> make_stall(const StallConstraint& constraint, const std::string& folder,
                                      Condition::Tell tell) {
  return std::make_unique<Stall>(constraint, folder, std::move(tell));
}

}  // namespace takt
