#include "watch/device.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "base/text.h"
#include "watch/limits.h"

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

DeviceWatch::DeviceWatch(Loop& loop, WatchCallbacks callbacks)
    : callbacks_(std::move(callbacks)), monitor_(loop, [this](udev_device* device) { handle(device); }) {}

void DeviceWatch::set_triggers(const std::map<std::string, Definition>& definitions) {
  triggers_ = triggers_of<DeviceTrigger>(definitions);
  std::set<std::string> subsystems;
  for (const auto& [name, trigger] : triggers_) subsystems.insert(trigger.subsystem);
  const Status listening = monitor_.listen(subsystems);
  if (listening) return;
  for (const auto& [name, trigger] : triggers_)
    callbacks_.failed(name.first, about_trigger(name, listening.error().message));
}

void DeviceWatch::handle(udev_device* device) {
  if (device == nullptr)
    return callbacks_.failed("", "events of devices were lost: more came than the kernel keeps for a listener");
  for (const auto& [name, trigger] : triggers_)
    if (matches(trigger, device)) callbacks_.seen({name.first, name.second, fields_of(device)});
}

}  // namespace takt
