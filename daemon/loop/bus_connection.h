// A connection to one message bus, in the loop, for those who call on it or listen to it as clients.
#pragma once

#include <systemd/sd-bus.h>

#include <functional>
#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "definition/machine.h"
#include "loop/loop.h"

namespace takt {

struct CloseBus {
  void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
  void operator()(sd_bus_slot* slot) const { sd_bus_slot_unref(slot); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using BusSlot = std::unique_ptr<sd_bus_slot, CloseBus>;
using BusMessage = std::unique_ptr<sd_bus_message, CloseBus>;

// Owns the connection, from open() until the bus goes or close() is called. It never waits for the bus, owns no name
// there, and opens nothing again by itself.
class BusConnection {
 public:
  struct Callbacks {
    std::function<void()> pumped;            // sd-bus has handed on what came, and is off the stack
    std::function<void(const Error&)> lost;  // it is closed; slots that belong to it are of no use any more
  };

  // `address` empty: where sd-bus looks for it. `loop` must outlive this. The callbacks may open and close it.
  BusConnection(Loop& loop, BusKind kind, std::string address, Callbacks callbacks);

  // Nothing to do when it is open. Unavailable: the bus is not there.
  Status open();
  void close() { connection_.reset(); }
  // Null while it is closed. Who sends through it makes the next turn follow at once (Loop::defer).
  [[nodiscard]] sd_bus* get() const { return connection_ ? connection_->bus.get() : nullptr; }
  // "the system bus", as messages call it.
  [[nodiscard]] const char* name() const;

 private:
  struct Connection {
    std::unique_ptr<sd_bus, CloseBus> bus;
    // A duplicate of sd-bus's own, which it closes when the bus goes, and nothing may be closed while epoll watches it.
    UniqueFd descriptor;
    UniqueFd timer;
    Loop::Watch descriptor_watch;
    Loop::Watch timer_watch;
    Loop::Watch hook;
    bool settled = false;  // sd-bus has said Hello, and no more tries another of its addresses
  };

  int start(sd_bus** bus) const;
  void pump();
  Status wait_for_what_it_wants();

  Loop& loop_;
  BusKind kind_;
  std::string address_;
  Callbacks callbacks_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace takt
