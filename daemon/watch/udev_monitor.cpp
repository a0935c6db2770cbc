#include "watch/udev_monitor.h"

#include <unistd.h>

#include <cerrno>

#include "watch/limits.h"

namespace takt {

Status UdevMonitor::listen(const std::set<std::string>& subsystems) {
  if (subsystems == subsystems_) return {};
  Status listening = subsystems.empty() ? Status() : begin(subsystems);
  if (!listening || subsystems.empty()) close();
  if (listening) subsystems_ = subsystems;
  return listening;
}

Status UdevMonitor::begin(const std::set<std::string>& subsystems) {
  if (monitor_) return filter(subsystems);
  // Without udevd the library gives a monitor that hears nothing, and does not say so.
  if (::access("/run/udev/control", F_OK) < 0)
    return fail(ErrorCode::not_supported, "udev does not run here (no /run/udev/control): nothing reports devices");
  context_.reset(::udev_new());
  if (!context_) return fail_errno("reach udev");
  monitor_.reset(::udev_monitor_new_from_netlink(context_.get(), "udev"));
  if (!monitor_) return fail_errno("listen to udev");
  TAKT_TRY(filter(subsystems));
  if (const int error = ::udev_monitor_enable_receiving(monitor_.get()); error < 0)
    return fail(ErrorCode::io, "listen to udev: {}", errno_text(-error));
  TAKT_ASSIGN(watch_, loop_.add(::udev_monitor_get_fd(monitor_.get()), EPOLLIN, [this](std::uint32_t) { read(); }));
  return {};
}

Status UdevMonitor::filter(const std::set<std::string>& subsystems) {
  int error = ::udev_monitor_filter_remove(monitor_.get());
  if (error == -ENOENT) error = 0;  // there was none yet
  for (const std::string& subsystem : subsystems)
    if (error >= 0)
      error = ::udev_monitor_filter_add_match_subsystem_devtype(monitor_.get(), subsystem.c_str(), nullptr);
  if (error >= 0) error = ::udev_monitor_filter_update(monitor_.get());
  if (error < 0) return fail(ErrorCode::io, "filter what udev reports: {}", errno_text(-error));
  return {};
}

void UdevMonitor::close() {
  watch_.reset();
  monitor_.reset();
  context_.reset();
  subsystems_.clear();
}

// What a turn leaves, the next one finds: the descriptor is still ready then.
void UdevMonitor::read() {
  for (int i = 0; i < limits::device_events; ++i) {
    const std::unique_ptr<udev_device, Unref> device(::udev_monitor_receive_device(monitor_.get()));
    if (!device && errno != ENOBUFS) return;  // no more, or one that was not udev's
    heard_(device.get());
  }
}

}  // namespace takt
