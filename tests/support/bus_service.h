// Services on a private bus, as the machine's own are.
#pragma once

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <systemd/sd-bus.h>

#include <cstddef>
#include <memory>
#include <string>

#include "loop/bus_connection.h"
#include "loop/loop.h"

namespace takt::test {

using OwnedBus = std::unique_ptr<sd_bus, CloseBus>;

inline OwnedBus connect_to(const std::string& address) {
  sd_bus* bus = nullptr;
  EXPECT_GE(sd_bus_new(&bus), 0);
  EXPECT_GE(sd_bus_set_address(bus, address.c_str()), 0);
  EXPECT_GE(sd_bus_set_bus_client(bus, 1), 0);
  EXPECT_GE(sd_bus_start(bus), 0);
  return OwnedBus(bus);
}

// An object of a service, with properties.
class BusService {
 public:
  BusService(Loop& loop, const std::string& address, const char* name, const char* object, const char* interface,
             const sd_bus_vtable* members, void* data)
      : object_(object), interface_(interface), bus_(connect_to(address)) {
    sd_bus* bus = bus_.get();
    EXPECT_GE(sd_bus_add_object_vtable(bus, nullptr, object, interface, members, data), 0);
    EXPECT_GE(sd_bus_request_name(bus, name, 0), 0);
    watch_ = loop.add(sd_bus_get_fd(bus), EPOLLIN, [this](std::uint32_t) { work(); }).value();
    work();
  }
  [[nodiscard]] sd_bus* bus() { return bus_.get(); }
  void changed(const char* property) {
    EXPECT_GE(sd_bus_emit_properties_changed(bus_.get(), object_, interface_, property, nullptr), 0);
    EXPECT_GE(sd_bus_flush(bus_.get()), 0);
  }

 private:
  void work() {
    while (sd_bus_process(bus_.get(), nullptr) > 0) {
    }
  }
  const char* object_;
  const char* interface_;
  OwnedBus bus_;
  Loop::Watch watch_;
};

// A service manager with one unit, under the unit's escaped name.
struct UnitFacts {
  const char* state = "inactive";
  bool loaded = true;
  const char* id = "db.service";
};
inline const sd_bus_vtable unit_members[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("ActiveState", "s", nullptr, offsetof(UnitFacts, state), SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Id", "s", nullptr, offsetof(UnitFacts, id), SD_BUS_VTABLE_PROPERTY_CONST), SD_BUS_VTABLE_END};

inline int get_unit(sd_bus_message* call, void* facts, sd_bus_error*) {
  if (!static_cast<UnitFacts*>(facts)->loaded)
    return sd_bus_reply_method_errorf(call, "org.freedesktop.systemd1.NoSuchUnit", "it is not loaded");
  return sd_bus_reply_method_return(call, "o", "/unit");
}
inline const sd_bus_vtable manager_members[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_METHOD("GetUnit", "s", "o", get_unit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL("UnitNew", "so", 0), SD_BUS_VTABLE_END};

class UnitService {
 public:
  UnitService(Loop& loop, const std::string& address, const std::string& unit, UnitFacts& facts)
      : object_("/org/freedesktop/systemd1/unit/" + unit),
        service_(loop, address, "org.freedesktop.systemd1", object_.c_str(), "org.freedesktop.systemd1.Unit",
                 unit_members, &facts) {
    EXPECT_GE(sd_bus_add_object_vtable(service_.bus(), nullptr, manager_, manager_interface_, manager_members, &facts),
              0);
  }
  // It is loaded, which is all that is said of a unit that comes to be.
  void is_new(const char* name) {
    EXPECT_GE(sd_bus_emit_signal(service_.bus(), manager_, manager_interface_, "UnitNew", "so", name, object_.c_str()),
              0);
    EXPECT_GE(sd_bus_flush(service_.bus()), 0);
  }
  void changed() { service_.changed("ActiveState"); }
  // An alias, under which it can be read, and which tells nothing.
  void read_as(const char* object, UnitFacts& facts) {
    EXPECT_GE(sd_bus_add_object_vtable(service_.bus(), nullptr, object, "org.freedesktop.systemd1.Unit", unit_members,
                                       &facts),
              0);
  }

 private:
  static constexpr const char* manager_ = "/org/freedesktop/systemd1";
  static constexpr const char* manager_interface_ = "org.freedesktop.systemd1.Manager";
  std::string object_;
  BusService service_;
};

}  // namespace takt::test
