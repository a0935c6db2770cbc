// One connection to a bus, in the loop.
#pragma once

#include <sdbus-c++/IConnection.h>

#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "bus/bus_address.h"
#include "loop/loop.h"

namespace takt {

// Owns an sdbus-c++ connection and its place in the loop: a descriptor, a timer for what sd-bus wants to be woken for,
// and a prepare hook, because only after all else of a turn is done does sd-bus know what it waits for. Nothing else
// knows how sdbus-c++ is pumped. It never reconnects: whoever owns it makes a new one.
class BusSource {
 public:
  // Connects; talks to the bus once or twice, and waits for that. `lost` is called later, once, in a turn of its own,
  // when the bus is gone: then nothing of this connection works, and the owner may destroy it, from there too.
  static Result<std::unique_ptr<BusSource>> open(Loop& loop, const BusAddress& address,
                                                 std::function<void(const std::string& why)> lost);
  ~BusSource();
  BusSource(const BusSource&) = delete;
  BusSource& operator=(const BusSource&) = delete;

  [[nodiscard]] sdbus::IConnection& connection() { return *connection_; }

 private:
  BusSource(Loop& loop, std::unique_ptr<sdbus::IConnection> connection, std::function<void(const std::string&)> lost);
  Status watch();
  void pump();
  void wait_for_what_it_wants();
  void give_up(const std::string& why);

  Loop& loop_;
  std::unique_ptr<sdbus::IConnection> connection_;
  std::function<void(const std::string&)> lost_;  // empty once called
  // A duplicate of sd-bus's own, which it closes when the bus goes, and nothing may be closed while epoll watches it.
  UniqueFd descriptor_;
  UniqueFd timer_;
  Loop::Watch descriptor_watch_;
  Loop::Watch timer_watch_;
  Loop::Watch hook_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is deferred
};

}  // namespace takt
