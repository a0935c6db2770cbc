// Which bus taktctl talks on, and what D-Bus's errors there mean to a person. Pure.
#pragma once

#include <string>

#include "base/result.h"

namespace takt {

enum class BusPlace { system, user, address };
struct BusChoice {
  BusPlace kind = BusPlace::system;
  std::string address;  // as D-Bus writes it, "unix:path=…"; of BusPlace::address
};
// "the system bus"
std::string to_text(const BusChoice& choice);

// The Error that an error of D-Bus, by its name, is: with the daemon's own message where it is the daemon's, else with
// what happened and what to do about it.
Error from_bus_error(const std::string& name, const std::string& message, const BusChoice& choice);

}  // namespace takt
