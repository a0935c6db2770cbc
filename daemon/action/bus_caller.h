// D-Bus method calls on one bus, in the loop.
#pragma once

#include <systemd/sd-bus.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "definition/action.h"
#include "loop/bus_connection.h"
#include "loop/loop.h"
#include "runtime/ports.h"

namespace takt {

// Owns the connection to one bus, from the first call until the bus goes, and the calls under way on it. It never waits
// for a reply or for the bus, owns no name there, and bounds no call's time: sd-bus's own limit is taken off.
class BusCaller {
 public:
  using Done = std::function<void(const std::string& token, Result<Value> result)>;

  // `name` is how messages call the bus; `address` empty: where sd-bus looks for it. `done` comes once for each call
  // that was begun and not stopped, never from within start() or stop(); both may be called from it. `loop` and `log`
  // must outlive this.
  BusCaller(Loop& loop, Log& log, BusKind kind, std::string address, Done done);
  ~BusCaller();
  BusCaller(const BusCaller&) = delete;
  BusCaller& operator=(const BusCaller&) = delete;

  // Refused, with nothing sent: names or arguments that are wrong (invalid_input), a bus that is not there
  // (unavailable). An error reply is ErrorCode::io, "org.freedesktop.DBus.Error.X: message".
  Status start(const std::string& token, const CallAction& action);
  // The call may have been made all the same; its reply is not heard.
  void stop(const std::string& token) { calls_.erase(token); }

 private:
  struct Call {
    BusCaller* caller = nullptr;
    std::string token;
    BusSlot slot;
  };

  static int on_reply(sd_bus_message* message, void* call, sd_bus_error* error);
  void tell();
  void drop(const Error& why);

  Loop& loop_;
  Log& log_;
  BusConnection connection_;  // from the first call on
  Done done_;
  std::map<std::string, std::unique_ptr<Call>> calls_;
  std::vector<std::pair<std::string, Result<Value>>> ended_;  // to be told once sd-bus is off the stack
};

}  // namespace takt
