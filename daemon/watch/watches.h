// All watches of the machine's events, as the one that the runtime knows.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/ports.h"
#include "watch/bus_signals.h"
#include "watch/conditions.h"
#include "watch/device.h"
#include "watch/journal.h"
#include "watch/path.h"
#include "watch/pressure.h"
#include "watch/units.h"
#include "watch/watching.h"

namespace takt {

// Owns a watch for each kind of trigger, and hands each change of the definitions to all; and what follows constraints.
class MachineWatches final : public Watches {
 public:
  struct Callbacks {
    std::function<void(Firing)> fired;                     // at an instant of its own
    std::function<void(TriggerSeen)> seen;                 // now
    std::function<void(std::vector<TriggerMark>)> let_go;  // up to these all is handed over
    std::function<void(FilesSeen)> files_seen;             // dealt with, in the turn of their firings
    std::function<void(const std::string& process, const std::string& message)> failed;
    std::function<void(const ConstraintSeen&)> constraint_seen;
  };
  struct Buses {
    std::string system;                  // its address; empty: where every program looks for it
    std::optional<std::string> session;  // the same; nothing: there is none
    bool user = false;                   // the service manager whose units count is on the session's
  };
  // `loop` and `clock` must outlive it.
  static Result<std::unique_ptr<MachineWatches>> create(Loop& loop, const Clock& clock, const Buses& buses,
                                                        const Callbacks& callbacks);

  void restore(std::vector<SeenFileRow> seen) override { path_->restore(std::move(seen)); }
  std::vector<TriggerMark> follow(const std::map<std::string, Definition>& definitions,
                                  const TriggerMarks& marks) override;
  void await(const Constraint& constraint) override { conditions_.await(constraint); }
  void forget(const std::string& constraint) override { conditions_.forget(constraint); }

 private:
  MachineWatches(Loop& loop, const Clock& clock, const Buses& buses, const Callbacks& callbacks,
                 std::unique_ptr<PathWatch> path);
  std::unique_ptr<BusListener> listen(Loop& loop, BusKind kind, const std::string& address, const Buses& buses,
                                      const Callbacks& callbacks);

  std::unique_ptr<PathWatch> path_;
  JournalWatch journal_;
  DeviceWatch device_;
  PressureWatch pressure_;
  std::unique_ptr<BusListener> system_bus_;
  std::unique_ptr<BusListener> session_bus_;  // null: there is none
  BusSignals signals_;
  Units units_;
  Conditions conditions_;
};

}  // namespace takt
