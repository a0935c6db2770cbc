// How much of its history a process keeps.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace takt {

struct Keep {  // nothing: the daemon's default
  std::optional<std::int64_t> runs;
  std::optional<Duration> age;
};

}  // namespace takt
