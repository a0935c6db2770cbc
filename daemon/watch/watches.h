// All watches of the machine's events, as the one that the runtime knows.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/ports.h"
#include "watch/device.h"
#include "watch/journal.h"
#include "watch/path.h"
#include "watch/pressure.h"
#include "watch/watching.h"

namespace takt {

// Owns a watch for each kind of trigger, and hands each change of the definitions to all.
class MachineWatches final : public Watches {
 public:
  struct Callbacks {
    std::function<void(Firing)> fired;                     // at an instant of its own
    std::function<void(TriggerSeen)> seen;                 // now
    std::function<void(std::vector<TriggerMark>)> let_go;  // up to these all is handed over
    std::function<void(const std::string& process, const std::string& message)> failed;
  };
  // `loop` and `clock` must outlive it.
  static Result<std::unique_ptr<MachineWatches>> create(Loop& loop, const Clock& clock, const Callbacks& callbacks);

  std::vector<TriggerMark> follow(const std::map<std::string, Definition>& definitions,
                                  const TriggerMarks& marks) override;

 private:
  MachineWatches(Loop& loop, const Clock& clock, const Callbacks& callbacks, std::unique_ptr<PathWatch> path);

  std::unique_ptr<PathWatch> path_;
  JournalWatch journal_;
  DeviceWatch device_;
  PressureWatch pressure_;
};

}  // namespace takt
