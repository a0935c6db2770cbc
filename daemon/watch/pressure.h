// Pressure triggers: tasks that stall for lack of CPU, memory or I/O.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "definition/definition_fwd.h"
#include "definition/trigger.h"
#include "loop/loop.h"
#include "watch/watching.h"

namespace takt {

// The share of the last ten seconds, in percent, in which some task stalled for lack of what this file of
// /proc/pressure is about. not_supported: the kernel does not measure it.
Result<double> read_stalled_share(const std::string& path);

// The kernel does the watching (Documentation/accounting/psi.rst): each trigger is a descriptor of its own that becomes
// ready when the threshold is crossed, at most once in its window. Nothing is open while there is no trigger, and it
// never reads a figure but that of the moment which fired.
class PressureWatch {
 public:
  // `folder` holds the files cpu, memory and io. `loop` must outlive it.
  PressureWatch(Loop& loop, WatchCallbacks callbacks, std::string folder = "/proc/pressure");

  // The triggers to follow from now on. One that says the same as before goes on undisturbed; one that could not be
  // followed is tried again.
  void set_triggers(const std::map<std::string, Definition>& definitions);

 private:
  struct Source {
    PressureResource resource = PressureResource::memory;
    UniqueFd fd;
    Loop::Watch watch;
  };

  Result<Source> open(const TriggerName& name, const PressureTrigger& trigger);
  void ready(const TriggerName& name, std::uint32_t events);

  Loop& loop_;
  WatchCallbacks callbacks_;
  std::string folder_;
  std::map<TriggerName, Source> sources_;
};

}  // namespace takt
