#include "watch/units.h"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace takt {

namespace {

constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* manager_object = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";
constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";

std::string object_of(const std::string& unit) {
  char* path = nullptr;
  if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.c_str(), &path) < 0) return "/";
  const std::unique_ptr<char, decltype(&std::free)> owned(path, &std::free);
  return path;
}

}  // namespace

BusPropertyName unit_state_property(const std::string& unit) {
  return {service, object_of(unit), unit_interface, "ActiveState"};
}

void subscribe_to_units(BusListener& listener) {
  listener.ask(service, manager_object, manager, "Subscribe", {}, [](const auto&) {});
}

Units::Units(BusListener& listener, WatchCallbacks callbacks) : listener_(listener), callbacks_(std::move(callbacks)) {}

void Units::set_triggers(const std::map<std::string, Definition>& definitions) {
  follow_triggers(
      followed_, triggers_of<UnitTrigger>(definitions), [](const Followed&) {},
      [this](const TriggerName& name, const UnitTrigger& trigger) { come(name, trigger); });
}

void Units::come(const TriggerName& name, const UnitTrigger& trigger) {
  Followed& followed = followed_[name];
  followed.trigger = trigger;
  followed.property = std::make_unique<BusProperty>(listener_, unit_state_property(trigger.unit),
                                                    [this, name](const Result<Value>& value) { told(name, value); });
  if (!listener_.connected()) return;  // connected() will read it
  if (followed_.size() == 1) subscribe_to_units(listener_);
  followed.property->read();
}

void Units::connected() {
  if (followed_.empty()) return;
  subscribe_to_units(listener_);
  for (const auto& [name, followed] : followed_) followed.property->read();
}

void Units::told(const TriggerName& name, const Result<Value>& value) {
  Followed& followed = followed_.at(name);
  if (!value && !followed.unreadable)
    callbacks_.failed(name.first, fmt::format("{}: trigger '{}': its state cannot be read: {}", name.first, name.second,
                                              value.error().message));
  followed.unreadable = !value;
  if (value && value->is_string()) take(name, followed, value->get<std::string>());
}

void Units::take(const TriggerName& name, Followed& followed, const std::string& state) {
  const std::string before = std::exchange(followed.state, state);
  if (before.empty() || before == state) return;
  const auto& states = followed.trigger.states;
  const bool counts = std::any_of(states.begin(), states.end(), [&](UnitState one) { return to_word(one) == state; });
  if (counts) callbacks_.seen({name.first, name.second, {{"unit", followed.trigger.unit}, {"state", state}}});
}

}  // namespace takt
