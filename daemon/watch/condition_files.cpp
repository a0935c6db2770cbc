// Constraints on what files say: a path that exists, and the kernel's figures of stalled time. Nobody is told when they
// change.
#include <fmt/core.h>

#include <cerrno>

#include "base/result.h"
#include "watch/condition.h"
#include "watch/pressure.h"

namespace takt {
namespace {

class PathExists final : public Condition {
 public:
  PathExists(PathLooks& looks, std::string path, Tell tell)
      : looks_(looks), path_(std::move(path)), tell_(std::move(tell)) {}
  ~PathExists() override { looks_.forget(path_); }
  void look() override {
    const std::string trouble = looks_.look(path_, [this](int error) {
      tell_(error == 0 ? "" : error == ENOENT || error == ENOTDIR ? "there is no such path" : errno_text(error));
    });
    if (!trouble.empty()) tell_(trouble);
  }
  [[nodiscard]] bool is_silent() const override { return true; }

 private:
  PathLooks& looks_;
  std::string path_;
  Tell tell_;
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

std::unique_ptr<Condition> make_path_exists(PathLooks& looks, const PathExistsConstraint& constraint,
                                            Condition::Tell tell) {
  return std::make_unique<PathExists>(looks, constraint.path, std::move(tell));
}

std::unique_ptr<Condition> make_stall(const StallConstraint& constraint, const std::string& folder,
                                      Condition::Tell tell) {
  return std::make_unique<Stall>(constraint, folder, std::move(tell));
}

}  // namespace takt
