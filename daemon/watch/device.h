// Device triggers: what udev reports of devices that come, change and go.
#pragma once

#include <map>
#include <string>

#include "definition/definition_fwd.h"
#include "definition/trigger.h"
#include "loop/loop.h"
#include "watch/udev_monitor.h"
#include "watch/watching.h"

namespace takt {

// Listens only while there is a trigger, and never tells of devices that were there before.
class DeviceWatch {
 public:
  // `loop` must outlive it.
  DeviceWatch(Loop& loop, WatchCallbacks callbacks);

  // The triggers to follow from now on. When udev cannot be listened to, it is tried again with the next ones.
  void set_triggers(const std::map<std::string, Definition>& definitions);

 private:
  void handle(udev_device* device);

  WatchCallbacks callbacks_;
  std::map<TriggerName, DeviceTrigger> triggers_;
  UdevMonitor monitor_;
};

}  // namespace takt
