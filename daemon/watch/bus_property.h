// One property of one object on a bus, as it is and as it changes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/value.h"
#include "watch/bus_listener.h"

namespace takt {

struct BusPropertyName {
  std::string service;
  std::string object;
  std::string interface;
  std::string property;
};

// Listens for its changes as long as it lives (D-Bus Specification, "org.freedesktop.DBus.Properties").
class BusProperty {
 public:
  using Told = std::function<void(const Result<Value>& value)>;  // the error says why it could not be read

  // `listener` must outlive it. `told` is called for each read() and each change; it may not destroy this.
  BusProperty(BusListener& listener, BusPropertyName name, Told told);
  BusProperty(const BusProperty&) = delete;
  BusProperty& operator=(const BusProperty&) = delete;
  ~BusProperty() { listener_.forget(number_); }

  // Asks for it. To be called once the bus is there, and each time it is back.
  void read();

 private:
  void changed(const Value& args);

  BusListener& listener_;
  BusPropertyName name_;
  std::shared_ptr<Told> told_;  // shared with the questions under way, which outlive nothing
  std::uint64_t number_ = 0;
};

}  // namespace takt
