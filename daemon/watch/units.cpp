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

FollowedUnit::FollowedUnit(BusListener& listener, const std::string& unit, BusProperty::Told told)
    : listener_(listener),
      told_(std::move(told)),
      id_(unit),
      id_property_(listener, {service, object_of(unit), unit_interface, "Id"}, [this](const Result<Value>& id) {
        if (id && id->is_string() && *id != id_) follow(id->get<std::string>());
        state_->read();
      }) {
  follow(unit);
}

void FollowedUnit::follow(const std::string& id) {
  id_ = id;
  state_ = std::make_shared<BusProperty>(
      listener_, BusPropertyName{service, object_of(id_), unit_interface, "ActiveState"}, told_);
  BusTrigger is_new;
  is_new.sender = service;
  is_new.interface = manager;
  is_new.member = "UnitNew";
  is_new.object = manager_object;
  is_new.args = Value::array({id_});
  listener_.forget(std::exchange(number_, listener_.listen(std::move(is_new), [this](const BusSignal&) { loaded(); })));
}

// Without a subscriber the service manager sends no changes; more than one Subscribe does no harm.
void FollowedUnit::read() {
  listener_.ask(service, manager_object, manager, "Subscribe", {}, [](const auto&) {});
  id_property_.read();
}

// A unit that comes to be with a state (a mount, a device) has no change of it: that it is loaded is all that is said.
// To read the state of one that is not loaded loads it for a moment, which is said too; so it is read only if it still
// is, and reading does not go on for ever.
void FollowedUnit::loaded() {
  listener_.ask(service, manager_object, manager, "GetUnit", {id_},
                [state = std::weak_ptr(state_)](const Result<Value>& unit) {
                  if (const auto alive = state.lock(); alive && unit) alive->read();
                });
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
  followed.unit = std::make_unique<FollowedUnit>(listener_, trigger.unit,
                                                 [this, name](const Result<Value>& value) { told(name, value); });
  if (listener_.connected()) followed.unit->read();  // else connected() does
}

void Units::connected() {
  for (const auto& [name, followed] : followed_) followed.unit->read();
}

void Units::told(const TriggerName& name, const Result<Value>& value) {
  Followed& followed = followed_.at(name);
  if (!value && !followed.unreadable)
    callbacks_.failed(name.first, about_trigger(name, "its state cannot be read: " + value.error().message));
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
