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
constexpr const char* properties = "org.freedesktop.DBus.Properties";

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
      followed_, triggers_of<UnitTrigger>(definitions), [this](const Followed& one) { listener_.forget(one.number); },
      [this](const TriggerName& name, const UnitTrigger& trigger) { come(name, trigger); });
}

void Units::come(const TriggerName& name, const UnitTrigger& trigger) {
  Followed& followed = followed_[name];
  followed.trigger = trigger;
  BusTrigger changes;
  changes.sender = service;
  changes.interface = properties;
  changes.member = "PropertiesChanged";
  changes.object = object_of(trigger.unit);
  changes.args = Value::array({unit_interface});
  followed.number = listener_.listen(std::move(changes), [this, name](const BusSignal& signal) {
    const Value& changed = signal.args.size() > 1 ? signal.args[1] : Value();
    const auto state = changed.find("ActiveState");
    if (state != changed.end() && state->is_string()) take(name, state->get<std::string>());
  });
  if (followed_.size() == 1) listener_.ask(service, manager_object, manager, "Subscribe", {}, [](const auto&) {});
  read_state(name);
}

// Without a subscriber the service manager sends no changes.
void Units::connected() {
  if (followed_.empty()) return;
  listener_.ask(service, manager_object, manager, "Subscribe", {}, [](const auto&) {});
  for (const auto& [name, followed] : followed_) read_state(name);
}

void Units::read_state(const TriggerName& name) {
  const std::string object = object_of(followed_.at(name).trigger.unit);
  listener_.ask(service, object, properties, "Get", {unit_interface, "ActiveState"},
                [this, name](const Result<Value>& state) {
                  if (!state)
                    callbacks_.failed(name.first, fmt::format("{}: trigger '{}': its state cannot be read: {}",
                                                              name.first, name.second, state.error().message));
                  else if (state->is_string())
                    take(name, state->get<std::string>());
                });
}

void Units::take(const TriggerName& name, const std::string& state) {
  const auto at = followed_.find(name);
  if (at == followed_.end()) return;
  Followed& followed = at->second;
  const std::string before = std::exchange(followed.state, state);
  if (before.empty() || before == state) return;
  const auto& states = followed.trigger.states;
  const bool counts = std::any_of(states.begin(), states.end(), [&](UnitState one) { return to_word(one) == state; });
  if (counts) callbacks_.seen({name.first, name.second, {{"unit", followed.trigger.unit}, {"state", state}}});
}

}  // namespace takt
