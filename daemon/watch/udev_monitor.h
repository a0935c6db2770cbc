// What udev reports, of some subsystems.
#pragma once

#include <libudev.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "loop/loop.h"

namespace takt {

// Listens to udevd's own events, which follow its rules: names, links and properties are there when it tells. The
// kernel filters by subsystem, so that others wake nobody. At most limits::device_events are taken in a turn of the
// loop.
class UdevMonitor {
 public:
  // `heard`: null when events were lost, because more came than the kernel keeps. It may not destroy this. `loop` must
  // outlive it.
  UdevMonitor(Loop& loop, std::function<void(udev_device*)> heard) : loop_(loop), heard_(std::move(heard)) {}

  // From now on of these alone; to none there is no listening. Nothing to do when they are the same. An error leaves it
  // deaf: not_supported where udev does not run.
  Status listen(const std::set<std::string>& subsystems);

 private:
  struct Unref {
    void operator()(udev* context) const { ::udev_unref(context); }
    void operator()(udev_monitor* monitor) const { ::udev_monitor_unref(monitor); }
    void operator()(udev_device* device) const { ::udev_device_unref(device); }
  };

  Status begin(const std::set<std::string>& subsystems);
  Status filter(const std::set<std::string>& subsystems);
  void close();
  void read();

  Loop& loop_;
  std::function<void(udev_device*)> heard_;
  std::set<std::string> subsystems_;
  std::unique_ptr<udev, Unref> context_;
  std::unique_ptr<udev_monitor, Unref> monitor_;  // null while it listens to nothing
  Loop::Watch watch_;
};

}  // namespace takt
