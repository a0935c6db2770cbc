// What has to hold for a queued execution to start.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "calendar/calendar.h"
#include "definition/machine.h"

namespace takt {

struct AcPowerConstraint {  // the machine runs on mains power; false: on battery
  bool on = true;
};
struct IdleConstraint {  // nobody has used the machine for so long
  Duration span{0};
};
enum class NetworkState { online };
struct NetworkConstraint {  // online: there is a way out, a default route
  NetworkState state = NetworkState::online;
};
struct StallConstraint {  // tasks stall for no more than this share of the last ten seconds (proc_pressure: "some")
  PressureResource resource = PressureResource::memory;
  double percent = 0;
};
struct BlackoutConstraint {  // it is not between an instant of `from` and the next one of `to`
  Calendar from;
  Calendar to;
  Zone zone;
};
struct PathExistsConstraint {
  std::string path;  // absolute
};
struct UnitActiveConstraint {
  std::string unit;  // its full name, with its suffix
};
using ConstraintKind = std::variant<AcPowerConstraint, IdleConstraint, NetworkConstraint, StallConstraint,
                                    BlackoutConstraint, PathExistsConstraint, UnitActiveConstraint>;
struct Constraint {
  std::string key;  // what it says ("idle = 10min"): who says the same asks for the same
  ConstraintKind kind;
};
struct Constraints {
  std::vector<Constraint> all;
  std::optional<Duration> max_wait;  // from when it was queued; then it is skipped
};

}  // namespace takt
