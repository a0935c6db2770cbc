// Following an execution to its end: its steps, its output, its outcome. It outlives the daemon's restarts, as the
// execution does.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "cli/client.h"
#include "cli/log_reader.h"

namespace takt {

// What to do on the way; an empty function means that nobody wants to know.
struct FollowHooks {
  std::function<void(const BusEvent&)> event;  // of this execution, and of the daemon's coming and going
  LogSink line;                                // of its output
  std::function<void()> second;                // each second, while it goes on
};

struct FollowedEnd {
  std::string outcome;
  Value result;
};

// Returns when the execution has ended and its log was read to the end. ErrorCode::unavailable when the bus goes;
// nothing when `timeout` is over first.
Result<std::optional<FollowedEnd>> follow(Client& client, std::uint64_t id, const FollowHooks& hooks,
                                          std::optional<Duration> timeout);

}  // namespace takt
