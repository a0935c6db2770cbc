// Device triggers: what udev reports of devices that come, change and go.
#pragma once

#include <libudev.h>

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "definition/definition.h"
#include "loop/loop.h"
#include "watch/watching.h"

namespace takt {

// Listens to udevd's own events, which follow its rules: names, links and properties are there when a trigger fires.
// The kernel filters by subsystem, so that others wake nobody. It listens only while there is a trigger, and never
// tells of devices that were there before.
class DeviceWatch {
 public:
  // `loop` must outlive it.
  DeviceWatch(Loop& loop, WatchCallbacks callbacks);

  // The triggers to follow from now on. When udev cannot be listened to, it is tried again with the next ones.
  void set_triggers(const std::map<std::string, Definition>& definitions);

 private:
  struct Unref {
    void operator()(udev* context) const { ::udev_unref(context); }
    void operator()(udev_monitor* monitor) const { ::udev_monitor_unref(monitor); }
    void operator()(udev_device* device) const { ::udev_device_unref(device); }
  };

  Status listen();
  Status filter();
  void stop_listening();
  void read();
  void handle(udev_device* device);

  Loop& loop_;
  WatchCallbacks callbacks_;
  std::map<TriggerName, DeviceTrigger> triggers_;
  std::unique_ptr<udev, Unref> context_;
  std::unique_ptr<udev_monitor, Unref> monitor_;  // null while there is no trigger
  Loop::Watch watch_;
};

}  // namespace takt
