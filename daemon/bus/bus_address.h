// Where the daemon is to be found.
#pragma once

#include <string>

namespace takt {

// Which bus: the machine's, the user's, or the one at an address of the D-Bus Specification ("unix:path=/run/x").
struct BusAddress {
  enum class Kind { system, session, address };
  Kind kind = Kind::system;
  std::string address;
};

}  // namespace takt
