// What a person or a log sees while an execution is followed: a line for each event and each line of output, and on a
// terminal one line more, always the last, that shows how far it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/follow.h"
#include "cli/session.h"

namespace takt {

class FollowDisplay {
 public:
  FollowDisplay(Session& session, std::uint64_t id, std::string process)
      : session_(session), id_(id), process_(std::move(process)) {}

  // For follow(); the display must outlive them.
  FollowHooks hooks();
  // The last line: how it ended. Nothing: it goes on, and is no longer followed.
  void finish(const std::optional<FollowedEnd>& end);

 private:
  void event(const BusEvent& event);
  void say(const std::string& line);
  void draw_progress();
  void erase_progress();

  Session& session_;
  std::uint64_t id_;
  std::string process_;
  std::string step_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
  std::optional<WallTime> started_at_;
  bool drawn_ = false;
};

// "[######    ]", as wide as `width`, filled by `done` of `total`. Pure.
std::string progress_bar(std::uint64_t done, std::uint64_t total, std::size_t width, bool unicode);

}  // namespace takt
