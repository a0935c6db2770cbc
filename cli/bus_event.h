// What happens on the bus while taktctl listens: the daemon's signals, its coming and going, and answers to
// WaitExecution, in one queue.
#pragma once

#include <deque>
#include <string_view>

#include "base/value.h"

namespace takt {

enum class EventKind {
  execution_queued,
  execution_started,
  execution_finished,
  execution_paused,   // of PropertiesChanged, which does not name the process
  execution_resumed,  // likewise, once it was seen to be paused
  step_waiting,
  step_started,
  step_finished,
  progress,
  emitted,
  process_changed,
  process_paused,
  process_resumed,
  reloaded,
  daemon_came,
  daemon_left,
  wait_answered,  // {"id", "outcome", "result"}: the execution ended
  wait_refused,   // {"id", "error", "message"}: D-Bus's error
};
// "execution-queued"; the member "event" of monitor's lines.
std::string_view to_word(EventKind kind);

struct BusEvent {
  EventKind kind;
  Value data;  // the signal's arguments by name, as taktctl(1) lists them
};
using EventQueue = std::deque<BusEvent>;

}  // namespace takt
