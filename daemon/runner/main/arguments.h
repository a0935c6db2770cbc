// What takt-runner(8) is told on its command line.
#pragma once

#include <optional>
#include <string>

#include "runner/cgroup.h"

namespace takt {

enum class JournalMode { automatic, yes, no };

struct Arguments {
  std::string state;
  std::string socket;
  std::string peer_user;
  CgroupMode cgroup = CgroupMode::automatic;
  JournalMode journal = JournalMode::automatic;
  bool exit_idle = false;
  int resume = -1;  // the descriptor of what the program before saved
};

// The exit status, if the command line asks for help or is wrong, which it has then told.
std::optional<int> read_arguments(int argc, char** argv, Arguments& arguments);

}  // namespace takt
