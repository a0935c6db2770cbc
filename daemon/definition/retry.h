// When a step that went wrong is tried again.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "definition/outcome.h"

namespace takt {

struct Retry {
  int limit = 0;  // tries after the first
  Duration delay{0};
  double backoff = 1.0;
  std::optional<Duration> max_delay;
  std::vector<Outcome> on{Outcome::failed, Outcome::timed_out};
  std::vector<int> exit_codes{};  // `on` may hold numbers: a failure with one of these; both empty lists: any failure
  double jitter = 0;              // 0..1: the delay is spread by up to this part of it, fixed by the attempt's token
};

}  // namespace takt
