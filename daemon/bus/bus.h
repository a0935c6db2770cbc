// The daemon on the bus: org.taktd.Takt1(5).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "bus/authority.h"
#include "bus/bus_address.h"
#include "loop/loop.h"
#include "runtime/control.h"
#include "runtime/ports.h"

namespace takt {

class BusSource;
class Session;

// Owns the connection and what is on it, and makes both anew when the bus goes: a Session, whole, or none. It calls
// only Control. Connecting waits for the bus, for a moment; nothing later does.
//
// It is there before Control is, because what Control is made of announces things: what is announced before serve(), or
// while there is no bus, nobody hears, and the Session that comes reads how things stand.
class Bus final : public Announcer {
 public:
  // ErrorCode::unavailable when there is no such bus. `version` is the daemon's, for Manager.Version.
  static Result<std::unique_ptr<Bus>> create(Loop& loop, BusAddress address, std::string version, Log& log);
  ~Bus() override;
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // Puts the objects there and asks for the name; once. `state` is called, in the loop, with success each time that the
  // name is ours, and with an error each time that it cannot be (already_exists: another daemon has it) or that the bus
  // is gone (unavailable). A bus that is gone it goes on looking for by itself.
  Status serve(Control& control, std::function<void(const Status&)> state);

  void announce(const Announcement& announcement) override;

 private:
  Bus(Loop& loop, BusAddress address, std::string version, Log& log);
  Status connect();
  Status open_session();
  void named(const Status& status);
  void lost(const std::string& why);
  void retry_later();
  void retry();
  void write(LogPriority priority, std::string message);

  Loop& loop_;
  BusAddress address_;
  std::string version_;
  Log& log_;
  Authority authority_;
  Control* control_ = nullptr;
  std::function<void(const Status&)> state_;
  bool was_lost_ = false;
  std::unique_ptr<BusSource> source_;
  std::unique_ptr<Session> session_;  // after the source, which it refers to
  UniqueFd timer_;
  Loop::Watch timer_watch_;
};

}  // namespace takt
