// `dbus` triggers: signals on the system's and the session's bus.
#pragma once

#include <map>

#include "watch/bus_listener.h"
#include "watch/watching.h"

namespace takt {

class BusSignals {
 public:
  // The listeners must outlive it. `session` is null where there is no session.
  BusSignals(BusListener& system, BusListener* session, WatchCallbacks callbacks);

  void set_triggers(const std::map<std::string, Definition>& definitions);

 private:
  struct Followed {
    BusListener* listener = nullptr;  // null: its bus is not to be had
    std::uint64_t number = 0;
  };
  void come(const TriggerName& name, const BusTrigger& trigger);

  BusListener& system_;
  BusListener* session_;
  WatchCallbacks callbacks_;
  std::map<TriggerName, Followed> followed_;
};

}  // namespace takt
