// `unit` triggers: a unit of the service manager reaches a state.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "watch/bus_listener.h"
#include "watch/bus_property.h"
#include "watch/watching.h"

namespace takt {

// ActiveState of a unit, as it is and as it changes (org.freedesktop.systemd1(5)), whether it is loaded or not. Its
// name may be an alias: what changes is told under the unit's own one alone.
class FollowedUnit {
 public:
  // As BusProperty's.
  FollowedUnit(BusListener& listener, const std::string& unit, BusProperty::Told told);
  FollowedUnit(const FollowedUnit&) = delete;
  FollowedUnit& operator=(const FollowedUnit&) = delete;
  ~FollowedUnit() { listener_.forget(number_); }

  // As BusProperty's.
  void read();

 private:
  void follow(const std::string& id);
  void loaded();

  BusListener& listener_;
  BusProperty::Told told_;
  std::string id_;  // the unit's own name, as far as it is known
  BusProperty id_property_;
  std::shared_ptr<BusProperty> state_;  // shared with the questions under way, which outlive nothing
  std::uint64_t number_ = 0;            // of listening for its being loaded
};

// Follows ActiveState of each unit (org.freedesktop.systemd1(5)). A state counts when the unit comes to it: the one
// that it is in when the trigger begins does not. When the bus was gone, the state is read again, and a change is made
// up for; what came and went meanwhile is not seen. That a state cannot be read is told once, until it can be again.
class Units {
 public:
  // `listener` is of the bus where the service manager is, and must outlive it.
  Units(BusListener& listener, WatchCallbacks callbacks);

  void set_triggers(const std::map<std::string, Definition>& definitions);
  // The bus is there, perhaps again.
  void connected();

 private:
  struct Followed {
    UnitTrigger trigger;
    std::string state;        // empty: not known yet
    bool unreadable = false;  // and that was told
    std::unique_ptr<FollowedUnit> unit;
  };
  void come(const TriggerName& name, const UnitTrigger& trigger);
  void told(const TriggerName& name, const Result<Value>& value);
  void take(const TriggerName& name, Followed& followed, const std::string& state);

  BusListener& listener_;
  WatchCallbacks callbacks_;
  std::map<TriggerName, Followed> followed_;
};

}  // namespace takt
