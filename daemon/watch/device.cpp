#include "watch/device.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/limits.h"
#include "base/text.h"

namespace takt {
namespace {

std::string text_of(const char* text) {
  return text == nullptr ? "" : beginning(text, limits::message_bytes);
}

bool matches(const DeviceTrigger& trigger, udev_device* device) {
  const auto is = [](const char* given, const std::string& wanted) { return given != nullptr && wanted == given; };
  if (!is(::udev_device_get_subsystem(device), trigger.subsystem)) return false;
  const char* action = ::udev_device_get_action(device);
  return std::ranges::any_of(trigger.actions, [&](const std::string& wanted) { return is(action, wanted); }) &&
         std::ranges::all_of(trigger.properties, [&](const auto& property) {
           return is(::udev_device_get_property_value(device, property.first.c_str()), property.second);
         });
}

Value fields_of(udev_device* device) {
  Value properties = Value::object();
  udev_list_entry* property = nullptr;
  udev_list_entry_foreach(property, ::udev_device_get_properties_list_entry(device)) {
    if (properties.size() >= limits::device_properties) break;
    properties[text_of(::udev_list_entry_get_name(property))] = text_of(::udev_list_entry_get_value(property));
  }
  return {{"subsystem", text_of(::udev_device_get_subsystem(device))},
          {"action", text_of(::udev_device_get_action(device))},
          {"devnode", text_of(::udev_device_get_devnode(device))},
          {"syspath", text_of(::udev_device_get_syspath(device))},
          {"properties", std::move(properties)}};
}

}  // namespace

DeviceWatch::DeviceWatch(Loop& loop, WatchCallbacks callbacks) : loop_(loop), callbacks_(std::move(callbacks)) {}

void DeviceWatch::set_triggers(const std::map<std::string, Definition>& definitions) {
  triggers_ = triggers_of<DeviceTrigger>(definitions);
  if (triggers_.empty()) return stop_listening();
  const Status listening = listen();
  if (listening) return;
  stop_listening();
  for (const auto& [name, trigger] : triggers_)
    callbacks_.failed(name.first, fmt::format("{}: {}", name.second, listening.error().message));
}

Status DeviceWatch::listen() {
  if (monitor_) return filter();
  // Without udevd the library gives a monitor that hears nothing, and does not say so.
  if (::access("/run/udev/control", F_OK) < 0)
    return fail(ErrorCode::not_supported, "udev does not run here (no /run/udev/control): nothing reports devices");
  context_.reset(::udev_new());
  if (!context_) return fail_errno("reach udev");
  monitor_.reset(::udev_monitor_new_from_netlink(context_.get(), "udev"));
  if (!monitor_) return fail_errno("listen to udev");
  TAKT_TRY(filter());
  if (const int error = ::udev_monitor_enable_receiving(monitor_.get()); error < 0)
    return fail(ErrorCode::io, "listen to udev: {}", errno_text(-error));
  TAKT_ASSIGN(watch_, loop_.add(::udev_monitor_get_fd(monitor_.get()), EPOLLIN, [this](std::uint32_t) { read(); }));
  return {};
}

Status DeviceWatch::filter() {
  std::set<std::string> subsystems;
  for (const auto& [name, trigger] : triggers_) subsystems.insert(trigger.subsystem);
  int error = ::udev_monitor_filter_remove(monitor_.get());
  if (error == -ENOENT) error = 0;  // there was none yet
  for (const std::string& subsystem : subsystems)
    if (error >= 0)
      error = ::udev_monitor_filter_add_match_subsystem_devtype(monitor_.get(), subsystem.c_str(), nullptr);
  if (error >= 0) error = ::udev_monitor_filter_update(monitor_.get());
  if (error < 0) return fail(ErrorCode::io, "filter what udev reports: {}", errno_text(-error));
  return {};
}

void DeviceWatch::stop_listening() {
  watch_.reset();
  monitor_.reset();
  context_.reset();
}

// What a turn leaves, the next one finds: the descriptor is still ready then.
void DeviceWatch::read() {
  for (int i = 0; i < limits::device_events; ++i) {
    const std::unique_ptr<udev_device, Unref> device(::udev_monitor_receive_device(monitor_.get()));
    if (device)
      handle(device.get());
    else if (errno == ENOBUFS)
      callbacks_.failed("", "events of devices were lost: more came than the kernel keeps for a listener");
    else
      return;  // no more, or one that was not udev's
  }
}

void DeviceWatch::handle(udev_device* device) {
  for (const auto& [name, trigger] : triggers_)
    if (matches(trigger, device)) callbacks_.seen({name.first, name.second, fields_of(device)});
}

}  // namespace takt
