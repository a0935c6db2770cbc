#include "cli/bus_event.h"

namespace takt {

std::string_view to_word(EventKind kind) {
  switch (kind) {
    case EventKind::execution_queued:
      return "execution-queued";
    case EventKind::execution_started:
      return "execution-started";
    case EventKind::execution_finished:
      return "execution-finished";
    case EventKind::execution_paused:
      return "execution-paused";
    case EventKind::execution_resumed:
      return "execution-resumed";
    case EventKind::step_waiting:
      return "step-waiting";
    case EventKind::emitted:
      return "emitted";
    case EventKind::process_paused:
      return "process-paused";
    case EventKind::process_resumed:
      return "process-resumed";
    case EventKind::step_started:
      return "step-started";
    case EventKind::step_finished:
      return "step-finished";
    case EventKind::progress:
      return "progress";
    case EventKind::process_changed:
      return "process-changed";
    case EventKind::reloaded:
      return "reloaded";
    case EventKind::daemon_came:
      return "daemon-came";
    case EventKind::daemon_left:
      return "daemon-left";
    case EventKind::wait_answered:
      return "wait-answered";
    case EventKind::wait_refused:
      return "wait-refused";
  }
  return "";
}

}  // namespace takt
