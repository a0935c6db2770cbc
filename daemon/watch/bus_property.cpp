#include "watch/bus_property.h"

#include <algorithm>

namespace takt {

namespace {

constexpr const char* properties = "org.freedesktop.DBus.Properties";

}  // namespace

BusProperty::BusProperty(BusListener& listener, BusPropertyName name, Told told)
    : listener_(listener), name_(std::move(name)), told_(std::make_shared<Told>(std::move(told))) {
  BusTrigger changes;
  changes.sender = name_.service;
  changes.interface = properties;
  changes.member = "PropertiesChanged";
  changes.object = name_.object;
  changes.args = Value::array({name_.interface});
  number_ = listener_.listen(std::move(changes), [this](const BusSignal& signal) { changed(signal.args); });
}

void BusProperty::read() {
  if (!listener_.connected()) return (*told_)(fail(ErrorCode::unavailable, "the bus is not there"));
  listener_.ask(name_.service, name_.object, properties, "Get", {name_.interface, name_.property},
                [told = std::weak_ptr(told_)](const Result<Value>& value) {
                  if (const auto alive = told.lock()) (*alive)(value);
                });
}

// (interface, changed: values by name, invalidated: names)
void BusProperty::changed(const Value& args) {
  if (args.size() != 3) return;
  if (const Value* value = args[1].member(name_.property)) return (*told_)(*value);
  const Value& invalidated = args[2];
  if (std::find(invalidated.begin(), invalidated.end(), name_.property) != invalidated.end()) read();
}

}  // namespace takt
